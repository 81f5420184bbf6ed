#include <icebp/model/rules/checks.h>
#include <icebp/model/rules/debug/int1.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/msr/msr_checks.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>

namespace icebp {
inline namespace v0_1 {
namespace {

CheckList in_order(const Checks& checks) {
  CheckList list;
  for (const Check& check : checks)
    list.add(check);
  return list;
}

CheckList in_order(const Checks& checks, const FaultLadder& ladder) {
  CheckList list;
  for (const Cause cause : ladder)
    for (const Check& check : checks)
      if (check.cause == cause)
        list.add(check);
  return list;
}

// What the platform has against an access to a register that it keeps.
CauseSet refused_by_platform(const CpuModel& cpu, const Request& request) {
  if (!accesses_msr(request.operation) || !cpu.profile.leaves_to_platform(request.msr))
    return 0;
  PlatformMsrs* platform = request.context.platform;
  if (!platform)
    return only(Cause::msr_unknown);
  if (reads_msr(request.operation))
    return only_if(!platform->read(request.msr), Cause::msr_unknown);
  const Cause cause = platform->check_write(request.msr, request.value);
  return only_if(cause != Cause::none, cause);
}

} // namespace

CheckList checks_of(const CpuModel& cpu, Operation operation) {
  switch (group_of(operation)) {
  case OperationGroup::mov_dr:
    return in_order(mov_dr_checks, cpu.authority.mov_dr_ladder);
  case OperationGroup::msr:
  case OperationGroup::msr_immediate:
  case OperationGroup::msr_list:
  case OperationGroup::msr_list_entry:
  case OperationGroup::user_msr:
    return in_order(msr_checks(operation));
  case OperationGroup::int1:
    return in_order(view_of(int1_checks));
  case OperationGroup::none:
  case OperationGroup::exception:
  case OperationGroup::resume:
  case OperationGroup::reset:
  case OperationGroup::fetch:
  case OperationGroup::access:
  case OperationGroup::end:
  case OperationGroup::event:
  case OperationGroup::branch:
    break;
  }
  return {};
}

CauseSet failing_checks(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const CheckList checks = checks_of(cpu, request.operation);
  CauseSet failing = refused_by_platform(cpu, request);
  for (std::size_t n = 0; n < checks.size(); ++n)
    failing |= only_if(checks[n].fails(cpu, state, request), checks[n].cause);
  return failing;
}

} // namespace v0_1
} // namespace icebp
