#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/tests/rules/profile_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

namespace icebp::test {
namespace {

class Comparison {
public:
  void check(const std::string& what, bool agrees) {
    if (!agrees)
      mismatches_.push_back(what);
  }
  std::vector<std::string> take() { return std::move(mismatches_); }

private:
  std::vector<std::string> mismatches_;
};

// A WRMSR without paging: whether it is accepted.
bool accepts(const CpuModel& cpu, CoreState& state, std::uint32_t index, u64 value) {
  return execute(cpu, state, with_paging(wrmsr_of(index, value), false)).outcome.kind ==
         OutcomeKind::retired;
}

bool accepts(const CpuModel& cpu, std::uint32_t index, u64 value) {
  CoreState state = power_up(cpu);
  return accepts(cpu, state, index, value);
}

bool has_msr(const CpuModel& cpu, std::uint32_t index) {
  CoreState state = power_up(cpu);
  return execute(cpu, state, rdmsr_of(index)).outcome.kind == OutcomeKind::retired;
}

void compare_dr6(const CpuModel& cpu, const ProfileDatasheet& expected, Comparison& comparison) {
  CoreState state = power_up(cpu);
  execute(cpu, state, write_dr(6, 0));
  comparison.check("DR6 after 0", state.dr[6] == expected.dr6_after_0);
  const bool enabled = accepts(cpu, state, 0x1D9, 4);
  comparison.check("WRMSR DEBUGCTL[2]", // 2.1 of msr-block.md; AMD stores bits 5:0
                   enabled == (expected.vendor == Vendor::amd || expected.bld));
  execute(cpu, state, write_dr(6, 0));
  comparison.check("DR6 after 0, DEBUGCTL[2] = 1", state.dr[6] == expected.dr6_after_0_bld_enabled);
}

void compare_db(const CpuModel& cpu, const ProfileDatasheet& expected, Comparison& comparison) {
  const bool is_intel = expected.vendor == Vendor::intel;
  CoreState state = power_up(cpu);
  execute(cpu, state, write_dr(6, 0xFFFF0FF5));
  execute(cpu, state, int1_instruction());
  comparison.check("INT1 and B0-B3", state.dr[6] == (is_intel ? 0xFFFF0FF0 : 0xFFFF0FF5));
  execute(cpu, state, write_dr(7, 0xFFFFFFFF));
  comparison.check("DR7 after FFFFFFFF", state.dr[7] == (expected.rtm ? 0xFFFF2FFF : 0xFFFF27FF));
  state.dr[6] &= ~u64{0x10000}; // where the CPU has it: an RTM abort long ago
  const Outcome gd = execute(cpu, state, read_dr(0)).outcome;
  comparison.check("DR6.RTM after general detect", (state.dr[6] & 0x10000) != 0);
  comparison.check("RF of general detect", !pushed_rf(cpu.profile, gd, false));
}

void compare_msrs(const CpuModel& cpu, const ProfileDatasheet& expected, Comparison& comparison) {
  const bool is_intel = expected.vendor == Vendor::intel;
  const bool is_amd = !is_intel;
  for (const std::uint32_t index :
       {0x174u, 0x1D9u, 0x277u, 0xC0000080u, 0xC0000081u, 0xC0000082u, 0xC0000083u, 0xC0000103u})
    comparison.check("presence of " + hex(index), has_msr(cpu, index));
  comparison.check("presence of DS_AREA", has_msr(cpu, 0x600) == (is_intel && expected.ds));
  comparison.check("canonical width",
                   accepts(cpu, 0xC0000082, 0x00FFFFFFFFFFFFFF) == expected.la57);
  comparison.check("DEBUGCTL, debug store bits",
                   accepts(cpu, 0x1D9, 0x780) == (is_amd || expected.ds));
  comparison.check("DEBUGCTL, freeze bits",
                   accepts(cpu, 0x1D9, 0x5800) == (is_amd || expected.pdcm));
  comparison.check("DEBUGCTL[15]", accepts(cpu, 0x1D9, 0x8000) == (is_amd || expected.rtm));
  comparison.check("EFER.NXE", accepts(cpu, 0xC0000080, 0x800));
  comparison.check("EFER.SCE", accepts(cpu, 0xC0000080, 0x001));
  comparison.check("EFER.LMA", accepts(cpu, 0xC0000080, 0x400) == is_intel);
}

} // namespace

std::vector<std::string> profile_mismatches(const CpuModel& cpu, const ProfileDatasheet& expected) {
  Comparison comparison;
  compare_dr6(cpu, expected, comparison);
  compare_db(cpu, expected, comparison);
  compare_msrs(cpu, expected, comparison);
  return comparison.take();
}

} // namespace icebp::test
