#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/dr6.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp::test {
namespace {

TEST(CpuProfile, By_name) {
  ASSERT_NE(find_cpu_profile("intel-skylake"), nullptr);
  ASSERT_NE(find_cpu_profile("amd-zen1"), nullptr);
  EXPECT_EQ(intel().name, "intel-skylake");
  EXPECT_EQ(amd().name, "amd-zen1");
  EXPECT_EQ(find_cpu_profile("intel"), nullptr);
  EXPECT_EQ(find_cpu_profile(""), nullptr);
}

TEST(CpuProfile, Names_are_unique_and_every_profile_cites_its_evidence) {
  std::set<std::string_view> names;
  for (const CpuProfile& profile : cpu_profiles) {
    EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
    EXPECT_FALSE(profile.evidence.empty()) << profile.name;
  }
}

TEST(CpuProfile, Features) { // vectors.md, Profiles
  struct {
    Feature feature;
    bool skylake, zen1;
  } const rows[] = {
      {Feature::rtm, true, false},   {Feature::bus_lock_detect, false, false},
      {Feature::la57, false, false}, {Feature::ds, true, false},
      {Feature::pdcm, true, false},  {Feature::dbext, false, true},
      {Feature::rdtscp, true, true}, {Feature::sep, true, true},
      {Feature::nx, true, true},     {Feature::msr, true, true},
      {Feature::pat, true, true},    {Feature::syscall, true, true},
      {Feature::lm, true, true},
  };
  EXPECT_EQ(std::size(rows), name_table<Feature>.size());
  for (const auto& row : rows) {
    EXPECT_EQ(intel().has(row.feature), row.skylake) << row.feature;
    EXPECT_EQ(amd().has(row.feature), row.zen1) << row.feature;
  }
  EXPECT_EQ(intel().physical_address_bits, 39);
  EXPECT_EQ(amd().physical_address_bits, 48);
  EXPECT_EQ(intel().vendor, Vendor::intel);
  EXPECT_EQ(amd().vendor, Vendor::amd);
}

TEST(CpuProfile, Quirks_by_vendor) { // debug-unit.md 8.1, 11, 13; msr-block.md 6.3
  EXPECT_FALSE(intel().quirks.int1_keeps_b);
  EXPECT_TRUE(amd().quirks.int1_keeps_b);
  EXPECT_TRUE(intel().quirks.other_db_sets_rtm);
  EXPECT_TRUE(amd().quirks.other_db_sets_rtm);
  EXPECT_FALSE(intel().quirks.bld_writable_needs_debugctl);
  EXPECT_TRUE(amd().quirks.bld_writable_needs_debugctl);
  EXPECT_FALSE(intel().quirks.efer_lma_flip_faults);
  EXPECT_TRUE(amd().quirks.efer_lma_flip_faults);
  EXPECT_FALSE(intel().quirks.gd_sets_rf);
  EXPECT_FALSE(amd().quirks.gd_sets_rf);
}

TEST(CpuProfile, Dr6_after_writing_0) { // vectors.md, Profiles, last column but one
  EXPECT_EQ(dr6::legalise(intel(), 0, 0), 0xFFFE0FF0);
  EXPECT_EQ(dr6::legalise(amd(), 0, 0), 0xFFFF0FF0);
}

TEST(CpuProfile, Linear_address_width) { // msr-block.md 1.3
  EXPECT_EQ(intel().linear_address_bits(), 48u);
  EXPECT_EQ(with(intel(), Feature::la57).linear_address_bits(), 57u);
}

TEST(FeatureSet, With_and_without) {
  for (const auto& feature : name_table<Feature>)
    for (const auto& other : name_table<Feature>) {
      const bool same_feature = feature.value == other.value;
      EXPECT_EQ(FeatureSet().with(feature.value).has(other.value), same_feature);
      EXPECT_EQ(FeatureSet(feature.value).has(other.value), same_feature);
      EXPECT_EQ(FeatureSet(feature.value, other.value).without(feature.value).has(other.value),
                !same_feature);
    }
}

} // namespace
} // namespace icebp::test
