#include <icebp/tlm/instruction_protocol.h>

namespace icebp {

::tlm::tlm_extension_base* InstructionExtension::clone() const {
  return new InstructionExtension(*this);
}

void InstructionExtension::copy_from(const ::tlm::tlm_extension_base& other) {
  const auto& from = static_cast<const InstructionExtension&>(other);
  request = from.request;
  outcome = from.outcome;
}

void set_instruction_attributes(::tlm::tlm_generic_payload& payload) {
  payload.set_command(::tlm::TLM_IGNORE_COMMAND);
  payload.set_address(0);
  payload.set_data_ptr(nullptr);
  payload.set_data_length(0);
  payload.set_streaming_width(0);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
}

} // namespace icebp
