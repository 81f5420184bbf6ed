#include <icebp/model/rules/debug/int1.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// With nothing held over MOV SS.
Outcome decided(const Request& request) {
  return int1(model_of(Vendor::intel), CoreState{}, request);
}

TEST(Int1, Works_in_every_mode_at_every_cpl) { // docs/debug-unit.md 5.4
  for (const Level& level : every_level())
    EXPECT_TRUE(is_int1_db(decided(in_mode(int1_instruction(), level.mode, level.cpl))));
}

TEST(Int1, Lock_is_ud) {
  for (const Level& level : every_level())
    EXPECT_TRUE(is_ud(
        decided(with_fault(in_mode(int1_instruction(), level.mode, level.cpl), Cause::lock_prefix)),
        Cause::lock_prefix));
}

// docs/vectors.md; before #UD: docs/debug-unit.md 5.1, rank 9
TEST(Int1, More_than_15_bytes_is_gp) {
  const Request request = with_fault(int1_instruction(), Cause::instruction_too_long);
  EXPECT_TRUE(is_gp0(decided(request), Cause::instruction_too_long));
  EXPECT_TRUE(
      is_gp0(decided(with_fault(request, Cause::lock_prefix)), Cause::instruction_too_long));
}

TEST(Int1, Is_redirected_at_any_cpl) { // 5.6
  for (const Level& level : every_level())
    EXPECT_TRUE(is_int1_db(
        decided(into_firmware(in_mode(int1_instruction(), level.mode, level.cpl))), true));
}

TEST(Int1, Dr6_intel_and_amd) { // 2.3, 10.3
  for (const Vendor vendor : {Vendor::intel, Vendor::amd}) {
    CoreState state = power_up(model_of(vendor));
    state.dr[6] = 0xFFFF0FF5;
    EXPECT_TRUE(is_int1_db(execute(model_of(vendor), state, int1_instruction()).outcome));
    EXPECT_EQ(state.dr[6], vendor == Vendor::intel ? 0xFFFF0FF0 : 0xFFFF0FF5);
  }
}

TEST(Int1, Carries_what_mov_ss_held_and_no_other) { // 5.3; the rest: mov_ss_shadow_test.cpp
  CoreState state;
  state.boundary.held = {3, only(Cause::held_trap)};
  state.boundary.single_step = true;
  EXPECT_TRUE(is_db(int1(model_of(Vendor::intel), state, int1_instruction()), OutcomeKind::trap,
                    Cause::int1, 3));
}

TEST(Int1, Is_not_stopped_by_general_detect) { // GD guards MOV DR only (3)
  CoreState state = power_up(model_of(Vendor::intel));
  state.dr[7] = 0x2400;
  EXPECT_TRUE(is_int1_db(execute(model_of(Vendor::intel), state, int1_instruction()).outcome));
  EXPECT_EQ(state.dr[6], 0xFFFF0FF0); // no BD
}

} // namespace
} // namespace icebp::test
