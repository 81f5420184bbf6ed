#include <icebp/model/rules/registers/dr6.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// docs/debug-unit.md 2.2
struct ReadBack {
  bool rtm, bld;
  u64 writable, fixed_1;
  u64 after_0, after_ffffffff, after_ffff0ff0, after_10000, after_800;
};
constexpr ReadBack table_2_2[] = {
    {false, false, 0xE00F, 0xFFFF0FF0, 0xFFFF0FF0, 0xFFFFEFFF, 0xFFFF0FF0, 0xFFFF0FF0, 0xFFFF0FF0},
    {false, true, 0xE80F, 0xFFFF07F0, 0xFFFF07F0, 0xFFFFEFFF, 0xFFFF0FF0, 0xFFFF07F0, 0xFFFF0FF0},
    {true, false, 0x1E00F, 0xFFFE0FF0, 0xFFFE0FF0, 0xFFFFEFFF, 0xFFFF0FF0, 0xFFFF0FF0, 0xFFFE0FF0},
    {true, true, 0x1E80F, 0xFFFE07F0, 0xFFFE07F0, 0xFFFFEFFF, 0xFFFF0FF0, 0xFFFF07F0, 0xFFFE0FF0},
};

CpuProfile profile_of_row(const ReadBack& row) {
  return with_if(row.bld, with_if(row.rtm, intel(), Feature::rtm), Feature::bus_lock_detect);
}

TEST(Dr6, Table_2_2) {
  for (const ReadBack& row : table_2_2) {
    SCOPED_TRACE("RTM " + std::to_string(row.rtm) + " BLD " + std::to_string(row.bld));
    const CpuProfile cpu = profile_of_row(row);
    EXPECT_EQ(dr6::writable(cpu, 0), row.writable);
    EXPECT_EQ(dr6::fixed_1(cpu, 0), row.fixed_1);
    EXPECT_EQ(dr6::legalise(cpu, 0, 0), row.after_0);
    EXPECT_EQ(dr6::legalise(cpu, 0, 0xFFFFFFFF), row.after_ffffffff);
    EXPECT_EQ(dr6::legalise(cpu, 0, 0xFFFF0FF0), row.after_ffff0ff0);
    EXPECT_EQ(dr6::legalise(cpu, 0, 0x10000), row.after_10000);
    EXPECT_EQ(dr6::legalise(cpu, 0, 0x800), row.after_800);
  }
}

TEST(Dr6, Every_bit_alone_and_every_bit_missing) {
  for (const ReadBack& row : table_2_2)
    for (unsigned n = 0; n < 64; ++n) {
      SCOPED_TRACE("bit " + std::to_string(n));
      const CpuProfile cpu = profile_of_row(row);
      EXPECT_EQ(dr6::legalise(cpu, 0, bit(n)), row.after_0 | (row.writable & bit(n)));
      EXPECT_EQ(dr6::legalise(cpu, 0, ~bit(n)), row.after_ffffffff & ~(row.writable & bit(n)));
    }
}

// 2.2, AMD: bit 11 is writable only while DEBUGCTL[2] is 1.
TEST(Dr6, Amd_bld_needs_debugctl_2) {
  const CpuProfile cpu = with(amd(), Feature::bus_lock_detect);
  for (const u64 closed : {u64{0}, ~bit(2)}) {
    EXPECT_EQ(dr6::legalise(cpu, closed, 0), 0xFFFF0FF0);
    EXPECT_EQ(dr6::writable(cpu, closed), 0xE00Fu);
    EXPECT_EQ(dr6::fixed_1(cpu, closed), 0xFFFF0FF0);
  }
  for (const u64 open : {bit(2), every_bit}) {
    EXPECT_EQ(dr6::legalise(cpu, open, 0), 0xFFFF07F0);
    EXPECT_EQ(dr6::legalise(cpu, open, 0x800), 0xFFFF0FF0);
    EXPECT_EQ(dr6::writable(cpu, open), 0xE80Fu);
    EXPECT_EQ(dr6::fixed_1(cpu, open), 0xFFFF07F0);
  }
}

TEST(Dr6, Debugctl_2_gives_no_bld_to_a_cpu_without_it) {
  EXPECT_EQ(dr6::legalise(amd(), bit(2), 0), 0xFFFF0FF0);
  EXPECT_EQ(dr6::legalise(intel(), bit(2), 0), 0xFFFE0FF0);
}

TEST(Dr6, Intel_bld_does_not_look_at_debugctl) {
  const CpuProfile cpu = with(intel(), Feature::bus_lock_detect);
  for (const u64 debugctl : {u64{0}, bit(2), every_bit})
    EXPECT_EQ(dr6::legalise(cpu, debugctl, 0), 0xFFFE07F0);
}

TEST(Dr6, Bits) { // 2.1
  EXPECT_EQ(dr6::b::mask, 0x0000Fu);
  EXPECT_EQ(dr6::b0::mask, 0x00001u);
  EXPECT_EQ(dr6::b1::mask, 0x00002u);
  EXPECT_EQ(dr6::b2::mask, 0x00004u);
  EXPECT_EQ(dr6::b3::mask, 0x00008u);
  EXPECT_EQ(dr6::bld::mask, 0x00800u);
  EXPECT_EQ(dr6::bd::mask, 0x02000u);
  EXPECT_EQ(dr6::bs::mask, 0x04000u);
  EXPECT_EQ(dr6::bt::mask, 0x08000u);
  EXPECT_EQ(dr6::rtm::mask, 0x10000u);
  EXPECT_EQ(dr6::active_low, 0xFFFF0FF0u);
}

} // namespace
} // namespace icebp::test
