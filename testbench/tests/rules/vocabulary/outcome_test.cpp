#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

TEST(Outcome, Faults) {
  EXPECT_TRUE(is_ud(invalid_opcode(Cause::rex_r), Cause::rex_r));
  EXPECT_TRUE(is_gp0(general_protection(Cause::cpl), Cause::cpl));
}

TEST(Outcome, Retired) {
  EXPECT_TRUE(is_retired(retired()));
  EXPECT_TRUE(is_retired(retired(every_bit), every_bit));
}

// docs/debug-unit.md 5.8: the address where the core goes on is nobody's value.
TEST(Outcome, Of_an_aborted_rtm_region) {
  const Outcome aborted = rtm_aborted(0x900, 0x10);
  EXPECT_EQ(aborted.kind, OutcomeKind::retired);
  EXPECT_EQ(aborted.data, 0x900u);
  EXPECT_EQ(aborted.value(), 0u);
  EXPECT_TRUE(aborted.aborts_rtm() && !aborted.completes());
  EXPECT_TRUE(retired().completes() && !retired().aborts_rtm());
}

TEST(Outcome, Debug_exceptions) {
  EXPECT_TRUE(is_gd_db(debug_exception(OutcomeKind::fault, Cause::general_detect, 0x2000, false)));
  EXPECT_TRUE(is_int1_db(debug_exception(OutcomeKind::trap, Cause::int1, 0, true), true));
}

// Seed 002: a #PF has both, a #DB a payload and never an error code, all else no payload.
TEST(Outcome, Error_code_and_payload_by_vector) {
  const struct {
    Vector vector;
    std::optional<std::uint32_t> error_code;
    std::optional<u64> payload;
  } rows[] = {{Vector::db, std::nullopt, 9},
              {Vector::ud, std::nullopt, std::nullopt},
              {Vector::gp, 0, std::nullopt}, // always 0 here
              {Vector::pf, 7, 9},
              {Vector::none, std::nullopt, std::nullopt}};
  for (const auto& row : rows) {
    SCOPED_TRACE(name_of(row.vector));
    Outcome outcome;
    outcome.kind = OutcomeKind::fault;
    outcome.vector = row.vector;
    outcome.code = 7;
    outcome.data = 9;
    EXPECT_EQ(outcome.error_code(), row.error_code);
    EXPECT_EQ(outcome.payload(), row.payload);
    EXPECT_EQ(outcome.value(), 0U);
  }
}

TEST(CauseSet, One_bit_each) {
  for (const auto& one : name_table<Cause>)
    for (const auto& other : name_table<Cause>) {
      EXPECT_EQ(contains(only(one.value), other.value), one.value == other.value);
      EXPECT_EQ(contains(only_if(true, one.value), other.value), one.value == other.value);
      EXPECT_FALSE(contains(only_if(false, one.value), other.value));
    }
}

} // namespace
} // namespace icebp::test
