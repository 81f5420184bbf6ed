#include <icebp/model/rules/cpu/phase_plan.h>

namespace icebp {
namespace {

// Ends and INT1 raise traps, but in an RTM region; what is intercepted before an instruction is a
// breakpoint on it.
bool is_trap_class(const Request& request, const Outcome& outcome) {
  return outcome.cause != Cause::rtm_abort &&
         (is_end(request.operation) || request.operation == Operation::int1);
}

void add_execution(PhasePlan& plan, const CycleTable& table, const Request& request,
                   const Outcome& outcome, Phase last) {
  plan.add(Phase::execute, execute_cycles(table, request, outcome));
  plan.add(last, table.retire.cycles);
}

} // namespace

PhasePlan plan(const CycleTable& table, const Request& request, const Outcome& outcome) {
  const bool takes_time = !takes_no_time(request.operation);
  PhasePlan plan;
  if (takes_time) {
    plan.add(Phase::issue, table.issue.cycles);
    plan.add(Phase::check, table.check.cycles);
  }
  switch (outcome.kind) {
  case OutcomeKind::retired:
    if (takes_time)
      add_execution(plan, table, request, outcome, Phase::retire);
    else if (outcome.aborts_rtm())
      plan.add(Phase::retire, table.retire.cycles);
    break;
  case OutcomeKind::trap:
    if (takes_time)
      add_execution(plan, table, request, outcome, Phase::trap);
    else
      plan.add(Phase::trap, table.fault.cycles);
    plan.add(Phase::deliver, table.deliver.cycles);
    break;
  case OutcomeKind::fault:
    plan.add(Phase::fault, table.fault.cycles);
    plan.add(Phase::deliver, table.deliver.cycles);
    break;
  case OutcomeKind::exit:
    if (outcome.vector != Vector::none)
      plan.add(is_trap_class(request, outcome) ? Phase::trap : Phase::fault, table.fault.cycles);
    plan.add(Phase::exit, table.exit.cycles);
    break;
  case OutcomeKind::cancelled:
    break;
  }
  return plan;
}

std::uint32_t total_cycles(const CycleTable& table, const Request& request,
                           const Outcome& outcome) {
  if (outcome.completes())
    return takes_no_time(request.operation) ? 0 : instruction_cycles(table, request, outcome);
  std::uint32_t total = 0;
  for (const PhaseStep& step : plan(table, request, outcome))
    total += step.cycles;
  return total;
}

} // namespace icebp
