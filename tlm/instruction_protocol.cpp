#include <icebp/tlm/instruction_protocol.h>

namespace icebp {
inline namespace v0_1 {

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

const char* what_is_malformed(const ::tlm::tlm_generic_payload& payload) {
  switch (check_instruction_attributes(payload, payload.get_extension<InstructionExtension>())) {
  case ::tlm::TLM_GENERIC_ERROR_RESPONSE:
    return "a payload without an InstructionExtension";
  case ::tlm::TLM_COMMAND_ERROR_RESPONSE:
    return "a command other than TLM_IGNORE_COMMAND";
  case ::tlm::TLM_BURST_ERROR_RESPONSE:
    return "a data length other than 0";
  case ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE:
    return "byte enables";
  case ::tlm::TLM_OK_RESPONSE:
  case ::tlm::TLM_INCOMPLETE_RESPONSE:
  case ::tlm::TLM_ADDRESS_ERROR_RESPONSE:
    break;
  }
  return nullptr;
}

} // namespace v0_1
} // namespace icebp
