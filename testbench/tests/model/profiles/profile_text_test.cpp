#include <icebp/model/profiles/profile_text.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

std::string profile_error(const char* text) {
  return error_of([&] { profiles().named(text); });
}

// The list of every feature that a message ends with.
const std::string features = [] {
  std::string names;
  for (const auto& feature : name_table<Feature>)
    names.append(names.empty() ? "" : ", ").append(feature.name);
  return names;
}();

TEST(ProfileText, ANameIsTheNamedProfile) {
  for (const CpuProfile& profile : cpu_profiles)
    EXPECT_EQ(&profiles().named(profile.name), &profile);
}

TEST(ProfileText, MasksFeaturesOffAndAddsThem) {
  const CpuProfile& profile = profiles().named("intel-emerald-rapids,-rtm,-bus_lock_detect,+dbext");
  const CpuProfile& named = *find_cpu_profile("intel-emerald-rapids");
  EXPECT_EQ(profile.name, "intel-emerald-rapids,-rtm,-bus_lock_detect,+dbext");
  EXPECT_FALSE(profile.has(Feature::rtm) || profile.has(Feature::bus_lock_detect));
  EXPECT_TRUE(profile.has(Feature::dbext) && profile.has(Feature::la57));
  EXPECT_TRUE(named.has(Feature::rtm) && named.has(Feature::bus_lock_detect));
  EXPECT_EQ(profile.vendor, named.vendor);
  EXPECT_EQ(profile.physical_address_bits, named.physical_address_bits);
}

TEST(ProfileText, TheSameTextIsTheSameProfile) {
  const CpuProfile& first = profiles().named("amd-zen5,-nx");
  profiles().named("amd-zen5,-la57");
  EXPECT_EQ(&profiles().named(std::string("amd-zen5") + ",-nx"), &first);
  EXPECT_NE(&profiles().named("amd-zen5,-la57"), &first);
  EXPECT_EQ(cpu_of(first), cpu_of(profiles().named("amd-zen5,-nx")));
}

TEST(ProfileText, RefusesWhatItDoesNotKnow) {
  const std::string names =
      "; intel-core2, intel-sandybridge, intel-skylake, intel-sierra-forest, intel-emerald-rapids, "
      "amd-k8, amd-fam15h, amd-zen1, amd-zen4, amd-zen5, "
      "intel-pentium-m, intel-pentium4, intel-core-duo, intel-core2-t7600, "
      "intel-xeon-x5482, intel-atom-330, intel-pentium-n3530, intel-i7-2635qm, "
      "intel-i5-3570, intel-i7-3820qm, intel-i7-5600u, amd-athlon64-x2, "
      "amd-opteron-2384, amd-phenom2-x6, hygon-c86-7185, via-l4700, "
      "zhaoxin-kx-u5581, "
      "intel-max, amd-max";
  EXPECT_EQ(profile_error("i486"), "\"i486\" is not a profile" + names);
  EXPECT_EQ(profile_error("i486,-rtm"), "\"i486\" is not a profile" + names);
  EXPECT_EQ(profile_error(""), "\"\" is not a profile" + names);
  EXPECT_EQ(profile_error(",-rtm"), "\"\" is not a profile" + names);
  EXPECT_EQ(profile_error("amd-zen1,-tsx"), std::string("\"tsx\" is not a feature; ") + features);
  EXPECT_EQ(profile_error("amd-zen1,-"), std::string("\"\" is not a feature; ") + features);
  EXPECT_EQ(profile_error("amd-zen1,-RTM"),
            std::string("\"RTM\" is not a feature (did you mean rtm?); ") + features);
  const std::string sign = " does not say whether to add or to mask off a feature; +name, -name";
  EXPECT_EQ(profile_error("amd-zen1,rtm"), "\"rtm\"" + sign);
  EXPECT_EQ(profile_error("amd-zen1, -rtm"), "\" -rtm\"" + sign);
  EXPECT_EQ(profile_error("amd-zen1,,-rtm"), "\"\"" + sign);
  EXPECT_EQ(profile_error("amd-zen1,"), "\"\"" + sign);
  EXPECT_EQ(profile_error("amd-zen1,-nx,+nx"), "\"nx\" is given twice; once");
}

TEST(ProfileText, IsAProfileOfLinesAndOfScenarios) {
  EXPECT_EQ(read_with(R"("profile":"intel-skylake,-rtm")").profile,
            &profiles().named("intel-skylake,-rtm"));
  EXPECT_EQ(error_with(R"("profile":"intel-skylake,-x")"),
            std::string("/profile: \"x\" is not a feature; ") + features);
  EXPECT_EQ(error_with(R"("profile":7)").substr(0, 44),
            "/profile: 7 is not a profile; a string, inte");
}

// Table 2.2 of docs/debug-unit.md: DR6 after writing 0.
struct Dr6Case {
  const char* profile;
  std::uint64_t after_zero;
};

TEST(ProfileText, AMaskedFeatureFixesItsBitsOfDr6) {
  for (const Dr6Case& expected : {Dr6Case{"intel-emerald-rapids", 0xFFFE07F0},
                                  Dr6Case{"intel-emerald-rapids,-bus_lock_detect", 0xFFFE0FF0},
                                  Dr6Case{"intel-emerald-rapids,-rtm", 0xFFFF07F0},
                                  Dr6Case{"intel-emerald-rapids,-rtm,-bus_lock_detect", 0xFFFF0FF0},
                                  Dr6Case{"intel-skylake,+bus_lock_detect", 0xFFFE07F0}})
    EXPECT_EQ(
        run(std::string(R"({"id":1,"code":"0f 23 f0","profile":")") + expected.profile + "\"}")
            .after.state.dr[6],
        expected.after_zero)
        << expected.profile;
}

TEST(ProfileText, AMaskedFeatureTakesItsMsrAway) {
  const std::string read_ds_area = R"({"id":1,"code":"0f 32","gpr":{"rcx":"0x600"}})";
  EXPECT_EQ(run(read_ds_area).outcome, OutcomeKind::retired);
  const Answer masked =
      run(R"({"id":1,"code":"0f 32","gpr":{"rcx":"0x600"},"profile":"intel-skylake,-ds"})");
  EXPECT_EQ(masked.cause, Cause::msr_unknown);
}

} // namespace
} // namespace icebp
