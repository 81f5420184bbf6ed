#pragma once

#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
namespace dr6 {

using b = field<0, 4>; // B3 to B0: breakpoint conditions met
using b0 = field<0>;
using b1 = field<1>;
using b2 = field<2>;
using b3 = field<3>;
using bld = field<11>; // bus lock detected; active low
using bd = field<13>;  // general detect
using bs = field<14>;  // single step
using bt = field<15>;  // task switch
using rtm = field<16>; // RTM abort; active low

// These bits read 1 when nothing happened; RESET gives DR6 this value (Linux uapi debugreg.h).
inline constexpr std::uint64_t active_low = 0xFFFF0FF0;
inline constexpr std::uint64_t writable_always = 0xE00F;

// A MOV to DR6 can change these bits. `debugctl` is IA32_DEBUGCTL (lkml 2025-06-18; AMD's gate on
// DR6.BLD: APM vol. 2 13.1.3.6).
constexpr std::uint64_t writable(const CpuProfile& profile, std::uint64_t debugctl) {
  const bool bld_gate_open =
      !profile.quirks.bld_writable_needs_debugctl || debugctl::bld::get(debugctl) != 0;
  const bool bld_writable = profile.has(Feature::bus_lock_detect) && bld_gate_open;
  return writable_always | (profile.has(Feature::rtm) ? rtm::mask : 0) |
         (bld_writable ? bld::mask : 0);
}

// These bits always read 1.
constexpr std::uint64_t fixed_1(const CpuProfile& profile, std::uint64_t debugctl) {
  return active_low & ~writable(profile, debugctl);
}

// Gives what DR6 holds after `value` was written to it.
constexpr std::uint64_t legalise(const CpuProfile& profile, std::uint64_t debugctl,
                                 std::uint64_t value) {
  return (value & writable(profile, debugctl)) | fixed_1(profile, debugctl);
}

} // namespace dr6
} // namespace v0_1
} // namespace icebp
