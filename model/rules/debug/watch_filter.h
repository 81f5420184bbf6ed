#pragma once
// This check sits on every access of an instruction-set simulator. It is inline, and never wrong
// about a miss. After a "may" ask for the truth with an operation (data_read, data_write, fetch).
// Breakpoints match linear addresses: ask on the CPU side of DMI.

#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>
#include <cstdint>
#include <limits>

namespace icebp {
inline namespace v0_1 {

// Holds the enabled breakpoints of one kind of access. Addresses are canonical; outside 64-bit mode
// the caller splits an access that wraps at 4 GiB.
class WatchSet {
public:
  // False if [address, address + size) meets no breakpoint. `size` is in bytes, 1 to 2^31.
  bool may_hit(std::uint64_t address, std::uint32_t size) const noexcept {
    const auto first = static_cast<Address>(address);
    // Of the breakpoints that do not end before the access, the one that ends first.
    const Address last = first <= lasts_[0]   ? lasts_[0]
                         : first <= lasts_[1] ? lasts_[1]
                         : first <= lasts_[2] ? lasts_[2]
                                              : lasts_[3];
    return static_cast<std::uint64_t>(last) - address <= widest_ + (size - 1U);
  }
  bool is_armed() const noexcept { return lasts_[0] != nowhere; }

  // Adds the watched bytes [last - more, last]; four such ranges fit.
  void add(std::uint64_t last, std::uint64_t more) noexcept;

private:
  // In signed order the canonical addresses are one run, which 0 does not interrupt.
  using Address = std::int64_t;
  // Behind every canonical address, and further than any access reaches.
  static constexpr Address nowhere = std::numeric_limits<Address>::max();

  std::array<Address, 4> lasts_{nowhere, nowhere, nowhere, nowhere}; // ascending
  std::uint64_t widest_ = 0;                                         // of one, first to last
};

// False if `request` leaves the breakpoints as they are.
constexpr bool may_change_watch(const Request& request) {
  return row_of(request.operation).changes_watch ||
         (may_be_address_mask(request.msr) && writes_msr(request.operation));
}

// False if an access of plain_access.h has left the breakpoints as they were: it was no MOV to DR7,
// by any name, nor to the address of an enabled one.
constexpr bool changes_watch(const CoreState& state, const Request& request) {
  if (request.operation != Operation::mov_to_dr)
    return false;
  return request.dr < 4 ? dr7::is_enabled(state.dr[7], request.dr) : (request.dr & 1) != 0;
}

// Holds what DR0-DR3, DR7 and AMD's address masks arm, but for I/O breakpoints. The simulator calls
// `arm` after each operation that may change them; the change counts from the next instruction.
class WatchFilter {
public:
  void arm(const CoreState& state) noexcept;

  bool may_read(std::uint64_t address, std::uint32_t size) const noexcept {
    return reads_.may_hit(address, size);
  }
  bool may_write(std::uint64_t address, std::uint32_t size) const noexcept {
    return writes_.may_hit(address, size);
  }
  bool may_fetch(std::uint64_t address) const noexcept { return fetches_.may_hit(address, 1); }

  // False if such an operation meets nothing that the filter knows.
  bool may_meet(Operation operation, std::uint64_t address, std::uint32_t size) const noexcept {
    if (operation == Operation::data_read)
      return may_read(address, size);
    if (operation == Operation::data_write)
      return may_write(address, size);
    return operation != Operation::fetch || may_fetch(address);
  }

  // False if neither a trap nor a shadow waits at the boundary: then nothing can come of the end of
  // a plain instruction, and without TF nothing of a fetch but a breakpoint.
  bool boundary_waits() const noexcept { return boundary_waits_; }
  // False if nothing can come of any fetch without TF.
  bool fetches_matter() const noexcept { return fetches_matter_; }
  // The caller calls this after each operation that may change the boundary.
  void note(const Boundary& boundary) noexcept {
    boundary_waits_ = !boundary.is_quiet();
    fetches_matter_ = boundary_waits_ || fetches_.is_armed();
  }

  bool watches_data() const noexcept { return writes_.is_armed(); }
  bool watches_fetches() const noexcept { return fetches_.is_armed(); }

private:
  WatchSet reads_;
  WatchSet writes_;
  WatchSet fetches_;
  bool boundary_waits_ = false;
  bool fetches_matter_ = false;
};

} // namespace v0_1
} // namespace icebp
