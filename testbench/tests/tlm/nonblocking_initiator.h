#pragma once

#include <icebp/testbench/tests/tlm/protocol_checker.h>

#include <systemc>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace icebp::test {

// Makes transactions and frees them where nobody holds them any more, or with itself.
class TransactionPool : public ::tlm::tlm_mm_interface {
public:
  TransactionPool() = default;
  TransactionPool(const TransactionPool&) = delete;
  TransactionPool& operator=(const TransactionPool&) = delete;
  ~TransactionPool() {
    for (::tlm::tlm_generic_payload* payload : in_use_)
      delete payload;
  }

  // It is held once.
  ::tlm::tlm_generic_payload& make(const Request& request) {
    auto* payload = new ::tlm::tlm_generic_payload(this);
    auto* extension = new InstructionExtension; // the payload deletes it
    extension->request = request;
    set_instruction_attributes(*payload);
    payload->set_extension(extension);
    payload->acquire();
    in_use_.insert(payload);
    return *payload;
  }
  void free(::tlm::tlm_generic_payload* payload) override {
    in_use_.erase(payload);
    delete payload;
  }
  std::size_t in_use() const { return in_use_.size(); }

private:
  std::set<::tlm::tlm_generic_payload*> in_use_;
};

// An approximately timed initiator, behind a checker of its protocol. It puts one request after
// another, each as soon as END_REQ of the one before allows it.
class NonblockingInitiator : public sc_core::sc_module,
                             private ::tlm::tlm_bw_transport_if<InstructionProtocol> {
public:
  // How it ends a response.
  enum class Ending {
    completed,  // TLM_COMPLETED
    updated,    // TLM_UPDATED with END_RESP
    called,     // END_RESP later, `end_delay` after BEGIN_RESP
    called_now, // END_RESP within the call
    never,
  };
  struct Response {
    ::tlm::tlm_response_status status;
    Outcome outcome;
  };

  ::tlm::tlm_initiator_socket<32, InstructionProtocol> socket{"socket"};
  ProtocolChecker checker{"checker"};
  TransactionPool pool;
  Ending ending = Ending::completed;
  sc_core::sc_time end_delay;
  bool puts_within_calls = false;  // the next request within the call of END_REQ
  std::vector<std::string> log;    // `NUMBER PHASE at TIME`, of what comes from the target
  std::vector<Response> responses; // by number of the request
  std::function<void(std::size_t)> on_end_req; // with that number; may be empty

  explicit NonblockingInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    socket.bind(checker.from_initiator);
    SC_HAS_PROCESS(NonblockingInitiator);
    SC_METHOD(put_next);
    sensitive << may_put_;
    dont_initialize();
    SC_METHOD(end_responses);
    sensitive << may_end_;
    dont_initialize();
  }

  void put(const Request& request, const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    waiting_.emplace_back(request, delay);
    responses.push_back({::tlm::TLM_INCOMPLETE_RESPONSE, {}});
    if (request_ == nullptr)
      put_next();
  }
  bool is_idle() const { return waiting_.empty() && in_flight_.empty(); }
  // Notified where a response has come.
  const sc_core::sc_event& responded() const { return responded_; }
  // END_RESP of what `never` left, `delay` from now.
  void end_response(const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    call_end_response(*to_end_.front(), delay);
    to_end_.pop_front();
  }

private:
  using Payload = ::tlm::tlm_generic_payload;

  void put_next() {
    if (request_ != nullptr || waiting_.empty())
      return;
    Payload& payload = pool.make(waiting_.front().first);
    sc_core::sc_time delay = waiting_.front().second;
    waiting_.pop_front();
    request_ = &payload;
    in_flight_.emplace_back(&payload, next_number_++);
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    const auto sync = socket->nb_transport_fw(payload, phase, delay);
    if (sync == ::tlm::TLM_COMPLETED) {
      note("TLM_COMPLETED", payload, delay);
      finish(payload);
    } else {
      sc_assert(sync == ::tlm::TLM_ACCEPTED);
    }
  }

  ::tlm::tlm_sync_enum nb_transport_bw(Payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
    note(phase == ::tlm::END_REQ ? "END_REQ" : "BEGIN_RESP", payload, delay);
    if (phase == ::tlm::END_REQ && on_end_req)
      on_end_req(number_of(payload));
    end_request(payload);
    if (phase == ::tlm::END_REQ)
      return ::tlm::TLM_ACCEPTED;
    switch (ending) {
    case Ending::completed:
      delay += end_delay;
      finish(payload);
      return ::tlm::TLM_COMPLETED;
    case Ending::updated:
      phase = ::tlm::END_RESP;
      delay += end_delay;
      finish(payload);
      return ::tlm::TLM_UPDATED;
    case Ending::called:
      to_end_.push_back(&payload);
      may_end_.notify(end_delay);
      break;
    case Ending::called_now:
      call_end_response(payload, end_delay);
      break;
    case Ending::never:
      to_end_.push_back(&payload);
    }
    return ::tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void end_request(Payload& payload) {
    if (request_ != &payload)
      return;
    request_ = nullptr;
    if (puts_within_calls)
      put_next();
    else
      may_put_.notify(sc_core::SC_ZERO_TIME);
  }
  void end_responses() {
    if (!to_end_.empty())
      end_response();
  }
  void call_end_response(Payload& payload, sc_core::sc_time delay) {
    ::tlm::tlm_phase phase = ::tlm::END_RESP;
    payload.acquire(); // through the call
    finish(payload);
    socket->nb_transport_fw(payload, phase, delay);
    payload.release();
  }
  void finish(Payload& payload) {
    const std::size_t number = number_of(payload);
    responses[number] = {payload.get_response_status(),
                         payload.get_extension<InstructionExtension>()->outcome};
    in_flight_.erase(std::find_if(in_flight_.begin(), in_flight_.end(),
                                  [&](const auto& one) { return one.first == &payload; }));
    end_request(payload);
    payload.release();
    responded_.notify();
  }
  void note(const char* what, const Payload& payload, const sc_core::sc_time& delay) {
    log.push_back(std::to_string(number_of(payload)) + ' ' + what + " at " +
                  (sc_core::sc_time_stamp() + delay).to_string());
  }
  std::size_t number_of(const Payload& payload) const {
    for (const auto& [each, number] : in_flight_)
      if (each == &payload)
        return number;
    return ~std::size_t{0};
  }

  std::deque<std::pair<Request, sc_core::sc_time>> waiting_;
  std::vector<std::pair<const Payload*, std::size_t>> in_flight_;
  std::deque<Payload*> to_end_;
  const Payload* request_ = nullptr; // no END_REQ yet
  std::size_t next_number_ = 0;
  sc_core::sc_event may_put_, may_end_, responded_;
};

} // namespace icebp::test
