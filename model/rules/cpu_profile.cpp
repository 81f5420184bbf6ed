#include <icebp/model/rules/cpu_profile.h>

#include <iterator>

namespace icebp {
namespace {

using F = Feature;

constexpr FeatureSet every_64_bit_cpu{F::msr, F::sep, F::pat, F::syscall, F::nx, F::rdtscp, F::lm};

constexpr FeatureSet skylake = every_64_bit_cpu.with(F::ds).with(F::pdcm).with(F::rtm);
constexpr FeatureSet zen1 = every_64_bit_cpu.with(F::dbext);

constexpr CpuProfile profiles[] = {
    {"intel-skylake",
     "i7-6700K: MSR masks probed on silicon (VirtualBox CPU database); DR6 by rule", Vendor::intel,
     skylake, 39, intel_ladder, intel_quirks},
    {"amd-zen1",
     "Ryzen 7 1800X: MSR masks probed on silicon (VirtualBox CPU database); DR6 by rule",
     Vendor::amd, zen1, 48, amd_ladder, amd_quirks},
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
