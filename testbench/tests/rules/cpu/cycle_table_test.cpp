#include <icebp/testbench/tests/rules/cpu/distinct_cycles.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

TEST(CycleTable, Execute_is_the_rest_of_the_instruction) {
  for (const Whole& whole : whole_instructions())
    EXPECT_EQ(execute_cycles(distinct(), whole.request, of_kind(OutcomeKind::retired, whole.cost)),
              whole.cycles - 111)
        << whole.request.operation << unsigned{whole.request.dr};
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

// Even of a table that a core refuses.
TEST(CycleTable, Execution_lasts_at_least_one_cycle) {
  for (const std::uint32_t cycles : {0u, 1u, 110u, 111u, 112u}) {
    CycleTable table = distinct();
    table.mov_to_dr0_3.cycles = cycles;
    EXPECT_EQ(execute_cycles(table, write_dr(0, 0), retired()), 1u) << cycles;
  }
}

} // namespace
} // namespace icebp::test
