#pragma once

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// Names `len` bits of a 64-bit register, the lowest at bit `lo`.
template <unsigned lo, unsigned len = 1>
struct field {
  static_assert(len >= 1 && lo + len <= 64);
  static constexpr std::uint64_t mask = (~std::uint64_t{0} >> (64 - len)) << lo;

  static constexpr std::uint64_t get(std::uint64_t word) { return (word & mask) >> lo; }
  static constexpr std::uint64_t set(std::uint64_t word, std::uint64_t value) {
    return (word & ~mask) | ((value << lo) & mask);
  }
};

inline constexpr std::uint64_t low_half = field<0, 32>::mask;

} // namespace v0_1
} // namespace icebp
