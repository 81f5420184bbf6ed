// Registers and masks that follow from a CPU's features, counts and physical address width, derived
// anew (mask_oracle.h) and compared with what the profile has, and with the probe of the CPU.

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/tests/rules/oracles/mask_oracle.h>
#include <icebp/testbench/tests/rules/oracles/msr_csv_oracle.h>
#include <icebp/testbench/tests/rules/oracles/profile_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace icebp::test {
namespace {

using Registers = std::map<std::uint32_t, RegisterFacts>;

std::string mismatch(const ResolvedMsr& msr, const RegisterFacts& facts) {
  if ((msr.present && msr.in_catalogue) != facts.present)
    return facts.present ? "is absent" : "is present";
  if (!facts.present || !facts.masks)
    return "";
  const auto& [writable, gp, judged] = *facts.masks;
  if ((((msr.writable ^ writable) | (msr.gp ^ gp)) & judged) == 0)
    return "";
  return "writable " + hex(msr.writable) + " gp " + hex(msr.gp) + ", not " + hex(writable) +
         " and " + hex(gp);
}

// The CPU as the catalogue makes it of its features and counts alone.
CpuProfile by_catalogue(const CpuProfile& profile) {
  CpuProfile stripped = profile;
  stripped.msrs = nullptr;
  return stripped;
}

CpuFacts by_catalogue(CpuFacts facts) {
  facts.counter_bits = 48; // narrower ones are found by the probe
  return facts;
}

void expect_agreement(const CpuProfile& profile, const CpuFacts& facts, const std::string& what) {
  const MsrTable table(profile);
  for (const auto& [index, of_register] : registers_by(facts))
    EXPECT_EQ(mismatch(table.find(index), of_register), "")
        << profile.name << ' ' << what << ' ' << hex(index);
}

// ---- What CPUs have otherwise, by the probe: nothing else may contradict

struct Otherwise {
  std::string_view profiles;
  std::uint32_t first, last;
  const char* reason;
};
constexpr const char* t7600 = "a dump made by reading, which left much out";
constexpr const char* by_model = "before architectural masks: by model";
constexpr Otherwise otherwise[] = {
    // clang-format off
    {"intel-core2-t7600", 0x1B, 0x1B, t7600},
    {"intel-core2-t7600", 0x1D9, 0x1D9, t7600},
    {"intel-core2-t7600", 0x200, 0x2FF, t7600},
    {"intel-core2-t7600", 0x400, 0x417, t7600},
    {"intel-core2-t7600", 0x480, 0x48A, t7600},
    {"intel-pentium-m intel-pentium4 intel-core-duo intel-core2 via-l4700 zhaoxin-kx-u5581", 0x1B, 0x1B, "bits 10:9 are dropped"},
    {"intel-atom-330", 0x1B, 0x1B, "bases have 32 bits, as no memory lies above"},
    {"intel-atom-330", 0x200, 0x20F, "bases have 32 bits, as no memory lies above"},
    {"intel-pentium-m", 0x200, 0x20F, "bits 35:32 are dropped"},
    {"intel-pentium-m intel-core-duo intel-core2 intel-xeon-x5482", 0x33, 0x33, by_model},
    {"intel-pentium4 via-l4700 zhaoxin-kx-u5581", 0x33, 0x33, "not there"},
    {"intel-core-duo intel-core2 via-l4700 zhaoxin-kx-u5581", 0x186, 0x187, "reserved bits are dropped"},
    {"intel-core2 via-l4700 zhaoxin-kx-u5581", 0x309, 0x30B, "reserved bits are dropped"},
    {"intel-core2 intel-xeon-x5482 intel-core-duo", 0x1C9, 0x1C9, "the place moved while it was probed"},
    {"intel-pentium-m", 0x1C9, 0x1C9, "not tried to be written"},
    {"intel-pentium-m intel-pentium4 intel-core-duo intel-core2 intel-xeon-x5482 intel-atom-330 intel-pentium-n3530 via-l4700 zhaoxin-kx-u5581", 0x1D9, 0x1D9, by_model},
    {"intel-xeon-x5482", 0x1F2, 0x1F3, "Core 2 has its SMRRs at A0h"},
    {"intel-core2 intel-xeon-x5482 via-l4700 zhaoxin-kx-u5581", 0x38D, 0x38D, "no any-thread bits before version 3; some drop"},
    {"intel-core2 intel-xeon-x5482 via-l4700 zhaoxin-kx-u5581", 0x38F, 0x38F, "the dump tells no masks"},
    {"intel-core2 intel-xeon-x5482 via-l4700 zhaoxin-kx-u5581", 0x390, 0x390, "all dropped, or read-only"},
    {"intel-pentium-n3530", 0x390, 0x390, "no uncore"},
    {"intel-core2 intel-xeon-x5482 intel-atom-330 intel-pentium-n3530", 0x3F1, 0x3F1, "the first counter alone"},
    {"intel-sandybridge intel-i7-2635qm intel-i7-3820qm intel-i5-3570", 0x3F1, 0x3F1, "bit 63, precise store"},
    {"intel-pentium4", 0x3F1, 0x3F1, by_model},
    {"intel-pentium-m intel-core-duo via-l4700 zhaoxin-kx-u5581", 0x3F1, 0x3F1, "not there, or ignored"},
    {"intel-core-duo", 0xC0000080, 0xC0000080, "LMA is stored, without long mode"},
    {"via-l4700 zhaoxin-kx-u5581", 0xC0000080, 0xC0000080, "bit 13 is stored"},
    {"amd-zen1", 0xC0010117, 0xC0010117, "encryption took address bits, and memory ends"},
    {"hygon-c86-7185", 0x41C, 0x45B, "banks that MCG_CAP counts and that do not answer"},
    // clang-format on
};

const Otherwise* exception_of(std::string_view profile, std::uint32_t index) {
  for (const Otherwise& row : otherwise)
    if (has_word(row.profiles, profile) && row.first <= index && index <= row.last)
      return &row;
  return nullptr;
}

// The profile has this from the dump of its CPU, and not from the catalogue.
bool is_probed(const CpuProfile& profile, const ResolvedMsr& msr) {
  return !msr.present || !msr.in_catalogue || msr.source == msrs_of(profile).source;
}

TEST(MsrMasks, Follow_counts_features_and_probe) {
  std::set<const Otherwise*> met;
  for (const CpuProfile& profile : cpu_profiles) {
    const MsrTable table(profile);
    for (const auto& [index, facts] : registers_by(facts_of(profile.name))) {
      const ResolvedMsr& msr = table.find(index);
      const std::string what = mismatch(msr, facts);
      const Otherwise* exception = what.empty() ? nullptr : exception_of(profile.name, index);
      EXPECT_TRUE(what.empty() || exception) << profile.name << ' ' << hex(index) << ' ' << what;
      EXPECT_TRUE(!exception || is_probed(profile, msr)) << profile.name << ' ' << hex(index);
      met.insert(exception);
    }
  }
  for (const Otherwise& row : otherwise)
    EXPECT_EQ(met.count(&row), 1u) << row.profiles << ' ' << hex(row.first) << " is as it follows";
}

// The dump itself against what follows: #GP and dropped bits. Left out are registers whose masks a
// probe cannot see: they count meanwhile, or stand for others.
bool hides_masks(std::uint32_t index) {
  return (index >= 0xC1 && index <= 0xC8) || (index >= 0x309 && index <= 0x30C) ||
         (index >= 0x400 && index <= 0x47F) || (index >= 0x800 && index <= 0x8FF);
}

TEST(MsrMasks, Of_the_probe_follow_counts_and_features) {
  std::size_t compared = 0;
  for (const ProbedCpu& cpu : probed_cpus) {
    const Registers registers = registers_by(facts_of(cpu.profile));
    for (const SiliconMsr& row : silicon_msrs(cpu.cpu)) {
      const auto found = registers.find(row.first);
      if (row.access != "rw" || found == registers.end() || !found->second.present || // its own
          !found->second.masks || hides_masks(row.first) || exception_of(cpu.profile, row.first))
        continue;
      const auto& [writable, gp, judged] = *found->second.masks;
      EXPECT_EQ(row.gp & judged, gp & judged) << cpu.cpu << ' ' << hex(row.first);
      EXPECT_EQ(row.ignored & judged, ~(writable | gp) & judged)
          << cpu.cpu << ' ' << hex(row.first);
      ++compared;
    }
  }
  EXPECT_GT(compared, 500u);
}

// ---- Without what was probed

TEST(MsrMasks, Of_the_catalogue_follow_on_every_profile) {
  for (const CpuProfile& profile : cpu_profiles)
    expect_agreement(by_catalogue(profile), by_catalogue(facts_of(profile.name)), "");
}

constexpr const char* bases[] = {"intel-core2", "intel-skylake", "intel-emerald-rapids",
                                 "intel-max",   "amd-zen1",      "amd-zen5",
                                 "amd-max"};

TEST(MsrMasks, Follow_each_feature) {
  for (const char* base : bases)
    for (const auto& [feature, name] : name_table<Feature>) {
      if (feature == Feature::msr) // then there is no register at all
        continue;
      CpuFacts facts = by_catalogue(facts_of(base));
      CpuProfile profile = by_catalogue(*find_cpu_profile(base));
      const bool had = facts.features.erase(std::string(name)) != 0;
      if (!had)
        facts.features.emplace(name);
      profile = with_if(!had, profile, feature);
      expect_agreement(profile, facts, (had ? "without " : "with ") + std::string(name));
    }
}

TEST(MsrMasks, Follow_the_physical_address_width) {
  for (const char* base : bases)
    for (const unsigned width : {32u, 36u, 45u, 48u, 52u}) {
      CpuFacts facts = by_catalogue(facts_of(base));
      CpuProfile profile = by_catalogue(*find_cpu_profile(base));
      facts.width = width;
      profile.physical_address_bits = static_cast<std::uint8_t>(width);
      expect_agreement(profile, facts, std::to_string(width) + " bits");
    }
}

TEST(MsrMasks, Follow_each_count) {
  const struct {
    const char* name;
    unsigned CpuFacts::*fact;
    std::uint8_t MsrCounts::*count;
    unsigned most;
  } counts[] = {{"banks", &CpuFacts::banks, &MsrCounts::mca_banks, 32},
                {"pairs", &CpuFacts::mtrrs, &MsrCounts::mtrr_pairs, 10},
                {"ranges", &CpuFacts::trace_ranges, &MsrCounts::rtit_ranges, 4},
                {"entries", &CpuFacts::last_branches, &MsrCounts::lbr_entries, 32},
                {"counters", &CpuFacts::counters, &MsrCounts::counters, 8},
                {"fixed", &CpuFacts::fixed_counters, &MsrCounts::fixed_counters, 4}};
  for (const char* base : bases)
    for (const auto& row : counts)
      for (unsigned count = 0; count <= row.most; count += count < 4 ? 1 : 4) {
        CpuFacts facts = by_catalogue(facts_of(base));
        CpuProfile profile = by_catalogue(*find_cpu_profile(base));
        facts.*row.fact = count;
        profile.msr_counts.*row.count = static_cast<std::uint8_t>(count);
        expect_agreement(profile, facts, std::to_string(count) + ' ' + row.name);
      }
}

// SDM vol. 3 table 9-1 by Linux de120e1d692d: RESET enables the general counters.
TEST(MsrMasks, Reset_enables_the_general_counters) {
  const struct {
    const char* profile;
    std::uint32_t index;
    u64 reset;
  } rows[] = {{"intel-skylake", 0x38F, 0xF},
              {"intel-emerald-rapids", 0x38F, 0xFF},
              {"amd-zen5", 0xC0000301, 0x3F}};
  for (const auto& row : rows)
    EXPECT_EQ(MsrTable(*find_cpu_profile(row.profile)).find(row.index).reset, row.reset);
}

// ---- What capability registers tell

class Probe {
public:
  explicit Probe(const char* cpu) : rows_(silicon_msrs(cpu)) {}

  // Empty if the register is not there, or its value is not told.
  std::optional<u64> value(std::uint32_t index) const {
    for (const SiliconMsr& row : rows_)
      if (row.first <= index && index <= row.last)
        return row.value;
    return std::nullopt;
  }
  bool is_set(std::uint32_t index, unsigned n) const {
    return (value(index).value_or(0) >> n & 1) != 0;
  }

private:
  std::vector<SiliconMsr> rows_;
};

TEST(MsrMasks, Counts_and_features_are_those_that_the_probe_tells) {
  for (const ProbedCpu& cpu : probed_cpus) {
    const Probe probe(cpu.cpu);
    const CpuFacts facts = facts_of(cpu.profile);
    EXPECT_EQ(facts.banks, probe.value(0x179).value_or(0) & 0xFF) << cpu.cpu;
    EXPECT_EQ(facts.mtrrs, probe.value(0xFE).value_or(0) & 0xFF) << cpu.cpu;
    const struct {
      const char* feature;
      bool is_told;
    } features[] = {
        {"mcg_ctl", probe.is_set(0x179, 8)},
        {"cmci", probe.is_set(0x179, 10)},
        {"smrr", probe.is_set(0xFE, 11)},
        {"full_width_pmc", probe.is_set(0x345, 13)},
        {"pebs_baseline", probe.is_set(0x345, 14)},
        {"vmx_true_ctls", probe.is_set(0x480, 55)},
        {"vmx_secondary", probe.is_set(0x482, 63)},
        {"ept_vpid", probe.is_set(0x48B, 33) || probe.is_set(0x48B, 37)},
        {"vmfunc", probe.is_set(0x48B, 45)},
        {"vmx_tertiary", probe.is_set(0x482, 49)},
        {"vmx_exit_ctls2", probe.is_set(0x483, 63)},
    };
    for (const auto& row : features)
      EXPECT_EQ(facts.has(row.feature), row.is_told) << cpu.cpu << ' ' << row.feature;
  }
}

TEST(MsrMasks, Capability_registers_read_what_the_probe_read) {
  std::size_t compared = 0;
  for (const ProbedCpu& cpu : probed_cpus) {
    const Probe probe(cpu.cpu);
    const CpuModel model(*find_cpu_profile(cpu.profile));
    CoreState state = power_up(model);
    for (const std::uint32_t index :
         {0xFEu, 0x179u, 0x345u, 0x480u, 0x481u, 0x482u, 0x483u, 0x484u, 0x48Bu, 0x48Cu, 0x491u})
      if (const std::optional<u64> value = probe.value(index)) {
        EXPECT_EQ(read_msr(model, state, index), *value) << cpu.cpu << ' ' << hex(index);
        ++compared;
      }
  }
  EXPECT_GT(compared, 100u);
}

} // namespace
} // namespace icebp::test
