#include <icebp/model/rules/cpu/reset.h>
#include <icebp/testbench/tests/rules/cpu/msr_datasheet.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>

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
  state.redirected.operation = Operation::mov_from_dr;
  state.redirected.dr = 3;
  state.boundary.shadow = Shadow::mov_ss;
  state.boundary.single_step = true;
  state.boundary.block_iterations = 7;
  state.boundary.late_iterations = 7;
  state.boundary.raised = {1, only(Cause::data_breakpoint)};
  state.boundary.held = {2, only(Cause::held_trap)};
  state.boundary.due = {0x4000, only(Cause::single_step)};
  return state;
}

// docs/debug-unit.md 5.7, for RESET and INIT alike; CR2: SDM vol. 3 table 9-1.
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
  EXPECT_TRUE(state.redirected == Redirected{});
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

TEST(Reset, Init_keeps_some_msrs) { // docs/msr-block.md 2.6
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = used();
    init(cpu.msrs, state);
    expect_reset_debug_unit(state);
    for (const DatasheetRow& row : datasheet_of(vendor))
      EXPECT_EQ(read_msr(cpu, state, row.index), row.init == Init::kept ? 0x5A5A : row.reset)
          << row.name;
  }
}

// docs/msr-block.md 2.6 and SDM vol. 3 9.1, 10.4.7.3 of every register that the max profiles have.
bool is_cleared_by_init(std::uint32_t index) {
  static const std::set<std::uint32_t> listed{
      0xC0000080, 0xC0000081, 0xC0000084, 0xC0000102, 0xDA0, 0xE1,  0x1C,       0x48,
      0x6A0,      0x6A2,      0x6A4,      0x6A5,      0x6A6, 0x6A7, 0x6A8,      0x985,
      0x986,      0x987,      0x988,      0x989,      0x98A, 0x6E0, 0xC0010117, 0xC0010114,
      0xC001011F, 0xC0000100, 0xC0000101, 0x1D9,      0xD90};
  return listed.count(index) != 0 || (index >= 0x800 && index <= 0x8FF);
}

TEST(Reset, Init_of_every_register) {
  for (const char* profile : {"intel-max", "amd-max"}) {
    const CpuModel cpu(*find_cpu_profile(profile));
    const CoreState fresh = power_up(cpu);
    CoreState state = used();
    init(cpu.msrs, state);
    for (const ResolvedMsr& msr : cpu.msrs)
      if (msr.readable) {
        EXPECT_EQ(state.msr[msr.slot],
                  is_cleared_by_init(msr.index) ? fresh.msr[msr.slot] : 0x5A5Au)
            << profile << ' ' << hex(msr.index);
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
