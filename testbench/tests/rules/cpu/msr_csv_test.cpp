#include <icebp/testbench/tests/rules/oracles/msr_csv_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

const CpuModel& max_model(Vendor vendor) {
  static const CpuModel intel_max(*find_cpu_profile("intel-max"));
  static const CpuModel amd_max(*find_cpu_profile("amd-max"));
  return vendor == Vendor::intel ? intel_max : amd_max;
}

TEST(MsrTableCsv, Has_all_its_rows) { // 193; those of both vendors count twice
  EXPECT_EQ(csv_msrs(Vendor::intel).size() + csv_msrs(Vendor::amd).size(), 193u + 71u);
}

TEST(MsrTableCsv, Every_row_and_bit_on_the_max_profiles) {
  for (const Vendor vendor : vendors)
    for (const CsvMsr& row : csv_msrs(vendor))
      EXPECT_EQ(csv_mismatch(max_model(vendor), row), "")
          << vendor << ' ' << hex(row.index) << ' ' << row.name;
}

TEST(MsrTableCsv, Rows_of_one_vendor_are_absent_on_the_other) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = max_model(vendor == Vendor::intel ? Vendor::amd : Vendor::intel);
    for (const CsvMsr& row : csv_msrs(vendor)) {
      bool on_both = false;
      for (const CsvMsr& other : csv_msrs(cpu.profile.vendor))
        on_both = on_both || other.index == row.index;
      CoreState state = power_up(cpu);
      if (!on_both) {
        EXPECT_TRUE(is_gp0(execute(cpu, state, rdmsr_of(row.index)).outcome, Cause::msr_unknown))
            << vendor << ' ' << hex(row.index);
        EXPECT_TRUE(is_gp0(execute(cpu, state, wrmsr_of(row.index, 0)).outcome, Cause::msr_unknown))
            << vendor << ' ' << hex(row.index);
      }
    }
  }
}

// Registers beside the rows of the table: the rest of its ranges, and of x2APIC (SDM table 10-6).
struct Beside {
  Vendor vendor;
  std::uint32_t first, last;
};
constexpr Beside beside[] = {
    {Vendor::intel, 0x282, 0x29F}, {Vendor::intel, 0xC2, 0xC8},
    {Vendor::intel, 0x187, 0x18D}, {Vendor::intel, 0x30A, 0x30C},
    {Vendor::intel, 0x404, 0x47F}, {Vendor::amd, 0x404, 0x47F},
    {Vendor::intel, 0x481, 0x493}, {Vendor::intel, 0x681, 0x69F},
    {Vendor::intel, 0x6C1, 0x6DF}, {Vendor::intel, 0x803, 0x803},
    {Vendor::intel, 0x80A, 0x80A}, {Vendor::intel, 0x80D, 0x80D},
    {Vendor::intel, 0x80F, 0x828}, {Vendor::intel, 0x82F, 0x82F},
    {Vendor::intel, 0x832, 0x839}, {Vendor::intel, 0x83E, 0x83E},
    {Vendor::amd, 0x803, 0x803},   {Vendor::amd, 0x80A, 0x80A},
    {Vendor::amd, 0x80D, 0x80D},   {Vendor::amd, 0x80F, 0x828},
    {Vendor::amd, 0x82F, 0x82F},   {Vendor::amd, 0x832, 0x839},
    {Vendor::amd, 0x83E, 0x83E},   {Vendor::amd, 0xC0010018, 0xC0010018},
};

bool is_known(Vendor vendor, std::uint32_t index) {
  for (const CsvMsr& row : csv_msrs(vendor))
    if (row.index == index)
      return row.access != "absent";
  for (const Beside& range : beside)
    if (range.vendor == vendor && index >= range.first && index <= range.last)
      return true;
  return false;
}

TEST(MsrTableCsv, No_other_index_exists) {
  for (const Vendor vendor : vendors) {
    const MsrTable& table = max_model(vendor).msrs;
    for (const std::uint32_t window : {0x00000000u, 0x40000000u, 0x80000000u, 0xC0000000u,
                                       0xC0010000u, 0xC0020000u, 0xFFFF0000u})
      for (std::uint32_t low_half = 0; low_half < 0x10000; ++low_half)
        if (const bool present = table.find(window + low_half).present;
            present || low_half < 0x2000) {
          EXPECT_EQ(present, is_known(vendor, window + low_half))
              << vendor << ' ' << hex(window + low_half);
        }
    // An index that differs from a register's in one bit or by a window.
    for (const ResolvedMsr& msr : table)
      for (unsigned n = 13; n < 32; ++n)
        for (const std::uint32_t index : {msr.index ^ static_cast<std::uint32_t>(bit(n)),
                                          msr.index + static_cast<std::uint32_t>(bit(n)),
                                          msr.index - static_cast<std::uint32_t>(bit(n))})
          EXPECT_EQ(table.find(index).present, is_known(vendor, index)) << hex(index);
  }
}

TEST(MsrTableCsv, No_feature_brings_a_register_to_the_other_vendor) {
  for (const Vendor vendor : vendors) {
    CpuProfile everything = max_model(vendor).profile;
    for (const auto& feature : name_table<Feature>)
      everything.features = everything.features.with(feature.value);
    for (const ResolvedMsr& msr : MsrTable(everything))
      EXPECT_TRUE(is_known(vendor, msr.index)) << vendor << ' ' << hex(msr.index);
  }
}

// ---- Silicon: every cell, but for these

struct Excused {
  const char* cpu;
  std::uint32_t first, last;
  const char* reason;
};
constexpr const char* types = "memory types: a rule in the prober's code, not masks";
constexpr const char* other = "another register of this CPU at the index, undocumented";
constexpr Excused excused[] = {
    {"Intel_Core2_X6800_2_93GHz", 0x2F, 0x2F, other},
    {"Intel_Core2_X6800_2_93GHz", 0xCE, 0xCE, other},
    {"Intel_Core2_X6800_2_93GHz", 0xE1, 0xE1, other},
    {"Intel_Core2_X6800_2_93GHz", 0x1D3, 0x1D3, other},
    {"Intel_Core2_X6800_2_93GHz", 0x250, 0x277, types},
    {"Intel_Core_i7_3960X", 0x250, 0x277, types},
    {"Intel_Core_i7_3960X", 0x6E0, 0x6E0, "probed with the timer's LVT not in deadline mode"},
    {"Intel_Core_i7_3960X", 0xD90, 0xD93, other},
    {"AMD_Athlon_64_3200", 0x250, 0x277, types},
    {"AMD_Athlon_64_3200", 0xC0010114, 0xC001011B, "before SVM: other registers at its indices"},
    {"AMD_FX_8150_Eight_Core", 0x250, 0x277, types},
    {"Intel_Core_i7_6700K", 0x3B, 0x3B,
     "TSC_ADJUST, unknown to the prober: writes taken for ignored"},
    {"Intel_Core_i7_6700K", 0x250, 0x277, types},
    {"Intel_Core_i7_6700K", 0x6E0, 0x6E0, "probed with the timer's LVT not in deadline mode"},
    {"AMD_Ryzen_7_1800X_Eight_Core", 0x49, 0x49, "taken for K8's LASTBRANCH_9: no masks probed"},
    {"AMD_Ryzen_7_1800X_Eight_Core", 0x250, 0x277, types},
    {"AMD_Ryzen_7_1800X_Eight_Core", 0x2FF, 0x2FF,
     "left out of the dump: all CPUs with MTRRs have it"},
};

bool is_excused(const SiliconMsr& cell) {
  for (const Excused& one : excused)
    if (one.cpu == cell.cpu && cell.index >= one.first && cell.index <= one.last)
      return true;
  return false;
}

struct Probed {
  const char* profile;
  const char* cpu;
};
constexpr Probed probed[] = {
    {"intel-core2", "Intel_Core2_X6800_2_93GHz"},
    {"intel-sandybridge", "Intel_Core_i7_3960X"},
    {"amd-k8", "AMD_Athlon_64_3200"},
    {"amd-fam15h", "AMD_FX_8150_Eight_Core"},
    {"intel-skylake", "Intel_Core_i7_6700K"},
    {"amd-zen1", "AMD_Ryzen_7_1800X_Eight_Core"},
};

TEST(MsrSilicon, Every_cell_of_the_probed_cpus) {
  for (const auto& [profile, name] : probed) {
    const CpuModel cpu(*find_cpu_profile(profile));
    const std::vector<SiliconMsr> cells = silicon_msrs(name);
    EXPECT_EQ(cells.size(), 179u);
    for (const SiliconMsr& cell : cells) {
      SCOPED_TRACE(std::string(profile) + " " + hex(cell.index));
      const std::string mismatch = silicon_mismatch(cpu, cell);
      if (is_excused(cell))
        EXPECT_NE(mismatch, "") << "needs no excuse";
      else
        EXPECT_EQ(mismatch, "");
    }
  }
}

} // namespace
} // namespace icebp::test
