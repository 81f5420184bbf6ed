#pragma once

#include <icebp/model/rules/vocabulary/authority.h>
#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

enum class Vendor : std::uint8_t { intel, amd };
template <>
inline constexpr auto name_table<Vendor> = names_in_order<Vendor>("intel", "amd");

// A feature is what CPUID, or a capability MSR, reports and the rules ask for.
enum class Feature : std::uint8_t {
  msr,             // CPUID.1:EDX[5]
  sep,             // CPUID.1:EDX[11], SYSENTER
  pat,             // CPUID.1:EDX[16]
  ds,              // CPUID.1:EDX[21], debug store
  pdcm,            // CPUID.1:ECX[15]
  rtm,             // CPUID.7.0:EBX[11]
  la57,            // CPUID.7.0:ECX[16]
  bus_lock_detect, // CPUID.7.0:ECX[24]; AMD: bus lock trap
  syscall,         // CPUID.80000001:EDX[11]
  nx,              // CPUID.80000001:EDX[20]
  rdtscp,          // CPUID.80000001:EDX[27]
  lm,              // CPUID.80000001:EDX[29]
  dbext,           // CPUID.80000001:ECX[26], AMD
  apic,            // CPUID.1:EDX[9]
  mtrr,            // CPUID.1:EDX[12]
  mca,             // CPUID.1:EDX[14]
  x2apic,          // CPUID.1:ECX[21]
  aperfmperf,      // CPUID.6:ECX[0]
  tsc_adjust,      // CPUID.7.0:EBX[1]
  xsaves,          // CPUID.D.1:EAX[3]
  shstk,           // CPUID.7.0:ECX[7]
  ibt,             // CPUID.7.0:EDX[20]
  fred,            // CPUID.7.1:EAX[17]
  wrmsrns,         // CPUID.7.1:EAX[19]
  msr_imm,         // CPUID.7.1:ECX[5], the immediate forms
  perfmon_v2,      // CPUID.0A:EAX[7:0] >= 2; AMD: CPUID.80000022:EAX[0]
  mcg_ctl,         // MCG_CAP[8]
  ibrs,            // CPUID.7.0:EDX[26], IBPB too; AMD: CPUID.80000008:EBX[14]
  stibp,           // CPUID.7.0:EDX[27]; AMD: CPUID.80000008:EBX[15]
  ssbd,            // CPUID.7.0:EDX[31]; AMD: CPUID.80000008:EBX[24]
  psfd,            // CPUID.7.2:EDX[0], and the controls of EDX[4:1]; AMD: CPUID.80000008:EBX[28]
  // Intel's
  vmx,                // CPUID.1:ECX[5], SMX too
  sgx,                // CPUID.7.0:EBX[2]
  lmce,               // MCG_CAP[27]
  cmci,               // MCG_CAP[10]
  smrr,               // MTRRCAP[11]
  platform_info,      // family 6 from Nehalem on
  lbr_stack,          // the stack of last branches at 680h and 6C0h
  perfmon,            // CPUID.0A:EAX[7:0] >= 1
  core_capabilities,  // CPUID.7.0:EDX[30]
  arch_capabilities,  // CPUID.7.0:EDX[29]
  flush_l1d,          // CPUID.7.0:EDX[28], AMD's too
  tsx_ctrl,           // ARCH_CAPABILITIES[7]
  srbds_ctrl,         // CPUID.7.0:EDX[9]
  waitpkg,            // CPUID.7.0:ECX[5]
  xfd,                // CPUID.D.1:EAX[4]
  intel_pt,           // CPUID.7.0:EBX[25]
  tsc_deadline,       // CPUID.1:ECX[24]
  pks,                // CPUID.7.0:ECX[31]
  uintr,              // CPUID.7.0:EDX[5]
  user_msr,           // CPUID.7.1:EDX[15]
  msrlist,            // CPUID.7.1:EAX[27]
  mpx,                // CPUID.7.0:EBX[14]
  enqcmd,             // CPUID.7.0:ECX[29]
  arch_lbr,           // CPUID.7.0:EDX[19]
  doitm,              // ARCH_CAPABILITIES[12]
  sdbg,               // CPUID.1:ECX[11]
  vmx_secondary,      // IA32_VMX_PROCBASED_CTLS[63]: secondary controls
  ept_vpid,           // IA32_VMX_PROCBASED_CTLS2[33] or [37]
  vmx_true_ctls,      // IA32_VMX_BASIC[55]
  vmfunc,             // IA32_VMX_PROCBASED_CTLS2[45]
  vmx_tertiary,       // IA32_VMX_PROCBASED_CTLS[49]: tertiary controls
  vmx_exit_ctls2,     // IA32_VMX_EXIT_CTLS[63]: secondary exit controls
  lbr_stack_core2,    // the stack of last branches at 40h and 60h
  lbr_stack_core_duo, // the one at 40h, two addresses of 32 bits in a register
  lbr_info,           // MSR_LBR_INFO_x beside the stack
  full_width_pmc,     // PERF_CAPABILITIES[13]
  pebs_baseline,      // PERF_CAPABILITIES[14]
  perfmon_v4,         // CPUID.0A:EAX[7:0] >= 4
  xapic_disable,      // ARCH_CAPABILITIES[21]
  // AMD's
  svm,           // CPUID.80000001:ECX[2]
  osvw,          // CPUID.80000001:ECX[9]
  ibs,           // CPUID.80000001:ECX[10]
  lbr_v2,        // CPUID.80000022:EAX[1]
  ibpb,          // AMD: CPUID.80000008:EBX[12]
  sbpb,          // CPUID.80000021:EAX[27]
  avic,          // CPUID.8000000A:EDX[13]
  virt_ssbd,     // CPUID.80000008:EBX[25]
  fs_gs_base_ns, // CPUID.80000021:EAX[1]: WRMSR to FS.base, GS.base, KernelGSbase not serializing
  perfctr_core,  // CPUID.80000001:ECX[23]
  no_lmsle,      // CPUID.80000008:EBX[20]: EFER.LMSLE is reserved
  sev,           // CPUID.8000001F:EAX[1]
  auto_ibrs,     // CPUID.80000021:EAX[8]
  cpuid_user_disable, // CPUID.80000021:EAX[17]
  lbr_freeze,         // CPUID.80000022:EAX[2]
};
template <>
inline constexpr auto name_table<Feature> = names_in_order<Feature>(
    "msr", "sep", "pat", "ds", "pdcm", "rtm", "la57", "bus_lock_detect", "syscall", "nx", "rdtscp",
    "lm", "dbext", "apic", "mtrr", "mca", "x2apic", "aperfmperf", "tsc_adjust", "xsaves", "shstk",
    "ibt", "fred", "wrmsrns", "msr_imm", "perfmon_v2", "mcg_ctl", "ibrs", "stibp", "ssbd", "psfd",
    "vmx", "sgx", "lmce", "cmci", "smrr", "platform_info", "lbr_stack", "perfmon",
    "core_capabilities", "arch_capabilities", "flush_l1d", "tsx_ctrl", "srbds_ctrl", "waitpkg",
    "xfd", "intel_pt", "tsc_deadline", "pks", "uintr", "user_msr", "msrlist", "mpx", "enqcmd",
    "arch_lbr", "doitm", "sdbg", "vmx_secondary", "ept_vpid", "vmx_true_ctls", "vmfunc",
    "vmx_tertiary", "vmx_exit_ctls2", "lbr_stack_core2", "lbr_stack_core_duo", "lbr_info",
    "full_width_pmc", "pebs_baseline", "perfmon_v4", "xapic_disable", "svm", "osvw", "ibs",
    "lbr_v2", "ibpb", "sbpb", "avic", "virt_ssbd", "fs_gs_base_ns", "perfctr_core", "no_lmsle",
    "sev", "auto_ibrs", "cpuid_user_disable", "lbr_freeze");

class FeatureSet {
public:
  constexpr FeatureSet() = default;
  constexpr FeatureSet(Feature feature) { words_[word(feature)] |= bit(feature); }
  template <typename... Features>
  constexpr explicit FeatureSet(Features... features) {
    ((words_[word(features)] |= bit(features)), ...);
  }

  constexpr bool has(Feature feature) const { return (words_[word(feature)] & bit(feature)) != 0; }
  constexpr bool has_any(FeatureSet of) const {
    return ((words_[0] & of.words_[0]) | (words_[1] & of.words_[1])) != 0;
  }
  constexpr FeatureSet with(FeatureSet of) const {
    return from(words_[0] | of.words_[0], words_[1] | of.words_[1]);
  }
  constexpr FeatureSet without(FeatureSet of) const {
    return from(words_[0] & ~of.words_[0], words_[1] & ~of.words_[1]);
  }
  constexpr FeatureSet with(Feature feature) const { return with(FeatureSet(feature)); }
  constexpr FeatureSet without(Feature feature) const { return without(FeatureSet(feature)); }

private:
  static constexpr std::size_t word(Feature feature) { return static_cast<unsigned>(feature) / 64; }
  static constexpr std::uint64_t bit(Feature feature) {
    return std::uint64_t{1} << static_cast<unsigned>(feature) % 64;
  }
  static constexpr FeatureSet from(std::uint64_t low, std::uint64_t high) {
    FeatureSet set;
    set.words_[0] = low;
    set.words_[1] = high;
    return set;
  }
  std::array<std::uint64_t, 2> words_{};
};
static_assert(name_table<Feature>.size() <= 128);

struct MsrDeviation;
struct MsrModelValue;
struct MsrIndexRange;
struct CpuMsrs;

// How many registers a CPU has of those that come in numbers.
struct MsrCounts {
  std::uint8_t mca_banks = 0;      // MCG_CAP[7:0], up to 32
  std::uint8_t mtrr_pairs = 0;     // MTRRCAP[7:0], up to 10
  std::uint8_t rtit_ranges = 0;    // CPUID.14.1:EAX[2:0], up to 4
  std::uint8_t lbr_entries = 0;    // of the stack of last branches, up to 32
  std::uint8_t counters = 0;       // CPUID.0A:EAX[15:8], up to 8
  std::uint8_t fixed_counters = 0; // CPUID.0A:EDX[4:0], up to 4
  std::uint8_t lbr_depths =
      0x0B; // CPUID.1Ch:EAX[7:0], with arch_lbr: bit n for 8 * (n + 1) records
};

// After which iteration of a REP instruction a data breakpoint that it met is a trap.
enum class StringGranularity : std::uint8_t {
  exact,
  one_late,     // P6 (SDM vol. 3 17.2.3)
  blocks_of_64, // of a fast string: where the watched 64-byte block ends (measured, Cascade Lake)
};
template <>
inline constexpr auto name_table<StringGranularity> =
    names_in_order<StringGranularity>("exact", "one_late", "blocks_of_64");

// Points on which CPUs differ. (Points on which authorities disagree: AuthorityQuirks.)
struct Quirks {
  // INT1 leaves DR6.B0-B3 alone (AMD, Xen debug.c x86_merge_dr6); else every #DB rewrites them.
  bool int1_keeps_b = false;
  // DR6.BLD is writable only while DEBUGCTL[2] is 1 (AMD APM vol. 2 13.1.3.6).
  bool bld_writable_needs_debugctl = false;
  // A WRMSR that changes EFER.LMA is #GP (AMD, UNVERIFIED); else the bit is dropped (Intel).
  bool efer_lma_flip_faults = false;
  // An access that meets an enabled breakpoint also sets B bits of breakpoints that match but are
  // not enabled (Intel: SDM 2007, K5 manual A.7.2 on Pentium; newer SDMs: may or may not).
  bool disabled_breakpoints_set_b = true;
  // MOV SS and POP SS suppress an instruction breakpoint on the next instruction (Intel, measured);
  // AMD's do not (KVM, kvm-unit-tests emulator.c).
  bool mov_ss_inhibits_code_breakpoint = true;
  // Traps and an instruction breakpoint on the next instruction are one #DB (Intel, measured); else
  // two in series (K5 manual A.7.3; later AMD UNVERIFIED).
  bool traps_merge_with_code_breakpoint = true;
  // Bits 63:1 of IA32_FLUSH_CMD are dropped (Skylake: kvm-unit-tests 13a12056, which failed there);
  // elsewhere they are #GP (KVM).
  bool flush_cmd_drops_reserved_bits = false;
  StringGranularity string_granularity = StringGranularity::exact;
};

// A CPU as the rules see it.
struct CpuProfile {
  std::string_view name;
  Vendor vendor = Vendor::intel;
  FeatureSet features;
  std::uint8_t physical_address_bits = 52; // MAXPHYADDR, 32 to 52
  Quirks quirks;
  const Authority* authority = &intel_hardware; // whose word counts, unless another is named
  MsrCounts msr_counts;
  std::string_view evidence;
  const CpuMsrs* msrs = nullptr;                     // what it has otherwise than the catalogue
  Table<MsrIndexRange> platform_msrs = {nullptr, 0}; // left to the platform

  constexpr bool has(Feature feature) const { return features.has(feature); }
  bool leaves_to_platform(std::uint32_t msr) const;
  // Width of the canonical check on MSR values, in bits.
  constexpr unsigned linear_address_bits() const { return has(Feature::la57) ? 57 : 48; }
};

extern const Table<CpuProfile> cpu_profiles;

// nullptr if there is no profile of that name.
const CpuProfile* find_cpu_profile(std::string_view name);

} // namespace v0_1
} // namespace icebp
