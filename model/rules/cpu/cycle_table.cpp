#include <icebp/model/rules/cpu/cycle_table.h>

namespace icebp {
namespace {

constexpr CycleFigure CycleTable::*msr_figures[] = {
    // by MsrCost
    nullptr,
    &CycleTable::msr_fast_read,
    &CycleTable::msr_slow_read,
    &CycleTable::msr_serializing_write,
    &CycleTable::msr_nonserializing_write,
    &CycleTable::msr_flush_command,
};

const CycleFigure& whole_instruction(const CycleTable& table, const Request& request,
                                     const Outcome& outcome) {
  if (outcome.cost != MsrCost::none)
    return table.*msr_figures[static_cast<unsigned>(outcome.cost)];
  const bool dr0_3 = request.dr < 4;
  switch (request.operation) {
  case Operation::mov_from_dr:
    return dr0_3 ? table.mov_from_dr0_3 : table.mov_from_dr6_7;
  case Operation::mov_to_dr:
    return dr0_3 ? table.mov_to_dr0_3 : table.mov_to_dr6_7;
  case Operation::rdmsrlist: // what comes before its first entry
  case Operation::wrmsrlist:
    return table.msr_fast_read;
  case Operation::int1:
    return table.int1;
  case Operation::resume:
    return table.resume;
  default: // page_fault never retires
    break;
  }
  return table.reset;
}

// A #DB at an instruction boundary, or nothing.
std::uint32_t cycles_of_event(const CycleTable& table, const Outcome& outcome) {
  if (outcome.vector == Vector::none)
    return 0;
  const bool exits = outcome.kind == OutcomeKind::exit;
  return table.fault.cycles + (exits ? table.exit : table.deliver).cycles;
}

} // namespace

bool is_consistent(const CycleTable& table) {
  for (const CycleFigure& phase :
       {table.issue, table.check, table.retire, table.fault, table.deliver, table.exit})
    if (phase.cycles == 0)
      return false;
  const std::uint32_t outside_execute =
      table.issue.cycles + table.check.cycles + table.retire.cycles;
  for (const CycleFigure& whole : {table.mov_from_dr0_3, table.mov_from_dr6_7, table.mov_to_dr0_3,
                                   table.mov_to_dr6_7, table.msr_fast_read, table.msr_slow_read,
                                   table.msr_serializing_write, table.msr_nonserializing_write,
                                   table.msr_flush_command, table.int1, table.resume, table.reset})
    if (whole.cycles <= outside_execute)
      return false;
  return true;
}

std::uint32_t execute_cycles(const CycleTable& table, const Request& request,
                             const Outcome& outcome) {
  return whole_instruction(table, request, outcome).cycles - table.issue.cycles -
         table.check.cycles - table.retire.cycles;
}

std::uint32_t total_cycles(const CycleTable& table, const Request& request,
                           const Outcome& outcome) {
  if (takes_no_time(request.operation))
    return cycles_of_event(table, outcome);
  const std::uint32_t whole = whole_instruction(table, request, outcome).cycles;
  const std::uint32_t start = table.issue.cycles + table.check.cycles;
  switch (outcome.kind) {
  case OutcomeKind::fault:
    return start + table.fault.cycles + table.deliver.cycles;
  case OutcomeKind::trap:
    return whole + table.deliver.cycles;
  case OutcomeKind::exit:
    return start + (outcome.vector == Vector::none ? 0 : table.fault.cycles) + table.exit.cycles;
  case OutcomeKind::retired:
  case OutcomeKind::cancelled:
    break;
  }
  return whole;
}

} // namespace icebp
