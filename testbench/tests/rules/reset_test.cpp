#include <icebp/model/rules/reset.h>
#include <icebp/testbench/tests/rules/msr_datasheet.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// Nothing at its reset value.
CoreState used() {
  CoreState state;
  state.dr = {1, 2, 3, 4, 0, 0, 0xFFFF6FF3, 0xFFFF27FF};
  state.cr2 = 0x5A5A;
  state.msr.fill(0x5A5A);
  state.pending = PendingException{Vector::db, true, Destination::firmware, 0x2000};
  state.redirected.valid = true;
  state.redirected.cause = Cause::general_detect;
  state.redirected.request = read_dr(3);
  state.boundary.shadow = Shadow::mov_ss;
  state.boundary.single_step = true;
  state.boundary.block_iterations = 7;
  state.boundary.late_iterations = 7;
  state.boundary.raised = {1, only(Cause::data_breakpoint)};
  state.boundary.held = {2, only(Cause::held_trap)};
  state.boundary.due = {0x4000, only(Cause::single_step)};
  return state;
}

// debug-unit.md 5.7, for RESET and INIT alike; CR2: SDM vol. 3 table 9-1.
void expect_reset_debug_unit(const CoreState& state) {
  for (unsigned n = 0; n < 4; ++n)
    EXPECT_EQ(state.dr[n], 0u) << "DR" << n;
  EXPECT_EQ(state.dr[6], 0xFFFF0FF0);
  EXPECT_EQ(state.dr[7], 0x400u);
  EXPECT_EQ(state.cr2, 0u);
  EXPECT_FALSE(state.pending.is_valid());
  EXPECT_FALSE(state.pending.from_int1);
  EXPECT_EQ(state.pending.destination, Destination::handler);
  EXPECT_EQ(state.pending.payload, 0u);
  EXPECT_FALSE(state.redirected.valid);
  EXPECT_EQ(state.redirected.cause, Cause::none);
  EXPECT_TRUE(same(state.boundary, Boundary{})); // no debug condition outlives either
}

TEST(Reset, Power_up_and_reset_give_the_reset_values) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState after_reset = used();
    reset(cpu.msrs, after_reset, 0);
    for (CoreState state : {power_up(cpu), after_reset}) {
      expect_reset_debug_unit(state);
      for (const DatasheetRow& row : datasheet_of(vendor))
        EXPECT_EQ(read_msr(cpu, state, row.index), row.reset) << row.name;
    }
  }
}

TEST(Reset, Init_keeps_some_msrs) { // msr-block.md 2.6
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = used();
    init(cpu.msrs, state);
    expect_reset_debug_unit(state);
    for (const DatasheetRow& row : datasheet_of(vendor))
      if (row.init != Init::unstated) {
        EXPECT_EQ(read_msr(cpu, state, row.index), row.init == Init::kept ? 0x5A5A : row.reset)
            << row.name;
      }
  }
}

// The sheet is silent on these; the model clears them. FS_BASE and GS_BASE go with the segments.
TEST(Reset, Init_clears_what_no_source_settles) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = used();
    init(cpu.msrs, state);
    for (const DatasheetRow& row : datasheet_of(vendor))
      if (row.init == Init::unstated) {
        EXPECT_EQ(read_msr(cpu, state, row.index), 0u) << row.name;
      }
  }
}

TEST(Reset, As_operations) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = used();
    EXPECT_TRUE(is_retired(execute(cpu, state, of_operation(Operation::init)).outcome));
    expect_reset_debug_unit(state);
    EXPECT_EQ(read_msr(cpu, state, 0xC0000082), 0x5A5Au);
    EXPECT_TRUE(is_retired(execute(cpu, state, of_operation(Operation::reset)).outcome));
    expect_reset_debug_unit(state);
    EXPECT_EQ(read_msr(cpu, state, 0xC0000082), 0u);
  }
}

} // namespace
} // namespace icebp::test
