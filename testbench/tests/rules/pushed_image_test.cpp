#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

TEST(ReturnAddress, The_instruction_or_the_next) { // docs/vectors.md, `rip`
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

// docs/debug-unit.md 4.5, docs/vectors.md `rf`: RF as given -> RF pushed.
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

Request of(Operation operation, bool rf) { return with_rf(of_operation(operation), rf); }

TEST(PushedRf, By_exception) {
  for (const Pushed& row : pushed) {
    SCOPED_TRACE(name_of(row.cause));
    const Outcome raised = outcome(row.kind, row.vector, row.cause);
    EXPECT_EQ(pushed_rf(intel_hardware, of(Operation::end_of_instruction, false), raised),
              row.if_clear);
    EXPECT_EQ(pushed_rf(intel_hardware, of(Operation::end_of_instruction, true), raised),
              row.if_set);
  }
}

TEST(PushedRf, Gd_sets_rf_in_the_manuals) { // quirk gd_rf, 13
  Authority manual = intel_hardware;
  manual.quirks.gd_sets_rf = true;
  const auto rf = [&](Cause cause, bool before) {
    return pushed_rf(manual, of(Operation::mov_from_dr, before),
                     outcome(OutcomeKind::fault, Vector::db, cause));
  };
  EXPECT_TRUE(rf(Cause::general_detect, false));
  EXPECT_TRUE(rf(Cause::general_detect, true));
  EXPECT_FALSE(rf(Cause::instruction_breakpoint, true));
}

// 4.4, 4.5: 1 for a trap between iterations, whatever RF was; at every other boundary 0.
TEST(Section_4_5, rf_of_a_trap_is_1_between_iterations_only) {
  const Outcome trap = outcome(OutcomeKind::trap, Vector::db, Cause::data_breakpoint);
  for (const bool rf : {false, true}) {
    EXPECT_TRUE(pushed_rf(intel_hardware, of(Operation::end_of_iteration, rf), trap));
    EXPECT_FALSE(pushed_rf(intel_hardware, of(Operation::end_of_instruction, rf), trap));
    EXPECT_FALSE(pushed_rf(intel_hardware, of(Operation::fetch, rf), trap));
  }
}

TEST(Section_5_5, fred_event_data_is_the_payload) {
  Outcome db = outcome(OutcomeKind::trap, Vector::db, Cause::data_breakpoint);
  db.data = 0x4801; // positive polarity: BLD as a 1
  EXPECT_EQ(fred_event_data(db), 0x4801u);
  Outcome pf = outcome(OutcomeKind::fault, Vector::pf, Cause::page_fault);
  pf.data = 0xFFFF800012345678;
  EXPECT_EQ(fred_event_data(pf), 0xFFFF800012345678u);
  Outcome gp = outcome(OutcomeKind::fault, Vector::gp, Cause::cpl);
  gp.data = 0x1234;
  EXPECT_EQ(fred_event_data(gp), 0u);
}

} // namespace
} // namespace icebp::test
