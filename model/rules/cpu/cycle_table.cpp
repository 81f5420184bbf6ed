#include <icebp/model/rules/cpu/cycle_table.h>

namespace icebp {
inline namespace v0_1 {
namespace {

const CycleFigure& of_mov_from_dr(const CycleTable& table, std::size_t dr) {
  return dr < 4 ? table.mov_from_dr0_3 : table.mov_from_dr6_7;
}
const CycleFigure& of_mov_to_dr(const CycleTable& table, std::size_t dr) {
  return dr < 4 ? table.mov_to_dr0_3 : table.mov_to_dr6_7;
}

const CycleFigure& msr_access(const CycleTable& table, MsrCost cost) {
  switch (cost) {
  case MsrCost::none: // of no access
  case MsrCost::fast_read:
    break;
  case MsrCost::slow_read:
    return table.msr_slow_read;
  case MsrCost::serializing_write:
    return table.msr_serializing_write;
  case MsrCost::nonserializing_write:
    return table.msr_nonserializing_write;
  case MsrCost::flush_command:
    return table.msr_flush_command;
  }
  return table.msr_fast_read;
}

} // namespace

RetiredCycles::RetiredCycles(const CycleTable& table) {
  for (std::size_t dr = 0; dr < mov_from_dr.size(); ++dr) {
    mov_from_dr[dr] = of_mov_from_dr(table, dr).cycles;
    mov_to_dr[dr] = of_mov_to_dr(table, dr).cycles;
  }
  for (std::size_t cost = 0; cost < msr.size(); ++cost)
    msr[cost] = msr_access(table, static_cast<MsrCost>(cost)).cycles;
}

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

std::uint32_t instruction_cycles(const CycleTable& table, const Request& request,
                                 const Outcome& outcome) {
  switch (row_of(request.operation).duration) {
  case Duration::mov_from_dr:
    return of_mov_from_dr(table, request.dr).cycles;
  case Duration::mov_to_dr:
    return of_mov_to_dr(table, request.dr).cycles;
  case Duration::msr:
    return msr_access(table, outcome.cost).cycles;
  case Duration::msr_list: // what comes before its first entry
    return table.msr_fast_read.cycles;
  case Duration::int1:
    return table.int1.cycles;
  case Duration::resume:
    return table.resume.cycles;
  case Duration::none:
  case Duration::exception:
  case Duration::reset:
    break;
  }
  return table.reset.cycles;
}

std::uint32_t execute_cycles(const CycleTable& table, const Request& request,
                             const Outcome& outcome) {
  const std::uint32_t whole = instruction_cycles(table, request, outcome);
  const std::uint32_t outside = table.issue.cycles + table.check.cycles + table.retire.cycles;
  return whole > outside ? whole - outside : 1; // 1 only where the table is not consistent
}

} // namespace v0_1
} // namespace icebp
