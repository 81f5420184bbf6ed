#include <icebp/model/report_ids.h>
#include <icebp/model/report_text.h>
#include <icebp/tlm/instruction_initiator.h>

namespace icebp {
inline namespace v0_1 {

InstructionInitiator::InstructionInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
  set_instruction_attributes(payload_); // a target changes only the response status
  payload_.set_extension(&extension_);
  socket.bind(*this);
}

// The payload deletes an extension that it still has: it must not have this one.
InstructionInitiator::~InstructionInitiator() { payload_.clear_extension(&extension_); }

::tlm::tlm_response_status InstructionInitiator::execute(const Request& request,
                                                         sc_core::sc_time& delay) {
  if (is_taken_ && target_)
    return refuse();
  extension_.request = request;
  return execute(delay);
}

void InstructionInitiator::end_of_elaboration() {
  target_ = socket.operator->();
  is_taken_ = false;
}

// A call during elaboration is the socket's to judge.
::tlm::tlm_response_status InstructionInitiator::execute_if_free(sc_core::sc_time& delay) {
  if (target_)
    return refuse();
  payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  socket->b_transport(payload_, delay);
  return payload_.get_response_status();
}

::tlm::tlm_response_status InstructionInitiator::refuse() const {
  SC_REPORT_ERROR(report::second_caller,
                  report::text_of(*this, "a call is in progress; each caller needs an "
                                         "initiator of its own")
                      .c_str());
  return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

::tlm::tlm_sync_enum InstructionInitiator::nb_transport_bw(::tlm::tlm_generic_payload&,
                                                           ::tlm::tlm_phase&, sc_core::sc_time&) {
  SC_REPORT_ERROR(report::response_refused,
                  report::text_of(*this, "every call of this initiator is blocking").c_str());
  return ::tlm::TLM_COMPLETED;
}

void InstructionInitiator::invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) {} // it has none

} // namespace v0_1
} // namespace icebp
