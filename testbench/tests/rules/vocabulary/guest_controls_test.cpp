#include <icebp/model/rules/vocabulary/guest_controls.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <type_traits>

namespace icebp::test {
namespace {

// The pages as the hardware reads them.
template <typename Controls>
std::array<std::uint8_t, sizeof(Controls)> bytes_of(const Controls& controls) {
  static_assert(std::is_trivially_copyable_v<Controls>);
  std::array<std::uint8_t, sizeof(Controls)> bytes;
  std::memcpy(bytes.data(), &controls, sizeof(Controls));
  return bytes;
}

template <std::size_t size>
unsigned ones(const std::array<std::uint8_t, size>& bytes) {
  unsigned count = 0;
  for (const unsigned byte : bytes)
    for (unsigned n = 0; n < 8; ++n)
      count += byte >> n & 1;
  return count;
}

struct Position {
  std::uint32_t msr;
  bool write;
  std::size_t byte;
  unsigned bit;
};

// SDM vol. 3 24.6.9: read low at 0, read high at 1024, write low at 2048, write high at 3072.
constexpr Position vmx_positions[] = {
    {0x00000000, false, 0x000, 0}, {0x00000001, false, 0x000, 1}, {0x00000008, false, 0x001, 0},
    {0x00001FFF, false, 0x3FF, 7}, {0xC0000000, false, 0x400, 0}, {0xC0001FFF, false, 0x7FF, 7},
    {0x00000000, true, 0x800, 0},  {0x00001FFF, true, 0xBFF, 7},  {0xC0000000, true, 0xC00, 0},
    {0xC0001FFF, true, 0xFFF, 7},  {0x00000174, false, 0x02E, 4}, {0xC0000082, true, 0xC10, 2},
};
// APM vol. 2 15.11: read and write next to each other; ranges at 0, 2048 and 4096.
constexpr Position svm_positions[] = {
    {0x00000000, false, 0x0000, 0}, {0x00000000, true, 0x0000, 1},  {0x00000001, false, 0x0000, 2},
    {0x00000004, false, 0x0001, 0}, {0x00001FFF, true, 0x07FF, 7},  {0x00001FFF, false, 0x07FF, 6},
    {0xC0000000, false, 0x0800, 0}, {0xC0001FFF, true, 0x0FFF, 7},  {0xC0010000, false, 0x1000, 0},
    {0xC0011FFF, true, 0x17FF, 7},  {0x00000174, false, 0x005D, 0}, {0xC0000082, true, 0x0820, 5},
    {0xC0010015, false, 0x1005, 2},
};

template <typename Controls, std::size_t n>
void expect_positions(const Position (&positions)[n]) {
  for (const Position& at : positions) {
    SCOPED_TRACE(hex(at.msr) + (at.write ? " write" : " read"));
    Controls controls;
    EXPECT_FALSE(controls.exits(at.msr, at.write));
    controls.set(at.msr, at.write, true);
    EXPECT_TRUE(controls.exits(at.msr, at.write));
    EXPECT_FALSE(controls.exits(at.msr, !at.write));
    EXPECT_EQ(bytes_of(controls)[at.byte], 1u << at.bit);
    EXPECT_EQ(ones(bytes_of(controls)), 1u);
    controls.set(at.msr, at.write, false);
    EXPECT_FALSE(controls.exits(at.msr, at.write));
    EXPECT_EQ(ones(bytes_of(controls)), 0u);
  }
}

TEST(VmxMsrBitmaps, Layout_of_the_page) {
  static_assert(sizeof(VmxMsrBitmaps) == 4096);
  expect_positions<VmxMsrBitmaps>(vmx_positions);
}

TEST(SvmMsrPermissions, Layout_of_the_map) {
  static_assert(sizeof(SvmMsrPermissions) == 6144); // the rest of the 8 KiB is reserved
  expect_positions<SvmMsrPermissions>(svm_positions);
}

// Both sides of every edge: which accesses have a bit, and which always exit.
struct Edge {
  std::uint32_t msr;
  bool in_vmx, in_svm;
};
constexpr Edge edges[] = {
    {0x00000000, true, true},   {0x00001FFF, true, true},   {0x00002000, false, false},
    {0x40000000, false, false}, {0xBFFFFFFF, false, false}, {0xC0000000, true, true},
    {0xC0001FFF, true, true},   {0xC0002000, false, false}, {0xC000FFFF, false, false},
    {0xC0010000, false, true},  {0xC0011FFF, false, true},  {0xC0012000, false, false},
    {0xFFFFFFFF, false, false},
};

template <typename Controls>
void expect_edge(std::uint32_t msr, bool inside) {
  for (const bool write : {false, true}) {
    SCOPED_TRACE(hex(msr) + (write ? " write" : " read"));
    Controls controls;
    EXPECT_EQ(controls.exits(msr, write), !inside);
    controls.set(msr, write, true);
    EXPECT_TRUE(controls.exits(msr, write));
    EXPECT_EQ(ones(bytes_of(controls)), inside ? 1u : 0u); // outside there is no bit to set
    controls.set(msr, write, false);
    EXPECT_EQ(controls.exits(msr, write), !inside);
  }
}

TEST(VmxMsrBitmaps, Outside_the_ranges_every_access_exits) { // docs/vectors.md, `vmx`
  for (const Edge& edge : edges)
    expect_edge<VmxMsrBitmaps>(edge.msr, edge.in_vmx);
}

TEST(SvmMsrPermissions, Outside_the_ranges_every_access_exits) {
  for (const Edge& edge : edges)
    expect_edge<SvmMsrPermissions>(edge.msr, edge.in_svm);
}

template <typename Controls>
void expect_independent_bits() {
  Controls controls;
  controls.set(0xC0000080, false, true);
  controls.set(0xC0000080, true, true);
  controls.set(0xC0000081, false, true);
  controls.set(0xC0000080, false, false);
  EXPECT_FALSE(controls.exits(0xC0000080, false));
  EXPECT_TRUE(controls.exits(0xC0000080, true));
  EXPECT_TRUE(controls.exits(0xC0000081, false));
  EXPECT_FALSE(controls.exits(0x00000080, true));
}

TEST(VmxMsrBitmaps, Every_bit_is_set_and_cleared_alone) {
  expect_independent_bits<VmxMsrBitmaps>();
}
TEST(SvmMsrPermissions, Every_bit_is_set_and_cleared_alone) {
  expect_independent_bits<SvmMsrPermissions>();
}

} // namespace
} // namespace icebp::test
