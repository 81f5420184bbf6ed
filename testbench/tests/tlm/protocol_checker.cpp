#include <icebp/testbench/tests/tlm/protocol_checker.h>

#include <tuple>
#include <utility>

namespace icebp::test {

ProtocolChecker::ProtocolChecker(const sc_core::sc_module_name& name) : sc_module(name) {
  from_initiator.bind(*this);
  to_target.bind(*this);
}

ProtocolChecker::Attributes::Attributes(const Payload& payload)
    : command(payload.get_command()), address(payload.get_address()), data(payload.get_data_ptr()),
      length(payload.get_data_length()), width(payload.get_streaming_width()),
      byte_enables(payload.get_byte_enable_ptr()),
      extension(payload.get_extension<InstructionExtension>()) {}

bool ProtocolChecker::Attributes::operator==(const Attributes& other) const {
  const auto all = [](const Attributes& a) {
    return std::tie(a.command, a.address, a.data, a.length, a.width, a.byte_enables, a.extension);
  };
  return all(*this) == all(other);
}

void ProtocolChecker::rule(bool is_kept, const char* text) {
  if (!is_kept)
    violations_.push_back(std::string(text) + " at " + sc_core::sc_time_stamp().to_string());
}

ProtocolChecker::Phase ProtocolChecker::phase_of(Payload& payload) const {
  const auto found = transactions_.find(&payload);
  return found == transactions_.end() ? Phase(::tlm::UNINITIALIZED_PHASE) : found->second.phase;
}

void ProtocolChecker::check_new(const Payload& payload) {
  rule(!payload.has_mm() || payload.get_ref_count() > 0, "14.5 t: nobody holds the transaction");
  rule(!payload.is_dmi_allowed(), "14.16: the DMI hint is set");
  rule(payload.get_response_status() == ::tlm::TLM_INCOMPLETE_RESPONSE,
       "14.17 e: the response status is not TLM_INCOMPLETE_RESPONSE");
}

void ProtocolChecker::check_held(const Payload& payload) {
  rule(payload.has_mm(), "14.5 i: no memory manager");
  rule(!payload.has_mm() || payload.get_ref_count() > 0, "14.5 t: nobody holds the transaction");
}

void ProtocolChecker::b_transport(Payload& payload, sc_core::sc_time& delay) {
  check_new(payload);
  rule(sc_core::sc_get_current_process_handle().proc_kind() != sc_core::SC_METHOD_PROC_,
       "11.1.1.4 b: b_transport is called by a method");
  rule(transactions_.count(&payload) == 0, "15.2.10 c: b_transport within nb_transport");
  const Attributes attributes(payload);
  ++blocking_[&payload];
  to_target->b_transport(payload, delay);
  --blocking_[&payload];
  rule(attributes == Attributes(payload), "14.7: an attribute is changed");
  rule(payload.get_response_status() != ::tlm::TLM_INCOMPLETE_RESPONSE, "14.17: no response");
}

ProtocolChecker::Sync ProtocolChecker::nb_transport_fw(Payload& payload, Phase& phase,
                                                       sc_core::sc_time& delay) {
  const Phase before = phase;
  const sc_core::sc_time delay_before = delay;
  check_held(payload);
  if (phase == ::tlm::BEGIN_REQ)
    begin_request(payload, delay);
  else
    note_of_initiator(payload, phase, delay);
  const Sync sync = to_target->nb_transport_fw(payload, phase, delay);
  check_return(sync, before, phase, delay_before, delay);
  if (sync == ::tlm::TLM_UPDATED)
    note_of_target(payload, phase, delay);
  if (sync == ::tlm::TLM_COMPLETED && before == ::tlm::BEGIN_REQ)
    complete(payload);
  return sync;
}

ProtocolChecker::Sync ProtocolChecker::nb_transport_bw(Payload& payload, Phase& phase,
                                                       sc_core::sc_time& delay) {
  const Phase before = phase;
  const sc_core::sc_time delay_before = delay;
  check_held(payload);
  note_of_target(payload, phase, delay);
  const Sync sync = from_initiator->nb_transport_bw(payload, phase, delay);
  check_return(sync, before, phase, delay_before, delay);
  if (sync == ::tlm::TLM_UPDATED)
    note_of_initiator(payload, phase, delay);
  if (sync == ::tlm::TLM_COMPLETED && before == ::tlm::BEGIN_RESP)
    complete(payload);
  return sync;
}

void ProtocolChecker::begin_request(Payload& payload, const sc_core::sc_time& delay) {
  check_new(payload);
  rule(transactions_.count(&payload) == 0, "15.2.4: BEGIN_REQ of a transaction in progress");
  rule(request_ == nullptr, "15.2.6 e: BEGIN_REQ before END_REQ of the request before");
  rule(blocking_[&payload] == 0, "15.2.10 c: nb_transport within b_transport");
  request_ = &payload;
  transactions_.insert_or_assign(
      &payload,
      Transaction{::tlm::BEGIN_REQ, sc_core::sc_time_stamp() + delay, Attributes(payload)});
}

void ProtocolChecker::note_of_initiator(Payload& payload, const Phase& phase,
                                        const sc_core::sc_time& delay) {
  rule(phase == ::tlm::END_RESP, "15.2.3 c: a phase that an initiator has not");
  rule(phase_of(payload) == ::tlm::BEGIN_RESP, "15.2.4: END_RESP without BEGIN_RESP");
  follow(payload, phase, delay);
  complete(payload);
}

void ProtocolChecker::note_of_target(Payload& payload, const Phase& phase,
                                     const sc_core::sc_time& delay) {
  const Phase last = phase_of(payload);
  if (phase == ::tlm::END_REQ) {
    rule(last == ::tlm::BEGIN_REQ, "15.2.4: END_REQ without BEGIN_REQ");
  } else if (phase == ::tlm::BEGIN_RESP) {
    rule(last == ::tlm::BEGIN_REQ || last == ::tlm::END_REQ,
         "15.2.4: BEGIN_RESP without a request");
    rule(response_ == nullptr, "15.2.6 f: BEGIN_RESP before END_RESP of the response before");
    rule(payload.get_response_status() != ::tlm::TLM_INCOMPLETE_RESPONSE, "14.17: no response");
    response_ = &payload;
  } else {
    rule(false, "15.2.3 c: a phase that a target has not");
  }
  if (request_ == &payload)
    request_ = nullptr;
  follow(payload, phase, delay);
}

void ProtocolChecker::follow(Payload& payload, const Phase& phase, const sc_core::sc_time& delay) {
  const auto found = transactions_.find(&payload);
  if (found == transactions_.end())
    return;
  Transaction& transaction = found->second;
  const sc_core::sc_time time = sc_core::sc_time_stamp() + delay;
  rule(time >= transaction.time, "15.2.7 c: a phase before the one before");
  rule(transaction.attributes == Attributes(payload), "14.7: an attribute is changed");
  transaction.phase = phase;
  transaction.time = time;
}

// END_RESP, or TLM_COMPLETED in its place and in that of all phases before it.
void ProtocolChecker::complete(Payload& payload) {
  rule(payload.get_response_status() != ::tlm::TLM_INCOMPLETE_RESPONSE, "14.17: no response");
  if (request_ == &payload)
    request_ = nullptr;
  if (response_ == &payload)
    response_ = nullptr;
  transactions_.erase(&payload);
}

void ProtocolChecker::check_return(Sync sync, const Phase& before, const Phase& after,
                                   const sc_core::sc_time& delay_before,
                                   const sc_core::sc_time& delay_after) {
  rule(sync != ::tlm::TLM_ACCEPTED || (before == after && delay_before == delay_after),
       "11.1.2.7: TLM_ACCEPTED with another phase or delay");
}

bool ProtocolChecker::get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi) {
  return to_target->get_direct_mem_ptr(payload, dmi);
}

unsigned ProtocolChecker::transport_dbg(Payload& payload) {
  return to_target->transport_dbg(payload);
}

void ProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  from_initiator->invalidate_direct_mem_ptr(start, end);
}

} // namespace icebp::test
