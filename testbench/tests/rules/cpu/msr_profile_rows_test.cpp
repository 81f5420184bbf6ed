// What a profile adds to the catalogue or has otherwise.

#include <icebp/model/rules/cpu/msr_columns.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace icebp::test {
namespace {

using msr_columns::F;

MsrRow row_at(std::uint32_t index, std::string_view name) {
  return {index,      MsrVendor::both,       name,           F::msr,  0x30, 0xF0,
          ~u64{0xFF}, MsrAccess::read_write, MsrInit::reset, "a test"};
}

CpuProfile with_rows(CpuProfile profile, const std::vector<MsrRow>& rows) {
  profile.msr_rows = {rows.data(), rows.size()};
  return profile;
}

TEST(MsrProfileRows, Is_a_register_like_any_other) {
  const std::vector<MsrRow> rows{row_at(0x1FC, "MSR_POWER_CTL")};
  const CpuModel cpu(with_rows(intel(), rows));
  CoreState state = power_up(cpu);
  EXPECT_EQ(read_msr(cpu, state, 0x1FC), 0x30u);
  EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0x1FC, 0xAF)).outcome)); // 0Fh is dropped
  EXPECT_EQ(read_msr(cpu, state, 0x1FC), 0xA0u);
  EXPECT_TRUE(
      is_gp0(execute(cpu, state, wrmsr_of(0x1FC, 0x100)).outcome, Cause::msr_reserved_bits));
  init(cpu.msrs, state);
  EXPECT_EQ(read_msr(cpu, state, 0x1FC), 0x30u);
  CoreState without_it = power_up(model_of(Vendor::intel));
  EXPECT_TRUE(is_gp0(execute(model_of(Vendor::intel), without_it, rdmsr_of(0x1FC)).outcome,
                     Cause::msr_unknown));
}

TEST(MsrProfileRows, Keep_a_value_over_init_if_they_say_so) {
  std::vector<MsrRow> rows{row_at(0x1FC, "MSR_POWER_CTL")};
  rows[0].on_init = MsrInit::keep;
  const CpuModel cpu(with_rows(intel(), rows));
  CoreState state = power_up(cpu);
  EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0x1FC, 0x50)).outcome));
  init(cpu.msrs, state);
  EXPECT_EQ(read_msr(cpu, state, 0x1FC), 0x50u);
}

TEST(MsrProfileRows, Leave_the_storage_of_the_catalogue_where_it_is) {
  for (const CpuProfile& profile : cpu_profiles) {
    const std::vector<MsrRow> rows{row_at(0x1FC, "ONE"), row_at(0xC0012345, "TWO")};
    const MsrTable plain(profile), more(with_rows(profile, rows));
    for (const ResolvedMsr& msr : plain)
      EXPECT_EQ(more.find(msr.index).slot, msr.slot) << profile.name << ' ' << hex(msr.index);
    EXPECT_TRUE(more.find(0x1FC).present && more.find(0xC0012345).present) << profile.name;
  }
}

TEST(MsrProfileRows, As_many_as_there_is_room_for) {
  for (const char* name : {"intel-max", "amd-max"}) {
    const CpuProfile& profile = *find_cpu_profile(name);
    std::vector<MsrRow> rows;
    for (std::uint32_t n = 0; n < msr_slot_count; ++n)
      rows.push_back(row_at(0xC0020000 + n, "MORE"));
    const MsrTable table(with_rows(profile, rows));
    const std::size_t room = rows.size() - table.left_out();
    EXPECT_GE(room, 16u) << name;
    EXPECT_TRUE(table.find(rows[room - 1].index).present) << name;
    EXPECT_FALSE(table.find(rows[room].index).present) << name;
    std::set<unsigned> slots;
    for (const ResolvedMsr& msr : table) {
      EXPECT_EQ(&table.find(msr.index), &msr) << name << ' ' << hex(msr.index);
      EXPECT_LT(msr.slot, msr_slot_count);
      EXPECT_TRUE(slots.insert(msr.slot).second) << name << ' ' << hex(msr.index);
    }
    EXPECT_EQ(*slots.rbegin(), msr_slot_count - 1) << name; // and not one less
  }
}

TEST(MsrCatalogueRow, By_its_index_or_one_in_its_range) {
  const auto first_of = [](Vendor vendor, std::uint32_t index) {
    const MsrRow* row = find_msr_row(vendor, index);
    return row ? row->index : 0;
  };
  EXPECT_EQ(first_of(Vendor::intel, 0x1D9), 0x1D9u);
  EXPECT_EQ(first_of(Vendor::intel, 0x424), 0x400u); // bank 9
  EXPECT_EQ(first_of(Vendor::intel, 0x47F), 0x403u); // bank 31, which no profile but max has
  EXPECT_EQ(first_of(Vendor::intel, 0x213), 0x201u);
  EXPECT_EQ(first_of(Vendor::amd, 0xC0010018), 0xC0010016u);
  EXPECT_EQ(first_of(Vendor::intel, 0x600), 0x600u);
  EXPECT_EQ(first_of(Vendor::amd, 0x600), 0u);
  EXPECT_EQ(first_of(Vendor::intel, 0x1FC), 0u);
  EXPECT_EQ(first_of(Vendor::intel, 0x40000000), 0u); // "absent"
  for (const std::uint32_t beside : {0x1FFu, 0x214u, 0x27Fu, 0x2A0u, 0x588u, 0xC9u, 0x3FCu})
    EXPECT_EQ(first_of(Vendor::intel, beside), 0u) << hex(beside);
}

// A register that lists counts and features keeps on doing so: SDM vol. 3 15.3.1.1, 11.11.1.
TEST(MsrTable, Capabilities_follow_counts_and_features) {
  CpuProfile profile = intel(); // i7-6700K: MCG_CAP C0Ah, MTRRCAP 1D0Ah (VB)
  profile.msr_counts.mca_banks = 12;
  profile.msr_counts.mtrr_pairs = 8;
  EXPECT_EQ(MsrTable(profile).find(0x179).reset, 0xC0Cu);
  EXPECT_EQ(MsrTable(profile).find(0xFE).reset, 0x1D08u);
  EXPECT_EQ(MsrTable(without(profile, F::cmci)).find(0x179).reset, 0x80Cu);
  EXPECT_EQ(MsrTable(with(profile, F::lmce)).find(0x179).reset, 0x8000C0Cu);
  EXPECT_EQ(MsrTable(with(profile, F::mcg_ctl)).find(0x179).reset, 0xD0Cu);
  EXPECT_EQ(MsrTable(without(profile, F::smrr)).find(0xFE).reset, 0x1508u);
}

} // namespace
} // namespace icebp::test
