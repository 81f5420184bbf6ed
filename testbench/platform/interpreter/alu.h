#pragma once
// Integer results and their RFLAGS. Operands are zero-extended values of `size` bytes (1, 2, 4, 8).
// Flags that the SDM leaves undefined are those of Intel's cores as far as known, else unchanged.

#include <icebp/testbench/platform/interpreter/registers.h>

#include <cstdint>

namespace icebp::vp {

inline constexpr std::uint64_t status_flags =
    flag::cf | flag::pf | flag::af | flag::zf | flag::sf | flag::of;

constexpr std::uint64_t size_mask(unsigned size) { return ~std::uint64_t{0} >> (64 - 8 * size); }

// SF, ZF and PF of a result.
inline std::uint64_t result_flags(std::uint64_t result, unsigned size) {
  const std::uint64_t sign = result >> (8 * size - 1) & 1;
  return sign * flag::sf | (result == 0 ? flag::zf : 0) |
         (__builtin_parity(static_cast<unsigned>(result & 0xFF)) != 0 ? 0 : flag::pf);
}

inline void replace_flags(std::uint64_t& rflags, std::uint64_t which, std::uint64_t value) {
  rflags = (rflags & ~which) | value;
}

namespace alu {

// a + b + carry
inline std::uint64_t add(std::uint64_t& rflags, std::uint64_t a, std::uint64_t b, unsigned size,
                         std::uint64_t carry = 0) {
  const std::uint64_t result = (a + b + carry) & size_mask(size);
  const unsigned top = 8 * size - 1;
  const std::uint64_t carries = (a & b) | ((a | b) & ~result);
  const std::uint64_t overflow = (a ^ result) & (b ^ result);
  replace_flags(rflags, status_flags,
                (carries >> top & 1) | (overflow >> top & 1) * flag::of |
                    ((a ^ b ^ result) & flag::af) | result_flags(result, size));
  return result;
}

// a - b - borrow
inline std::uint64_t sub(std::uint64_t& rflags, std::uint64_t a, std::uint64_t b, unsigned size,
                         std::uint64_t borrow = 0) {
  const std::uint64_t result = (a - b - borrow) & size_mask(size);
  const unsigned top = 8 * size - 1;
  const std::uint64_t borrows = (~a & b) | ((~a | b) & result);
  const std::uint64_t overflow = (a ^ b) & (a ^ result);
  replace_flags(rflags, status_flags,
                (borrows >> top & 1) | (overflow >> top & 1) * flag::of |
                    ((a ^ b ^ result) & flag::af) | result_flags(result, size));
  return result;
}

// Sets the flags of AND, OR, XOR and TEST.
inline std::uint64_t logic(std::uint64_t& rflags, std::uint64_t result, unsigned size) {
  replace_flags(rflags, status_flags, result_flags(result, size));
  return result;
}

} // namespace alu

// The condition of Jcc, SETcc and CMOVcc with `code` in the opcode's low four bits.
template <unsigned code>
inline bool condition(std::uint64_t rflags) {
  const auto is_set = [rflags](std::uint64_t bits) { return (rflags & bits) != 0; };
  const auto is_less = [&] { return is_set(flag::sf) != is_set(flag::of); };
  bool holds = false;
  if constexpr (code / 2 == 0)
    holds = is_set(flag::of);
  else if constexpr (code / 2 == 1)
    holds = is_set(flag::cf);
  else if constexpr (code / 2 == 2)
    holds = is_set(flag::zf);
  else if constexpr (code / 2 == 3)
    holds = is_set(flag::cf | flag::zf);
  else if constexpr (code / 2 == 4)
    holds = is_set(flag::sf);
  else if constexpr (code / 2 == 5)
    holds = is_set(flag::pf);
  else if constexpr (code / 2 == 6)
    holds = is_less();
  else
    holds = is_set(flag::zf) || is_less();
  return holds != (code % 2 == 1);
}

} // namespace icebp::vp
