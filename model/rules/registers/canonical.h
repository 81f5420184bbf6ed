#pragma once

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// True if bits 63 down to `width - 1` are all equal. `width` is 48, or 57 on a CPU that supports
// LA57, whatever CR4.LA57 says (M. Levitsky, lkml 2024-08-21; Linux commit 9245fd6b8531).
constexpr bool is_canonical(std::uint64_t address, unsigned width) {
  const unsigned unused = 64 - width;
  const auto sign_extended = static_cast<std::int64_t>(address << unused) >> unused;
  return static_cast<std::uint64_t>(sign_extended) == address;
}

} // namespace v0_1
} // namespace icebp
