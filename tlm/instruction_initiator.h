#pragma once

#include <icebp/tlm/instruction_protocol.h>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

namespace icebp {

// A simulator or a testbench holds this end of the instruction socket. It has one payload and one
// extension, which it uses again for every request.
class InstructionInitiator : public sc_core::sc_module {
public:
  using Socket = tlm_utils::simple_initiator_socket<InstructionInitiator, 32, InstructionProtocol>;
  Socket socket{"socket"};

  explicit InstructionInitiator(const sc_core::sc_module_name& name);
  ~InstructionInitiator() override;

  // Puts `request` to the target and returns its response; `outcome()` is valid if that is
  // TLM_OK_RESPONSE. `delay` is that of b_transport. Two callers at a time are not allowed.
  ::tlm::tlm_response_status execute(const Request& request, sc_core::sc_time& delay);

  const Outcome& outcome() const { return extension_.outcome; }

private:
  ::tlm::tlm_generic_payload payload_;
  InstructionExtension extension_;
};

} // namespace icebp
