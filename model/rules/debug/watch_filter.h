#pragma once
// This check sits on every access of an instruction-set simulator. It is inline, and never wrong
// about a miss. After a "may" ask for the truth with an operation (data_read, data_write, fetch).
// Breakpoints match linear addresses: ask on the CPU side of DMI.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>
#include <cstdint>
#include <limits>

namespace icebp {

// The MSRs of AMD's address masks are not in a row: DR0's is the last.
inline constexpr std::uint32_t dr1_addr_mask_index = 0xC0011019;
inline constexpr std::uint32_t dr0_addr_mask_index = 0xC0011027;

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
  const bool in_masks = request.msr >= dr1_addr_mask_index && request.msr <= dr0_addr_mask_index;
  return row_of(request.operation).changes_watch || (in_masks && writes_msr(request.operation));
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

  bool watches_data() const noexcept { return writes_.is_armed(); }
  bool watches_fetches() const noexcept { return fetches_.is_armed(); }

private:
  WatchSet reads_;
  WatchSet writes_;
  WatchSet fetches_;
};

} // namespace icebp
