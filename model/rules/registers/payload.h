#pragma once
// The payload of a #DB tells the conditions that are new, each by a 1 at its bit's place in DR6,
// the active-low bits too (KVM x86.c). It is VMX's pending-debug-exceptions field without bit 12.

#include <icebp/model/rules/registers/dr6.h>

namespace icebp {
inline namespace v0_1 {
namespace payload {

inline constexpr std::uint64_t general_detect = dr6::bd::mask;
inline constexpr std::uint64_t single_step = dr6::bs::mask;
inline constexpr std::uint64_t task_switch = dr6::bt::mask;
inline constexpr std::uint64_t bus_lock = dr6::bld::mask;
inline constexpr std::uint64_t rtm_abort = dr6::rtm::mask;
inline constexpr std::uint64_t int1 = 0; // INT1 has no bit of its own
inline constexpr std::uint64_t all =
    dr6::b::mask | dr6::bld::mask | dr6::bd::mask | dr6::bs::mask | dr6::bt::mask | dr6::rtm::mask;

// Gives DR6 after a #DB with `payload` was delivered. No other function merges a payload into DR6.
// `from_int1`: the #DB is INT1's. Precondition: BLD and RTM only on a CPU that has them.
constexpr std::uint64_t merge_into_dr6(const CpuProfile& profile, const Authority& authority,
                                       std::uint64_t debugctl, std::uint64_t dr6,
                                       std::uint64_t payload, bool from_int1) {
  if (!(from_int1 && profile.quirks.int1_keeps_b))
    dr6 &= ~dr6::b::mask;
  if (authority.quirks.other_db_sets_rtm)
    dr6 |= dr6::rtm::mask;
  dr6 &= ~(payload & dr6::active_low);
  dr6 |= payload & ~dr6::active_low;
  return dr6::legalise(profile, debugctl, dr6);
}

// VMX's pending-debug-exceptions field tells the traps that wait while another exit is taken. It
// has bit 12 exactly if it has a B bit or RTM, and never BD, which is of a fault (SDM vol.
// 3 27.3.4, table 24-4).
using enabled_breakpoint = field<12>;
constexpr std::uint64_t to_vmx_field(std::uint64_t payload) {
  const bool met = (payload & (dr6::b::mask | dr6::rtm::mask)) != 0;
  return (payload & ~(dr6::bd::mask | dr6::bt::mask)) | (met ? enabled_breakpoint::mask : 0);
}
constexpr std::uint64_t from_vmx_field(std::uint64_t field) {
  return field & ~enabled_breakpoint::mask;
}

} // namespace payload
} // namespace v0_1
} // namespace icebp
