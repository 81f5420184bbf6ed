#pragma once
// A cycle table whose figures can be told apart in a sum, and every instruction with its figure.

#include <icebp/model/rules/cpu/cycle_table.h>
#include <icebp/testbench/tests/rules/support.h>

#include <vector>

namespace icebp::test {

// No two sums of these are alike.
inline CycleTable distinct() {
  CycleTable table = default_cycle_table;
  table.issue = {1, "test"};
  table.check = {10, "test"};
  table.retire = {100, "test"};
  table.fault = {1000, "test"};
  table.deliver = {10000, "test"};
  table.exit = {100000, "test"};
  table.mov_from_dr0_3 = {200, "test"};
  table.mov_from_dr6_7 = {300, "test"};
  table.mov_to_dr0_3 = {400, "test"};
  table.mov_to_dr6_7 = {500, "test"};
  table.msr_fast_read = {600, "test"};
  table.msr_slow_read = {610, "test"};
  table.msr_serializing_write = {700, "test"};
  table.msr_nonserializing_write = {710, "test"};
  table.msr_flush_command = {720, "test"};
  table.int1 = {800, "test"};
  table.resume = {900, "test"};
  table.reset = {950, "test"};
  return table;
}

struct Whole {
  Request request;
  std::uint32_t cycles;
  MsrCost cost = MsrCost::none;
};
inline const std::vector<Whole>& whole_instructions() {
  static const std::vector<Whole> wholes{
      {read_dr(0), 200},
      {read_dr(3), 200},
      {read_dr(4), 300}, // DR4 and DR5 are DR6 and DR7
      {read_dr(5), 300},
      {read_dr(6), 300},
      {read_dr(7), 300},
      {write_dr(0, 0), 400},
      {write_dr(3, 0), 400},
      {write_dr(4, 0), 500},
      {write_dr(6, 0), 500},
      {write_dr(7, 0), 500},
      {rdmsr_of(0), 600, MsrCost::fast_read},
      {rdmsr_of(0), 610, MsrCost::slow_read},
      {wrmsr_of(0, 0), 700, MsrCost::serializing_write},
      {wrmsr_of(0, 0), 710, MsrCost::nonserializing_write},
      {wrmsr_of(0, 0), 720, MsrCost::flush_command},
      {of_operation(Operation::rdmsrlist), 600}, // what comes before the first entry
      {of_operation(Operation::wrmsrlist), 600},
      {of_operation(Operation::urdmsr), 600, MsrCost::fast_read},
      {of_operation(Operation::uwrmsr), 710, MsrCost::nonserializing_write},
      {int1_instruction(), 800},
      {resume_with(ResumeVerb::skip), 900},
      {of_operation(Operation::reset), 950},
      {of_operation(Operation::init), 950},
  };
  return wholes;
}

inline Outcome of_kind(OutcomeKind kind, MsrCost cost = MsrCost::none) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.cost = cost;
  return outcome;
}

} // namespace icebp::test
