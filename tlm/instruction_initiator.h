#pragma once

#include <icebp/tlm/instruction_protocol.h>

#include <systemc>

namespace icebp {
inline namespace v0_1 {

// A simulator or a testbench holds this end of the instruction socket. It has one payload and one
// extension, which it uses again for every request. It is no simple_initiator_socket for the reason
// that debug_core_target.h gives.
class InstructionInitiator : public sc_core::sc_module,
                             private ::tlm::tlm_bw_transport_if<InstructionProtocol> {
public:
  using Socket = ::tlm::tlm_initiator_socket<32, InstructionProtocol>;
  Socket socket{"socket"};

  explicit InstructionInitiator(const sc_core::sc_module_name& name);
  ~InstructionInitiator() override;

  // Puts `request` to the target and returns its response; `outcome()` is valid if that is
  // TLM_OK_RESPONSE. `delay` is that of b_transport. One caller at a time: a second one is
  // SC_REPORT_ERROR `report::second_caller`, and TLM_GENERIC_ERROR_RESPONSE where that does not
  // throw; the target does not hear of it.
  ::tlm::tlm_response_status execute(const Request& request, sc_core::sc_time& delay);

  // The same without a copy: `request()` is that of the call before, and the caller sets what
  // changes.
  Request& request() { return extension_.request; }
  ::tlm::tlm_response_status execute(sc_core::sc_time& delay) {
    if (is_taken_)
      return execute_if_free(delay);
    const Use use(is_taken_);
    payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
    target_->b_transport(payload_, delay);
    return payload_.get_response_status();
  }

  const Outcome& outcome() const { return extension_.outcome; }

private:
  struct Use { // left by unwinding too
    explicit Use(bool& it) : is_taken(it) { is_taken = true; }
    ~Use() { is_taken = false; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    bool& is_taken;
  };

  void end_of_elaboration() override;
  ::tlm::tlm_response_status execute_if_free(sc_core::sc_time& delay);
  ::tlm::tlm_response_status refuse() const;

  // All calls are blocking: SC_REPORT_ERROR `report::response_refused`.
  ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

  bool is_taken_ = true; // by a caller, or until elaboration is over
  ::tlm::tlm_fw_transport_if<InstructionProtocol>* target_ = nullptr; // from then on
  ::tlm::tlm_generic_payload payload_;
  InstructionExtension extension_;
};

} // namespace v0_1
} // namespace icebp
