#pragma once

#include <icebp/tlm/instruction_protocol.h>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

namespace icebp {

// The other end of the instruction socket, for a core's simulator or a testbench: one payload and
// one extension, used again for every request.
class InstructionInitiator : public sc_core::sc_module {
public:
  using Socket = tlm_utils::simple_initiator_socket<InstructionInitiator, 32, InstructionProtocol>;
  Socket socket{"socket"};

  explicit InstructionInitiator(const sc_core::sc_module_name& name);
  ~InstructionInitiator() override;

  // Puts `request` to the target; `outcome()` holds if the answer is TLM_OK_RESPONSE. `delay` as of
  // b_transport. One caller at a time.
  ::tlm::tlm_response_status execute(const Request& request, sc_core::sc_time& delay);

  const Outcome& outcome() const { return extension_.outcome; }

private:
  ::tlm::tlm_generic_payload payload_;
  InstructionExtension extension_;
};

} // namespace icebp
