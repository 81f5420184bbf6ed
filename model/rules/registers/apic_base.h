#pragma once

#include <icebp/model/rules/vocabulary/field.h>

#include <cstdint>

// The bits of IA32_APIC_BASE, MSR 1Bh (SDM vol. 3 10.12.5).
namespace icebp {
inline namespace v0_1 {
namespace apic_base {

inline constexpr std::uint32_t index = 0x1B;

using bsp = field<8>;     // bootstrap processor
using extd = field<10>;   // x2APIC mode
using enable = field<11>; // the APIC is on

constexpr bool is_x2apic(std::uint64_t value) { return extd::get(value) & enable::get(value); }

// True if the APIC may go from the mode of `from` to that of `to`: it reaches x2APIC from xAPIC
// only, and leaves it to disabled only.
constexpr bool is_legal_move(std::uint64_t from, std::uint64_t to) {
  if (extd::get(to) != 0)
    return enable::get(to) != 0 && enable::get(from) != 0;
  return !(is_x2apic(from) && enable::get(to) != 0);
}

} // namespace apic_base
} // namespace v0_1
} // namespace icebp

// The bits of IA32_XAPIC_DISABLE_STATUS, which firmware sets (Linux commit b8d1d163604b).
namespace icebp {
inline namespace v0_1 {
namespace xapic_disable_status {

inline constexpr std::uint32_t index = 0xBD;

using legacy_xapic_disabled = field<0>; // IA32_APIC_BASE.EXTD cannot be cleared

} // namespace xapic_disable_status
} // namespace v0_1
} // namespace icebp
