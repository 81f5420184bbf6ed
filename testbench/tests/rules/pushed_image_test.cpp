#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

TEST(ReturnAddress, The_instruction_or_the_next) { // vectors.md, `rip`
  EXPECT_EQ(return_address(OutcomeKind::fault, 0x1000, 3, true), 0x1000u);
  EXPECT_EQ(return_address(OutcomeKind::exit, 0x1000, 3, true), 0x1000u);
  EXPECT_EQ(return_address(OutcomeKind::trap, 0x1000, 1, true), 0x1001u);
  EXPECT_EQ(return_address(OutcomeKind::retired, 0x1000, 2, true), 0x1002u);
}

TEST(ReturnAddress, Eip_wraps_at_32_bits) {
  EXPECT_EQ(return_address(OutcomeKind::retired, 0xFFFFFFFE, 3, false), 1u);
  EXPECT_EQ(return_address(OutcomeKind::retired, 0xFFFFFFFE, 3, true), 0x100000001u);
  EXPECT_EQ(return_address(OutcomeKind::trap, 0xFFFFFFFF, 1, false), 0u);
  EXPECT_EQ(return_address(OutcomeKind::fault, 0xFFFFFFFE, 3, false), 0xFFFFFFFE);
  EXPECT_EQ(return_address(OutcomeKind::retired, 0xFFFFFFFFFFFFFFFE, 2, true), 0u);
}

Outcome outcome(OutcomeKind kind, Vector vector, Cause cause) {
  Outcome out;
  out.kind = kind;
  out.vector = vector;
  out.cause = cause;
  return out;
}

// debug-unit.md 4.5, vectors.md `rf`: RF as given -> RF pushed.
struct Pushed {
  OutcomeKind kind;
  Vector vector;
  Cause cause;
  bool if_clear, if_set;
};
constexpr Pushed pushed[] = {
    {OutcomeKind::fault, Vector::gp, Cause::cpl, true, true},
    {OutcomeKind::fault, Vector::ud, Cause::lock_prefix, true, true},
    {OutcomeKind::fault, Vector::pf, Cause::page_fault, true, true},
    {OutcomeKind::fault, Vector::gp, Cause::general_detect, true, true}, // firmware injects #GP
    {OutcomeKind::fault, Vector::db, Cause::general_detect, false, true},
    {OutcomeKind::fault, Vector::db, Cause::instruction_breakpoint, false, false},
    {OutcomeKind::trap, Vector::db, Cause::int1, false, false},
    {OutcomeKind::trap, Vector::db, Cause::single_step, false, false},
    {OutcomeKind::retired, Vector::none, Cause::none, false, false}, // nothing is pushed
};

TEST(PushedRf, By_exception) {
  for (const Pushed& row : pushed) {
    SCOPED_TRACE(name_of(row.cause));
    EXPECT_EQ(pushed_rf(intel(), outcome(row.kind, row.vector, row.cause), false), row.if_clear);
    EXPECT_EQ(pushed_rf(intel(), outcome(row.kind, row.vector, row.cause), true), row.if_set);
  }
}

TEST(PushedRf, Gd_sets_rf_in_the_manuals) { // quirk gd_rf, 13
  CpuProfile manual = intel();
  manual.quirks.gd_sets_rf = true;
  const auto db = [](Cause cause) { return outcome(OutcomeKind::fault, Vector::db, cause); };
  EXPECT_TRUE(pushed_rf(manual, db(Cause::general_detect), false));
  EXPECT_TRUE(pushed_rf(manual, db(Cause::general_detect), true));
  EXPECT_FALSE(pushed_rf(manual, db(Cause::instruction_breakpoint), true));
}

} // namespace
} // namespace icebp::test
