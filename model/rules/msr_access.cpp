#include <icebp/model/rules/canonical.h>
#include <icebp/model/rules/intercepts.h>
#include <icebp/model/rules/msr_access.h>
#include <icebp/model/rules/msr_behaviour.h>

namespace icebp {
namespace {

// The checks of both instructions, before they look at the register.
Cause check_instruction(const CpuModel& cpu, const Request& request) {
  if (const Cause check = encoding_fault(request); check != Cause::none)
    return check;
  if (!cpu.profile.has(Feature::msr))
    return Cause::feature_absent;
  if (request.context.cpl != 0 && !is_user_msr(request.operation))
    return Cause::cpl;
  if (is_intercepted(request))
    return Cause::intercept;
  return Cause::none;
}

Cause check_rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Cause check = check_instruction(cpu, request); check != Cause::none)
    return check;
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (!msr.present)
    return Cause::msr_unknown;
  if (!is_reachable(state, msr))
    return Cause::not_in_mode;
  if (!msr.readable)
    return Cause::msr_write_only;
  return Cause::none;
}

Cause check_wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Cause check = check_instruction(cpu, request); check != Cause::none)
    return check;
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (!msr.present)
    return Cause::msr_unknown;
  if (!is_reachable(state, msr))
    return Cause::not_in_mode;
  if (!msr.accepts_writes)
    return Cause::msr_read_only;
  if (is_locked(state, msr))
    return Cause::msr_locked;
  if (msr.smm_only)
    return Cause::not_in_mode;
  if ((request.value & msr.gp) != 0)
    return Cause::msr_reserved_bits;
  if (!is_canonical_value(msr, request.value))
    return Cause::msr_non_canonical;
  if (!is_legal_value(cpu.profile, state, msr, request))
    return Cause::msr_value;
  return Cause::none;
}

Outcome outcome_of(Cause failing, const Request& request) {
  return failing == Cause::intercept ? instruction_exit(request) : fault(failing);
}

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) Outcome checked_rdmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Cause check = check_rdmsr(cpu, state, request); check != Cause::none)
    return outcome_of(check, request);
  return retired(state.msr[cpu.msrs.find(request.msr).slot]);
}

__attribute__((noinline)) Outcome checked_wrmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Cause check = check_wrmsr(cpu, state, request); check != Cause::none)
    return outcome_of(check, request);
  return retired();
}

// None of the checks of `check_instruction` fails, but for the feature: without it the table is
// empty.
bool may_execute(const Request& request) {
  const CoreContext& context = request.context;
  const auto guest = reinterpret_cast<std::uintptr_t>(context.guest);
  return (request.encoding_faults | context.cpl | guest) == 0; // one branch
}

} // namespace

Outcome rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (may_execute(request) && msr.reads_plainly)
    return retired(state.msr[msr.slot]);
  return checked_rdmsr(cpu, state, request);
}

Outcome wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (may_execute(request) && msr.writes_plainly && (request.value & msr.gp) == 0 &&
      is_canonical(request.value, msr.canonical_bits))
    return retired();
  return checked_wrmsr(cpu, state, request);
}

void commit_wrmsr(const CpuModel& cpu, CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  std::uint64_t& value = state.msr[msr.slot];
  const std::uint64_t old_value = value;
  value = (request.value & msr.writable) | (old_value & ~msr.writable);
  if (does_more_than_store(msr.on_write))
    complete_write(state, msr, old_value);
}

} // namespace icebp
