#pragma once
// The named profiles as docs/vectors.md has them, and what their features and quirks do.

#include <icebp/model/rules/cpu/cpu_model.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace icebp::test {

struct ProfileDatasheet {
  std::string_view name;
  Vendor vendor;
  bool rtm, bld, la57, ds, pdcm, dbext;
  unsigned physical_address_bits;
  std::uint64_t dr6_after_0;             // DEBUGCTL[2] = 0
  std::uint64_t dr6_after_0_bld_enabled; // DEBUGCTL[2] = 1; where it is #GP as without
  std::string_view msr_features;         // besides, and the features of every 64-bit CPU
  bool has(Feature feature) const;
};

// True if `word` is one of the words of `text`.
bool has_word(std::string_view text, std::string_view word);

// docs/profiles.md. SEP and NX: every one; skylake and zen1 besides by what
// testbench/oracle/msr-silicon-all.csv shows of the i7-6700K and the Ryzen 1800X. The rows of `max`
// by "every gate of the MSR table on" and table 2.2.
inline constexpr ProfileDatasheet profile_datasheets[] = {
    // clang-format off
  // name                   vendor         RTM    BLD    LA57   DS     PDCM   DBEXT  MAXPHYADDR
    {"intel-core2", Vendor::intel, false, false, false, true, true, false, 36, 0xFFFF0FF0, 0xFFFF0FF0,
     "perfmon perfmon_v2 vmx aperfmperf lbr_stack_core2"},
    {"intel-sandybridge", Vendor::intel, false, false, false, true, true, false, 46, 0xFFFF0FF0, 0xFFFF0FF0,
     "perfmon perfmon_v2 vmx lbr_stack aperfmperf rdtscp x2apic platform_info cmci smrr tsc_deadline vmx_secondary ept_vpid vmx_true_ctls full_width_pmc"},
    {"intel-skylake",        Vendor::intel, true,  false, false, true,  true,  false, 39, 0xFFFE0FF0, 0xFFFE0FF0,
     "rdtscp aperfmperf tsc_adjust xsaves perfmon perfmon_v2 platform_info vmx sgx cmci smrr intel_pt tsc_deadline sdbg x2apic lbr_stack lbr_info mpx vmx_secondary ept_vpid vmx_true_ctls vmfunc full_width_pmc perfmon_v4"},
    {"intel-sierra-forest",  Vendor::intel, false, true,  true,  true,  true,  false, 52, 0xFFFF07F0, 0xFFFF07F0,
     "rdtscp aperfmperf tsc_adjust xsaves perfmon perfmon_v2 platform_info vmx sgx cmci smrr intel_pt tsc_deadline sdbg x2apic shstk ibt ibrs stibp ssbd psfd lmce core_capabilities arch_capabilities flush_l1d waitpkg pks uintr enqcmd arch_lbr doitm wrmsrns msrlist vmx_secondary ept_vpid vmx_true_ctls vmfunc full_width_pmc perfmon_v4 vmx_tertiary pebs_baseline xapic_disable"},
    {"intel-emerald-rapids", Vendor::intel, true,  true,  true,  true,  true,  false, 52, 0xFFFE07F0, 0xFFFE07F0,
     "rdtscp aperfmperf tsc_adjust xsaves perfmon perfmon_v2 platform_info vmx sgx cmci smrr intel_pt tsc_deadline sdbg x2apic shstk ibt ibrs stibp ssbd psfd lmce core_capabilities arch_capabilities flush_l1d tsx_ctrl waitpkg xfd pks uintr enqcmd arch_lbr doitm vmx_secondary ept_vpid vmx_true_ctls vmfunc full_width_pmc perfmon_v4 vmx_tertiary pebs_baseline xapic_disable"},
    {"amd-k8", Vendor::amd, false, false, false, false, false, false, 40, 0xFFFF0FF0, 0xFFFF0FF0, "mcg_ctl"},
    {"amd-fam15h", Vendor::amd, false, false, false, false, false, false, 48, 0xFFFF0FF0, 0xFFFF0FF0,
     "rdtscp aperfmperf mcg_ctl svm osvw ibs perfctr_core"},
    {"amd-zen1",             Vendor::amd,   false, false, false, false, false, true,  48, 0xFFFF0FF0, 0xFFFF0FF0,
     "rdtscp aperfmperf xsaves mcg_ctl svm osvw ibs ibpb avic perfctr_core"},
    {"amd-zen4",             Vendor::amd,   false, false, true,  false, false, true,  52, 0xFFFF0FF0, 0xFFFF0FF0,
     "rdtscp aperfmperf xsaves mcg_ctl svm osvw ibs ibpb avic x2apic shstk ibrs stibp ssbd psfd perfmon_v2 lbr_v2 fs_gs_base_ns perfctr_core no_lmsle sev auto_ibrs cpuid_user_disable lbr_freeze flush_l1d"},
    {"amd-zen5",             Vendor::amd,   false, true,  true,  false, false, true,  52, 0xFFFF0FF0, 0xFFFF07F0,
     "rdtscp aperfmperf xsaves mcg_ctl svm osvw ibs ibpb avic x2apic tsc_adjust shstk ibrs stibp ssbd psfd perfmon_v2 lbr_v2 fs_gs_base_ns perfctr_core no_lmsle sev auto_ibrs cpuid_user_disable lbr_freeze flush_l1d sbpb"},
    {"intel-max",            Vendor::intel, true,  true,  true,  true,  true,  false, 52, 0xFFFE07F0, 0xFFFE07F0,
     "rdtscp aperfmperf x2apic tsc_adjust xsaves shstk ibt fred wrmsrns perfmon_v2 mcg_ctl ibrs stibp ssbd psfd vmx sgx lmce cmci smrr platform_info lbr_stack lbr_info perfmon waitpkg core_capabilities arch_capabilities flush_l1d tsx_ctrl srbds_ctrl xfd intel_pt tsc_deadline pks uintr user_msr msrlist msr_imm mpx enqcmd arch_lbr doitm sdbg vmx_secondary ept_vpid vmx_true_ctls vmfunc vmx_tertiary vmx_exit_ctls2 full_width_pmc pebs_baseline perfmon_v4 xapic_disable"},
    {"amd-max",              Vendor::amd,   false, true,  true,  false, false, true,  52, 0xFFFF0FF0, 0xFFFF07F0,
     "rdtscp aperfmperf x2apic tsc_adjust xsaves shstk ibt fred wrmsrns perfmon_v2 mcg_ctl ibrs stibp ssbd psfd svm osvw ibs lbr_v2 ibpb sbpb avic virt_ssbd fs_gs_base_ns flush_l1d perfctr_core sev auto_ibrs cpuid_user_disable lbr_freeze"},
    // clang-format on
};

// The other probed CPUs: vendor whose rules they follow, MAXPHYADDR (by the #GP bits of their
// MTRRs), and every feature. Their MSRs are judged row by row.
struct ProbedDatasheet {
  std::string_view name;
  Vendor vendor;
  unsigned physical_address_bits;
  std::string_view features;
};
inline constexpr ProbedDatasheet probed_datasheets[] = {
    // clang-format off
    {"intel-pentium-m", Vendor::intel, 36, "msr sep pat apic mtrr mca ds lbr_stack_core_duo"},
    {"intel-pentium4", Vendor::intel, 40, "msr sep pat syscall nx lm apic mtrr mca ds"},
    {"intel-core-duo", Vendor::intel, 36, "msr sep pat apic mtrr mca ds nx aperfmperf pdcm vmx perfmon lbr_stack_core_duo"},
    {"intel-core2-t7600", Vendor::intel, 36, "msr sep syscall nx lm apic mtrr mca aperfmperf vmx"},
    {"intel-xeon-x5482", Vendor::intel, 38, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds pdcm vmx perfmon perfmon_v2 lbr_stack_core2 vmx_secondary smrr"},
    {"intel-atom-330", Vendor::intel, 36, "msr sep syscall nx lm apic mtrr mca aperfmperf ds pdcm perfmon perfmon_v2 lbr_stack_core2"},
    {"intel-pentium-n3530", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds pdcm vmx perfmon perfmon_v2 lbr_stack_core2 vmx_secondary rdtscp tsc_adjust platform_info smrr tsc_deadline ept_vpid vmx_true_ctls vmfunc full_width_pmc"},
    {"intel-i7-2635qm", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds pdcm vmx perfmon perfmon_v2 rdtscp x2apic platform_info cmci smrr tsc_deadline lbr_stack vmx_secondary ept_vpid vmx_true_ctls full_width_pmc"},
    {"intel-i5-3570", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds pdcm vmx perfmon perfmon_v2 rdtscp x2apic platform_info cmci smrr tsc_deadline lbr_stack vmx_secondary ept_vpid vmx_true_ctls full_width_pmc"},
    {"intel-i7-3820qm", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds pdcm vmx perfmon perfmon_v2 rdtscp x2apic platform_info cmci smrr tsc_deadline lbr_stack vmx_secondary ept_vpid vmx_true_ctls full_width_pmc"},
    {"intel-i7-5600u", Vendor::intel, 39, "msr sep pat syscall nx lm apic mtrr mca aperfmperf rdtscp ds pdcm rtm x2apic tsc_adjust perfmon perfmon_v2 platform_info lbr_stack vmx cmci smrr intel_pt tsc_deadline sdbg vmx_secondary ept_vpid vmx_true_ctls vmfunc full_width_pmc"},
    {"amd-athlon64-x2", Vendor::amd, 40, "msr sep pat syscall nx lm apic mtrr mca mcg_ctl rdtscp svm"},
    {"amd-opteron-2384", Vendor::amd, 48, "msr sep pat syscall nx lm apic mtrr mca rdtscp mcg_ctl svm osvw ibs"},
    {"amd-phenom2-x6", Vendor::amd, 48, "msr sep pat syscall nx lm apic mtrr mca aperfmperf rdtscp mcg_ctl svm osvw ibs"},
    {"hygon-c86-7185", Vendor::amd, 48, "msr sep pat syscall nx lm apic mtrr mca aperfmperf rdtscp dbext xsaves mcg_ctl svm osvw ibs ibpb avic perfctr_core"},
    {"via-l4700", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds smrr vmx perfmon perfmon_v2"},
    {"zhaoxin-kx-u5581", Vendor::intel, 36, "msr sep pat syscall nx lm apic mtrr mca aperfmperf ds smrr vmx perfmon perfmon_v2"},
    // clang-format on
};

// An access that retires where a vendor's CPU has the feature, and nowhere else:
// testbench/oracle/msr-table.csv, column feature_gate.
struct FeatureProbe {
  Feature feature;
  bool on_intel, on_amd;
  bool writes;
  std::uint32_t index;
  std::uint64_t value;
  bool applies_to(Vendor vendor) const { return vendor == Vendor::intel ? on_intel : on_amd; }
};
inline constexpr FeatureProbe feature_probes[] = {
    // clang-format off
    {Feature::apic, true, true, false, 0x1B, 0},
    {Feature::mtrr, true, true, false, 0xFE, 0},
    {Feature::mca, true, true, false, 0x179, 0},
    {Feature::x2apic, true, true, true, 0x1B, 0xFEE00D00},
    {Feature::aperfmperf, true, true, false, 0xE8, 0},
    {Feature::tsc_adjust, true, true, false, 0x3B, 0},
    {Feature::xsaves, true, true, false, 0xDA0, 0},
    {Feature::shstk, true, true, false, 0x6A5, 0},
    {Feature::ibt, true, true, true, 0x6A0, 0x4},
    {Feature::fred, true, true, false, 0x1CC, 0},
    {Feature::mcg_ctl, true, true, false, 0x17B, 0},
    {Feature::ibrs, true, true, true, 0x48, 0x1},
    {Feature::stibp, true, true, true, 0x48, 0x2},
    {Feature::ssbd, true, true, true, 0x48, 0x4},
    {Feature::psfd, true, true, true, 0x48, 0x80},
    {Feature::perfmon_v2, true, false, false, 0x38F, 0},
    {Feature::perfmon_v2, false, true, false, 0xC0000301, 0},
    {Feature::vmx, true, false, false, 0x480, 0},
    {Feature::sgx, true, false, true, 0x3A, 0x40000},
    {Feature::lmce, true, false, true, 0x3A, 0x100000},
    {Feature::cmci, true, false, false, 0x280, 0},
    {Feature::smrr, true, false, false, 0x1F2, 0},
    {Feature::platform_info, true, false, false, 0xCE, 0},
    {Feature::perfmon, true, false, false, 0xC1, 0},
    {Feature::core_capabilities, true, false, false, 0xCF, 0},
    {Feature::arch_capabilities, true, false, false, 0x10A, 0},
    {Feature::flush_l1d, true, true, true, 0x10B, 0x1},
    {Feature::vmx_secondary, true, false, false, 0x48B, 0}, // F11 of the reports, VB
    {Feature::ept_vpid, true, false, false, 0x48C, 0},
    {Feature::vmx_true_ctls, true, false, false, 0x48D, 0},
    {Feature::vmx_true_ctls, true, false, false, 0x490, 0},
    {Feature::vmfunc, true, false, false, 0x491, 0},
    {Feature::vmx_tertiary, true, false, false, 0x492, 0},
    {Feature::vmx_exit_ctls2, true, false, false, 0x493, 0},
    {Feature::lbr_stack_core2, true, false, false, 0x60, 0},
    {Feature::perfmon_v4, true, false, false, 0x391, 0}, // VB i7-6700K
    {Feature::lbr_stack, true, false, false, 0x1C8, 0}, // LBR_SELECT
    {Feature::lbr_info, true, false, false, 0xDC0, 0},
    {Feature::full_width_pmc, true, false, false, 0x4C1, 0},
    {Feature::pebs_baseline, true, false, true, 0x186, 0x400000000},
    {Feature::xapic_disable, true, false, false, 0xBD, 0},
    {Feature::perfctr_core, false, true, false, 0xC0010200, 0},
    {Feature::sev, false, true, false, 0xC0010131, 0},
    {Feature::auto_ibrs, false, true, true, 0xC0000080, 0x200000},
    {Feature::tsx_ctrl, true, false, false, 0x122, 0},
    {Feature::srbds_ctrl, true, false, false, 0x123, 0},
    {Feature::waitpkg, true, false, false, 0xE1, 0},
    {Feature::xfd, true, false, false, 0x1C4, 0},
    {Feature::intel_pt, true, false, false, 0x570, 0},
    {Feature::tsc_deadline, true, false, false, 0x6E0, 0},
    {Feature::pks, true, false, false, 0x6E1, 0},
    {Feature::uintr, true, false, false, 0x985, 0},
    {Feature::user_msr, true, false, false, 0x1C, 0},
    {Feature::msrlist, true, false, false, 0x2F, 0},
    {Feature::mpx, true, false, false, 0xD90, 0},
    {Feature::enqcmd, true, false, false, 0xD93, 0},
    {Feature::arch_lbr, true, false, false, 0x14CE, 0},
    {Feature::doitm, true, false, false, 0x1B01, 0},
    {Feature::sdbg, true, false, false, 0xC80, 0},
    {Feature::svm, false, true, false, 0xC0010114, 0},
    {Feature::osvw, false, true, false, 0xC0010140, 0},
    {Feature::ibs, false, true, false, 0xC0011034, 0},
    {Feature::lbr_v2, false, true, false, 0xC000010E, 0},
    {Feature::ibpb, false, true, true, 0x49, 0x1},
    {Feature::sbpb, false, true, true, 0x49, 0x80},
    {Feature::avic, false, true, true, 0xC001011B, 0x0},
    {Feature::virt_ssbd, false, true, false, 0xC001011F, 0},
    // clang-format on
};

// What goes wrong when `cpu` is asked for the behaviour of `expected` through `execute`; a line
// each.
std::vector<std::string> profile_mismatches(const CpuModel& cpu, const ProfileDatasheet& expected);

} // namespace icebp::test
