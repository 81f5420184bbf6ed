#include <icebp/model/report_ids.h>
#include <icebp/model/report_text.h>
#include <icebp/tlm/debug_core_target.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace icebp {
inline namespace v0_1 {

using Payload = ::tlm::tlm_generic_payload;

namespace {

bool is_in_thread() {
  const sc_core::sc_process_handle process = sc_core::sc_get_current_process_handle();
  return process.valid() && process.proc_kind() != sc_core::SC_METHOD_PROC_;
}

::tlm::tlm_response_status cancel_in_reset(InstructionExtension& extension) {
  extension.outcome = cancelled();
  return ::tlm::TLM_OK_RESPONSE;
}

} // namespace

// A call of b_transport, in the queue or in service. Its operation begins and ends without its
// thread, which waits to be told; where the core is free, the thread begins it.
struct DebugCoreTarget::Call : ServiceQueue::Place {
  Call(DebugCoreTarget& whose, InstructionExtension& its_extension)
      : Place(whose.queue_), core(whose), extension(its_extension) {
    take();
  }
  ~Call() override {
    if (core.called_ == this)
      core.called_ = nullptr;
  }
  void begin() override;
  void end() {
    is_over = true;
    leave();
    core.call_over_.notify();
  }

  DebugCoreTarget& core;
  InstructionExtension& extension;
  const char* problem = nullptr; // of a malformed request
  bool is_over = false;
};

// A request of nb_transport_fw, from BEGIN_REQ until its operation is over. Its place is taken when
// it is due.
struct DebugCoreTarget::Transaction : ServiceQueue::Place {
  Transaction(DebugCoreTarget& whose, Connection& its_connection, Payload& its_payload,
              InstructionExtension& its_extension, const sc_core::sc_time& when)
      : Place(whose.queue_), core(whose), from(its_connection), payload(its_payload),
        extension(its_extension), due(when) {}
  void begin() override;

  DebugCoreTarget& core;
  Connection& from;
  Payload& payload;
  InstructionExtension& extension;
  sc_core::sc_time due;
};

class DebugCoreTarget::Connection : public ::tlm::tlm_fw_transport_if<InstructionProtocol> {
public:
  // `number`: of the initiators that call an interface of their own; none: of all others.
  Connection(DebugCoreTarget& core, std::optional<int> number) : core_(core), number_(number) {}

  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(Payload&) override { return 0; }

  bool has_request() const { return request_ != nullptr; }
  std::unique_ptr<Transaction> take_request() { return std::move(request_); }
  void end_request(Payload& payload);
  void answer(Payload& payload, ::tlm::tlm_response_status status);
  void attend();

private:
  ::tlm::tlm_sync_enum begin_request(Payload& payload, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum accept(Payload& payload, InstructionExtension& extension,
                              const sc_core::sc_time& delay);
  void take_place();
  void respond();
  void begin_response();
  void end_response(const sc_core::sc_time& delay);
  // Null: several initiators of which some do not call an interface of their own.
  ::tlm::tlm_bw_transport_if<InstructionProtocol>* backward() const;

  DebugCoreTarget& core_;
  std::optional<int> number_;
  std::unique_ptr<Transaction> request_; // from BEGIN_REQ until the core takes it
  std::deque<Payload*> answered_;        // wait for their BEGIN_RESP
  Payload* responding_ = nullptr;        // from BEGIN_RESP to END_RESP
  sc_core::sc_time next_response_from_;
};

DebugCoreTarget::DebugCoreTarget(const sc_core::sc_module_name& name,
                                 std::shared_ptr<const CpuModel> cpu, const CoreClock& clock,
                                 Timing timing, const CoreIdentity& identity)
    : DebugCore(name, std::move(cpu), clock, timing, identity),
      instruction("instruction", [this]() -> Socket::Interface& {
        const int number = static_cast<int>(connections_.size()) - 1;
        return *connections_.emplace_back(std::make_unique<Connection>(*this, number));
      }) {
  instruction.bind(*connections_.emplace_back(std::make_unique<Connection>(*this, std::nullopt)));
  SC_HAS_PROCESS(DebugCoreTarget);
  SC_METHOD(serve);
  sensitive << turn_;
  dont_initialize();
  SC_METHOD(attend);
  sensitive << attention_;
  dont_initialize();
}

DebugCoreTarget::~DebugCoreTarget() { queue_.close(); }

bool DebugCoreTarget::has_callers() const {
  return queue_.first() ||
         std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->has_request(); });
}

void DebugCoreTarget::warn_of(const char* message_type, const char* problem) const {
  SC_REPORT_WARNING(message_type, report::text_of(*this, problem).c_str());
}

void DebugCoreTarget::refuse(const char* problem) const {
  SC_REPORT_ERROR(report::phase_refused, report::text_of(*this, problem).c_str());
}

void DebugCoreTarget::warn_of_attributes(const Payload& payload) const {
  const bool has_extension = payload.get_extension<InstructionExtension>() != nullptr;
  warn_of(has_extension ? report::malformed_payload : report::no_extension,
          what_is_malformed(payload));
}

::tlm::tlm_response_status DebugCoreTarget::malformed(const char* problem) const {
  warn_of(report::malformed_payload, problem);
  return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

bool DebugCoreTarget::Connection::get_direct_mem_ptr(Payload&, ::tlm::tlm_dmi& dmi) {
  dmi.init(); // every address
  dmi.allow_read_write();
  return false;
}

// ---- Blocking -----------------------------------------------------------------------------------

// What nearly every access of a loosely timed core comes to is decided here, anything else behind
// it.
void DebugCoreTarget::Connection::b_transport(Payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  auto* extension = payload.get_extension<InstructionExtension>();
  if (core_.state_only_ &&
      check_instruction_attributes(payload, extension) == ::tlm::TLM_OK_RESPONSE) {
    std::uint32_t cycles = 0;
    if (core_.execute_plainly(extension->request, extension->outcome, cycles)) {
      payload.set_response_status(::tlm::TLM_OK_RESPONSE);
      return core_.end_plainly(extension->request, cycles, delay);
    }
    return core_.transport_at_once(payload, *extension, delay);
  }
  core_.transport(payload, delay);
}

// Functions of their own, which keep the common case free of them.
__attribute__((noinline)) void
DebugCoreTarget::end_long(const Request& request, std::uint32_t cycles, sc_core::sc_time& delay) {
  delay += clock().cycles(cycles, delay);
  follow_plain(request);
}

__attribute__((noinline)) void DebugCoreTarget::transport(Payload& payload,
                                                          sc_core::sc_time& delay) {
  auto* extension = payload.get_extension<InstructionExtension>();
  auto status = check_instruction_attributes(payload, extension);
  if (status != ::tlm::TLM_OK_RESPONSE)
    warn_of_attributes(payload);
  else
    status = execute_when_it_can(*extension, delay);
  payload.set_response_status(status);
}

inline ::tlm::tlm_response_status DebugCoreTarget::execute_at_once(InstructionExtension& extension,
                                                                   sc_core::sc_time& delay) {
  const Request& request = extension.request;
  if (!is_well_formed(state(), request))
    return malformed(what_is_malformed(state(), request));
  delay += clock().cycles(execute_any(request, delay, extension.outcome), delay);
  return ::tlm::TLM_OK_RESPONSE;
}

__attribute__((noinline)) void DebugCoreTarget::transport_at_once(Payload& payload,
                                                                  InstructionExtension& extension,
                                                                  sc_core::sc_time& delay) {
  payload.set_response_status(execute_at_once(extension, delay));
}

// The core may be another one, in timing and in RESET, behind every wait for it.
::tlm::tlm_response_status DebugCoreTarget::execute_when_it_can(InstructionExtension& extension,
                                                                sc_core::sc_time& delay) {
  if (executes_at_once())
    return execute_at_once(extension, delay);
  return timing() == Timing::timed ? execute_in_time(extension, delay)
                                   : execute_after_reset(extension, delay);
}

// Of a loosely timed core; a method cannot wait for the end of RESET.
::tlm::tlm_response_status DebugCoreTarget::execute_after_reset(InstructionExtension& extension,
                                                                sc_core::sc_time& delay) {
  if (!is_in_thread())
    return cancel_in_reset(extension);
  const sc_core::sc_time due = sc_core::sc_time_stamp() + delay;
  while (in_reset())
    wait(reset_released());
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  delay = due > now ? due - now : sc_core::SC_ZERO_TIME;
  return execute_when_it_can(extension, delay);
}

::tlm::tlm_response_status DebugCoreTarget::execute_in_time(InstructionExtension& extension,
                                                            sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME)
    wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  if (timing() == Timing::loosely_timed) // by now
    return execute_when_it_can(extension, delay);
  Call call(*this, extension);
  if (call.is_first() && idle())
    call.begin(); // with no delta cycle in between
  else if (call.is_first())
    turn_.notify(sc_core::SC_ZERO_TIME);
  while (!call.is_over)
    wait(call_over_);
  return call.problem ? malformed(call.problem) : ::tlm::TLM_OK_RESPONSE;
}

void DebugCoreTarget::Call::begin() {
  if (!is_well_formed(core.state(), extension.request)) {
    problem = what_is_malformed(core.state(), extension.request);
    return end();
  }
  core.called_ = this;
  core.issue(extension.request, &core);
}

// Of a caller that is gone nobody takes the outcome.
void DebugCoreTarget::take_outcome(const Outcome& outcome) {
  if (Call* const call = std::exchange(called_, nullptr)) {
    call->extension.outcome = outcome;
    call->end();
  } else if (in_service_)
    in_service_->extension.outcome = outcome;
}

// ---- Non-blocking -------------------------------------------------------------------------------

::tlm::tlm_sync_enum DebugCoreTarget::Connection::nb_transport_fw(Payload& payload,
                                                                  ::tlm::tlm_phase& phase,
                                                                  sc_core::sc_time& delay) {
  if (phase == ::tlm::BEGIN_REQ)
    return begin_request(payload, delay);
  if (phase == ::tlm::END_RESP) {
    if (&payload == responding_)
      end_response(delay);
    else
      core_.refuse("END_RESP of a transaction that has no response to end");
    return ::tlm::TLM_COMPLETED;
  }
  if (phase == ::tlm::UNINITIALIZED_PHASE || phase == ::tlm::END_REQ || phase == ::tlm::BEGIN_RESP)
    core_.refuse("the phases of an initiator are BEGIN_REQ and END_RESP");
  return ::tlm::TLM_ACCEPTED; // a phase that a protocol adds is ignored (IEEE 1666-2011 15.2.5)
}

::tlm::tlm_sync_enum DebugCoreTarget::Connection::begin_request(Payload& payload,
                                                                sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  payload.set_response_status(::tlm::TLM_GENERIC_ERROR_RESPONSE);
  auto* extension = payload.get_extension<InstructionExtension>();
  const auto status = check_instruction_attributes(payload, extension);
  if (request_)
    core_.refuse("BEGIN_REQ while the request before waits for END_REQ");
  else if (!backward())
    core_.refuse("BEGIN_REQ of an initiator without a backward path of its own");
  else if (!payload.has_mm())
    core_.warn_of(report::malformed_payload, "a transaction without a memory manager");
  else if (core_.executes_at_once() || status != ::tlm::TLM_OK_RESPONSE)
    b_transport(payload, delay);
  else if (core_.timing() == Timing::loosely_timed)
    payload.set_response_status(cancel_in_reset(*extension));
  else
    return accept(payload, *extension, delay);
  return ::tlm::TLM_COMPLETED;
}

::tlm::tlm_sync_enum DebugCoreTarget::Connection::accept(Payload& payload,
                                                         InstructionExtension& extension,
                                                         const sc_core::sc_time& delay) {
  payload.acquire();
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  request_ = std::make_unique<Transaction>(core_, *this, payload, extension,
                                           sc_core::sc_time_stamp() + delay);
  if (delay == sc_core::SC_ZERO_TIME)
    take_place();
  else
    core_.attention_.notify(delay);
  return ::tlm::TLM_ACCEPTED;
}

void DebugCoreTarget::Connection::take_place() {
  request_->take();
  if (request_->is_first())
    core_.turn_.notify(sc_core::SC_ZERO_TIME);
}

void DebugCoreTarget::serve() {
  if (in_service_)
    return end_service();
  ServiceQueue::Place* const first = queue_.first();
  if (!first)
    return;
  if (!idle()) // with an operation of somebody else
    return next_trigger(finished());
  first->begin();
}

void DebugCoreTarget::Transaction::begin() { core.begin_service(from.take_request()); }

void DebugCoreTarget::begin_service(std::unique_ptr<Transaction> transaction) {
  Connection& from = transaction->from;
  from.end_request(transaction->payload);
  const Request& request = transaction->extension.request;
  if (!is_well_formed(state(), request))
    return from.answer(transaction->payload, malformed(what_is_malformed(state(), request)));
  issue(request, this);
  next_trigger(finished());
  in_service_ = std::move(transaction);
}

void DebugCoreTarget::end_service() {
  const auto over = std::move(in_service_); // and leaves its place
  over->from.answer(over->payload, ::tlm::TLM_OK_RESPONSE);
}

void DebugCoreTarget::attend() {
  for (const auto& connection : connections_)
    connection->attend();
}

void DebugCoreTarget::attend_at(const sc_core::sc_time& time) {
  attention_.notify(time - sc_core::sc_time_stamp()); // the earliest counts
}

void DebugCoreTarget::Connection::attend() {
  if (request_ && !request_->is_taken()) {
    if (request_->due <= sc_core::sc_time_stamp())
      take_place();
    else
      core_.attend_at(request_->due);
  }
  respond();
}

void DebugCoreTarget::Connection::respond() {
  if (responding_ || answered_.empty())
    return;
  if (next_response_from_ > sc_core::sc_time_stamp())
    return core_.attend_at(next_response_from_);
  begin_response();
}

void DebugCoreTarget::Connection::end_request(Payload& payload) {
  ::tlm::tlm_phase phase = ::tlm::END_REQ;
  sc_core::sc_time delay;
  backward()->nb_transport_bw(payload, phase, delay);
}

void DebugCoreTarget::Connection::answer(Payload& payload, ::tlm::tlm_response_status status) {
  payload.set_response_status(status);
  answered_.push_back(&payload);
  respond();
}

void DebugCoreTarget::Connection::begin_response() {
  responding_ = answered_.front();
  answered_.pop_front();
  const Payload* const payload = responding_;
  ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  const auto sync = backward()->nb_transport_bw(*responding_, phase, delay);
  const bool is_ended =
      sync == ::tlm::TLM_COMPLETED || (sync == ::tlm::TLM_UPDATED && phase == ::tlm::END_RESP);
  if (is_ended && responding_ == payload) // and not by a call meanwhile
    end_response(delay);
}

void DebugCoreTarget::Connection::end_response(const sc_core::sc_time& delay) {
  std::exchange(responding_, nullptr)->release();
  next_response_from_ = sc_core::sc_time_stamp() + delay;
  if (!answered_.empty())
    core_.attend_at(next_response_from_);
}

::tlm::tlm_bw_transport_if<InstructionProtocol>* DebugCoreTarget::Connection::backward() const {
  const int bound = core_.instruction.size();
  const int direct = static_cast<int>(core_.connections_.size()) - 1;
  if (number_)
    return bound == direct ? core_.instruction[*number_] : nullptr;
  return bound == 1 ? core_.instruction[0] : nullptr;
}

} // namespace v0_1
} // namespace icebp
