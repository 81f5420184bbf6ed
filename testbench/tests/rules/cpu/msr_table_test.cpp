#include <icebp/model/rules/cpu/msr_catalogue.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/tests/rules/cpu/msr_datasheet.h>
#include <icebp/testbench/tests/rules/oracles/msr_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <iterator>
#include <set>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr std::uint32_t pat = 0x277;
constexpr std::uint32_t efer = 0xC0000080;

std::string trace(Vendor vendor, const DatasheetRow& row) {
  return std::string(name_of(vendor)) + " " + std::string(row.name);
}

TEST(MsrTable, Rows_are_those_of_the_datasheet) {
  for (const Vendor vendor : vendors) {
    const MsrTable& table = model_of(vendor).msrs;
    for (const DatasheetRow& row : datasheet_of(vendor)) {
      SCOPED_TRACE(trace(vendor, row));
      const ResolvedMsr& msr = table.find(row.index);
      EXPECT_TRUE(msr.present);
      EXPECT_TRUE(msr.readable);
      EXPECT_TRUE(msr.accepts_writes);
      EXPECT_EQ(msr.index, row.index);
      EXPECT_EQ(msr.name, row.name);
      EXPECT_EQ(msr.reset, row.reset);
      EXPECT_EQ(msr.writable, row.writable);
      EXPECT_EQ(msr.gp, row.gp);
      EXPECT_EQ(msr.canonical_bits, row.canonical ? 48 : 64);
    }
  }
}

TEST(MsrTable, Masks_of_the_datasheet_are_disjoint_and_complete) { // of the typed table itself
  for (const Vendor vendor : vendors)
    for (const DatasheetRow& row : datasheet_of(vendor)) {
      SCOPED_TRACE(trace(vendor, row));
      const bool lma_is_a_value_rule = vendor == Vendor::amd && row.index == efer;
      EXPECT_EQ(row.writable | row.gp | row.ignored | (lma_is_a_value_rule ? 0x400 : 0), every_bit);
      EXPECT_EQ(row.writable & row.gp, 0u);
      EXPECT_EQ((row.writable | row.gp) & row.ignored, 0u);
    }
}

// Registers that share the storage of others: AMD's P5_MC_*, A_PMC, and the FX-8150's legacy
// counters.
bool is_another_name(std::uint32_t index) {
  return index <= 1 || (index >= 0x4C1 && index <= 0x4C8) ||
         (index >= 0xC0010000 && index <= 0xC0010007);
}

TEST(MsrTable, Every_register_has_storage_of_its_own) {
  for (const CpuProfile& profile : cpu_profiles) {
    std::set<unsigned> slots;
    for (const ResolvedMsr& msr : MsrTable(profile)) {
      EXPECT_LT(msr.slot, msr_slot_count) << msr.name;
      const bool is_first = is_another_name(msr.index) || slots.insert(msr.slot).second;
      EXPECT_TRUE(is_first) << profile.name << ' ' << hex(msr.index);
    }
  }
  const struct {
    Vendor vendor;
    std::uint32_t index;
    MsrSlot slot;
  } named[] = {
      {Vendor::intel, 0x1D9, MsrSlot::debugctl},
      {Vendor::amd, 0x1D9, MsrSlot::debugctl},
      {Vendor::intel, efer, MsrSlot::efer},
      {Vendor::amd, efer, MsrSlot::efer},
      {Vendor::intel, 0x1B, MsrSlot::apic_base},
      {Vendor::amd, 0x1B, MsrSlot::apic_base},
      {Vendor::intel, 0x10, MsrSlot::tsc},
      {Vendor::intel, 0x3B, MsrSlot::tsc_adjust},
      {Vendor::intel, 0x3A, MsrSlot::feature_control},
      {Vendor::intel, 0x570, MsrSlot::rtit_ctl},
      {Vendor::amd, 0xC0010015, MsrSlot::hwcr},
      {Vendor::amd, 0xC0010114, MsrSlot::vm_cr},
      // AMD numbers the mask of DR0 apart from the others: docs/debug-unit.md 4.6.
      {Vendor::amd, 0xC0011027, MsrSlot::dr0_addr_mask},
      {Vendor::amd, 0xC0011019, MsrSlot::dr1_addr_mask},
      {Vendor::amd, 0xC001101A, MsrSlot::dr2_addr_mask},
      {Vendor::amd, 0xC001101B, MsrSlot::dr3_addr_mask},
  };
  for (const auto& [vendor, index, slot] : named)
    EXPECT_EQ(model_of(vendor).msrs.find(index).slot, static_cast<unsigned>(slot)) << hex(index);
}

TEST(MsrTable, Every_register_is_found) { // the hash gives each a bucket of its own
  for (const CpuProfile& profile : cpu_profiles) {
    const MsrTable table(profile);
    for (const ResolvedMsr& msr : table)
      EXPECT_EQ(&table.find(msr.index), &msr) << profile.name << ' ' << hex(msr.index);
  }
}

TEST(MsrTable, Cites_what_the_cpu_has_otherwise) { // VB: the probed Athlon 64, not the row's Ryzen
  const MsrTable k8(*find_cpu_profile("amd-k8"));
  EXPECT_EQ(k8.find(0xC0010015).source, "VB Athlon 64 3200+");
  EXPECT_EQ(k8.find(0xC0010113).source, "VB Ryzen 1800X");
}

TEST(MsrTable, Fits) {
  EXPECT_LE(sizeof(CoreState), 8u * 1024);
  EXPECT_LE(sizeof(MsrTable), 152u * 1024);
}

// A profile of more than a range has room for gets as many as there is room for (docs/profiles.md),
// and what is behind stays what it is.
TEST(MsrTable, Ranges_end_where_their_room_does) {
  CpuProfile most = *find_cpu_profile("intel-max");
  most.msr_counts = {32, 10, 4, 32, 8, 4};
  CpuProfile more = most;
  more.msr_counts = {255, 255, 255, 255, 255, 255};
  const MsrTable table(more);
  const struct {
    std::uint32_t first, step, last;
    std::string_view behind; // the register at the next index; empty: none
  } ranges[] = {
      {0x400, 4, 0x47C, "IA32_VMX_BASIC"},
      {0x403, 4, 0x47F, "IA32_VMX_EXIT_CTLS"}, // MCA banks: CTL, MISC
      {0x280, 1, 0x29F, ""},                   // CTL2
      {0x200, 2, 0x212, ""},
      {0x201, 2, 0x213, ""},
      {0x580, 2, 0x586, ""},
      {0x581, 2, 0x587, ""},
      {0x680, 1, 0x69F, "IA32_U_CET"},
      {0x6C0, 1, 0x6DF, "IA32_TSC_DEADLINE"},
      {0xDC0, 1, 0xDDF, ""},
      {0xC1, 1, 0xC8, ""},
      {0x186, 1, 0x18D, ""},
      {0x309, 1, 0x30C, ""},
  };
  for (const auto& [first, step, last, behind] : ranges) {
    for (std::uint32_t index = first; index <= last; index += step)
      EXPECT_TRUE(table.find(index).present) << hex(index);
    EXPECT_EQ(table.find(last + step).name, behind) << hex(last);
  }
  const MsrTable as_many(most);
  EXPECT_EQ(std::distance(table.begin(), table.end()),
            std::distance(as_many.begin(), as_many.end()));
  for (const ResolvedMsr& msr : as_many)
    EXPECT_EQ(table.find(msr.index).slot, msr.slot) << hex(msr.index);
}

TEST(MsrTable, A_masked_feature_takes_its_registers_away) {
  for (const Vendor vendor : vendors)
    for (const auto& feature : name_table<Feature>) {
      const CpuModel cpu(without(profile_of(vendor), feature.value));
      if (feature.value == Feature::msr) // then the instruction is #UD: msr_access_test.cpp
        continue;
      for (const DatasheetRow& row : datasheet_of(vendor)) {
        SCOPED_TRACE(trace(vendor, row) + " without " + std::string(feature.name));
        CoreState state = power_up(cpu);
        const Outcome read = execute(cpu, state, rdmsr_of(row.index)).outcome;
        const Outcome write = execute(cpu, state, wrmsr_of(row.index, row.reset)).outcome;
        const bool has_other_gate = row.index == efer; // NX or LM: one of them is left
        if (row.gate == feature.value && !has_other_gate) {
          EXPECT_TRUE(is_gp0(read, Cause::msr_unknown));
          EXPECT_TRUE(is_gp0(write, Cause::msr_unknown));
        } else {
          EXPECT_TRUE(is_retired(read, row.reset));
          EXPECT_TRUE(is_retired(write));
        }
      }
    }
}

TEST(MsrTable, La57_widens_the_canonical_check) { // docs/msr-block.md 1.3
  for (const Vendor vendor : vendors) {
    const MsrTable table(with(profile_of(vendor), Feature::la57));
    for (const DatasheetRow& row : datasheet_of(vendor))
      EXPECT_EQ(table.find(row.index).canonical_bits, row.canonical ? 57 : 64) << row.name;
  }
}

// Every register x every bit x 0 -> 1 and 1 -> 0, through WRMSR and RDMSR.
class MsrBits : public testing::TestWithParam<Vendor> {
protected:
  static Outcome write(CoreState& state, std::uint32_t index, u64 value) {
    return execute(model_of(GetParam()), state, with_paging(wrmsr_of(index, value), false)).outcome;
  }
  static u64 read(CoreState& state, std::uint32_t index) {
    return read_msr(model_of(GetParam()), state, index);
  }
  // What turns a value away although each of its bits may be written.
  static bool breaks_value_rule(const DatasheetRow& row, unsigned n, bool set) {
    if (row.index == pat) // memory types 2 and 3 do not exist: bit 1 alone, and 7 less bit 2
      return set ? n % 8 == 1 : n % 8 == 2;
    return GetParam() == Vendor::amd && row.index == efer && n == 10; // LMA flip, 6.3
  }
};

TEST_P(MsrBits, From_0_to_1) {
  for (const DatasheetRow& row : datasheet_of(GetParam()))
    for (unsigned n = 0; n < 64; ++n) {
      SCOPED_TRACE(trace(GetParam(), row) + " bit " + std::to_string(n));
      CoreState state = power_up(model_of(GetParam()));
      ASSERT_TRUE(is_retired(write(state, row.index, 0)));
      ASSERT_EQ(read(state, row.index), 0u);
      const CoreState before = state;
      const Outcome outcome = write(state, row.index, bit(n));
      if ((row.gp & bit(n)) != 0) {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_reserved_bits));
        EXPECT_TRUE(same(state, before));
      } else if (row.canonical && n >= 47) {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_non_canonical));
        EXPECT_TRUE(same(state, before));
      } else if (breaks_value_rule(row, n, true)) {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_value));
        EXPECT_TRUE(same(state, before));
      } else {
        EXPECT_TRUE(is_retired(outcome));
        EXPECT_EQ(read(state, row.index), row.writable & bit(n));
      }
    }
}

TEST_P(MsrBits, From_1_to_0) {
  for (const DatasheetRow& row : datasheet_of(GetParam())) {
    const u64 ones = row.writable | row.ignored; // LMA of EFER on AMD is tested by msr_values
    for (unsigned n = 0; n < 64; ++n) {
      SCOPED_TRACE(trace(GetParam(), row) + " bit " + std::to_string(n));
      CoreState state = power_up(model_of(GetParam()));
      ASSERT_TRUE(is_retired(write(state, row.index, ones)));
      ASSERT_EQ(read(state, row.index), row.writable);
      const CoreState before = state;
      const Outcome outcome = write(state, row.index, ones & ~bit(n));
      if (row.canonical && n >= 47) {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_non_canonical));
        EXPECT_TRUE(same(state, before));
      } else if (breaks_value_rule(row, n, false) && row.index == pat) {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_value));
        EXPECT_TRUE(same(state, before));
      } else {
        EXPECT_TRUE(is_retired(outcome));
        EXPECT_EQ(read(state, row.index), row.writable & ~bit(n));
      }
    }
  }
}

TEST_P(MsrBits, A_write_changes_no_other_register) {
  for (const DatasheetRow& row : datasheet_of(GetParam())) {
    CoreState state = power_up(model_of(GetParam()));
    const u64 value = row.index == pat ? 0 : row.writable;
    ASSERT_TRUE(is_retired(write(state, row.index, value)));
    for (const DatasheetRow& other : datasheet_of(GetParam()))
      EXPECT_EQ(read(state, other.index), other.index == row.index ? value : other.reset)
          << row.name << " written, " << other.name << " read";
  }
}

TEST_P(MsrBits, Reset_values) {
  CoreState state = power_up(model_of(GetParam()));
  for (const DatasheetRow& row : datasheet_of(GetParam()))
    EXPECT_EQ(read(state, row.index), row.reset) << row.name;
}

INSTANTIATE_TEST_SUITE_P(Vendors, MsrBits, testing::ValuesIn(vendors), vendor_name);

TEST(MsrOracle, Agrees_with_every_row) { // the comparison that mutants.data relies on
  for (const Vendor vendor : vendors)
    for (const DatasheetRow& row : datasheet_of(vendor))
      EXPECT_TRUE(msr_agrees(model_of(vendor), row)) << trace(vendor, row);
}

TEST(MsrCatalogue, Every_row_cites_a_source) {
  for (const Table<MsrRow>* sheet : msr_catalogue)
    for (const MsrRow& row : *sheet)
      EXPECT_FALSE(row.source.empty()) << row.name;
}

// Indices typed from SDM vol. 4 and APM vol. 2 appendix A.
TEST(MsrNames, HaveIndices) {
  EXPECT_EQ(msr_index_of("MSR_LBR_SELECT"), 0x1C8u); // Intel's; AMD's has no prefix
  EXPECT_EQ(msr_index_of("LBR_SELECT"), 0xC000010Eu);
  EXPECT_EQ(msr_index_of("IA32_EFER"), 0xC0000080u);
  EXPECT_EQ(msr_index_of("LSTAR"), 0xC0000082u);
  EXPECT_EQ(msr_index_of("IA32_MC3_STATUS"), 0x40Du);
  EXPECT_EQ(msr_index_of("MC0_CTL"), 0x400u);
  EXPECT_EQ(msr_index_of("IA32_MTRR_PHYSMASK9"), 0x213u);
  EXPECT_EQ(msr_index_of("MSR_LASTBRANCH_31_TO_IP"), 0x6DFu);
  EXPECT_EQ(msr_index_of("VM_CR"), 0xC0010114u);
  EXPECT_EQ(msr_index_of("IA32_LSTAR"), 0xC0000082u);
  for (const char* none : {"", "IA32_", "IA32_NOTHING", "IA32_MC32_CTL", "IA32_MC03_CTL",
                           "IA32_MC_CTL", "IA32_MTRR_PHYSBASE10", "MSR_LASTBRANCH_32_TO_IP"})
    EXPECT_EQ(msr_index_of(none), std::nullopt) << none;
}

} // namespace
} // namespace icebp::test
