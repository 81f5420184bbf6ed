#include <icebp/model/profiles/profile_text.h>
#include <icebp/testbench/tests/model/profiles/profile_file_support.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace icebp {
namespace {

struct Derived {
  explicit Derived(const std::string& more, const std::string& from = "intel-skylake")
      : file(derived(more, from)), cpu(std::make_shared<CpuModel>(file.profile())) {}

  const CpuProfile& profile() const { return file.profile(); }
  Answer run(const std::string& keys) const {
    return run_line(read(R"({"id":1,)" + keys + "}"), cpu);
  }
  Answer read_msr(const std::string& index) const {
    return run(R"("code":"0f 32","gpr":{"rcx":")" + index + "\"}");
  }
  Answer write_msr(const std::string& index, std::uint64_t value) const {
    return run(R"("code":"0f 30","gpr":{"rcx":")" + index +
               "\",\"rdx\":" + std::to_string(value >> 32) +
               ",\"rax\":" + std::to_string(value & 0xFFFFFFFF) + "}");
  }
  std::uint64_t value_of_msr(const std::string& index) const {
    const Answer answer = read_msr(index);
    EXPECT_EQ(answer.outcome, OutcomeKind::retired) << index;
    const auto gpr = json_of(answer)["gpr"];
    const auto half = [&](const char* reg) {
      return gpr.contains(reg) ? std::stoull(gpr[reg].get<std::string>(), nullptr, 16) : 0;
    };
    return half("rdx") << 32 | half("rax");
  }

  ProfileFile file;
  std::shared_ptr<const CpuModel> cpu;
};

// ---- What a file derives

TEST(ProfileFile, WithoutMoreIsTheProfileItIsFrom) {
  const Derived cpu("");
  const CpuProfile& skylake = *find_cpu_profile("intel-skylake");
  EXPECT_EQ(cpu.profile().name, "my-cpu");
  EXPECT_EQ(cpu.profile().evidence, "derived from intel-skylake");
  EXPECT_EQ(cpu.profile().vendor, Vendor::intel);
  EXPECT_EQ(cpu.profile().physical_address_bits, 39);
  for (const ResolvedMsr& msr : MsrTable(skylake)) {
    const ResolvedMsr& same = cpu.cpu->msrs.find(msr.index);
    EXPECT_TRUE(same.present && same.writable == msr.writable && same.gp == msr.gp &&
                same.reset == msr.reset && same.slot == msr.slot)
        << msr.name;
  }
}

TEST(ProfileFile, HasASource) {
  EXPECT_EQ(Derived(R"("source":"our RTL, rev B")").profile().evidence, "our RTL, rev B");
}

TEST(ProfileFile, ChangesFeatures) {
  const Derived cpu(R"("features":["-rtm","+la57"])", "intel-skylake,-mpx");
  EXPECT_FALSE(cpu.profile().has(Feature::rtm) || cpu.profile().has(Feature::mpx));
  EXPECT_TRUE(cpu.profile().has(Feature::la57) && cpu.profile().has(Feature::sdbg));
  // Table 2.2 of docs/debug-unit.md: DR6 after 0 on a CPU without RTM and bus lock detection.
  EXPECT_EQ(cpu.run(R"("code":"0f 23 f0")").after.state.dr[6], 0xFFFF0FF0u);
  EXPECT_EQ(cpu.write_msr("0xc0000082", 0xFF000000000000).outcome, OutcomeKind::retired); // 57 bits
}

TEST(ProfileFile, SetsPhysicalAddressBits) { // 46: APIC_BASE[45] may be written, [46] is #GP
  const Derived cpu(R"("physical_address_bits":46)");
  EXPECT_EQ(cpu.write_msr("0x1b", 0x2000FEE00900).outcome, OutcomeKind::retired);
  EXPECT_EQ(cpu.write_msr("0x1b", 0x4000FEE00900).cause, Cause::msr_reserved_bits);
}

TEST(ProfileFile, SetsCounts) {
  const Derived cpu(R"("counts":{"mca_banks":12,"mtrr_pairs":9,"rtit_ranges":1,
                       "lbr_entries":8,"counters":3,"fixed_counters":2})");
  const struct {
    const char *last, *behind;
  } ends[] = {{"0x42f", "0x430"}, {"0x211", "0x212"}, {"0x581", "0x582"},
              {"0x687", "0x688"}, {"0xc3", "0xc4"},   {"0x30a", "0x30b"}};
  for (const auto& [last, behind] : ends) {
    EXPECT_EQ(cpu.read_msr(last).outcome, OutcomeKind::retired) << last;
    EXPECT_EQ(cpu.read_msr(behind).cause, Cause::msr_unknown) << behind;
  }
  EXPECT_EQ(cpu.value_of_msr("0x179"), 0xC0Cu); // MCG_CAP of the i7-6700K, with 12 banks
}

TEST(ProfileFile, SetsDepthsOfLastBranches) { // a bit for 8 records each
  const Derived cpu(R"("features":["+arch_lbr"],"counts":{"lbr_depths":5})");
  EXPECT_EQ(cpu.write_msr("0x14cf", 8).outcome, OutcomeKind::retired);
  EXPECT_EQ(cpu.write_msr("0x14cf", 24).outcome, OutcomeKind::retired);
  EXPECT_EQ(cpu.write_msr("0x14cf", 16).cause, Cause::msr_value);
}

TEST(ProfileFile, CountsGoUpToTheirMost) {
  const Derived cpu(R"("counts":{"mca_banks":32,"mtrr_pairs":10,"rtit_ranges":4,
                       "lbr_entries":32,"counters":8,"fixed_counters":4})");
  for (const char* last : {"0x47f", "0x213", "0x587", "0x69f", "0xc8", "0x30c"})
    EXPECT_EQ(cpu.read_msr(last).outcome, OutcomeKind::retired) << last;
}

TEST(ProfileFile, SetsQuirks) { // RF of a general-detect #DB
  const std::string gd = R"("code":"0f 21 c3","dr7":"0x2400")";
  EXPECT_EQ(json_of(Derived("").run(gd))["rf"], 0);
  EXPECT_EQ(json_of(Derived(R"("quirks":{"gd_sets_rf":true})").run(gd))["rf"], 1);
  EXPECT_EQ(
      Derived(R"("quirks":{"string_granularity":"one_late"})").profile().quirks.string_granularity,
      StringGranularity::one_late);
}

TEST(ProfileFile, EveryQuirkByItsName) {
  const struct {
    const char* name;
    bool Quirks::*quirk;
  } names[] = {
      {"int1_keeps_b", &Quirks::int1_keeps_b},
      {"bld_writable_needs_debugctl", &Quirks::bld_writable_needs_debugctl},
      {"efer_lma_flip_faults", &Quirks::efer_lma_flip_faults},
      {"disabled_breakpoints_set_b", &Quirks::disabled_breakpoints_set_b},
      {"mov_ss_inhibits_code_breakpoint", &Quirks::mov_ss_inhibits_code_breakpoint},
      {"traps_merge_with_code_breakpoint", &Quirks::traps_merge_with_code_breakpoint},
      {"flush_cmd_drops_reserved_bits", &Quirks::flush_cmd_drops_reserved_bits},
  };
  for (const auto& [name, quirk] : names)
    for (const bool value : {false, true}) {
      const Derived cpu("\"quirks\":{\"" + std::string(name) +
                        "\":" + (value ? "true}" : "false}"));
      EXPECT_EQ(cpu.profile().quirks.*quirk, value) << name;
    }
  const struct {
    const char* name;
    bool AuthorityQuirks::*quirk;
  } of_authority[] = {
      {"other_db_sets_rtm", &AuthorityQuirks::other_db_sets_rtm},
      {"gd_sets_rf", &AuthorityQuirks::gd_sets_rf},
      {"fault_drops_held_traps", &AuthorityQuirks::fault_drops_held_traps},
      {"init_keeps_apic_base", &AuthorityQuirks::init_keeps_apic_base},
  };
  for (const auto& [name, quirk] : of_authority)
    for (const bool value : {false, true}) {
      const Derived cpu("\"quirks\":{\"" + std::string(name) +
                        "\":" + (value ? "true}" : "false}"));
      EXPECT_EQ(cpu.profile().authority->quirks.*quirk, value) << name;
    }
}

TEST(ProfileFile, OrdersTheChecksOfMovDr) { // as AMD: the privilege check before general detect
  const std::string gd_at_cpl_3 = R"("code":"0f 21 c3","dr7":"0x2400","cpl":3)";
  EXPECT_EQ(Derived("").run(gd_at_cpl_3).cause, Cause::general_detect);
  const Derived cpu(R"("mov_dr_ladder":["instruction_too_long","lock_prefix","rex_r","dr45_with_de",
                       "cpl","general_detect","reserved_upper_half","intercept"])");
  EXPECT_EQ(cpu.run(gd_at_cpl_3).cause, Cause::cpl);
}

// ---- Registers of the catalogue

TEST(ProfileFile, OverridesMasksAndResetValue) {
  const Derived cpu(
      R"("msrs":{"0x1a0":{"writable":"0x9","gp":"0xffffffff00000000","reset":"0x1"}})");
  EXPECT_EQ(cpu.value_of_msr("0x1a0"), 1u);
  EXPECT_EQ(json_of(cpu.write_msr("0x1a0", 0xFFFFFFFF))["msr"]["0x1a0"], "0x9");
  EXPECT_EQ(cpu.write_msr("0x1a0", 0x100000000).cause, Cause::msr_reserved_bits);
}

// the rest is the i7-6700K's: testbench/oracle/msr-silicon-all.csv
TEST(ProfileFile, OverridesOnlyWhatIsGiven) {
  const Derived reset_only(R"("msrs":{"0x1a0":{"reset":"0x850088"}})");
  EXPECT_EQ(reset_only.value_of_msr("0x1a0"), 0x850088u);
  EXPECT_EQ(reset_only.write_msr("0x1a0", 0x2).cause, Cause::msr_reserved_bits);
  const Derived mask_only(R"("msrs":{"0x1a0":{"writable":"0x1"}})");
  EXPECT_EQ(mask_only.value_of_msr("0x1a0"), 0x850089u);
  EXPECT_EQ(json_of(mask_only.write_msr("0x1a0", 0x0))["msr"]["0x1a0"], "0x850088");
  EXPECT_EQ(mask_only.write_msr("0x1a0", 0x2).cause, Cause::msr_reserved_bits);
}

TEST(ProfileFile, TakesARegisterAwayAndGivesItBack) {
  EXPECT_EQ(Derived(R"("msrs":{"0x277":{"access":"absent"}})").read_msr("0x277").cause,
            Cause::msr_unknown);
  // The i7-3960X has no MISC_FEATURES_ENABLES (testbench/oracle/msr-silicon-all.csv).
  EXPECT_EQ(Derived("", "intel-sandybridge").read_msr("0x140").cause, Cause::msr_unknown);
  EXPECT_EQ(
      Derived(R"("msrs":{"0x140":{"access":"rw"}})", "intel-sandybridge").read_msr("0x140").outcome,
      OutcomeKind::retired);
}

TEST(ProfileFile, ChangesAccess) {
  EXPECT_EQ(
      Derived(R"("msrs":{"0x277":{"access":"ro"}})").write_msr("0x277", 0x7040600070406).cause,
      Cause::msr_read_only);
  EXPECT_EQ(Derived(R"("msrs":{"0x277":{"access":"wo"}})").read_msr("0x277").cause,
            Cause::msr_write_only);
}

TEST(ProfileFile, EachRegisterOfARangeIsGivenByItself) {
  const Derived cpu(R"("msrs":{"0x427":{"writable":"0xff","gp":"0xff00","reset":"0x5"}})");
  EXPECT_EQ(cpu.value_of_msr("0x427"), 5u); // IA32_MC9_MISC
  EXPECT_EQ(cpu.write_msr("0x427", 0x100).cause, Cause::msr_reserved_bits);
  for (const char* misc : {"0x403", "0x423"}) { // banks 0 and 8
    EXPECT_EQ(cpu.value_of_msr(misc), 0u) << misc;
    EXPECT_EQ(cpu.write_msr(misc, 0x100).cause, Cause::none) << misc;
  }
}

TEST(ProfileFile, RulesThatNoMaskTellsStay) {
  const Derived cpu(R"("msrs":{"0x277":{"gp":"0x0","writable":"0xffffffffffffffff"}})");
  EXPECT_EQ(cpu.write_msr("0x277", 0x2).cause, Cause::msr_value); // no such memory type
}

// ---- New registers

TEST(ProfileFile, AddsARegister) {
  const Derived cpu(R"("msrs":{"0x1ee":{"name":"MSR_POWER_CTL","writable":"0x2","gp":"0xff00",
                       "reset":"0x5"}})");
  EXPECT_EQ(cpu.value_of_msr("0x1ee"), 5u);
  EXPECT_EQ(json_of(cpu.write_msr("0x1ee", 0xFFFFFFFF000000FF))["msr"]["0x1ee"], "0x7");
  EXPECT_EQ(cpu.write_msr("0x1ee", 0x100).cause, Cause::msr_reserved_bits);
  EXPECT_EQ(cpu.cpu->msrs.find(0x1EE).name, "MSR_POWER_CTL");
}

TEST(ProfileFile, ANewRegisterTakesEveryValueIfNothingIsSaid) {
  const Derived cpu(R"("msrs":{"0x1ee":{"name":"X"}})");
  EXPECT_EQ(cpu.value_of_msr("0x1ee"), 0u);
  EXPECT_EQ(json_of(cpu.write_msr("0x1ee", 0xFFFFFFFFFFFFFFFF))["msr"]["0x1ee"],
            "0xffffffffffffffff");
}

TEST(ProfileFile, OfANewRegisterOneMaskGivesTheOther) {
  const Derived by_writable(R"("msrs":{"0x1ee":{"name":"X","writable":"0xf"}})");
  EXPECT_EQ(by_writable.write_msr("0x1ee", 0x10).cause, Cause::msr_reserved_bits);
  const Derived by_gp(R"("msrs":{"0x1ee":{"name":"X","gp":"0xffffffffffffff00"}})");
  EXPECT_EQ(json_of(by_gp.write_msr("0x1ee", 0xFF))["msr"]["0x1ee"], "0xff");
}

TEST(ProfileFile, NewRegistersThatAreReadOrWrittenOnly) {
  const Derived cpu(R"("msrs":{"0x1ee":{"name":"R","access":"ro","reset":"0x7"},
                       "0x1fd":{"name":"W","access":"wo"},"0x1fe":{"name":"S","access":"smm"}})");
  EXPECT_EQ(cpu.value_of_msr("0x1ee"), 7u);
  EXPECT_EQ(cpu.write_msr("0x1ee", 0x7).cause, Cause::msr_read_only);
  EXPECT_EQ(cpu.write_msr("0x1fd", 0x5).outcome, OutcomeKind::retired);
  EXPECT_EQ(cpu.read_msr("0x1fd").cause, Cause::msr_write_only);
  EXPECT_EQ(cpu.read_msr("0x1fe").outcome, OutcomeKind::retired);
  EXPECT_EQ(cpu.write_msr("0x1fe", 0x0).outcome, OutcomeKind::fault);
}

TEST(ProfileFile, InitKeepsANewRegisterOrResetsIt) {
  const Derived cpu(R"("msrs":{"0x1ee":{"name":"R","reset":"0x7","on_init":"reset"},
                       "0x1fd":{"name":"K"}})");
  CoreState state = cpu.cpu->at_power_up;
  for (const std::uint32_t index : {0x1EEu, 0x1FDu})
    state.msr[cpu.cpu->msrs.find(index).slot] = 3;
  init(cpu.cpu->msrs, state);
  EXPECT_EQ(state.msr[cpu.cpu->msrs.find(0x1EE).slot], 7u);
  EXPECT_EQ(state.msr[cpu.cpu->msrs.find(0x1FD).slot], 3u);
}

// ---- Files

class ProfileFiles : public testing::Test {
protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("icebp_profile_" +
       std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + '_' +
       std::to_string(getpid()));
};

TEST_F(ProfileFiles, StandWhereProfilesAreNamed) {
  const std::string path = write("my.json", derived(R"("features":["-ds"])"));
  const CpuProfile& profile = profiles().named(path);
  EXPECT_EQ(profile.name, "my-cpu");
  EXPECT_EQ(&profiles().named(path), &profile);
  EXPECT_EQ(read_with("\"profile\":\"" + path + "\"").profile, &profile);
  const CpuProfile& changed = profiles().named(path + ",-nx");
  EXPECT_EQ(changed.name, path + ",-nx");
  EXPECT_FALSE(changed.has(Feature::nx) || changed.has(Feature::ds));
  EXPECT_TRUE(profile.has(Feature::nx));
}

TEST_F(ProfileFiles, TellTheFileOfAnError) {
  const std::string path = write("my.json", derived("\n\"msrs\":{\"0x277\":{}}"));
  const std::string problem =
      path + ": line 2, /msrs/0x277: says nothing; name, access, writable, gp, reset, on_init";
  EXPECT_EQ(error_of([&] { profiles().named(path); }), problem);
  EXPECT_EQ(error_of([&] { profiles().named(path + ",-nx"); }), problem);
  EXPECT_EQ(error_with("\"profile\":\"" + path + "\""), "/profile: " + problem);
  write("my.json", derived(""));
  EXPECT_EQ(profiles().named(path).name, "my-cpu"); // an error is not kept
}

TEST_F(ProfileFiles, ThatCannotBeRead) {
  const std::string path = (folder_ / "none.json").string();
  EXPECT_EQ(error_of([&] { profiles().named(path); }),
            path + ": cannot be read: No such file or directory; name a profile's file");
  std::filesystem::create_directories(folder_ / "folder.json");
  const std::string folder = (folder_ / "folder.json").string();
  EXPECT_EQ(error_of([&] { profiles().named(folder); }),
            folder + ": is a folder; name a profile's file");
}

// What is no profile's file by its name is told so where it looks like a file, and what is one.
TEST_F(ProfileFiles, AnotherFile) {
  const std::string legal =
      " is not a profile's file; a file's name ends in .json; a profile is one of intel-core2, ";
  const auto begin_of_error = [&](const std::string& name) {
    return error_of([&] { profiles().named(name); }).substr(0, name.size() + 2 + legal.size());
  };
  const std::string folder = folder_.string();
  for (const std::string& name : {folder, std::string("cpu.txt"), std::string("none/cpu")})
    EXPECT_EQ(begin_of_error(name), '"' + name + '"' + legal);
  EXPECT_EQ(begin_of_error("i486").substr(0, 24), "\"i486\" is not a profile;");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  std::filesystem::create_directory("i486");
  EXPECT_EQ(begin_of_error("i486"), "\"i486\"" + legal);
  std::filesystem::create_directory("amd-zen1");
  EXPECT_EQ(profiles().named("amd-zen1").name, "amd-zen1");
  std::filesystem::current_path(before);
  EXPECT_EQ(error_of([&] { profiles().named(""); }).substr(0, 20), "\"\" is not a profile;");
}

TEST(ProfileFilesThatComeWithIt, AreWell) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ICEBP_PROFILES)) {
    EXPECT_FALSE(profiles().named(entry.path().string()).name.empty()) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 1u);
  const CpuProfile& guest = profiles().named(ICEBP_PROFILES "/hypervisor-guest.json");
  const auto cpu = std::make_shared<CpuModel>(guest);
  EXPECT_EQ(run_line(read(R"({"id":1,"code":"0f 23 f0"})"), cpu).after.state.dr[6],
            0xFFFF0FF0u); // no RTM
  EXPECT_EQ(run_line(read(R"({"id":1,"code":"0f 32","gpr":{"rcx":"0x40000002"}})"), cpu).outcome,
            OutcomeKind::retired);
}

} // namespace
} // namespace icebp
