#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/msr_row.h>

#include <iterator>

namespace icebp {
namespace {

using F = Feature;

// ---- Features

constexpr FeatureSet every_64_bit_cpu{F::msr, F::sep,  F::pat,  F::syscall, F::nx,
                                      F::lm,  F::apic, F::mtrr, F::mca,     F::aperfmperf};

constexpr FeatureSet amd_only{F::dbext, F::svm,  F::osvw, F::ibs,      F::lbr_v2,
                              F::ibpb,  F::sbpb, F::avic, F::virt_ssbd};
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
                                F::mpx,
                                F::enqcmd,
                                F::arch_lbr,
                                F::doitm,
                                F::sdbg};
constexpr FeatureSet both_vendors = every_64_bit_cpu.with(FeatureSet(
    F::rdtscp, F::la57, F::bus_lock_detect, F::x2apic, F::tsc_adjust, F::xsaves, F::shstk, F::ibt,
    F::fred, F::wrmsrns, F::perfmon_v2, F::mcg_ctl, F::ibrs, F::stibp, F::ssbd, F::psfd));

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
constexpr FeatureSet zen5 =
    zen1.with(FeatureSet(F::bus_lock_detect, F::la57, F::x2apic, F::tsc_adjust, F::shstk, F::ibrs,
                         F::stibp, F::ssbd, F::psfd, F::perfmon_v2, F::lbr_v2, F::virt_ssbd));
constexpr FeatureSet intel_max = both_vendors.with(intel_only);
constexpr FeatureSet amd_max = both_vendors.with(amd_only);

// ---- Counts

// MCA banks, variable MTRRs, RTIT ranges, LBR entries, counters, fixed counters
constexpr MsrCounts skylake_counts{10, 10, 2, 32, 4, 3};
constexpr MsrCounts server_counts{32, 10, 2, 0, 8, 4};
constexpr MsrCounts zen1_counts{23, 8, 0, 0, 0, 0};
constexpr MsrCounts zen5_counts{32, 8, 0, 0, 0, 0};
constexpr MsrCounts intel_max_counts{32, 8, 4, 32, 8, 4};
constexpr MsrCounts amd_max_counts{32, 8, 0, 0, 0, 0};

// ---- What one CPU has otherwise than the rows, and what its models read

constexpr auto rw = MsrAccess::read_write;

constexpr MsrDeviation skylake_deviations[] = {
    {0x00000DA0, rw, 0x100, ~std::uint64_t{0x100}, "VB i7-6700K: neither HDC nor HWP states"},
};
constexpr MsrDeviation zen1_deviations[] = {
    {0xC0010117, rw, 0x000087FFFFFFF000, 0xFFFF780000000FFF,
     "VB Ryzen 1800X: encryption takes bits 46:43, and bit 47 is the C-bit"},
};
constexpr MsrModelValue skylake_values[] = {
    {0x00000017, 0x0004000000000000, "VB i7-6700K"},
    {0x000000FE, 0x1D0A, "VB i7-6700K"},
    {0x00000179, 0xC0A, "VB i7-6700K"},
    {0x00000480, 0x00DA040000000004, "VB i7-6700K"},
};

constexpr MsrModelValue zen1_values[] = {
    {0x00000179, 0x117, "VB Ryzen 1800X"},
};

template <typename T, std::size_t count>
constexpr Table<T> table_of(const T (&rows)[count]) {
  return {rows, count};
}

constexpr CpuProfile profiles[] = {
    // clang-format off
  // name                    features, MAXPHYADDR                  order of checks, quirks     counts            evidence
    {"intel-skylake",        Vendor::intel, skylake, 39,           intel_ladder, intel_quirks, skylake_counts,   "i7-6700K: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(skylake_deviations), table_of(skylake_values)},
    {"intel-sierra-forest",  Vendor::intel, sierra_forest, 52,     intel_ladder, intel_quirks, server_counts,    "no probe: DR6 as in lkml 2025-06-18; feature list UNVERIFIED"},
    {"intel-emerald-rapids", Vendor::intel, emerald_rapids, 52,    intel_ladder, intel_quirks, server_counts,    "no probe: order of checks measured (lkml 2026-06-12); feature list UNVERIFIED"},
    {"amd-zen1",             Vendor::amd, zen1, 48,                amd_ladder, amd_quirks,     zen1_counts,      "Ryzen 7 1800X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule", table_of(zen1_deviations), table_of(zen1_values)},
    {"amd-zen5",             Vendor::amd, zen5, 52,                amd_ladder, amd_quirks,     zen5_counts,      "no probe: EPYC 9005: DR6.BLD gated by DEBUGCTL[2] (APM vol. 2 13.1.3.6); feature list UNVERIFIED"},
    {"intel-max",            Vendor::intel, intel_max, 52,         intel_ladder, intel_quirks, intel_max_counts, "every Intel feature of the model, for tests"},
    {"amd-max",              Vendor::amd, amd_max, 52,             amd_ladder, amd_quirks,     amd_max_counts,   "every AMD feature of the model, for tests"},
    // clang-format on
};

} // namespace

const Table<CpuProfile> cpu_profiles{profiles, std::size(profiles)};

const CpuProfile* find_cpu_profile(std::string_view name) {
  for (const CpuProfile& profile : cpu_profiles)
    if (profile.name == name)
      return &profile;
  return nullptr;
}

} // namespace icebp
