#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/tests/rules/oracles/profile_oracle.h>
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
  comparison.check("WRMSR DEBUGCTL[2]", // 2.1 of docs/msr-block.md; AMD stores bits 5:0
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
  const Request mov = read_dr(0);
  const Outcome gd = execute(cpu, state, mov).outcome;
  comparison.check("DR6.RTM after general detect", (state.dr[6] & 0x10000) != 0);
  comparison.check("RF of general detect", !pushed_rf(cpu.authority, mov, gd));
}

// ---- The instruction boundary

Outcome put(const CpuModel& cpu, CoreState& state, Operation operation, u64 address,
            Ending ending = Ending::plain) {
  Request request = request_at(operation, address);
  request.ending = ending;
  request.fast_string = true;
  return execute(cpu, state, request).outcome;
}

// DR0 watches writes to 8000, DR2 the instruction at 2000; DR1 is as DR0 but not enabled.
CoreState with_breakpoints(const CpuModel& cpu) {
  CoreState state = power_up(cpu);
  state.dr[0] = state.dr[1] = 0x8000;
  state.dr[2] = 0x2000;
  state.dr[7] = 0x00110411; // L0, L2; DR0 and DR1 of writes, DR2 of execution
  return state;
}

// Before the instruction at 2000, behind one that wrote to 8000.
CoreState behind_a_watched_write(const CpuModel& cpu, Ending ending) {
  CoreState state = with_breakpoints(cpu);
  put(cpu, state, Operation::fetch, 0x1000);
  put(cpu, state, Operation::data_write, 0x8000);
  put(cpu, state, Operation::end_of_instruction, 0x1800, ending);
  return state;
}

// Iterations of a fast string of bytes, from the watched one to the trap.
unsigned iterations_to_the_trap(const CpuModel& cpu) {
  CoreState state = with_breakpoints(cpu);
  put(cpu, state, Operation::fetch, 0x1000);
  put(cpu, state, Operation::data_write, 0x8000);
  unsigned iterations = 1;
  while (put(cpu, state, Operation::end_of_iteration, 0x1000).vector == Vector::none &&
         iterations < 1000)
    ++iterations;
  return iterations;
}

void compare_boundary(const CpuModel& cpu, const ProfileDatasheet& expected,
                      Comparison& comparison) {
  const bool is_intel = expected.vendor == Vendor::intel;
  CoreState state = with_breakpoints(cpu);
  comparison.check("B bits of disabled breakpoints", // docs/debug-unit.md 2.4
                   put(cpu, state, Operation::data_write, 0x8000).value() == (is_intel ? 3u : 1u));

  state = behind_a_watched_write(cpu, Ending::mov_ss);
  comparison.check("breakpoint behind MOV SS", // 4.5
                   (put(cpu, state, Operation::fetch, 0x2000).vector == Vector::none) == is_intel);

  state = behind_a_watched_write(cpu, Ending::mov_ss);
  put(cpu, state, Operation::fetch, 0x1800);
  put(cpu, state, Operation::fault, 0x1800);
  comparison.check("a fault behind MOV SS", // 5.3
                   put(cpu, state, Operation::fetch, 0x3000).vector == Vector::none);

  state = with_breakpoints(cpu);
  put(cpu, state, Operation::fetch, 0x1000);
  put(cpu, state, Operation::data_write, 0x8000);
  const u64 at_2000 = put(cpu, state, Operation::end_of_instruction, 0x2000).data;
  comparison.check("trap and breakpoint on the next instruction", // 5.2
                   (at_2000 & 4) == (is_intel ? 4u : 0u));

  comparison.check("string granularity", // 4.4
                   iterations_to_the_trap(cpu) == (is_intel ? 64u : 1u));
}

void compare_msr_forms(const CpuModel& cpu, const ProfileDatasheet& expected,
                       Comparison& comparison) { // docs/msr-block.md 1.2
  const struct {
    Operation form;
    Feature feature;
  } forms[] = {{Operation::wrmsrns, Feature::wrmsrns},
               {Operation::rdmsr_imm, Feature::msr_imm},
               {Operation::wrmsrns_imm, Feature::msr_imm},
               {Operation::rdmsrlist, Feature::msrlist}};
  for (const auto& row : forms) {
    CoreState state = power_up(cpu);
    Request request = wrmsr_of(0x174, 8); // aligned, for the list
    request.operation = row.form;
    const bool runs = execute(cpu, state, request).outcome.kind == OutcomeKind::retired;
    comparison.check(std::string(name_of(row.form)), runs == expected.has(row.feature));
  }
}

void compare_msrs(const CpuModel& cpu, const ProfileDatasheet& expected, Comparison& comparison) {
  const bool is_intel = expected.vendor == Vendor::intel;
  const bool is_amd = !is_intel;
  for (const std::uint32_t index :
       {0x174u, 0x1D9u, 0x277u, 0xC0000080u, 0xC0000081u, 0xC0000082u, 0xC0000083u})
    comparison.check("presence of " + hex(index), has_msr(cpu, index));
  comparison.check("presence of TSC_AUX",
                   has_msr(cpu, 0xC0000103) == expected.has(Feature::rdtscp));
  comparison.check("presence of DS_AREA", has_msr(cpu, 0x600) == (is_intel && expected.ds));
  comparison.check("presence of DR0_ADDR_MASK", has_msr(cpu, 0xC0011027) == is_amd);
  for (const std::uint32_t index : {0xC0011019u, 0xC001101Au, 0xC001101Bu})
    comparison.check("presence of " + hex(index),
                     has_msr(cpu, index) == (is_amd && expected.dbext));
  comparison.check("canonical width",
                   accepts(cpu, 0xC0000082, 0x00FFFFFFFFFFFFFF) == expected.la57);
  comparison.check("DEBUGCTL, debug store bits",
                   accepts(cpu, 0x1D9, 0x780) == (is_amd || expected.ds));
  comparison.check("DEBUGCTL, freeze bits",
                   accepts(cpu, 0x1D9, 0x1800) == (is_amd || expected.pdcm));
  comparison.check("DEBUGCTL[15]", accepts(cpu, 0x1D9, 0x8000) == (is_amd || expected.rtm));
  comparison.check("EFER.NXE", accepts(cpu, 0xC0000080, 0x800));
  comparison.check("EFER.SCE", accepts(cpu, 0xC0000080, 0x001));
  comparison.check("EFER.LMA", accepts(cpu, 0xC0000080, 0x400) == is_intel);
}

void compare_init(const CpuModel& cpu, Comparison& comparison) { // SDM vol. 3 10.12.5
  CoreState state = power_up(cpu);
  accepts(cpu, state, 0x1B, 0xFEE00100); // the APIC is off
  execute(cpu, state, of_operation(Operation::init));
  comparison.check("APIC_BASE over INIT", read_msr(cpu, state, 0x1B) == 0xFEE00100);
}

void compare_serialization(const CpuModel& cpu, const ProfileDatasheet& expected,
                           Comparison& comparison) { // docs/msr-block.md 5, CPUID.80000021:EAX[1]
  CoreState state = power_up(cpu);
  const bool serializes = execute(cpu, state, wrmsr_of(0xC0000100, 0)).outcome.serializing;
  comparison.check("WRMSR FS_BASE serializes", serializes != expected.has(Feature::fs_gs_base_ns));
}

// ---- Features that MSRs show

// A value that is accepted and, where it can be read, stays.
bool takes(const CpuModel& cpu, std::uint32_t index, u64 value) {
  CoreState state = power_up(cpu);
  if (!accepts(cpu, state, index, value))
    return false;
  const Outcome read = execute(cpu, state, rdmsr_of(index)).outcome;
  return read.kind != OutcomeKind::retired || read.value() == value;
}

void compare_features(const CpuModel& cpu, const ProfileDatasheet& expected,
                      Comparison& comparison) {
  for (const FeatureProbe& probe : feature_probes)
    // A CPU may have a register of its own at the index.
    if (probe.applies_to(expected.vendor) && cpu.msrs.find(probe.index).in_catalogue) {
      const bool there =
          probe.writes ? takes(cpu, probe.index, probe.value) : has_msr(cpu, probe.index);
      comparison.check("feature " + std::string(name_of(probe.feature)),
                       there == expected.has(probe.feature));
    }
}

// Bits that a feature makes writable and that nothing tells but the bit.
void compare_feature_bits(const CpuModel& cpu, const ProfileDatasheet& expected,
                          Comparison& comparison) {
  if (expected.has(Feature::flush_l1d)) // kvm-unit-tests 13a12056: Skylake, none of which has it
    comparison.check("FLUSH_CMD[1]", !accepts(cpu, 0x10B, 2));
  if (expected.vendor == Vendor::amd) { // APM
    comparison.check("EFER.LMSLE",
                     accepts(cpu, 0xC0000080, 0x2000) !=
                         (expected.has(Feature::no_lmsle) || !expected.has(Feature::svm)));
    comparison.check("DEBUGCTL[11]", takes(cpu, 0x1D9, 0x800) == expected.has(Feature::lbr_freeze));
    comparison.check("HWCR[35]", takes(cpu, 0xC0010015, 0x800000000) ==
                                     expected.has(Feature::cpuid_user_disable));
    return;
  }
  if (cpu.msrs.find(0x390).gp != 0) // SDM: ASCI, LBR_Frz, CTR_Frz
    comparison.check("version 4",
                     accepts(cpu, 0x390, 0x400000000000000) == expected.has(Feature::perfmon_v4));
  if (cpu.msrs.find(0x1C9).in_catalogue) // TOS
    comparison.check("a stack of last branches",
                     has_msr(cpu, 0x1C9) == (expected.has(Feature::lbr_stack) ||
                                             expected.has(Feature::lbr_stack_core2) ||
                                             expected.has(Feature::lbr_stack_core_duo)));
  if (cpu.msrs.find(0x40).in_catalogue) // VB: 60h is Core 2's and Atom's
    comparison.check("the stack at 40h alone", (has_msr(cpu, 0x40) && !has_msr(cpu, 0x60)) ==
                                                   expected.has(Feature::lbr_stack_core_duo));
}

} // namespace

bool has_word(std::string_view text, std::string_view word) {
  return (" " + std::string(text) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

bool ProfileDatasheet::has(Feature feature) const {
  switch (feature) {
  case Feature::rtm:
    return rtm;
  case Feature::bus_lock_detect:
    return bld;
  case Feature::la57:
    return la57;
  case Feature::ds:
    return ds;
  case Feature::pdcm:
    return pdcm;
  case Feature::dbext:
    return dbext;
  default:
    break;
  }
  return has_word("msr sep pat syscall nx lm apic mtrr mca", name_of(feature)) ||
         has_word(msr_features, name_of(feature));
}

std::vector<std::string> profile_mismatches(const CpuModel& cpu, const ProfileDatasheet& expected) {
  Comparison comparison;
  compare_dr6(cpu, expected, comparison);
  compare_db(cpu, expected, comparison);
  compare_boundary(cpu, expected, comparison);
  compare_msrs(cpu, expected, comparison);
  compare_msr_forms(cpu, expected, comparison);
  compare_serialization(cpu, expected, comparison);
  compare_init(cpu, comparison);
  compare_features(cpu, expected, comparison);
  compare_feature_bits(cpu, expected, comparison);
  return comparison.take();
}

} // namespace icebp::test
