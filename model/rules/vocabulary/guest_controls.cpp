#include <icebp/model/rules/vocabulary/guest_controls.h>

#include <optional>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr std::uint32_t range_size = 0x2000;
constexpr std::uint32_t range_bases[] = {0x00000000, 0xC0000000, 0xC0010000};
constexpr unsigned vmx_ranges = 2;
constexpr unsigned svm_ranges = 3;

struct Bit {
  std::size_t byte;
  std::uint8_t mask;
};

constexpr Bit bit(std::size_t number) {
  return {number / 8, static_cast<std::uint8_t>(1U << (number % 8))};
}

// Number of `msr` over the first `ranges` ranges, laid end to end.
constexpr std::optional<std::size_t> position(std::uint32_t msr, unsigned ranges) {
  for (unsigned range = 0; range < ranges; ++range)
    if (msr - range_bases[range] < range_size)
      return range * range_size + (msr - range_bases[range]);
  return std::nullopt;
}

constexpr std::optional<Bit> vmx_bit(std::uint32_t msr, bool write) {
  const auto at = position(msr, vmx_ranges);
  if (!at)
    return std::nullopt;
  return bit(*at + (write ? vmx_ranges * range_size : 0));
}

constexpr std::optional<Bit> svm_bit(std::uint32_t msr, bool write) {
  const auto at = position(msr, svm_ranges);
  if (!at)
    return std::nullopt;
  return bit(2 * *at + (write ? 1 : 0));
}

template <typename Page>
void set_bit(Page& page, const std::optional<Bit>& at, bool value) {
  if (!at)
    return;
  if (value)
    page[at->byte] = static_cast<std::uint8_t>(page[at->byte] | at->mask);
  else
    page[at->byte] = static_cast<std::uint8_t>(page[at->byte] & ~at->mask);
}

template <typename Page>
bool get_bit(const Page& page, const std::optional<Bit>& at) {
  return !at || (page[at->byte] & at->mask) != 0;
}

} // namespace

void VmxMsrBitmaps::set(std::uint32_t msr, bool write, bool exits) {
  set_bit(page_, vmx_bit(msr, write), exits);
}

bool VmxMsrBitmaps::exits(std::uint32_t msr, bool write) const {
  return get_bit(page_, vmx_bit(msr, write));
}

void SvmMsrPermissions::set(std::uint32_t msr, bool write, bool exits) {
  set_bit(map_, svm_bit(msr, write), exits);
}

bool SvmMsrPermissions::exits(std::uint32_t msr, bool write) const {
  return get_bit(map_, svm_bit(msr, write));
}

} // namespace v0_1
} // namespace icebp
