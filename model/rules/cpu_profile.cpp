#include <icebp/model/rules/cpu_profile.h>

#include <iterator>

namespace icebp {
namespace {

using F = Feature;

constexpr FeatureSet every_64_bit_cpu{F::msr, F::sep, F::pat, F::syscall, F::nx, F::rdtscp, F::lm};

constexpr FeatureSet skylake = every_64_bit_cpu.with(F::ds).with(F::pdcm).with(F::rtm);
constexpr FeatureSet emerald_rapids = skylake.with(F::bus_lock_detect).with(F::la57);
constexpr FeatureSet sierra_forest = emerald_rapids.without(F::rtm);
constexpr FeatureSet intel_max = emerald_rapids.with(F::wrmsrns).with(F::msr_imm).with(F::msrlist);
constexpr FeatureSet zen1 = every_64_bit_cpu.with(F::dbext);
constexpr FeatureSet zen5 = zen1.with(F::bus_lock_detect).with(F::la57);

constexpr CpuProfile profiles[] = {
    // clang-format off
  // name                    features, MAXPHYADDR                  order of checks, quirks     evidence
    {"intel-skylake",        Vendor::intel, skylake, 39,           intel_ladder, intel_quirks, "i7-6700K: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule"},
    {"intel-sierra-forest",  Vendor::intel, sierra_forest, 52,     intel_ladder, intel_quirks, "DR6 as in lkml 2025-06-18; feature list UNVERIFIED"},
    {"intel-emerald-rapids", Vendor::intel, emerald_rapids, 52,    intel_ladder, intel_quirks, "order of checks measured (lkml 2026-06-12); feature list UNVERIFIED"},
    {"amd-zen1",             Vendor::amd, zen1, 48,                amd_ladder, amd_quirks,     "Ryzen 7 1800X: MSR masks probed on silicon (VirtualBox CPU database), DR6 by rule"},
    {"amd-zen5",             Vendor::amd, zen5, 52,                amd_ladder, amd_quirks,     "EPYC 9005: DR6.BLD gated by DEBUGCTL[2] (APM vol. 2 13.1.3.6); feature list UNVERIFIED"},
    {"intel-max",            Vendor::intel, intel_max, 52,         intel_ladder, intel_quirks, "every Intel feature of the model, for tests"},
    {"amd-max",              Vendor::amd, zen5, 52,                amd_ladder, amd_quirks,     "every AMD feature of the model, for tests"},
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
