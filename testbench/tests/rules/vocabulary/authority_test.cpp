#include <icebp/model/rules/vocabulary/authority.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

using C = Cause;

// docs/debug-unit.md 10.1 rows 1 to 7, the length limit before them (5.1, rank 9).
constexpr Cause intel_order[] = {
    C::instruction_too_long, C::lock_prefix,    C::rex_r, C::intercept,
    C::dr45_with_de,         C::general_detect, C::cpl,   C::reserved_upper_half};
constexpr Cause amd_order[] = {C::instruction_too_long, C::lock_prefix, C::rex_r,
                               C::dr45_with_de,         C::cpl,         C::general_detect,
                               C::reserved_upper_half,  C::intercept};
// 11, "GD vs CPL, Intel": SDM pages.
constexpr Cause intel_documented_order[] = {
    C::instruction_too_long, C::lock_prefix, C::rex_r,          C::intercept,
    C::dr45_with_de,         C::cpl,         C::general_detect, C::reserved_upper_half};

template <std::size_t n>
void expect_order(const FaultLadder& ladder, const Cause (&order)[n]) {
  for (std::size_t strong = 0; strong < n; ++strong) {
    EXPECT_EQ(first_failing(ladder, only(order[strong])), order[strong]);
    for (std::size_t weak = strong + 1; weak < n; ++weak)
      EXPECT_EQ(first_failing(ladder, only(order[strong]) | only(order[weak])), order[strong])
          << order[strong] << " against " << order[weak];
  }
}

TEST(FaultLadder, Intel) { expect_order(intel_hardware.mov_dr_ladder, intel_order); }
TEST(FaultLadder, Amd) { expect_order(amd_hardware.mov_dr_ladder, amd_order); }
TEST(FaultLadder, Intel_as_documented) {
  expect_order(intel_manuals.mov_dr_ladder, intel_documented_order);
}

TEST(FaultLadder, Nothing_fails) {
  EXPECT_EQ(first_failing(intel_hardware.mov_dr_ladder, 0), Cause::none);
  EXPECT_EQ(first_failing(amd_hardware.mov_dr_ladder, 0), Cause::none);
  EXPECT_EQ(first_failing(intel_hardware.mov_dr_ladder, only(Cause::msr_unknown)), Cause::none);
}

} // namespace
} // namespace icebp
