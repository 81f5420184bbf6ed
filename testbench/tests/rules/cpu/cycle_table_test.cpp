#include <icebp/model/rules/cpu/cycle_table.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// No two sums of these are alike.
CycleTable distinct() {
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
const std::vector<Whole>& whole_instructions() {
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

Outcome of_kind(OutcomeKind kind, MsrCost cost = MsrCost::none) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.cost = cost;
  return outcome;
}

TEST(CycleTable, Execute_is_the_rest_of_the_instruction) {
  for (const Whole& whole : whole_instructions())
    EXPECT_EQ(execute_cycles(distinct(), whole.request, of_kind(OutcomeKind::retired, whole.cost)),
              whole.cycles - 111)
        << whole.request.operation << unsigned{whole.request.dr};
}

TEST(CycleTable, Total_by_outcome) {
  for (const Whole& whole : whole_instructions()) {
    SCOPED_TRACE(name_of(whole.request.operation));
    const auto total = [&](OutcomeKind kind) {
      return total_cycles(distinct(), whole.request, of_kind(kind, whole.cost));
    };
    EXPECT_EQ(total(OutcomeKind::retired), whole.cycles);
    EXPECT_EQ(total(OutcomeKind::fault), 11011u); // issue, check, fault, deliver
    EXPECT_EQ(total(OutcomeKind::trap), whole.cycles + 10000);
    EXPECT_EQ(total(OutcomeKind::exit), 100011u); // issue, check, exit
    Outcome exception = of_kind(OutcomeKind::exit);
    exception.vector = Vector::db;
    EXPECT_EQ(total_cycles(distinct(), whole.request, exception), 101011u); // and fault
  }
}

TEST(CycleTable, The_life_of_an_instruction_costs_nothing_but_its_db) {
  for (const Operation operation :
       {Operation::fetch, Operation::data_read, Operation::data_write, Operation::io_access,
        Operation::end_of_iteration, Operation::end_of_instruction, Operation::fault,
        Operation::task_switch, Operation::bus_lock, Operation::rtm_abort}) {
    SCOPED_TRACE(name_of(operation));
    const auto total = [&](OutcomeKind kind, Vector vector) {
      Outcome outcome = of_kind(kind);
      outcome.vector = vector;
      return total_cycles(distinct(), of_operation(operation), outcome);
    };
    EXPECT_TRUE(takes_no_time(operation));
    EXPECT_EQ(total(OutcomeKind::retired, Vector::none), 0u);
    EXPECT_EQ(total(OutcomeKind::fault, Vector::db), 11000u); // fault, deliver
    EXPECT_EQ(total(OutcomeKind::trap, Vector::db), 11000u);
    EXPECT_EQ(total(OutcomeKind::exit, Vector::db), 101000u); // fault, exit
  }
  for (const Whole& whole : whole_instructions())
    EXPECT_FALSE(takes_no_time(whole.request.operation)) << whole.request.operation;
}

TEST(CycleTable, The_80386_manual) { // debug-unit.md 9
  const auto cycles = [](const Request& request) {
    return total_cycles(default_cycle_table, request, of_kind(OutcomeKind::retired));
  };
  EXPECT_EQ(cycles(read_dr(0)), 22u);
  EXPECT_EQ(cycles(read_dr(6)), 14u);
  EXPECT_EQ(cycles(write_dr(0, 0)), 22u);
  EXPECT_EQ(cycles(write_dr(7, 0)), 16u);
}

TEST(CycleTable, Default_figures_are_consistent_and_say_where_they_are_from) {
  EXPECT_TRUE(is_consistent(default_cycle_table));
  for (const CycleFigure& figure :
       {default_cycle_table.mov_from_dr0_3, default_cycle_table.mov_from_dr6_7,
        default_cycle_table.mov_to_dr0_3, default_cycle_table.mov_to_dr6_7})
    EXPECT_NE(figure.source.find("80386"), std::string_view::npos);
  for (const CycleFigure& figure :
       {default_cycle_table.issue, default_cycle_table.check, default_cycle_table.retire,
        default_cycle_table.fault, default_cycle_table.deliver, default_cycle_table.msr_fast_read,
        default_cycle_table.msr_slow_read, default_cycle_table.msr_serializing_write,
        default_cycle_table.msr_nonserializing_write, default_cycle_table.msr_flush_command,
        default_cycle_table.int1, default_cycle_table.resume, default_cycle_table.reset})
    EXPECT_EQ(figure.source, "assumed"); // 9: "none found"
}

TEST(CycleTable, A_phase_lasts_at_least_one_cycle) {
  EXPECT_TRUE(is_consistent(distinct()));
  for (CycleFigure CycleTable::*phase :
       {&CycleTable::issue, &CycleTable::check, &CycleTable::retire, &CycleTable::fault,
        &CycleTable::deliver}) {
    CycleTable table = distinct();
    (table.*phase).cycles = 0;
    EXPECT_FALSE(is_consistent(table));
    (table.*phase).cycles = 1;
    EXPECT_TRUE(is_consistent(table));
  }
}

TEST(CycleTable, An_instruction_is_longer_than_its_other_phases) {
  for (CycleFigure CycleTable::*whole :
       {&CycleTable::mov_from_dr0_3, &CycleTable::mov_from_dr6_7, &CycleTable::mov_to_dr0_3,
        &CycleTable::mov_to_dr6_7, &CycleTable::msr_fast_read, &CycleTable::msr_slow_read,
        &CycleTable::msr_serializing_write, &CycleTable::msr_nonserializing_write,
        &CycleTable::msr_flush_command, &CycleTable::int1, &CycleTable::resume,
        &CycleTable::reset}) {
    CycleTable table = distinct();
    (table.*whole).cycles = 111;
    EXPECT_FALSE(is_consistent(table));
    (table.*whole).cycles = 112;
    EXPECT_TRUE(is_consistent(table));
  }
}

TEST(Phase, Names) {
  EXPECT_EQ(name_of(Phase::idle), "idle");
  EXPECT_EQ(name_of(Phase::issue), "issue");
  EXPECT_EQ(name_of(Phase::check), "check");
  EXPECT_EQ(name_of(Phase::execute), "execute");
  EXPECT_EQ(name_of(Phase::fault), "fault");
  EXPECT_EQ(name_of(Phase::deliver), "deliver");
  EXPECT_EQ(name_of(Phase::retire), "retire");
}

} // namespace
} // namespace icebp::test
