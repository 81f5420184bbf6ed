#include <icebp/model/rules/cpu/msr_deviations.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>

#include <iterator>

namespace icebp {
namespace {

using F = Feature;

// ---- Features

constexpr FeatureSet every_64_bit_cpu{F::msr, F::sep,  F::pat,  F::syscall, F::nx,
                                      F::lm,  F::apic, F::mtrr, F::mca,     F::aperfmperf};

constexpr FeatureSet amd_only{F::dbext, F::svm,  F::osvw, F::ibs,       F::lbr_v2,
                              F::ibpb,  F::sbpb, F::avic, F::virt_ssbd, F::fs_gs_base_ns};
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
                                F::flush_l1d,
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
                                F::sdbg};
constexpr FeatureSet both_vendors = every_64_bit_cpu.with(FeatureSet(
    F::rdtscp, F::la57, F::bus_lock_detect, F::x2apic, F::tsc_adjust, F::xsaves, F::shstk, F::ibt,
    F::fred, F::wrmsrns, F::perfmon_v2, F::mcg_ctl, F::ibrs, F::stibp, F::ssbd, F::psfd));

constexpr FeatureSet core2 = every_64_bit_cpu.with(
    FeatureSet(F::ds, F::pdcm, F::vmx, F::perfmon, F::perfmon_v2, F::lbr_stack));
constexpr FeatureSet sandybridge = core2.with(
    FeatureSet(F::rdtscp, F::x2apic, F::platform_info, F::cmci, F::smrr, F::tsc_deadline));
constexpr FeatureSet k8 = every_64_bit_cpu.without(F::aperfmperf).with(F::mcg_ctl);
constexpr FeatureSet fam15h =
    every_64_bit_cpu.with(FeatureSet(F::rdtscp, F::mcg_ctl, F::svm, F::osvw, F::ibs));
constexpr FeatureSet skylake = every_64_bit_cpu.with(
    FeatureSet(F::rdtscp, F::ds, F::pdcm, F::rtm, F::x2apic, F::tsc_adjust, F::xsaves, F::perfmon,
               F::perfmon_v2, F::platform_info, F::lbr_stack, F::vmx, F::sgx, F::cmci, F::smrr,
               F::intel_pt, F::tsc_deadline, F::mpx, F::sdbg));
constexpr FeatureSet emerald_rapids =
    skylake.without(FeatureSet(F::mpx, F::lbr_stack))
        .with(FeatureSet(F::bus_lock_detect, F::la57, F::shstk, F::ibt, F::ibrs, F::stibp, F::ssbd,
                         F::psfd, F::lmce, F::core_capabilities, F::arch_capabilities, F::flush_l1d,
                         F::tsx_ctrl, F::waitpkg, F::xfd, F::pks, F::uintr, F::enqcmd, F::arch_lbr,
                         F::doitm));
constexpr FeatureSet sierra_forest = emerald_rapids.without(FeatureSet(F::rtm, F::tsx_ctrl, F::xfd))
                                         .with(FeatureSet(F::wrmsrns, F::msrlist));
constexpr FeatureSet zen1 = every_64_bit_cpu.with(FeatureSet(
    F::rdtscp, F::dbext, F::xsaves, F::mcg_ctl, F::svm, F::osvw, F::ibs, F::ibpb, F::avic));
constexpr FeatureSet zen5 = zen1.with(
    FeatureSet(F::bus_lock_detect, F::la57, F::x2apic, F::tsc_adjust, F::shstk, F::ibrs, F::stibp,
               F::ssbd, F::psfd, F::perfmon_v2, F::lbr_v2, F::virt_ssbd, F::fs_gs_base_ns));
constexpr FeatureSet intel_max = both_vendors.with(intel_only);
constexpr FeatureSet amd_max = both_vendors.with(amd_only);

// ---- Counts

// MCA banks, variable MTRRs, RTIT ranges, LBR entries, counters, fixed counters
constexpr MsrCounts core2_counts{6, 8, 0, 0, 2, 3};
constexpr MsrCounts sandybridge_counts{18, 10, 0, 16, 4, 3};
constexpr MsrCounts k8_counts{5, 8, 0, 0, 0, 0};
constexpr MsrCounts fam15h_counts{7, 8, 0, 0, 0, 0};
constexpr MsrCounts skylake_counts{10, 10, 2, 32, 4, 3};
constexpr MsrCounts server_counts{32, 10, 2, 0, 8, 4};
constexpr MsrCounts zen1_counts{23, 8, 0, 0, 0, 0};
constexpr MsrCounts zen5_counts{32, 8, 0, 0, 0, 0};
constexpr MsrCounts intel_max_counts{32, 8, 4, 32, 8, 4};
constexpr MsrCounts amd_max_counts{32, 8, 0, 0, 0, 0};

// ---- Quirks

constexpr Quirks intel_quirks = [] {
  Quirks quirks;
  quirks.string_granularity = StringGranularity::blocks_of_64;
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

template <typename T, std::size_t count>
constexpr Table<T> table_of(const T (&rows)[count]) {
  return {rows, count};
}

namespace dev = msr_deviations;

constexpr CpuProfile profiles[] = {
    // clang-format off
  // name                    features, MAXPHYADDR                  quirks, authority             counts            evidence
    {"intel-core2",          Vendor::intel, core2, 36,             intel_quirks, &intel_hardware, core2_counts,     "Core 2 X6800: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::core2), table_of(dev::core2_values)},
    {"intel-sandybridge",    Vendor::intel, sandybridge, 46,       intel_quirks, &intel_hardware, sandybridge_counts, "i7-3960X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::sandybridge), table_of(dev::sandybridge_values)},
    {"intel-skylake",        Vendor::intel, skylake, 39,           intel_quirks, &intel_hardware, skylake_counts,   "i7-6700K: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::skylake), table_of(dev::skylake_values)},
    {"intel-sierra-forest",  Vendor::intel, sierra_forest, 52,     intel_quirks, &intel_hardware, server_counts,    "no probe: DR6 as in lkml 2025-06-18; feature list UNVERIFIED"},
    {"intel-emerald-rapids", Vendor::intel, emerald_rapids, 52,    intel_quirks, &intel_hardware, server_counts,    "no probe: order of checks measured (lkml 2026-06-12); feature list UNVERIFIED"},
    {"amd-k8",               Vendor::amd, k8, 40,                  amd_quirks, &amd_hardware, k8_counts,        "Athlon 64 3200+: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::k8)},
    {"amd-fam15h",           Vendor::amd, fam15h, 48,              amd_quirks, &amd_hardware, fam15h_counts,    "FX-8150: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::fam15h)},
    {"amd-zen1",             Vendor::amd, zen1, 48,                amd_quirks, &amd_hardware, zen1_counts,      "Ryzen 7 1800X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(dev::zen1), table_of(dev::zen1_values)},
    {"amd-zen5",             Vendor::amd, zen5, 52,                amd_quirks, &amd_hardware, zen5_counts,      "no probe: EPYC 9005: DR6.BLD gated by DEBUGCTL[2] (APM vol. 2 13.1.3.6); feature list UNVERIFIED"},
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

} // namespace icebp
