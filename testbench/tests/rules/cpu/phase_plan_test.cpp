#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/testbench/tests/rules/cpu/distinct_cycles.h>

#include <gtest/gtest.h>

#include <string>

namespace icebp::test {
namespace {

std::string text_of(const PhasePlan& plan) {
  std::string text;
  for (const PhaseStep& step : plan)
    text.append(text.empty() ? "" : " ")
        .append(name_of(step.phase))
        .append(1, ' ')
        .append(std::to_string(step.cycles));
  return text;
}

Outcome with_vector(OutcomeKind kind, Vector vector) {
  Outcome outcome = of_kind(kind);
  outcome.vector = vector;
  return outcome;
}
Outcome exit_of_rtm_abort() {
  Outcome outcome = with_vector(OutcomeKind::exit, Vector::db);
  outcome.cause = Cause::rtm_abort;
  return outcome;
}

// Figures of `distinct`: issue 1, check 10, retire 100, fault 1000, deliver 10000, exit 100000;
// MOV DR0, reg 400, INT1 800, of which 111 are issue, check and retire.
TEST(PhasePlan, Phases_in_order) {
  const struct {
    Request request;
    Outcome outcome;
    const char* phases;
  } rows[] = {
      {write_dr(0, 0), of_kind(OutcomeKind::retired), "issue 1 check 10 execute 289 retire 100"},
      {write_dr(0, 0), with_vector(OutcomeKind::fault, Vector::gp),
       "issue 1 check 10 fault 1000 deliver 10000"},
      {write_dr(0, 0), of_kind(OutcomeKind::exit), "issue 1 check 10 exit 100000"},
      {write_dr(0, 0), with_vector(OutcomeKind::exit, Vector::gp),
       "issue 1 check 10 fault 1000 exit 100000"},
      {int1_instruction(), with_vector(OutcomeKind::trap, Vector::db),
       "issue 1 check 10 execute 689 trap 100 deliver 10000"},
      {int1_instruction(), with_vector(OutcomeKind::exit, Vector::db),
       "issue 1 check 10 trap 1000 exit 100000"},
      {of_operation(Operation::page_fault), with_vector(OutcomeKind::fault, Vector::pf),
       "issue 1 check 10 fault 1000 deliver 10000"},
      {of_operation(Operation::fetch), of_kind(OutcomeKind::retired), ""},
      {of_operation(Operation::fetch), with_vector(OutcomeKind::fault, Vector::db),
       "fault 1000 deliver 10000"},
      {of_operation(Operation::fetch), with_vector(OutcomeKind::trap, Vector::db),
       "trap 1000 deliver 10000"},
      {of_operation(Operation::end_of_instruction), with_vector(OutcomeKind::trap, Vector::db),
       "trap 1000 deliver 10000"},
      {of_operation(Operation::end_of_iteration), with_vector(OutcomeKind::exit, Vector::db),
       "trap 1000 exit 100000"},
      {of_operation(Operation::rtm_abort), with_vector(OutcomeKind::fault, Vector::db),
       "fault 1000 deliver 10000"},
      {write_dr(0, 0), of_kind(OutcomeKind::cancelled), "issue 1 check 10"},
      {write_dr(0, 0), rtm_aborted(0, 0), "issue 1 check 10 execute 289 retire 100"},
      {of_operation(Operation::end_of_instruction), rtm_aborted(0, 0), "retire 100"},
      {of_operation(Operation::end_of_iteration), exit_of_rtm_abort(), "fault 1000 exit 100000"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(text_of(plan(distinct(), row.request, row.outcome)), row.phases)
        << row.request.operation << ' ' << row.outcome.kind;
    std::uint32_t sum = 0;
    for (const PhaseStep& step : plan(distinct(), row.request, row.outcome))
      sum += step.cycles;
    EXPECT_EQ(total_cycles(distinct(), row.request, row.outcome), sum);
  }
}

TEST(PhasePlan, Total_by_outcome) {
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

TEST(PhasePlan, The_life_of_an_instruction_costs_nothing_but_its_db) {
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

TEST(PhasePlan, The_80386_manual) { // docs/debug-unit.md 9
  const auto cycles = [](const Request& request) {
    return total_cycles(default_cycle_table, request, of_kind(OutcomeKind::retired));
  };
  EXPECT_EQ(cycles(read_dr(0)), 22u);
  EXPECT_EQ(cycles(read_dr(6)), 14u);
  EXPECT_EQ(cycles(write_dr(0, 0)), 22u);
  EXPECT_EQ(cycles(write_dr(7, 0)), 16u);
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
