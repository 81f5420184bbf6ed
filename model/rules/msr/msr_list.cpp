#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_checks.h>
#include <icebp/model/rules/msr/msr_list.h>

namespace icebp {
inline namespace v0_1 {

Outcome msr_list(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const Check* check = first_failing(msr_checks(request.operation), cpu, state, request);
  return check ? check->outcome(request, check->cause) : retired();
}

Outcome msr_list_entry(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return reads_msr(request.operation) ? rdmsr(cpu, state, request)
                                      : without_serialization(wrmsr(cpu, state, request));
}

} // namespace v0_1
} // namespace icebp
