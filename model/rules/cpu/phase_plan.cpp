#include <icebp/model/rules/cpu/phase_plan.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// Ends and INT1 raise traps, but in an RTM region; what is intercepted before an instruction is a
// breakpoint on it.
bool is_trap_class(const Request& request, const Outcome& outcome) {
  return outcome.cause != Cause::rtm_abort &&
         (is_end(request.operation) || request.operation == Operation::int1);
}

template <typename Add>
void add_execution(const CycleTable& table, const Request& request, const Outcome& outcome,
                   Phase last, Add add) {
  add(Phase::execute, execute_cycles(table, request, outcome));
  add(last, table.retire.cycles);
}

// Calls `add` for each phase of the plan.
template <typename Add>
void for_each_phase(const CycleTable& table, const Request& request, const Outcome& outcome,
                    Add add) {
  const bool takes_time = !takes_no_time(request.operation);
  if (takes_time) {
    add(Phase::issue, table.issue.cycles);
    add(Phase::check, table.check.cycles);
  }
  switch (outcome.kind) {
  case OutcomeKind::retired:
    if (takes_time)
      add_execution(table, request, outcome, Phase::retire, add);
    else if (outcome.aborts_rtm())
      add(Phase::retire, table.retire.cycles);
    break;
  case OutcomeKind::trap:
    if (takes_time)
      add_execution(table, request, outcome, Phase::trap, add);
    else
      add(Phase::trap, table.fault.cycles);
    add(Phase::deliver, table.deliver.cycles);
    break;
  case OutcomeKind::fault:
    add(Phase::fault, table.fault.cycles);
    add(Phase::deliver, table.deliver.cycles);
    break;
  case OutcomeKind::exit:
    if (outcome.vector != Vector::none)
      add(is_trap_class(request, outcome) ? Phase::trap : Phase::fault, table.fault.cycles);
    add(Phase::exit, table.exit.cycles);
    break;
  case OutcomeKind::cancelled:
    break;
  }
}

} // namespace

PhasePlan plan(const CycleTable& table, const Request& request, const Outcome& outcome) {
  PhasePlan plan;
  for_each_phase(table, request, outcome,
                 [&](Phase phase, std::uint32_t cycles) { plan.add(phase, cycles); });
  return plan;
}

std::uint32_t total_cycles(const CycleTable& table, const Request& request,
                           const Outcome& outcome) {
  if (outcome.completes())
    return takes_no_time(request.operation) ? 0 : instruction_cycles(table, request, outcome);
  std::uint32_t total = 0;
  for_each_phase(table, request, outcome, [&](Phase, std::uint32_t cycles) { total += cycles; });
  return total;
}

} // namespace v0_1
} // namespace icebp
