#include <icebp/testbench/tests/rules/oracles/csv_oracle.h>
#include <icebp/testbench/tests/rules/oracles/msr_csv_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

const CpuModel& max_model(Vendor vendor) {
  static const CpuModel intel_max(*find_cpu_profile("intel-max"));
  static const CpuModel amd_max(*find_cpu_profile("amd-max"));
  return vendor == Vendor::intel ? intel_max : amd_max;
}

TEST(MsrTableCsv, Has_all_its_rows) { // 226; those of both vendors count twice
  EXPECT_EQ(csv_msrs(Vendor::intel).size() + csv_msrs(Vendor::amd).size(), 226u + 72u);
}

TEST(MsrTableCsv, Every_row_and_bit_on_the_max_profiles) {
  for (const Vendor vendor : vendors)
    for (const CsvMsr& row : csv_msrs(vendor))
      EXPECT_EQ(csv_mismatch(max_model(vendor), row), "")
          << vendor << ' ' << hex(row.index) << ' ' << row.name;
}

// Registers beside the rows of the table: the rest of its ranges, and of x2APIC (SDM table 10-6).
struct Beside {
  Vendor vendor;
  std::uint32_t first, last;
};
constexpr Beside beside[] = {
    {Vendor::intel, 0x282, 0x29F},
    {Vendor::intel, 0xC2, 0xC8},
    {Vendor::intel, 0x187, 0x18D},
    {Vendor::intel, 0x30A, 0x30C},
    {Vendor::intel, 0x404, 0x47F},
    {Vendor::amd, 0x404, 0x47F},
    {Vendor::intel, 0x481, 0x493},
    {Vendor::intel, 0x681, 0x69F},
    {Vendor::intel, 0x6C1, 0x6DF},
    {Vendor::intel, 0x803, 0x803},
    {Vendor::intel, 0x80A, 0x80A},
    {Vendor::intel, 0x80D, 0x80D},
    {Vendor::intel, 0x80F, 0x828},
    {Vendor::intel, 0x82F, 0x82F},
    {Vendor::intel, 0x832, 0x839},
    {Vendor::intel, 0x83E, 0x83E},
    {Vendor::amd, 0x803, 0x803},
    {Vendor::amd, 0x80A, 0x80A},
    {Vendor::amd, 0x80D, 0x80D},
    {Vendor::amd, 0x80F, 0x828},
    {Vendor::amd, 0x82F, 0x82F},
    {Vendor::amd, 0x832, 0x839},
    {Vendor::amd, 0x83E, 0x83E},
    {Vendor::amd, 0xC0010018, 0xC0010018},
    {Vendor::amd, 0x1, 0x1},
    {Vendor::intel, 0x4C2, 0x4C8},
    {Vendor::amd, 0xC0010001, 0xC0010007},
    {Vendor::amd, 0xC0010202, 0xC001020B},
    {Vendor::intel, 0xDC1, 0xDDF}, // last branches
    {Vendor::intel, 0x1201, 0x123F},
    {Vendor::intel, 0x1501, 0x153F},
    {Vendor::intel, 0x1601, 0x163F},
    {Vendor::amd, 0xC0010302, 0xC001031F},
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

TEST(MsrTableCsv, Rows_of_one_vendor_are_absent_on_the_other) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = max_model(vendor == Vendor::intel ? Vendor::amd : Vendor::intel);
    for (const CsvMsr& row : csv_msrs(vendor)) {
      CoreState state = power_up(cpu);
      if (!is_known(cpu.profile.vendor, row.index)) {
        EXPECT_TRUE(is_gp0(execute(cpu, state, rdmsr_of(row.index)).outcome, Cause::msr_unknown))
            << vendor << ' ' << hex(row.index);
        EXPECT_TRUE(is_gp0(execute(cpu, state, wrmsr_of(row.index, 0)).outcome, Cause::msr_unknown))
            << vendor << ' ' << hex(row.index);
      }
    }
  }
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
      if (feature.value != Feature::lbr_stack_core2 && // the older stacks
          feature.value != Feature::lbr_stack_core_duo)
        everything.features = everything.features.with(feature.value);
    for (const ResolvedMsr& msr : MsrTable(everything))
      EXPECT_TRUE(is_known(vendor, msr.index)) << vendor << ' ' << hex(msr.index);
  }
}

// ---- Silicon: every register of every probed CPU, both ways

// What the probe does not tell, on any of the CPUs.
struct Excuse {
  std::uint32_t first, last;
  const char* reason;
};
constexpr const char* runs = "it counts while it is probed, so that bits seem to be dropped";
constexpr Excuse excuses[] = {
    {0x10, 0x10, runs},
    {0x3B, 0x3B, runs},
    {0x49, 0x49, "taken for K8's LASTBRANCH_9: no masks probed"},
    {0xC1, 0xC8, runs},
    {0xE7, 0xE8, runs},
    {0x1DD, 0x1DE, runs},
    {0x250, 0x277, "memory types: a rule in the prober's code, not masks"},
    {0x2FF, 0x2FF, "left out of the Ryzen's dump: all CPUs with MTRRs have it"},
    {0x309, 0x30C, runs},
    {0x400, 0x47F, "a row of the probe stands for all banks, without masks"},
    {0x6E0, 0x6E0, runs},
    {0x800, 0x8FF, "only in x2APIC mode; a row of the probe stands for all 256"},
    {0xC0010004, 0xC0010007, runs},
    {0xC0010201, 0xC001020B, runs},
};

bool is_excused(std::uint32_t index) {
  for (const Excuse& excuse : excuses)
    if (excuse.first <= index && index <= excuse.last)
      return true;
  return false;
}

class Silicon : public testing::TestWithParam<ProbedCpu> {
protected:
  bool has(std::uint32_t index) const {
    for (const SiliconMsr& row : rows_)
      if (row.first <= index && index <= row.last)
        return true;
    return false;
  }

  const CpuModel cpu_{*find_cpu_profile(GetParam().profile)};
  const std::vector<SiliconMsr> rows_ = silicon_msrs(GetParam().cpu);
};

TEST_P(Silicon, Has_every_register_of_the_probe) {
  EXPECT_GE(rows_.size(), 100u);
  EXPECT_EQ(cpu_.msrs.left_out(), 0u);
  for (const SiliconMsr& row : rows_)
    for (std::uint32_t index = row.first; index <= row.last; ++index) {
      const bool one_of_many = row.last - row.first > 0x100 && index % 97 != 0;
      const bool own_value_faults = row.cpu == "Intel_Core2_T7600_2_33GHz" && index == 0x1B;
      if (is_excused(index) || own_value_faults)
        continue;
      EXPECT_TRUE(cpu_.msrs.find(index).present) << hex(index);
      const std::string mismatch = one_of_many ? "" : silicon_mismatch(cpu_, row, index);
      EXPECT_EQ(mismatch, "") << hex(index);
    }
}

TEST_P(Silicon, Has_no_register_besides) {
  for (const ResolvedMsr& msr : cpu_.msrs)
    for (const std::uint32_t index : {msr.index, msr.last})
      EXPECT_TRUE(has(index) || is_excused(index)) << hex(index) << ' ' << msr.name;
  for (const SiliconMsr& row : rows_)
    for (const std::uint32_t index : {row.first - 1, row.last + 1})
      EXPECT_TRUE(is_excused(index) || cpu_.msrs.find(index).present == has(index)) << hex(index);
}

INSTANTIATE_TEST_SUITE_P(Cpus, Silicon, testing::ValuesIn(probed_cpus),
                         [](const auto& cpu) { return std::string(cpu.param.cpu); });

TEST(SiliconTable, Every_cpu_has_a_profile) {
  std::set<std::string> cpus;
  for (CsvRecord& record : read_csv("msr-silicon-all.csv"))
    cpus.insert(record["cpu"]);
  EXPECT_EQ(cpus.size(), std::size(probed_cpus));
  for (const ProbedCpu& cpu : probed_cpus)
    EXPECT_EQ(cpus.count(cpu.cpu), 1u) << cpu.cpu;
}

} // namespace
} // namespace icebp::test
