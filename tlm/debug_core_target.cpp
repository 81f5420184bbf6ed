#include <icebp/tlm/debug_core_target.h>

#include <utility>

namespace icebp {

DebugCoreTarget::DebugCoreTarget(const sc_core::sc_module_name& name,
                                 std::shared_ptr<const CpuModel> cpu, const CoreClock& clock,
                                 Timing timing, const CoreIdentity& identity)
    : DebugCore(name, std::move(cpu), clock, timing, identity) {
  instruction.register_b_transport(this, &DebugCoreTarget::b_transport);
}

void DebugCoreTarget::b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  auto* extension = payload.get_extension<InstructionExtension>();
  auto status = check_instruction_attributes(payload, extension);
  if (status == ::tlm::TLM_OK_RESPONSE) {
    const bool well_formed = timing() == Timing::loosely_timed ? execute_at_once(*extension, delay)
                                                               : execute_in_time(*extension, delay);
    if (!well_formed)
      status = ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  payload.set_response_status(status);
}

// Both return false if the request is not well formed.

bool DebugCoreTarget::execute_at_once(InstructionExtension& extension, sc_core::sc_time& delay) {
  if (!is_well_formed(state(), extension.request))
    return false;
  const Execution execution = execute(extension.request, delay);
  extension.outcome = execution.outcome;
  delay += clock().cycles(execution.cycles);
  return true;
}

bool DebugCoreTarget::execute_in_time(InstructionExtension& extension, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME)
    wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  const std::uint64_t ticket = next_ticket_++;
  while (ticket != now_serving_)
    wait(served_);

  const bool well_formed = is_well_formed(state(), extension.request);
  if (well_formed) {
    issue(extension.request);
    wait(finished());
    extension.outcome = outcome();
  }
  ++now_serving_;
  served_.notify();
  return well_formed;
}

} // namespace icebp
