#pragma once
// The protocol of the instruction socket. It has traits of its own, so that the socket cannot be
// bound to a memory bus by mistake.
//
//   attribute        meaning                                       otherwise
//   extension        InstructionExtension, mandatory               TLM_GENERIC_ERROR_RESPONSE
//   command          TLM_IGNORE_COMMAND                            TLM_COMMAND_ERROR_RESPONSE
//   data length      0                                             TLM_BURST_ERROR_RESPONSE
//   byte enables     none                                          TLM_BYTE_ENABLE_ERROR_RESPONSE
//   request          well formed (execute.h)                       TLM_GENERIC_ERROR_RESPONSE
//   address, data, streaming width, DMI hint: not looked at
//
// A well-formed request gets TLM_OK_RESPONSE and its Outcome, an architectural fault too.

#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <tlm>

namespace icebp {
inline namespace v0_1 {

struct InstructionProtocol {
  using tlm_payload_type = ::tlm::tlm_generic_payload;
  using tlm_phase_type = ::tlm::tlm_phase;
};

struct InstructionExtension : ::tlm::tlm_extension<InstructionExtension> {
  Request request; // in
  Outcome outcome; // out, with TLM_OK_RESPONSE

  ::tlm::tlm_extension_base* clone() const override;
  void copy_from(const ::tlm::tlm_extension_base& other) override;
};

// Sets every attribute that the protocol asks for but the extension, which the caller sets.
void set_instruction_attributes(::tlm::tlm_generic_payload& payload);

// TLM_OK_RESPONSE if the attributes are as the table says, else the error. The request itself is
// not looked at.
inline ::tlm::tlm_response_status
check_instruction_attributes(const ::tlm::tlm_generic_payload& payload,
                             const InstructionExtension* extension) {
  if (!extension)
    return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (payload.get_command() != ::tlm::TLM_IGNORE_COMMAND)
    return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (payload.get_data_length() != 0)
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr)
    return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  return ::tlm::TLM_OK_RESPONSE;
}

// Gives what is wrong with the attributes, as in the table; nullptr if they are as it says.
const char* what_is_malformed(const ::tlm::tlm_generic_payload& payload);

} // namespace v0_1
} // namespace icebp
