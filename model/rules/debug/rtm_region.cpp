#include <icebp/model/rules/debug/rtm_region.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/payload.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// Advanced debugging of RTM regions.
bool tells_rtm_aborts(const CoreState& state) {
  return dr7::rtm::get(state.dr[7]) != 0 && debugctl::rtm_debug::get(state[MsrSlot::debugctl]) != 0;
}

// EAX[4] (SDM vol. 1 16.3.7, table 16-1).
constexpr std::uint16_t debug_event_status = 1 << 4;

// Of #DB, and of #BP, which the simulator tells.
bool is_debug_event(const Request& request, const Outcome& outcome) {
  return outcome.vector == Vector::db || request.operation == Operation::rtm_abort;
}

// The instructions of the model that SDM vol. 1 16.3.8.1 lists, and of what the simulator tells:
// #BP, an exception or an abort of its own, and a task switch, whose instructions are listed too.
// A PMI does so by its interrupt.
bool always_aborts(Operation operation) {
  switch (group_of(operation)) {
  case OperationGroup::mov_dr:
    return writes_register(operation);
  case OperationGroup::msr:
  case OperationGroup::msr_immediate:
  case OperationGroup::msr_list:
  case OperationGroup::msr_list_entry:
  case OperationGroup::user_msr:
    return true;
  case OperationGroup::event:
    return operation != Operation::bus_lock && operation != Operation::pmi;
  case OperationGroup::none:
  case OperationGroup::int1:
  case OperationGroup::exception:
  case OperationGroup::resume:
  case OperationGroup::reset:
  case OperationGroup::fetch:
  case OperationGroup::access:
  case OperationGroup::end:
  case OperationGroup::branch:
    break;
  }
  return false;
}

} // namespace

Outcome in_rtm_region(const CoreState& state, const Request& request, const Outcome& outcome) {
  if (is_debug_event(request, outcome) && tells_rtm_aborts(state))
    return debug_exception(OutcomeKind::fault, Cause::rtm_abort, payload::rtm_abort,
                           request.context.redirect_db);
  const bool goes_on = outcome.kind == OutcomeKind::retired && !always_aborts(request.operation);
  const std::uint16_t status = is_debug_event(request, outcome) ? debug_event_status : 0;
  return goes_on ? outcome : rtm_aborted(request.context.rtm->fallback, status);
}

void commit_rtm_abort(CoreState& state) { state.boundary = Boundary{}; }

} // namespace v0_1
} // namespace icebp
