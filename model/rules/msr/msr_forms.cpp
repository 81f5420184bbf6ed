#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_forms.h>

namespace icebp {
namespace {

Feature feature_of(Operation operation) {
  return has_immediate_index(operation) ? Feature::msr_imm : Feature::wrmsrns;
}

} // namespace

Outcome newer_msr_form(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Cause check = encoding_fault(request); check != Cause::none)
    return fault(check);
  if (!cpu.profile.has(feature_of(request.operation)))
    return fault(Cause::feature_absent);
  if (has_immediate_index(request.operation) && !request.context.is_64_bit())
    return invalid_opcode(Cause::not_in_mode);
  return reads_msr(request.operation) ? rdmsr(cpu, state, request)
                                      : without_serialization(wrmsr(cpu, state, request));
}

} // namespace icebp
