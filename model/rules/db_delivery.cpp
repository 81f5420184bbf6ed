#include <icebp/model/rules/db_delivery.h>
#include <icebp/model/rules/debugctl.h>
#include <icebp/model/rules/dr7.h>
#include <icebp/model/rules/payload.h>

namespace icebp {

namespace {

DbDestination destination_of(const Request& request, const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::exit)
    return request.context.vmx ? DbDestination::vmx_exit : DbDestination::svm_exit;
  return outcome.redirected ? DbDestination::firmware : DbDestination::handler;
}

} // namespace

void queue_db(CoreState& state, const Request& request, const Outcome& outcome) {
  state.pending.valid = true;
  state.pending.from_int1 = request.operation == Operation::int1;
  state.pending.destination = destination_of(request, outcome);
  state.pending.payload = outcome.data;
  if (outcome.redirected)
    state.redirected = Redirected{true, outcome.cause, request};
}

void deliver_db(const CpuProfile& profile, CoreState& state) {
  const PendingDb db = state.pending;
  state.pending = PendingDb{};
  if (db.destination == DbDestination::vmx_exit)
    return;
  std::uint64_t& debugctl = state[MsrSlot::debugctl];
  state.dr[6] = payload::merge_into_dr6(profile, debugctl, state.dr[6], db.payload, db.from_int1);
  state.dr[7] &= ~dr7::gd::mask;
  debugctl &= ~(debugctl::lbr::mask | debugctl::btf::mask);
}

} // namespace icebp
