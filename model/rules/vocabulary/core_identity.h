#pragma once

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// Tells which logical processor a core is; RESET and INIT keep it.
struct CoreIdentity {
  std::uint32_t apic_id = 0; // x2APIC ID
  bool bsp = true;           // bootstrap processor: IA32_APIC_BASE.BSP (SDM vol. 3 8.4.1)

  constexpr bool operator==(const CoreIdentity& other) const {
    return apic_id == other.apic_id && bsp == other.bsp;
  }

  // Gives the logical x2APIC ID: the cluster, and a bit within it (SDM vol. 3 10.12.10.2).
  constexpr std::uint32_t logical_apic_id() const {
    return apic_id >> 4 << 16 | std::uint32_t{1} << (apic_id & 0xF);
  }
};

} // namespace v0_1
} // namespace icebp
