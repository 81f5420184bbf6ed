#include <icebp/model/rules/debug/breakpoint_match.h>
#include <icebp/model/rules/registers/dr7.h>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr unsigned on(AccessKind kind) { return 1U << static_cast<unsigned>(kind); }

// The accesses that each value of R/W watches (SDM vol. 3 17.2.4).
constexpr unsigned watched_kinds[] = {
    on(AccessKind::execution),
    on(AccessKind::data_write),
    on(AccessKind::io), // with CR4.DE
    on(AccessKind::data_write) | on(AccessKind::data_read),
};

bool watches(std::uint64_t dr7, unsigned n, const Access& access) {
  if (access.kind == AccessKind::io && !access.cr4_de)
    return false;
  return (watched_kinds[dr7::rw(dr7, n)] & on(access.kind)) != 0;
}

// Expects an access that does not wrap at 32 bits; at 64 bits the arithmetic wraps by itself.
bool overlaps(const WatchedBytes& watched, std::uint64_t address, std::uint32_t size) {
  if (watched.is_range())
    return watched.last() - address <= watched.ignored + (size - 1);
  for (std::uint32_t i = 0; i < size; ++i)
    if (((address + i) & ~watched.ignored) == watched.base)
      return true;
  return false;
}

bool overlaps(const WatchedBytes& watched, const Access& access) {
  constexpr std::uint64_t end_of_32_bits = std::uint64_t{1} << 32;
  const std::uint64_t end = access.address + access.size;
  if (access.is_64_bit || access.kind == AccessKind::io || end <= end_of_32_bits)
    return overlaps(watched, access.address, access.size);
  const auto wrapped = static_cast<std::uint32_t>(end - end_of_32_bits);
  return overlaps(watched, access.address, access.size - wrapped) || overlaps(watched, 0, wrapped);
}

} // namespace

WatchedBytes watched_bytes(const CoreState& state, unsigned n) {
  constexpr auto first_mask = static_cast<std::size_t>(MsrSlot::dr0_addr_mask);
  const std::uint64_t ignored = (dr7::length(state.dr[7], n) - 1U) | state.msr[first_mask + n];
  return {state.dr[n] & ~ignored, ignored};
}

std::uint64_t matching_breakpoints(const CpuProfile& profile, const CoreState& state,
                                   const Access& access) {
  std::uint64_t matching = 0;
  std::uint64_t enabled = 0;
  for (unsigned n = 0; n < 4; ++n) {
    const bool match = watches(state.dr[7], n, access) && overlaps(watched_bytes(state, n), access);
    matching |= std::uint64_t{match} << n;
    enabled |= std::uint64_t{dr7::is_enabled(state.dr[7], n)} << n;
  }
  const std::uint64_t hit = matching & enabled;
  return hit != 0 && profile.quirks.disabled_breakpoints_set_b ? matching : hit;
}

} // namespace v0_1
} // namespace icebp
