#include <icebp/model/rules/cpu/probed_cpus.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>

#include <iterator>

namespace icebp {
inline namespace v0_1 {
namespace {

using F = Feature;

// ---- Features

constexpr FeatureSet every_64_bit_cpu{F::msr, F::sep,  F::pat,  F::syscall, F::nx,
                                      F::lm,  F::apic, F::mtrr, F::mca,     F::aperfmperf};

// But what takes a bit away: `no_lmsle`.
constexpr FeatureSet amd_only{F::dbext,        F::svm,
                              F::osvw,         F::ibs,
                              F::lbr_v2,       F::ibpb,
                              F::sbpb,         F::avic,
                              F::virt_ssbd,    F::fs_gs_base_ns,
                              F::perfctr_core, F::sev,
                              F::auto_ibrs,    F::cpuid_user_disable,
                              F::lbr_freeze};
// But the older stacks of last branches: `lbr_stack_core2`, `lbr_stack_core_duo`.
constexpr FeatureSet intel_only{F::ds,
                                F::pdcm,
                                F::rtm,
                                F::vmx,
                                F::sgx,
                                F::lmce,
                                F::cmci,
                                F::smrr,
                                F::platform_info,
                                F::lbr_stack,
                                F::perfmon,
                                F::waitpkg,
                                F::core_capabilities,
                                F::arch_capabilities,
                                F::tsx_ctrl,
                                F::srbds_ctrl,
                                F::xfd,
                                F::intel_pt,
                                F::tsc_deadline,
                                F::pks,
                                F::uintr,
                                F::user_msr,
                                F::msrlist,
                                F::msr_imm,
                                F::mpx,
                                F::enqcmd,
                                F::arch_lbr,
                                F::doitm,
                                F::sdbg,
                                F::vmx_secondary,
                                F::ept_vpid,
                                F::vmx_true_ctls,
                                F::vmfunc,
                                F::vmx_tertiary,
                                F::vmx_exit_ctls2,
                                F::lbr_info,
                                F::full_width_pmc,
                                F::pebs_baseline,
                                F::perfmon_v4,
                                F::xapic_disable};
constexpr FeatureSet both_vendors = every_64_bit_cpu.with(
    FeatureSet(F::rdtscp, F::la57, F::bus_lock_detect, F::x2apic, F::tsc_adjust, F::xsaves,
               F::shstk, F::ibt, F::fred, F::wrmsrns, F::perfmon_v2, F::mcg_ctl, F::ibrs, F::stibp,
               F::ssbd, F::psfd, F::flush_l1d));

constexpr FeatureSet core2 = every_64_bit_cpu.with(
    FeatureSet(F::ds, F::pdcm, F::vmx, F::perfmon, F::perfmon_v2, F::lbr_stack_core2));
constexpr FeatureSet sandybridge =
    core2.without(F::lbr_stack_core2)
        .with(FeatureSet(F::rdtscp, F::x2apic, F::platform_info, F::cmci, F::smrr, F::tsc_deadline,
                         F::lbr_stack, F::vmx_secondary, F::ept_vpid, F::vmx_true_ctls,
                         F::full_width_pmc));
constexpr FeatureSet k8 = every_64_bit_cpu.without(F::aperfmperf).with(F::mcg_ctl);
constexpr FeatureSet fam15h = every_64_bit_cpu.with(
    FeatureSet(F::rdtscp, F::mcg_ctl, F::svm, F::osvw, F::ibs, F::perfctr_core));
constexpr FeatureSet skylake = every_64_bit_cpu.with(
    FeatureSet(F::rdtscp, F::ds, F::pdcm, F::rtm, F::x2apic, F::tsc_adjust, F::xsaves, F::perfmon,
               F::perfmon_v2, F::platform_info, F::lbr_stack, F::vmx, F::sgx, F::cmci, F::smrr,
               F::intel_pt, F::tsc_deadline, F::mpx, F::sdbg, F::vmx_secondary, F::ept_vpid,
               F::vmx_true_ctls, F::vmfunc, F::lbr_info, F::full_width_pmc, F::perfmon_v4));
constexpr FeatureSet emerald_rapids =
    skylake.without(FeatureSet(F::mpx, F::lbr_stack, F::lbr_info))
        .with(FeatureSet(F::bus_lock_detect, F::la57, F::shstk, F::ibt, F::ibrs, F::stibp, F::ssbd,
                         F::psfd, F::lmce, F::core_capabilities, F::arch_capabilities, F::flush_l1d,
                         F::tsx_ctrl, F::waitpkg, F::xfd, F::pks, F::uintr, F::enqcmd, F::arch_lbr,
                         F::doitm, F::vmx_tertiary, F::pebs_baseline, F::xapic_disable));
constexpr FeatureSet sierra_forest = emerald_rapids.without(FeatureSet(F::rtm, F::tsx_ctrl, F::xfd))
                                         .with(FeatureSet(F::wrmsrns, F::msrlist));
constexpr FeatureSet zen1 =
    every_64_bit_cpu.with(FeatureSet(F::rdtscp, F::dbext, F::xsaves, F::mcg_ctl, F::svm, F::osvw,
                                     F::ibs, F::ibpb, F::avic, F::perfctr_core));
// As the CPUID of an EPYC 9124 and an EPYC 9655 tells (docs/profiles.md).
constexpr FeatureSet zen4 =
    zen1.with(FeatureSet(F::la57, F::x2apic, F::shstk, F::ibrs, F::stibp, F::ssbd, F::psfd,
                         F::perfmon_v2, F::lbr_v2, F::fs_gs_base_ns, F::no_lmsle, F::sev,
                         F::auto_ibrs, F::cpuid_user_disable, F::lbr_freeze, F::flush_l1d));
constexpr FeatureSet zen5 = zen4.with(FeatureSet(F::bus_lock_detect, F::tsc_adjust, F::sbpb));
// The other probed CPUs. What no register tells (SEP, NX, VMX beside their MSRs) is assumed.
constexpr FeatureSet pentium_m{F::msr,  F::sep, F::pat, F::apic,
                               F::mtrr, F::mca, F::ds,  F::lbr_stack_core_duo};
constexpr FeatureSet pentium4 = every_64_bit_cpu.without(F::aperfmperf).with(F::ds);
constexpr FeatureSet core_duo =
    pentium_m.with(FeatureSet(F::nx, F::aperfmperf, F::pdcm, F::vmx, F::perfmon));
constexpr FeatureSet core2_t7600 = every_64_bit_cpu.without(F::pat).with(F::vmx);
constexpr FeatureSet xeon_x5482 = core2.with(FeatureSet(F::vmx_secondary, F::smrr));
constexpr FeatureSet atom_330 = core2.without(FeatureSet(F::pat, F::vmx));
constexpr FeatureSet pentium_n3530 =
    xeon_x5482.with(FeatureSet(F::rdtscp, F::tsc_adjust, F::platform_info, F::smrr, F::tsc_deadline,
                               F::ept_vpid, F::vmx_true_ctls, F::vmfunc, F::full_width_pmc));
constexpr FeatureSet i7_5600u =
    skylake.without(FeatureSet(F::xsaves, F::sgx, F::mpx, F::lbr_info, F::perfmon_v4));
constexpr FeatureSet phenom2 = fam15h.without(F::perfctr_core);
constexpr FeatureSet opteron_2384 = phenom2.without(F::aperfmperf);
constexpr FeatureSet athlon64_x2 = k8.with(F::rdtscp).with(F::svm);
constexpr FeatureSet via =
    every_64_bit_cpu.with(FeatureSet(F::ds, F::vmx, F::smrr, F::perfmon, F::perfmon_v2));

constexpr FeatureSet intel_max = both_vendors.with(intel_only);
constexpr FeatureSet amd_max = both_vendors.with(amd_only);

// ---- Counts

// MCA banks, variable MTRRs, RTIT ranges, LBR entries, counters, fixed counters, LBR depths
constexpr MsrCounts pentium_m_counts{5, 8, 0, 8, 0, 0};
constexpr MsrCounts pentium4_counts{4, 8, 0, 0, 0, 0};
constexpr MsrCounts core_duo_counts{6, 8, 0, 8, 2, 0};
constexpr MsrCounts t7600_counts{6, 8, 0, 0, 2, 0};
constexpr MsrCounts atom_330_counts{5, 8, 0, 8, 2, 3};
constexpr MsrCounts n3530_counts{6, 8, 0, 8, 2, 3};
constexpr MsrCounts ivybridge_counts{9, 10, 0, 16, 8, 3};
constexpr MsrCounts sandybridge_mobile_counts{9, 10, 0, 16, 4, 3};
constexpr MsrCounts broadwell_counts{7, 10, 0, 16, 4, 3};
constexpr MsrCounts fam10h_counts{6, 8, 0, 0, 0, 0};
constexpr MsrCounts hygon_counts{23, 8, 0, 0, 0, 0};
constexpr MsrCounts via_counts{0, 8, 0, 0, 2, 3};
constexpr MsrCounts core2_counts{6, 8, 0, 4, 2, 3};
constexpr MsrCounts sandybridge_counts{18, 10, 0, 16, 4, 3};
constexpr MsrCounts k8_counts{5, 8, 0, 0, 0, 0};
constexpr MsrCounts fam15h_counts{7, 8, 0, 0, 0, 0};
constexpr MsrCounts skylake_counts{10, 10, 2, 32, 4, 3};
constexpr MsrCounts server_counts{32, 10, 2, 0, 8, 4};
constexpr MsrCounts zen1_counts{23, 8, 0, 0, 0, 0};
constexpr MsrCounts epyc_counts{32, 8, 0, 16, 6, 0};
constexpr MsrCounts intel_max_counts{32, 8, 4, 32, 8, 4, 0xFF};
constexpr MsrCounts amd_max_counts{32, 8, 0, 16, 6, 0};

// ---- MSRs of CPUs that were not probed

// CPUID.D.1:ECX of a Xeon 8570 tells neither HDC nor HWP, which no feature stands for.
constexpr MsrDeviation emerald_rapids_xss{0xDA0, MsrAccess::read_write, 0xDD00,
                                          ~std::uint64_t{0xDD00}};
constexpr CpuMsrs emerald_rapids_msrs{
    "libcpuid Xeon 8570", emerald_rapids, {&emerald_rapids_xss, 1}};

// ---- Quirks

constexpr Quirks intel_quirks = [] {
  Quirks quirks;
  quirks.string_granularity = StringGranularity::blocks_of_64;
  return quirks;
}();
constexpr Quirks skylake_quirks = [] {
  Quirks quirks = intel_quirks;
  quirks.flush_cmd_drops_reserved_bits = true;
  return quirks;
}();
constexpr Quirks amd_quirks = [] {
  Quirks quirks;
  quirks.int1_keeps_b = true;
  quirks.bld_writable_needs_debugctl = true;
  quirks.efer_lma_flip_faults = true;
  quirks.disabled_breakpoints_set_b = false;
  quirks.mov_ss_inhibits_code_breakpoint = false;
  quirks.traps_merge_with_code_breakpoint = false;
  return quirks;
}();

constexpr CpuProfile profiles[] = {
    // clang-format off
  // name                    features, MAXPHYADDR                  quirks, authority             counts            evidence
    {"intel-core2",          Vendor::intel, core2, 36,             intel_quirks, &intel_hardware, core2_counts,     "Core 2 X6800: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::intel_core2},
    {"intel-sandybridge",    Vendor::intel, sandybridge, 46,       intel_quirks, &intel_hardware, sandybridge_counts, "i7-3960X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::intel_sandybridge},
    {"intel-skylake",        Vendor::intel, skylake, 39,           skylake_quirks, &intel_hardware, skylake_counts,   "i7-6700K: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::intel_skylake},
    {"intel-sierra-forest",  Vendor::intel, sierra_forest, 52,     intel_quirks, &intel_hardware, server_counts,    "no probe: DR6 as in lkml 2025-06-18; features documented in part, the others UNVERIFIED"},
    {"intel-emerald-rapids", Vendor::intel, emerald_rapids, 52,    intel_quirks, &intel_hardware, server_counts,    "no probe: Xeon 8570: features by its CPUID (libcpuid); order of checks measured (lkml 2026-06-12)", &emerald_rapids_msrs},
    {"amd-k8",               Vendor::amd, k8, 40,                  amd_quirks, &amd_hardware, k8_counts,        "Athlon 64 3200+: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::amd_k8},
    {"amd-fam15h",           Vendor::amd, fam15h, 48,              amd_quirks, &amd_hardware, fam15h_counts,    "FX-8150: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::amd_fam15h},
    {"amd-zen1",             Vendor::amd, zen1, 48,                amd_quirks, &amd_hardware, zen1_counts,      "Ryzen 7 1800X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", &probed::amd_zen1},
    {"amd-zen4",             Vendor::amd, zen4, 52,                amd_quirks, &amd_hardware, epyc_counts,      "no probe: EPYC 9124: features by its CPUID (libcpuid); MSRs documented, DR6 by rule"},
    {"amd-zen5",             Vendor::amd, zen5, 52,                amd_quirks, &amd_hardware, epyc_counts,      "no probe: EPYC 9655: features by its CPUID (libcpuid); DR6.BLD gated by DEBUGCTL[2] (APM vol. 2 13.1.3.6)"},
    {"intel-pentium-m", Vendor::intel, pentium_m, 36, intel_quirks, &intel_hardware, pentium_m_counts, "Pentium M 2.00GHz: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_pentium_m},
    {"intel-pentium4", Vendor::intel, pentium4, 40, intel_quirks, &intel_hardware, pentium4_counts, "Pentium 4 3.00GHz: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_pentium4},
    {"intel-core-duo", Vendor::intel, core_duo, 36, intel_quirks, &intel_hardware, core_duo_counts, "Core Duo T2600: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_core_duo},
    {"intel-core2-t7600", Vendor::intel, core2_t7600, 36, intel_quirks, &intel_hardware, t7600_counts, "Core 2 T7600: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_core2_t7600},
    {"intel-xeon-x5482", Vendor::intel, xeon_x5482, 38, intel_quirks, &intel_hardware, core2_counts, "Xeon X5482: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_xeon_x5482},
    {"intel-atom-330", Vendor::intel, atom_330, 36, intel_quirks, &intel_hardware, atom_330_counts, "Atom 330: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_atom_330},
    {"intel-pentium-n3530", Vendor::intel, pentium_n3530, 36, intel_quirks, &intel_hardware, n3530_counts, "Pentium N3530: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_pentium_n3530},
    {"intel-i7-2635qm", Vendor::intel, sandybridge, 36, intel_quirks, &intel_hardware, sandybridge_mobile_counts, "Core i7-2635QM: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_i7_2635qm},
    {"intel-i5-3570", Vendor::intel, sandybridge, 36, intel_quirks, &intel_hardware, ivybridge_counts, "Core i5-3570: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_i5_3570},
    {"intel-i7-3820qm", Vendor::intel, sandybridge, 36, intel_quirks, &intel_hardware, sandybridge_mobile_counts, "Core i7-3820QM: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_i7_3820qm},
    {"intel-i7-5600u", Vendor::intel, i7_5600u, 39, intel_quirks, &intel_hardware, broadwell_counts, "Core i7-5600U: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::intel_i7_5600u},
    {"amd-athlon64-x2", Vendor::amd, athlon64_x2, 40, amd_quirks, &amd_hardware, k8_counts, "Athlon 64 X2 4200+: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::amd_athlon64_x2},
    {"amd-opteron-2384", Vendor::amd, opteron_2384, 48, amd_quirks, &amd_hardware, fam10h_counts, "Opteron 2384: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::amd_opteron_2384},
    {"amd-phenom2-x6", Vendor::amd, phenom2, 48, amd_quirks, &amd_hardware, fam10h_counts, "Phenom II X6 1100T: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule", &probed::amd_phenom2_x6},
    {"hygon-c86-7185", Vendor::amd, zen1, 48, amd_quirks, &amd_hardware, hygon_counts, "Hygon C86 7185: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule; order of checks assumed to be AMD's", &probed::hygon_c86_7185},
    {"via-l4700", Vendor::intel, via, 36, intel_quirks, &intel_hardware, via_counts, "VIA QuadCore L4700: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule; order of checks assumed to be Intel's", &probed::via_l4700},
    {"zhaoxin-kx-u5581", Vendor::intel, via, 36, intel_quirks, &intel_hardware, via_counts, "Zhaoxin KX-U5581: MSR masks probed on silicon (VirtualBox CPU database), the rest by rule; order of checks assumed to be Intel's", &probed::zhaoxin_kx_u5581},
    {"intel-max",            Vendor::intel, intel_max, 52,         intel_quirks, &intel_hardware, intel_max_counts, "every Intel feature of the model, for tests"},
    {"amd-max",              Vendor::amd, amd_max, 52,             amd_quirks, &amd_hardware, amd_max_counts,   "every AMD feature of the model, for tests"},
    // clang-format on
};

} // namespace

const Table<CpuProfile> cpu_profiles{profiles, std::size(profiles)};

bool CpuProfile::leaves_to_platform(std::uint32_t msr) const {
  for (const MsrIndexRange& range : platform_msrs)
    if (range.first <= msr && msr <= range.last)
      return true;
  return false;
}

const CpuProfile* find_cpu_profile(std::string_view name) {
  for (const CpuProfile& profile : cpu_profiles)
    if (profile.name == name)
      return &profile;
  return nullptr;
}

} // namespace v0_1
} // namespace icebp
