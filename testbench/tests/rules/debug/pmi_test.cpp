// A PMI and DEBUGCTL's freeze bits. (SDM vol. 3 17.4.7, 17.10.2, tables 17-3 and 17-17; Linux
// asm/perf_event.h: LBRS_FROZEN is bit 58, COUNTERS_FROZEN 59)

#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/debug/pmi.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr u64 lbr = 1, freeze_lbrs = 0x800, freeze_counters = 0x1000;
constexpr u64 lbr_frz = u64{1} << 58, ctr_frz = u64{1} << 59;

class Core {
public:
  explicit Core(const char* profile) : cpu(*find_cpu_profile(profile)), state(power_up(cpu)) {}

  void write(std::uint32_t index, u64 value) {
    EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(index, value)).outcome)) << hex(index);
  }
  u64 read(std::uint32_t index) { return read_msr(cpu, state, index); }
  void pmi(u64 overflowed) {
    EXPECT_TRUE(is_retired(execute(cpu, state, pmi_of(overflowed)).outcome));
  }
  void branch() { execute(cpu, state, branch_of(Branch::jcc, 1, 2)); }

  CpuModel cpu;
  CoreState state;
};

TEST(Pmi, Sets_the_overflow_bits_and_changes_nothing_else) {
  for (const auto& [profile, status] :
       {std::pair{"intel-sandybridge", 0x38Eu}, std::pair{"intel-skylake", 0x38Eu},
        std::pair{"amd-zen5", 0xC0000300u}}) {
    SCOPED_TRACE(profile);
    Core core(profile);
    core.write(0x1D9, lbr);
    CoreState expected = core.state;
    core.pmi(1);
    core.pmi(2);
    EXPECT_EQ(core.read(status), 3u);
    expected[MsrSlot::perf_global_status] = 3;
    EXPECT_TRUE(same(core.state, expected));
  }
}

TEST(Pmi, Before_version_4_it_clears_the_enables) {
  Core core("intel-sandybridge");
  core.write(0x38F, 0x70000000F);
  core.write(0x1D9, lbr | freeze_lbrs);
  core.pmi(1);
  EXPECT_EQ(core.read(0x1D9), freeze_lbrs);
  EXPECT_EQ(core.read(0x38F), 0x70000000Fu);
  EXPECT_EQ(core.read(0x38E), 1u);
  core.write(0x1D9, lbr | freeze_counters);
  core.pmi(1);
  EXPECT_EQ(core.read(0x1D9), lbr | freeze_counters);
  EXPECT_EQ(core.read(0x38F), 0u);
}

TEST(Pmi, From_version_4_on_the_status_freezes) {
  Core core("intel-skylake");
  core.write(0x38F, 0xF);
  core.write(0x1D9, lbr | freeze_lbrs);
  core.pmi(1);
  EXPECT_EQ(core.read(0x1D9), lbr | freeze_lbrs);
  EXPECT_EQ(core.read(0x38E), 1 | lbr_frz);
  core.branch();
  EXPECT_EQ(core.read(0x1C9), 0u);
  core.write(0x390, lbr_frz); // IA32_PERF_GLOBAL_STATUS_RESET
  EXPECT_EQ(core.read(0x38E), 1u);
  core.branch();
  EXPECT_EQ(core.read(0x1C9), 1u);
  core.write(0x1D9, lbr | freeze_counters);
  core.pmi(2);
  EXPECT_EQ(core.read(0x38E), 3 | ctr_frz);
  EXPECT_EQ(core.read(0x38F), 0xFu);
  core.write(0x391, lbr_frz); // IA32_PERF_GLOBAL_STATUS_SET
  EXPECT_EQ(core.read(0x38E), 3 | ctr_frz | lbr_frz);
  core.branch();
  EXPECT_EQ(core.read(0x1C9), 1u);
}

TEST(Pmi, Freezes_architectural_records_and_AMDs_stack) {
  Core intel_core("intel-emerald-rapids");
  intel_core.write(0x14CF, 8);
  intel_core.write(0x14CE, 0x7F0007);
  intel_core.write(0x1D9, freeze_lbrs);
  intel_core.pmi(1);
  intel_core.branch();
  EXPECT_EQ(intel_core.read(0x1500), 0u);
  Core amd_core("amd-zen5");
  amd_core.write(0xC000010F, 0x40);
  amd_core.write(0x1D9, freeze_lbrs);
  amd_core.pmi(1);
  EXPECT_EQ(amd_core.read(0xC0000300), 1 | lbr_frz);
  amd_core.branch();
  EXPECT_EQ(amd_core.read(0xC0010300), 0u);
  amd_core.write(0xC0000302, lbr_frz);
  amd_core.branch();
  EXPECT_EQ(amd_core.read(0xC0010300), 1u);
}

TEST(Pmi, Does_not_abort_an_RTM_region) {
  Core core("intel-skylake");
  const RtmRegion region{0x1000, 0x2000};
  Request request = pmi_of(1);
  request.context.rtm = &region;
  EXPECT_TRUE(is_retired(execute(core.cpu, core.state, request).outcome));
  EXPECT_EQ(core.read(0x38E), 1u);
}

} // namespace
} // namespace icebp::test
