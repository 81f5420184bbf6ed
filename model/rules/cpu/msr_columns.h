#pragma once
// The rows of the catalogue are written in these short words.

#include <icebp/model/rules/cpu/msr_catalogue.h>

#include <iterator>

namespace icebp::msr_columns {

inline constexpr std::uint64_t all = ~std::uint64_t{0};
inline constexpr std::uint64_t low = 0xFFFFFFFF;
inline constexpr std::uint64_t high = 0xFFFFFFFF00000000;

// Column "use": the access, and what a write does.
inline constexpr MsrUse rw{MsrAccess::read_write, MsrOnWrite::store};
inline constexpr MsrUse ro{MsrAccess::read_only, MsrOnWrite::store};
inline constexpr MsrUse wo{MsrAccess::write_only, MsrOnWrite::pulse};
inline constexpr MsrUse smm{MsrAccess::smm_only, MsrOnWrite::store};
inline constexpr MsrUse clear{MsrAccess::read_write, MsrOnWrite::clear};
inline constexpr MsrUse sx32{MsrAccess::read_write, MsrOnWrite::sign_extend32};

// Column "INIT": what INIT does.
inline constexpr auto init = MsrInit::reset;
inline constexpr auto keep = MsrInit::keep;

// Last column: traits.
inline constexpr auto canonical = MsrCanonical::checked;
inline constexpr auto physical = MsrWidth::physical_address;
inline constexpr auto x2apic_mode = MsrNeeds::x2apic_mode;
inline constexpr auto nonserializing = MsrOrder::nonserializing;
inline constexpr auto flush_command = MsrOrder::flush_command;
inline constexpr auto core_wide = MsrScope::core;
inline constexpr auto package_wide = MsrScope::package;

// Column "gate": the features of which one brings the register.
template <typename... Features>
constexpr FeatureSet any_of(Features... features) {
  return FeatureSet(features...);
}
using F = Feature;

} // namespace icebp::msr_columns
