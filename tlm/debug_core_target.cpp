#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/tlm/debug_core_target.h>

#include <algorithm>
#include <utility>

namespace icebp {

DebugCoreTarget::DebugCoreTarget(const sc_core::sc_module_name& name,
                                 std::shared_ptr<const CpuModel> cpu, const CoreClock& clock,
                                 Timing timing, const CoreIdentity& identity)
    : DebugCore(name, std::move(cpu), clock, timing, identity) {
  instruction.bind(*this);
}

DebugCoreTarget::~DebugCoreTarget() = default;

void DebugCoreTarget::b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  auto* extension = payload.get_extension<InstructionExtension>();
  auto status = check_instruction_attributes(payload, extension);
  if (status == ::tlm::TLM_OK_RESPONSE) {
    const bool well_formed = timing() == Timing::loosely_timed ? execute_at_once(*extension, delay)
                                                               : execute_in_time(*extension, delay);
    if (!well_formed)
      status = ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  payload.set_response_status(status);
}

// Both return false if the request is not well formed.

bool DebugCoreTarget::execute_at_once(InstructionExtension& extension, sc_core::sc_time& delay) {
  if (!is_well_formed(state(), extension.request))
    return false;
  const Execution execution = execute(extension.request, delay);
  extension.outcome = execution.outcome;
  delay += clock().cycles(execution.cycles);
  return true;
}

bool DebugCoreTarget::execute_in_time(InstructionExtension& extension, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME)
    wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  const Place place(*this);
  while (!place.is_first())
    wait(first_changed_);
  while (!idle()) // with the operation of a caller that is gone
    wait(finished());

  if (!is_well_formed(state(), extension.request))
    return false;
  issue(extension.request);
  wait(finished());
  extension.outcome = outcome();
  return true;
}

DebugCoreTarget::Place::Place(DebugCoreTarget& core) : core_(core) { core_.queue_.push_back(this); }

DebugCoreTarget::Place::~Place() {
  const bool was_first = is_first();
  auto& queue = core_.queue_;
  queue.erase(std::find(queue.begin(), queue.end(), this));
  if (was_first)
    core_.first_changed_.notify();
}

::tlm::tlm_sync_enum DebugCoreTarget::nb_transport_fw(::tlm::tlm_generic_payload& payload,
                                                      ::tlm::tlm_phase& phase,
                                                      sc_core::sc_time& delay) {
  if (phase == ::tlm::BEGIN_REQ) {
    Caller& caller = free_caller();
    caller.is_free = false;
    caller.call.notify(delay);
    requested_.emplace(sc_core::sc_time_stamp() + delay, &payload);
    return ::tlm::TLM_ACCEPTED;
  }
  if (phase == ::tlm::END_RESP) {
    responding_ = false;
    response_ended_.notify(delay);
  } else {
    SC_REPORT_ERROR(report::phase_refused, "an initiator's phases are BEGIN_REQ and END_RESP");
  }
  return ::tlm::TLM_COMPLETED;
}

DebugCoreTarget::Caller& DebugCoreTarget::free_caller() {
  const auto free = std::find_if(callers_.begin(), callers_.end(),
                                 [](const Caller& caller) { return caller.is_free; });
  if (free != callers_.end())
    return *free;
  Caller& caller = callers_.emplace_back();
  sc_core::sc_spawn_options options;
  options.dont_initialize();
  options.set_sensitivity(&caller.call);
  sc_core::sc_spawn([this, &caller] { make_calls(caller); },
                    sc_core::sc_gen_unique_name("nonblocking_caller"), &options);
  return caller;
}

// Whichever thread wakes first takes the request that came first.
void DebugCoreTarget::make_calls(Caller& caller) {
  for (;; wait()) {
    ::tlm::tlm_generic_payload& payload = *requested_.begin()->second;
    requested_.erase(requested_.begin());
    sc_core::sc_time delay;
    b_transport(payload, delay);
    wait(delay);
    while (responding_)
      wait(response_ended_);
    respond(payload);
    caller.is_free = true;
  }
}

void DebugCoreTarget::respond(::tlm::tlm_generic_payload& payload) {
  ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  const auto sync = instruction->nb_transport_bw(payload, phase, delay);
  if (sync == ::tlm::TLM_ACCEPTED || (sync == ::tlm::TLM_UPDATED && phase != ::tlm::END_RESP))
    responding_ = true;
}

bool DebugCoreTarget::get_direct_mem_ptr(::tlm::tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
  dmi.init(); // every address
  dmi.allow_read_write();
  return false;
}

unsigned DebugCoreTarget::transport_dbg(::tlm::tlm_generic_payload&) { return 0; }

} // namespace icebp
