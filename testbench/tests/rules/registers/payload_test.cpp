#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

u64 merged(const CpuProfile& cpu, u64 debugctl, u64 dr6, u64 payload, bool from_int1) {
  return payload::merge_into_dr6(cpu, *cpu.authority, debugctl, dr6, payload, from_int1);
}

CpuProfile intel_with_rtm_and_bld() { return with(intel(), Feature::bus_lock_detect); }

// docs/debug-unit.md 6, "start DR6 | payload | result".
struct Example {
  u64 start, payload, result;
  bool from_int1;
};
constexpr Example examples[] = {
    {0xFFFF0FF0, 0x02000, 0xFFFF2FF0, false}, // general detect
    {0xFFFF4FF3, 0x02000, 0xFFFF6FF0, false}, // B cleared, BS kept
    {0xFFFF0FF0, 0x04001, 0xFFFF4FF1, false}, // step and data
    {0xFFFF2FF8, 0x00002, 0xFFFF2FF2, false}, // B3 replaced
    {0xFFFF0FF0, 0x10000, 0xFFFE0FF0, false}, // RTM, inverted
    {0xFFFF0FF0, 0x00800, 0xFFFF07F0, false}, // BLD, inverted
    {0xFFFF07F0, 0x04000, 0xFFFF47F0, false}, // BLD stays asserted
    {0xFFFE0FF0, 0x00001, 0xFFFF0FF1, false}, // another #DB sets RTM
    {0xFFFF0FF5, 0x00000, 0xFFFF0FF0, true},  // ICEBP on Intel clears stale B bits
};

TEST(Payload, Worked_examples) {
  for (const Example& example : examples) {
    SCOPED_TRACE(hex(example.start) + " payload " + hex(example.payload));
    EXPECT_EQ(
        merged(intel_with_rtm_and_bld(), 0, example.start, example.payload, example.from_int1),
        example.result);
  }
}

// 2.1 and the formula of 6, bit by bit: merged into a DR6 in which nothing has happened, and into
// one in which everything has.
struct Bit {
  u64 payload, after_nothing, after_everything;
};
constexpr Bit bits[] = {
    {0x00000, 0xFFFF0FF0, 0xFFFFE7F0}, // BD, BS, BT and BLD are kept; B and RTM are not
    {0x00001, 0xFFFF0FF1, 0xFFFFE7F1}, {0x00002, 0xFFFF0FF2, 0xFFFFE7F2},
    {0x00004, 0xFFFF0FF4, 0xFFFFE7F4}, {0x00008, 0xFFFF0FF8, 0xFFFFE7F8},
    {0x00800, 0xFFFF07F0, 0xFFFFE7F0}, {0x02000, 0xFFFF2FF0, 0xFFFFE7F0},
    {0x04000, 0xFFFF4FF0, 0xFFFFE7F0}, {0x08000, 0xFFFF8FF0, 0xFFFFE7F0},
    {0x10000, 0xFFFE0FF0, 0xFFFEE7F0}, {0x1E80F, 0xFFFEE7FF, 0xFFFEE7FF},
};

TEST(Payload, Every_bit) {
  for (const Bit& row : bits) {
    SCOPED_TRACE(hex(row.payload));
    const CpuProfile cpu = intel_with_rtm_and_bld();
    EXPECT_EQ(merged(cpu, 0, 0xFFFF0FF0, row.payload, false), row.after_nothing);
    EXPECT_EQ(merged(cpu, 0, 0xFFFEE7FF, row.payload, false), row.after_everything);
  }
}

TEST(Payload, Sticky_bits_are_kept_one_by_one) { // 2.1
  const CpuProfile cpu = intel_with_rtm_and_bld();
  for (const u64 dr6 : {0xFFFF2FF0u, 0xFFFF4FF0u, 0xFFFF8FF0u, 0xFFFF07F0u})
    EXPECT_EQ(merged(cpu, 0, dr6, 0, false), dr6);
}

TEST(Payload, Only_int1_on_amd_keeps_b) { // 2.3
  EXPECT_EQ(merged(amd(), 0, 0xFFFF0FF5, 0, true), 0xFFFF0FF5);
  EXPECT_EQ(merged(amd(), 0, 0xFFFF0FF5, 0, false), 0xFFFF0FF0);
  EXPECT_EQ(merged(amd(), 0, 0xFFFF0FF5, 0x2000, false), 0xFFFF2FF0);
  EXPECT_EQ(merged(intel(), 0, 0xFFFF0FF5, 0, true), 0xFFFF0FF0);
}

TEST(Payload, Rtm_kept_asserted_as_xen_has_it) { // 11, quirk other_db_sets_rtm
  Authority xen = intel_hardware;
  xen.quirks.other_db_sets_rtm = false;
  CpuProfile cpu = intel_with_rtm_and_bld();
  cpu.authority = &xen;
  EXPECT_EQ(merged(cpu, 0, 0xFFFE0FF0, 0x0001, false), 0xFFFE0FF1);
  EXPECT_EQ(merged(cpu, 0, 0xFFFF0FF0, 0x0001, false), 0xFFFF0FF1);
}

TEST(Payload, Fixed_bits_are_forced) { // last two lines of the formula
  const CpuProfile bare = without(intel(), Feature::rtm);
  EXPECT_EQ(merged(bare, 0, 0, 0x2000, false), 0xFFFF2FF0);
  EXPECT_EQ(merged(bare, 0, 0x1000, 0x4000, false), 0xFFFF4FF0);
}

TEST(Payload, Amd_bld_follows_debugctl_2) { // 2.2, 10.3
  const CpuProfile cpu = with(amd(), Feature::bus_lock_detect);
  EXPECT_EQ(merged(cpu, 4, 0xFFFF0FF0, 0x0800, false), 0xFFFF07F0);
  EXPECT_EQ(merged(cpu, 4, 0xFFFF07F0, 0x2000, false), 0xFFFF27F0);
  EXPECT_EQ(merged(cpu, 0, 0xFFFF07F0, 0x2000, false), 0xFFFF2FF0);
}

// 6, 7.1: bit 12 exists in the pending-debug field only; BD and BT do not.
TEST(Section_6, pending_debug_field) {
  const struct {
    u64 payload, field;
  } rows[] = {
      {0x00000, 0x00000}, {0x00001, 0x01001}, {0x00002, 0x01002}, {0x00004, 0x01004},
      {0x00008, 0x01008}, {0x04000, 0x04000}, {0x04003, 0x05003}, {0x00800, 0x00800},
      {0x10000, 0x11000}, {0x02000, 0x00000}, {0x02001, 0x01001}, {0x08000, 0x00000},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(hex(row.payload));
    EXPECT_EQ(payload::to_vmx_field(row.payload), row.field);
    EXPECT_EQ(payload::from_vmx_field(row.field), row.payload & ~u64{0xA000});
    EXPECT_EQ(payload::from_vmx_field(row.field | 0x1000), row.payload & ~u64{0xA000});
  }
}

// 6: "pending field 01002".
TEST(Section_6, bit_12_stays_in_the_field) {
  EXPECT_EQ(merged(intel_with_rtm_and_bld(), 0, 0xFFFF2FF8, payload::from_vmx_field(0x1002), false),
            0xFFFF2FF2);
}

TEST(Payload, Names) { // 10.3
  EXPECT_EQ(payload::general_detect, 0x2000u);
  EXPECT_EQ(payload::single_step, 0x4000u);
  EXPECT_EQ(payload::task_switch, 0x8000u);
  EXPECT_EQ(payload::bus_lock, 0x800u);
  EXPECT_EQ(payload::rtm_abort, 0x10000u);
  EXPECT_EQ(payload::int1, 0u);
  EXPECT_EQ(payload::all, 0x1E80Fu); // never bit 12
}

} // namespace
} // namespace icebp::test
