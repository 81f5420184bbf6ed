#include <icebp/tlm/debug_core_target.h>

#include <utility>

namespace icebp {

DebugCoreTarget::DebugCoreTarget(const sc_core::sc_module_name& name,
                                 std::shared_ptr<const CpuModel> cpu, const CoreClock& clock)
    : DebugCore(name, std::move(cpu), clock) {
  instruction.register_b_transport(this, &DebugCoreTarget::b_transport);
}

void DebugCoreTarget::b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  auto* extension = payload.get_extension<InstructionExtension>();
  const auto status = check_instruction_attributes(payload, extension);
  payload.set_response_status(status);
  if (status != ::tlm::TLM_OK_RESPONSE)
    return;

  if (delay != sc_core::SC_ZERO_TIME)
    wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  const std::uint64_t ticket = next_ticket_++;
  while (ticket != now_serving_)
    wait(served_);

  if (is_well_formed(state(), extension->request)) {
    issue(extension->request);
    wait(finished());
    extension->outcome = outcome();
  } else {
    payload.set_response_status(::tlm::TLM_GENERIC_ERROR_RESPONSE);
  }
  ++now_serving_;
  served_.notify();
}

} // namespace icebp
