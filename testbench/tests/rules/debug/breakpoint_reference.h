#pragma once
// What docs/debug-unit.md 3 and 4 say of breakpoints, byte by byte and as slow as that is; and
// cases for comparing the rules with it.

#include <icebp/model/rules/debug/breakpoint_match.h>
#include <icebp/testbench/tests/rules/support.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace icebp::test {

// Enables of DR7.
enum Enable : unsigned { disabled = 0, local = 1, global = 2, local_and_global = 3 };

// docs/debug-unit.md 3: LEN 00, 01, 11 and 10 are 1, 2, 4 and 8 bytes.
inline constexpr std::uint32_t bytes_of_len[] = {1, 2, 8, 4};
constexpr u64 len_of_bytes(unsigned bytes) {
  return bytes == 8 ? 2 : bytes == 4 ? 3 : bytes == 2 ? 1 : 0;
}

// DR7's bits of one breakpoint.
constexpr u64 dr7_bits(unsigned n, Enable enable, unsigned watch, unsigned bytes) {
  return u64{enable} << (2 * n) | u64{watch} << (16 + 4 * n) | len_of_bytes(bytes) << (18 + 4 * n);
}

inline constexpr MsrSlot mask_slots[] = {MsrSlot::dr0_addr_mask, MsrSlot::dr1_addr_mask,
                                         MsrSlot::dr2_addr_mask, MsrSlot::dr3_addr_mask};

inline CoreState& arm(CoreState& state, unsigned n, unsigned watch, u64 address, unsigned bytes,
                      u64 mask = 0, Enable enable = global) {
  state.dr[7] |= dr7_bits(n, enable, watch, bytes);
  state.dr[n] = address;
  state[mask_slots[n]] = mask;
  return state;
}
inline CoreState armed(unsigned watch, u64 address, unsigned bytes, u64 mask = 0) {
  CoreState state;
  return arm(state, 0, watch, address, bytes, mask);
}

constexpr Access access_of(AccessKind kind, u64 address, std::uint32_t size) {
  Access access{kind};
  access.address = address;
  access.size = size;
  return access;
}
constexpr Access read_of(u64 address, std::uint32_t size) {
  return access_of(AccessKind::data_read, address, size);
}
constexpr Access write_of(u64 address, std::uint32_t size) {
  return access_of(AccessKind::data_write, address, size);
}
constexpr Access fetch_of(u64 address) { return access_of(AccessKind::execution, address, 1); }
constexpr Access io_of(u64 port, std::uint32_t size) {
  Access access = access_of(AccessKind::io, port, size);
  access.cr4_de = true;
  return access;
}
constexpr Access outside_64_bit_mode(Access access) {
  access.is_64_bit = false;
  return access;
}

// Section 3, the table of R/W.
constexpr bool reference_watches(unsigned watch, AccessKind kind, bool cr4_de) {
  switch (kind) {
  case AccessKind::execution:
    return watch == on_execution;
  case AccessKind::data_write:
    return watch == on_write || watch == on_access;
  case AccessKind::data_read:
    return watch == on_access;
  case AccessKind::io:
    return watch == on_io && cr4_de;
  }
  return false;
}

// 4.2 and 4.6: bits of the mask and the low bits below LEN are not compared; any byte is enough.
constexpr bool reference_touches(u64 dr, std::uint32_t bytes, u64 mask, const Access& access) {
  const u64 compared = ~mask & ~u64{bytes - 1};
  const bool wraps_at_32_bits = !access.is_64_bit && access.kind != AccessKind::io;
  for (u64 i = 0; i < access.size; ++i) {
    u64 byte = access.address + i;
    if (wraps_at_32_bits)
      byte &= 0xFFFFFFFF;
    if (((byte ^ dr) & compared) == 0)
      return true;
  }
  return false;
}

struct ReferenceHits {
  u64 matching = 0; // enabled or not
  u64 enabled = 0;

  // 2.4: Intel tells of all, AMD of those that are enabled.
  constexpr u64 b(bool disabled_tell) const {
    return enabled != 0 && disabled_tell ? matching : enabled;
  }
};

inline ReferenceHits reference_hits(const CoreState& state, const Access& access) {
  ReferenceHits hits;
  for (unsigned n = 0; n < 4; ++n) {
    const unsigned nibble = state.dr[7] >> (16 + 4 * n) & 0xF;
    if (!reference_watches(nibble & 3, access.kind, access.cr4_de) ||
        !reference_touches(state.dr[n], bytes_of_len[nibble >> 2], state[mask_slots[n]], access))
      continue;
    hits.matching |= bit(n);
    if ((state.dr[7] & (u64{local_and_global} << (2 * n))) != 0)
      hits.enabled |= bit(n);
  }
  return hits;
}

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
inline constexpr unsigned random_cases = 10'000'000;
#else
inline constexpr unsigned random_cases = 200'000;
#endif

// Breakpoints and accesses close to them, so that about half the accesses hit.
class RandomBreakpoints {
public:
  static constexpr u64 seed = 20260612;
  static constexpr unsigned accesses_per_state = 8;

  CoreState state() {
    is_64_bit_ = below(4) != 0;
    const u64 bits = random_();
    CoreState state;
    state.dr[7] = (bits & 0xFFFFFFFF) | 0x400;
    const u64 home = anchor();
    const bool together = below(2) != 0;
    for (unsigned n = 0; n < 4; ++n) {
      state.dr[n] = (together ? home : anchor()) + below(64) - 32;
      if (!is_64_bit_ && below(16) != 0)
        state.dr[n] &= 0xFFFFFFFF;
      state[mask_slots[n]] = mask();
    }
    return state;
  }

  Access access(const CoreState& state) {
    constexpr std::uint32_t sizes[] = {1, 1, 2, 4, 4, 8, 8, 8, 16, 16, 32, 64};
    constexpr AccessKind kinds[][2] = {{AccessKind::execution, AccessKind::execution},
                                       {AccessKind::data_write, AccessKind::data_write},
                                       {AccessKind::io, AccessKind::io},
                                       {AccessKind::data_write, AccessKind::data_read}};
    const unsigned target = below(4);
    const unsigned watch = state.dr[7] >> (16 + 4 * target) & 3;
    Access access{kinds[below(8) != 0 ? watch : below(4)][below(2)]};
    access.is_64_bit = is_64_bit_;
    access.cr4_de = below(4) != 0;
    access.size = access.kind == AccessKind::execution ? 1 : sizes[below(12)];
    const u64 spread = state[mask_slots[target]] & random_();
    const u64 near = (state.dr[target] ^ spread) + below(24) - 8 - below(access.size);
    access.address = is_64_bit_ ? canonical(near) : near & 0xFFFFFFFF;
    return access;
  }

private:
  std::mt19937_64 random_{seed};
  bool is_64_bit_ = true;

  unsigned below(unsigned bound) { return static_cast<unsigned>((random_() >> 32) * bound >> 32); }

  // 57 bits wide, the widest there is.
  static constexpr u64 canonical(u64 address) {
    constexpr u64 low = bit(56) - 1;
    return (address & bit(56)) != 0 ? address | ~low : address & low;
  }

  u64 anchor() {
    switch (below(8)) {
    case 0:
      return 0; // also what lies before it, FFFFFFFFFFFFFFFF
    case 1:
      return bit(32);
    case 2:
      return 0x00007FFFFFFFE000;
    case 3:
      return 0xFFFF800000000000;
    case 4:
      return 0xFFFFFFFF81000000;
    case 5:
      return random_(); // canonical or not
    default:
      return is_64_bit_ ? canonical(random_()) : random_() & 0xFFFFFFFF;
    }
  }

  u64 mask() {
    const u64 range = (bit(below(33))) - 1;
    switch (below(8)) {
    case 0:
      return range;
    case 1:
      return range & ~bit(below(32)); // a hole
    case 2:
      return random_() & 0xFFFFFFFF;
    case 3:
      return random_() & 0xFFF;
    default:
      return 0;
    }
  }
};

inline std::string describe(const CoreState& state, const Access& access) {
  std::string text =
      "seed " + std::to_string(RandomBreakpoints::seed) + ", DR7 " + hex(state.dr[7]);
  for (unsigned n = 0; n < 4; ++n)
    text +=
        ", DR" + std::to_string(n) + " " + hex(state.dr[n]) + " mask " + hex(state[mask_slots[n]]);
  return text + "; kind " + std::to_string(static_cast<unsigned>(access.kind)) + " at " +
         hex(access.address) + " of " + std::to_string(access.size) +
         (access.is_64_bit ? ", 64-bit" : ", not 64-bit") + (access.cr4_de ? ", CR4.DE" : "");
}

} // namespace icebp::test
