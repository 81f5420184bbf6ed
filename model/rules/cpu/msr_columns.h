#pragma once
// The rows of the catalogue are written in these short words.
//
// Sources: VB = masks probed on silicon (VirtualBox CPU database), KUT = kvm-unit-tests, KT = KVM
// selftest msrs_test, KVM = its code, BX = Bochs, LX = Linux msr-index.h, SDM, APM = the manuals'
// MSR volumes, WP = Wikipedia. INIT keeps MSRs (SDM vol. 3 9.1), but for those that Bochs init.cc
// clears, the bases of FS and GS, and the local APIC's.

#include <icebp/model/rules/cpu/msr_catalogue.h>

#include <iterator>

namespace icebp {
inline namespace v0_1 {
namespace msr_columns {

inline constexpr std::uint64_t all = ~std::uint64_t{0};
inline constexpr std::uint64_t low = 0xFFFFFFFF;
inline constexpr std::uint64_t high = 0xFFFFFFFF00000000;

// Column "vendor".
inline constexpr auto intel = MsrVendor::intel;
inline constexpr auto amd = MsrVendor::amd;
inline constexpr auto both = MsrVendor::both;

// Column "gate": the features of which one brings the register.
using F = Feature;
template <typename... Features>
constexpr FeatureSet any_of(Features... features) {
  return FeatureSet(features...);
}

// Column "use". What a write to a write-only register does leaves nothing behind.
inline constexpr auto rw = MsrAccess::read_write;
inline constexpr auto ro = MsrAccess::read_only;
inline constexpr auto wo = MsrAccess::write_only;
inline constexpr auto smm = MsrAccess::smm_only;
inline constexpr auto absent = MsrAccess::absent;

// Column "INIT": what INIT does.
inline constexpr auto init = MsrInit::reset;
inline constexpr auto keep = MsrInit::keep;

// Last column: traits.
inline constexpr auto canonical = MsrCanonical::checked;
inline constexpr auto physical = MsrWidth::physical_address;
inline constexpr auto nonserializing = MsrOrder::nonserializing;
inline constexpr auto flush_command = MsrOrder::flush_command;
inline constexpr auto core_wide = MsrScope::core;
inline constexpr auto package_wide = MsrScope::package;

template <std::size_t count>
constexpr Table<MsrBitGate> bits(const MsrBitGate (&gates)[count]) {
  return {gates, count};
}
inline constexpr auto drop = MsrAbsentBits::drop;

constexpr bool is_set(std::uint64_t value, unsigned bit) { return (value >> bit & 1) != 0; }
constexpr std::uint64_t bit_if(const CpuProfile& profile, Feature feature, unsigned bit) {
  return std::uint64_t{profile.has(feature)} << bit;
}

} // namespace msr_columns
} // namespace v0_1
} // namespace icebp
