#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_list.h>

namespace icebp {

Outcome msr_list(const CpuModel& cpu, const Request& request) {
  if (const Cause check = encoding_fault(request); check != Cause::none)
    return fault(check);
  if (!cpu.profile.has(Feature::msrlist))
    return fault(Cause::feature_absent);
  if (!request.context.is_64_bit())
    return invalid_opcode(Cause::not_in_mode);
  if (request.context.cpl != 0)
    return fault(Cause::cpl);
  if (request.value % 8 != 0)
    return fault(Cause::list_alignment);
  return retired();
}

Outcome msr_list_entry(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (contains(request.encoding_faults, Cause::list_entry))
    return fault(Cause::list_entry);
  return reads_msr(request.operation) ? rdmsr(cpu, state, request)
                                      : without_serialization(wrmsr(cpu, state, request));
}

} // namespace icebp
