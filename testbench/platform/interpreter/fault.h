#pragma once

#include <cstdint>
#include <optional>

namespace icebp::vp {

namespace vector {
inline constexpr std::uint8_t de = 0, db = 1, nmi = 2, bp = 3, of = 4, br = 5, ud = 6, nm = 7,
                              df = 8, ts = 10, np = 11, ss = 12, gp = 13, pf = 14, mf = 16, ac = 17,
                              xm = 19;
}

// Thrown: an exception of the instruction in progress.
struct Fault {
  std::uint8_t vector = 0;
  std::optional<std::uint32_t> error_code;
  std::uint64_t address = 0; // of a #PF, linear
};

[[noreturn]] void raise(std::uint8_t vector); // without an error code
[[noreturn]] void raise(std::uint8_t vector, std::uint32_t code);
[[noreturn]] inline void raise_ud() { raise(vector::ud); }
[[noreturn]] inline void raise_gp(std::uint32_t code = 0) { raise(vector::gp, code); }

} // namespace icebp::vp
