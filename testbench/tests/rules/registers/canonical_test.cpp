#include <icebp/model/rules/registers/canonical.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// docs/msr-block.md 1.3, 6.4, and 3.2 (kvm-unit-tests la57.c).
struct Address {
  u64 value;
  bool canonical_48, canonical_57;
};
constexpr Address addresses[] = {
    {0x0000000000000000, true, true},   {0x00007FFFFFFFFFFF, true, true},
    {0x0000800000000000, false, true},  {0x0000FFFFFFFFFFFF, false, true},
    {0x00FFFFFFFFFFFFFF, false, true},  {0x0100000000000000, false, false},
    {0x7FFFFFFFFFFFFFFF, false, false}, {0x8000000000000000, false, false},
    {0xFEFFFFFFFFFFFFFF, false, false}, {0xFF00000000000000, false, true},
    {0xFFFF000000000000, false, true},  {0xFFFF7FFFFFFFFFFF, false, true},
    {0xFFFF800000000000, true, true},   {0xFFFFFFFFFFFFFFFF, true, true},
    {0xFFFFAAAAAAAAAAAA, true, true},   {0xFFAAAAAAAAAAAAAA, false, true},
    {0xAAAAAAAAAAAAAAAA, false, false}, {0x0000123456789ABC, true, true},
};

TEST(Canonical, Edges) {
  for (const Address& address : addresses) {
    SCOPED_TRACE(hex(address.value));
    EXPECT_EQ(is_canonical(address.value, 48), address.canonical_48);
    EXPECT_EQ(is_canonical(address.value, 57), address.canonical_57);
  }
}

TEST(Canonical, Every_upper_bit_counts) {
  for (unsigned n = 0; n < 64; ++n) {
    SCOPED_TRACE("bit " + std::to_string(n));
    EXPECT_EQ(is_canonical(bit(n), 48), n < 47);
    EXPECT_EQ(is_canonical(~bit(n), 48), n < 47);
    EXPECT_EQ(is_canonical(bit(n), 57), n < 56);
    EXPECT_EQ(is_canonical(~bit(n), 57), n < 56);
  }
}

} // namespace
} // namespace icebp::test
