#include <icebp/model/rules/registers/dr7.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// docs/debug-unit.md 3: after writing 0 and FFFFFFFF.
struct ReadBack {
  bool rtm;
  u64 writable, after_0, after_ffffffff;
};
constexpr ReadBack read_back[] = {
    {false, 0xFFFF23FF, 0x400, 0xFFFF27FF},
    {true, 0xFFFF2BFF, 0x400, 0xFFFF2FFF},
};

TEST(Dr7, Read_back) {
  for (const ReadBack& row : read_back) {
    SCOPED_TRACE(row.rtm);
    const CpuProfile cpu = with_if(row.rtm, intel(), Feature::rtm);
    EXPECT_EQ(dr7::writable(cpu), row.writable);
    EXPECT_EQ(dr7::legalise(cpu, 0), row.after_0);
    EXPECT_EQ(dr7::legalise(cpu, 0xFFFFFFFF), row.after_ffffffff);
  }
}

TEST(Dr7, Every_bit_alone_and_every_bit_missing) {
  for (const ReadBack& row : read_back)
    for (unsigned n = 0; n < 64; ++n) {
      SCOPED_TRACE("bit " + std::to_string(n));
      const CpuProfile cpu = with_if(row.rtm, amd(), Feature::rtm);
      EXPECT_EQ(dr7::legalise(cpu, bit(n)), row.after_0 | (row.writable & bit(n)));
      EXPECT_EQ(dr7::legalise(cpu, ~bit(n)), row.after_ffffffff & ~(row.writable & bit(n)));
    }
}

TEST(Dr7, Bits) { // 3
  EXPECT_EQ(dr7::l0::mask, 0x001u);
  EXPECT_EQ(dr7::g0::mask, 0x002u);
  EXPECT_EQ(dr7::l1::mask, 0x004u);
  EXPECT_EQ(dr7::g1::mask, 0x008u);
  EXPECT_EQ(dr7::l2::mask, 0x010u);
  EXPECT_EQ(dr7::g2::mask, 0x020u);
  EXPECT_EQ(dr7::l3::mask, 0x040u);
  EXPECT_EQ(dr7::g3::mask, 0x080u);
  EXPECT_EQ(dr7::enables::mask, 0x0FFu);
  EXPECT_EQ(dr7::le::mask, 0x100u);
  EXPECT_EQ(dr7::ge::mask, 0x200u);
  EXPECT_EQ(dr7::fixed_1, 0x400u);
  EXPECT_EQ(dr7::rtm::mask, 0x800u);
  EXPECT_EQ(dr7::gd::mask, 0x2000u);
  EXPECT_EQ(dr7::rw0::mask, 0x00030000u);
  EXPECT_EQ(dr7::len0::mask, 0x000C0000u);
  EXPECT_EQ(dr7::rw1::mask, 0x00300000u);
  EXPECT_EQ(dr7::len1::mask, 0x00C00000u);
  EXPECT_EQ(dr7::rw2::mask, 0x03000000u);
  EXPECT_EQ(dr7::len2::mask, 0x0C000000u);
  EXPECT_EQ(dr7::rw3::mask, 0x30000000u);
  EXPECT_EQ(dr7::len3::mask, 0xC0000000u);
}

TEST(Dr7, What_a_task_switch_clears) { EXPECT_EQ(dr7::local, 0x155u); } // 3: L0-L3, LE

TEST(Dr7, Fields_of_a_breakpoint) { // 3
  for (unsigned n = 0; n < 4; ++n) {
    SCOPED_TRACE(n);
    EXPECT_TRUE(dr7::is_enabled(bit(2 * n), n));     // Ln
    EXPECT_TRUE(dr7::is_enabled(bit(2 * n + 1), n)); // Gn
    EXPECT_FALSE(dr7::is_enabled(every_bit & ~(u64{3} << 2 * n), n));
    for (unsigned field = 0; field < 4; ++field) {
      const u64 others = every_bit & ~(u64{15} << (16 + 4 * n));
      constexpr unsigned bytes[] = {1, 2, 8, 4}; // LEN 10: 8
      for (const u64 background : {u64{0}, others}) {
        EXPECT_EQ(dr7::rw(background | u64{field} << (16 + 4 * n), n), field);
        EXPECT_EQ(dr7::length(background | u64{field} << (18 + 4 * n), n), bytes[field]);
      }
    }
  }
}

} // namespace
} // namespace icebp::test
