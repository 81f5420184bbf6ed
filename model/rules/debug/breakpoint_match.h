#pragma once
// Tells which breakpoints an access meets. The caller says what an instruction accesses; measured
// on Intel (Cascade Lake):
//
//   a CMPXCHG that fails, locked or not      writes, always
//   XCHG, INC and other read-modify-writes   write
//   BT, CLFLUSH                              read
//   a masked store, of an all-zero mask      nothing
//   PREFETCHh, NOP with an operand, LEA      nothing
//
// Breakpoints match linear addresses, before translation. A wide or split access is one access of
// all its bytes. An instruction is at its first byte, prefixes included.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

enum class AccessKind : std::uint8_t { execution, data_write, data_read, io };

struct Access {
  AccessKind kind;
  bool is_64_bit = true;     // linear addresses wrap at 64 bits, not at 32
  bool cr4_de = false;       // R/W=10 is an I/O breakpoint, else it matches nothing
  std::uint64_t address = 0; // linear, canonical; of an instruction its first byte; a port
  std::uint32_t size = 1;    // bytes, at least 1; of an instruction 1
};

// Describes the bytes that one breakpoint watches: those whose address differs from `base` in bits
// of `ignored` only.
struct WatchedBytes {
  std::uint64_t base;    // bits of `ignored` are 0
  std::uint64_t ignored; // LEN-1, and on AMD DRn_ADDR_MASK

  // True if the bytes are in one piece: always, but for an address mask with holes.
  constexpr bool is_range() const { return (ignored & (ignored + 1)) == 0; }
  constexpr std::uint64_t last() const { return base | ignored; }
};

// Gives the bytes that breakpoint `n` watches. The low bits of DRn are masked by LEN, not added
// (SDM vol. 3 17.2.5). The address mask of AMD is combined with LEN by OR (UNVERIFIED).
WatchedBytes watched_bytes(const CoreState& state, unsigned n);

// Gives the bits B3-B0 of the #DB that `access` comes to; 0 if it meets no enabled breakpoint. One
// byte in common is enough. The profile's quirk says whether breakpoints that match and are not
// enabled set their bits too.
std::uint64_t matching_breakpoints(const CpuProfile& profile, const CoreState& state,
                                   const Access& access);

} // namespace v0_1
} // namespace icebp
