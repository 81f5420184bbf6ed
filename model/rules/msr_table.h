#pragma once

#include <icebp/model/rules/msr_row.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {

// A row of the catalogue as one profile has it.
struct ResolvedMsr {
  std::uint64_t gp = 0;
  std::uint64_t writable = 0;
  std::uint64_t reset = 0;
  std::string_view name;
  std::uint32_t index = 0;
  std::uint16_t slot = 0;
  std::uint8_t canonical_bits = 0; // 48 or 57; 0: not checked
  MsrValueRule rule = MsrValueRule::any;
  MsrInit on_init = MsrInit::reset;
  bool present = false;
  bool readable = false;
  bool accepts_writes = false;
};

// The catalogue resolved for a profile: immutable, shared by every core of the profile. A look-up
// takes the same few instructions whatever the index. About 50 KiB.
class MsrTable {
public:
  explicit MsrTable(const CpuProfile& profile);

  // Never null: an index without a register gives a row that is not `present`.
  const ResolvedMsr& find(std::uint32_t index) const noexcept {
    return rows_[row_of_[position(index)]];
  }

  const ResolvedMsr* begin() const noexcept { return rows_.data() + 1; }
  const ResolvedMsr* end() const noexcept { return rows_.data() + row_count_; }

private:
  // Registers lie in three windows of 8192, those of AMD's MSR permission map: 0000_0000h,
  // C000_0000h and C001_0000h (APM vol. 2 15.11). One more entry stands for all else.
  static constexpr std::uint32_t window = 0x2000;
  static constexpr std::uint32_t outside = 3 * window;

  static constexpr std::uint32_t position(std::uint32_t index) noexcept {
    if (index < window)
      return index;
    const std::uint32_t high = index - 0xC0000000;
    if ((high & ~std::uint32_t{0x11FFF}) != 0)
      return outside;
    return window + (high >> 16) * window + (high & 0x1FFF);
  }

  std::array<std::uint8_t, outside + 1> row_of_{};
  std::array<ResolvedMsr, msr_slot_count + 1> rows_{}; // row 0: no such register
  std::size_t row_count_ = 1;
};

} // namespace icebp
