#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/testbench/tests/rules/oracles/profile_oracle.h>
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

TEST(CpuProfile, Table_of_profiles) { // docs/profiles.md
  EXPECT_EQ(std::size(profile_datasheets) + std::size(probed_datasheets), cpu_profiles.count);
  for (const ProfileDatasheet& row : profile_datasheets) {
    SCOPED_TRACE(row.name);
    const CpuProfile* profile = find_cpu_profile(row.name);
    ASSERT_NE(profile, nullptr);
    EXPECT_EQ(profile->vendor, row.vendor);
    EXPECT_EQ(profile->physical_address_bits, row.physical_address_bits);
    for (const auto& feature : name_table<Feature>)
      EXPECT_EQ(profile->has(feature.value), row.has(feature.value)) << feature.name;
  }
}

TEST(CpuProfile, Table_of_the_other_probed_cpus) {
  for (const ProbedDatasheet& row : probed_datasheets) {
    SCOPED_TRACE(row.name);
    const CpuProfile* profile = find_cpu_profile(row.name);
    ASSERT_NE(profile, nullptr);
    EXPECT_EQ(profile->vendor, row.vendor);
    EXPECT_EQ(profile->physical_address_bits, row.physical_address_bits);
    for (const auto& feature : name_table<Feature>)
      EXPECT_EQ(profile->has(feature.value), has_word(row.features, feature.name)) << feature.name;
  }
}

TEST(CpuProfile, Behaviour_of_the_profiles) {
  for (const ProfileDatasheet& row : profile_datasheets)
    for (const std::string& mismatch :
         profile_mismatches(CpuModel(*find_cpu_profile(row.name)), row))
      ADD_FAILURE() << row.name << ": " << mismatch;
}

// AMD's gate on DR6[11], through MOV DR and WRMSR alone: docs/debug-unit.md 2.2.
TEST(CpuProfile, Amd_bld_through_wrmsr) {
  const CpuModel zen5(*find_cpu_profile("amd-zen5"));
  CoreState state = power_up(zen5);
  execute(zen5, state, write_dr(6, 0));
  EXPECT_TRUE(is_retired(execute(zen5, state, read_dr(6)).outcome, 0xFFFF0FF0));
  execute(zen5, state, wrmsr_of(0x1D9, 4));
  execute(zen5, state, write_dr(6, 0));
  EXPECT_TRUE(is_retired(execute(zen5, state, read_dr(6)).outcome, 0xFFFF07F0));
  execute(zen5, state, write_dr(6, 0x800));
  EXPECT_TRUE(is_retired(execute(zen5, state, read_dr(6)).outcome, 0xFFFF0FF0));
  execute(zen5, state, wrmsr_of(0x1D9, 0));
  execute(zen5, state, write_dr(6, 0)); // "software clears are ignored"
  EXPECT_TRUE(is_retired(execute(zen5, state, read_dr(6)).outcome, 0xFFFF0FF0));
}

// A hypervisor's view (lkml 2025-06-18): a feature masked off makes its bits fixed.
TEST(CpuProfile, Masked_features) {
  const CpuProfile& emerald_rapids = *find_cpu_profile("intel-emerald-rapids");
  const auto dr6_after_0 = [](const CpuProfile& profile) {
    const CpuModel cpu(profile);
    CoreState state = power_up(cpu);
    execute(cpu, state, write_dr(6, 0));
    return state.dr[6];
  };
  EXPECT_EQ(dr6_after_0(without(emerald_rapids, Feature::rtm)), 0xFFFF07F0);
  EXPECT_EQ(dr6_after_0(without(emerald_rapids, Feature::bus_lock_detect)), 0xFFFE0FF0);
  EXPECT_EQ(dr6_after_0(without(without(emerald_rapids, Feature::rtm), Feature::bus_lock_detect)),
            0xFFFF0FF0);
}

TEST(CpuProfile, Quirks_by_vendor) { // docs/debug-unit.md 8.1, 11, 13; docs/msr-block.md 6.3
  EXPECT_FALSE(intel().quirks.int1_keeps_b);
  EXPECT_TRUE(amd().quirks.int1_keeps_b);
  EXPECT_TRUE(intel().authority->quirks.other_db_sets_rtm);
  EXPECT_TRUE(amd().authority->quirks.other_db_sets_rtm);
  EXPECT_FALSE(intel().quirks.bld_writable_needs_debugctl);
  EXPECT_TRUE(amd().quirks.bld_writable_needs_debugctl);
  EXPECT_FALSE(intel().quirks.efer_lma_flip_faults);
  EXPECT_TRUE(amd().quirks.efer_lma_flip_faults);
  EXPECT_FALSE(intel().authority->quirks.gd_sets_rf);
  EXPECT_FALSE(amd().authority->quirks.gd_sets_rf);
  EXPECT_TRUE(intel().quirks.disabled_breakpoints_set_b); // 2.4
  EXPECT_FALSE(amd().quirks.disabled_breakpoints_set_b);
  EXPECT_TRUE(intel().quirks.mov_ss_inhibits_code_breakpoint); // 4.5
  EXPECT_FALSE(amd().quirks.mov_ss_inhibits_code_breakpoint);
  EXPECT_TRUE(intel().quirks.traps_merge_with_code_breakpoint); // 5.2
  EXPECT_TRUE(intel().quirks.flush_cmd_drops_reserved_bits); // of Skylake: kvm-unit-tests 13a12056
  EXPECT_FALSE(find_cpu_profile("intel-emerald-rapids")->quirks.flush_cmd_drops_reserved_bits);
  EXPECT_FALSE(amd().quirks.traps_merge_with_code_breakpoint);
  EXPECT_TRUE(intel().authority->quirks.fault_drops_held_traps); // 13
  EXPECT_TRUE(amd().authority->quirks.fault_drops_held_traps);
  EXPECT_TRUE(intel().authority->quirks.init_keeps_apic_base); // SDM vol. 3 10.12.5 beats Bochs
  EXPECT_TRUE(amd().authority->quirks.init_keeps_apic_base);
  EXPECT_EQ(intel().quirks.string_granularity, StringGranularity::blocks_of_64); // 4.4
  EXPECT_EQ(amd().quirks.string_granularity, StringGranularity::exact);
}

TEST(CpuProfile, Linear_address_width) { // docs/msr-block.md 1.3
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
