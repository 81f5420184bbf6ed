#pragma once

#include <icebp/tlm/instruction_protocol.h>

#include <systemc>

#include <functional>
#include <utility>

namespace icebp {
inline namespace v0_1 {

// A target socket for any number of initiators. Each that is bound to it directly calls an
// interface of its own, so that the target knows who calls; its backward path is `socket[n]`, in
// the order of binding. An initiator at a socket around this one, or with a
// multi_passthrough_initiator_socket, calls the interface that this one is bound to.
class InstructionTargetSocket
    : public ::tlm::tlm_target_socket<32, InstructionProtocol, 0, sc_core::SC_ZERO_OR_MORE_BOUND> {
public:
  using Interface = ::tlm::tlm_fw_transport_if<InstructionProtocol>;

  // `connect` makes the interface of one more initiator, during elaboration.
  InstructionTargetSocket(const char* name, std::function<Interface&()> connect)
      : tlm_target_socket(name), connect_(std::move(connect)) {}

  Interface& get_base_interface() override { return connect_(); }
  const Interface& get_base_interface() const override {
    return tlm_target_socket::get_base_interface();
  }

private:
  std::function<Interface&()> connect_;
};

} // namespace v0_1
} // namespace icebp
