// What a profile adds to the catalogue or has otherwise.

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace icebp::test {
namespace {

OwnMsr row_at(std::uint32_t index, std::string_view name) {
  return {index, name, MsrAccess::read_write, 0x30, 0xF0, ~u64{0xFF}, MsrInit::reset};
}

// `profile` with `rows` besides.
class WithRows {
public:
  WithRows(const CpuProfile& profile, const std::vector<OwnMsr>& rows)
      : msrs_(msrs_of(profile)), own_(msrs_.own.begin(), msrs_.own.end()), profile_(profile) {
    own_.insert(own_.end(), rows.begin(), rows.end());
    msrs_.own = {own_.data(), own_.size()};
    profile_.msrs = &msrs_;
  }
  WithRows(const WithRows&) = delete;

  operator const CpuProfile&() const { return profile_; }

private:
  CpuMsrs msrs_;
  std::vector<OwnMsr> own_;
  CpuProfile profile_;
};

TEST(MsrProfileRows, Is_a_register_like_any_other) {
  const std::vector<OwnMsr> rows{row_at(0x1FD, "MSR_OF_A_TEST")};
  const WithRows profile(intel(), rows);
  const CpuModel cpu(profile);
  CoreState state = power_up(cpu);
  EXPECT_EQ(read_msr(cpu, state, 0x1FD), 0x30u);
  EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0x1FD, 0xAF)).outcome)); // 0Fh is dropped
  EXPECT_EQ(read_msr(cpu, state, 0x1FD), 0xA0u);
  EXPECT_TRUE(
      is_gp0(execute(cpu, state, wrmsr_of(0x1FD, 0x100)).outcome, Cause::msr_reserved_bits));
  init(cpu.msrs, state);
  EXPECT_EQ(read_msr(cpu, state, 0x1FD), 0x30u);
  CoreState without_it = power_up(model_of(Vendor::intel));
  EXPECT_TRUE(is_gp0(execute(model_of(Vendor::intel), without_it, rdmsr_of(0x1FD)).outcome,
                     Cause::msr_unknown));
}

TEST(MsrProfileRows, Keep_a_value_over_init_if_they_say_so) {
  std::vector<OwnMsr> rows{row_at(0x1FD, "MSR_OF_A_TEST")};
  rows[0].on_init = MsrInit::keep;
  const WithRows profile(intel(), rows);
  const CpuModel cpu(profile);
  CoreState state = power_up(cpu);
  EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0x1FD, 0x50)).outcome));
  init(cpu.msrs, state);
  EXPECT_EQ(read_msr(cpu, state, 0x1FD), 0x50u);
}

TEST(MsrProfileRows, Leave_the_storage_of_the_catalogue_where_it_is) {
  for (const CpuProfile& profile : cpu_profiles) {
    const std::vector<OwnMsr> rows{row_at(0x1FD, "ONE"), row_at(0xC0012345, "TWO")};
    const MsrTable plain(profile), more(WithRows(profile, rows));
    for (const ResolvedMsr& msr : plain)
      EXPECT_TRUE(!msr.in_catalogue || more.find(msr.index).slot == msr.slot)
          << profile.name << ' ' << hex(msr.index);
    EXPECT_TRUE(more.find(0x1FD).present && more.find(0xC0012345).present) << profile.name;
  }
}

TEST(MsrProfileRows, As_many_as_there_is_room_for) {
  for (const char* name : {"intel-max", "amd-max"}) {
    const CpuProfile& profile = *find_cpu_profile(name);
    std::vector<OwnMsr> rows;
    for (std::uint32_t n = 0; n < msr_slot_count; ++n)
      rows.push_back(row_at(0xC0020000 + n, "MORE"));
    const MsrTable table(WithRows(profile, rows));
    const std::size_t room = rows.size() - table.left_out();
    EXPECT_GE(room, 16u) << name;
    EXPECT_TRUE(table.find(rows[room - 1].index).present) << name;
    EXPECT_FALSE(table.find(rows[room].index).present) << name;
    std::set<unsigned> slots;
    for (const ResolvedMsr& msr : table) {
      EXPECT_EQ(&table.find(msr.index), &msr) << name << ' ' << hex(msr.index);
      EXPECT_LT(msr.slot, msr_slot_count);
      const bool is_alias = msr.index <= 1 || (msr.index >= 0x4C1 && msr.index <= 0x4C8);
      EXPECT_TRUE(slots.insert(msr.slot).second || is_alias) << name << ' ' << hex(msr.index);
    }
    EXPECT_EQ(*slots.rbegin(), msr_slot_count - 1) << name; // and not one less
  }
}

// Both would claim the index: intel-core2 has a register of its own at E1h.
TEST(MsrProfileRows, Give_way_to_a_register_that_a_feature_brings) {
  const CpuProfile& core2 = *find_cpu_profile("intel-core2");
  EXPECT_FALSE(MsrTable(core2).find(0xE1).in_catalogue);
  EXPECT_EQ(MsrTable(with(core2, Feature::waitpkg)).find(0xE1).name, "IA32_UMWAIT_CONTROL");
}

// The X6800's DEBUGCTL is 1FC3h with #GP on E03Ch (VB); bits 10:7 are the debug store's (SDM).
TEST(MsrProfileRows, What_a_cpu_has_otherwise_goes_with_its_feature) {
  const MsrTable table(without(*find_cpu_profile("intel-core2"), Feature::ds));
  EXPECT_EQ(table.find(0x1D9).writable, 0x1843u);
  EXPECT_EQ(table.find(0x1D9).gp, 0xFFFFFFFFFFFFE7BCu);
}

// Whatever features are added, the table is made: no index is claimed twice.
TEST(MsrProfileRows, Every_feature_on_every_profile) {
  for (const CpuProfile& profile : cpu_profiles)
    for (const auto& feature : name_table<Feature>) {
      const MsrTable table(with(profile, feature.value));
      EXPECT_EQ(table.left_out(), 0u) << profile.name << ' ' << feature.name;
    }
}

// ---- Runs: many registers that read one value and ignore writes

constexpr MsrRun runs[] = {{0xC0020100, 0xC0020100, "ONE", 7}, {0xC0020200, 0xC00203FF, "MANY", 0}};

class WithRuns : public testing::Test {
protected:
  WithRuns() {
    msrs_.runs = {runs, std::size(runs)};
    profile_.msrs = &msrs_;
    cpu_ = std::make_unique<CpuModel>(profile_);
    state_ = power_up(*cpu_);
  }

  CpuMsrs msrs_;
  CpuProfile profile_ = amd();
  std::unique_ptr<CpuModel> cpu_;
  CoreState state_;
};

TEST_F(WithRuns, Read_as_one_value_and_ignore_writes) {
  for (const std::uint32_t index : {0xC0020100u, 0xC0020200u, 0xC0020201u, 0xC00203FFu}) {
    const u64 value = index == 0xC0020100 ? 7 : 0;
    EXPECT_EQ(read_msr(*cpu_, state_, index), value) << hex(index);
    for (const u64 written : {u64{0}, every_bit})
      EXPECT_TRUE(is_retired(execute(*cpu_, state_, wrmsr_of(index, written)).outcome));
    EXPECT_EQ(read_msr(*cpu_, state_, index), value) << hex(index);
  }
}

TEST_F(WithRuns, End_where_they_end) {
  for (const std::uint32_t index : {0xC00200FFu, 0xC0020101u, 0xC00201FFu, 0xC0020400u}) {
    EXPECT_TRUE(is_gp0(execute(*cpu_, state_, rdmsr_of(index)).outcome, Cause::msr_unknown));
    EXPECT_TRUE(is_gp0(execute(*cpu_, state_, wrmsr_of(index, 0)).outcome, Cause::msr_unknown));
  }
}

TEST_F(WithRuns, Are_not_of_the_catalogue) {
  EXPECT_FALSE(cpu_->msrs.find(0xC0020201).in_catalogue);
  EXPECT_TRUE(cpu_->msrs.find(0xC0000080).in_catalogue);
}

// ---- Aliases

TEST(MsrAlias, Is_the_other_register_by_another_index) {
  std::vector<OwnMsr> rows{row_at(0xC0020000, "REGISTER"), row_at(0xC0020001, "ALIAS")};
  rows[1].alias = {0xC0020000};
  const WithRows profile(amd(), rows);
  const CpuModel cpu(profile);
  CoreState state = power_up(cpu);
  EXPECT_EQ(read_msr(cpu, state, 0xC0020001), 0x30u);
  EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0xC0020001, 0x50)).outcome));
  EXPECT_EQ(read_msr(cpu, state, 0xC0020000), 0x50u);
  EXPECT_TRUE(
      is_gp0(execute(cpu, state, wrmsr_of(0xC0020001, 0x100)).outcome, Cause::msr_reserved_bits));
  EXPECT_EQ(cpu.msrs.find(0xC0020001).name, "ALIAS");
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
  EXPECT_EQ(first_of(Vendor::intel, 0x1FD), 0u);
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
  EXPECT_EQ(MsrTable(without(profile, Feature::cmci)).find(0x179).reset, 0x80Cu);
  EXPECT_EQ(MsrTable(with(profile, Feature::lmce)).find(0x179).reset, 0x8000C0Cu);
  EXPECT_EQ(MsrTable(with(profile, Feature::mcg_ctl)).find(0x179).reset, 0xD0Cu);
  EXPECT_EQ(MsrTable(without(profile, Feature::smrr)).find(0xFE).reset, 0x1508u);
}

} // namespace
} // namespace icebp::test
