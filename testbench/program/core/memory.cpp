#include <icebp/testbench/program/core/memory.h>

namespace icebp {
namespace {

// The byte at `address`, as const as the ranges are; null if it is in none.
template <typename Ranges>
auto find(Ranges& ranges, std::uint64_t address) -> decltype(&ranges[0].bytes[0]) {
  for (auto& range : ranges)
    if (address - range.address < range.bytes.size())
      return &range.bytes[static_cast<std::size_t>(address - range.address)];
  return nullptr;
}

} // namespace

void Memory::put(const MemoryRange& range) {
  MemoryRange added{range.address, {}}; // bytes that are not there yet, in a row
  const auto close = [&](std::uint64_t next) {
    if (!added.bytes.empty())
      ranges_.push_back(added);
    added = {next, {}};
  };
  for (std::size_t i = 0; i < range.bytes.size(); ++i) {
    const std::uint64_t address = range.address + i;
    if (std::uint8_t* present = find(ranges_, address)) {
      *present = range.bytes[i];
      close(address + 1);
    } else {
      added.bytes.push_back(range.bytes[i]);
    }
  }
  close(0);
}

std::optional<std::uint8_t> Memory::byte_at(std::uint64_t address) const {
  const std::uint8_t* byte = find(ranges_, address);
  return byte ? std::optional(*byte) : std::nullopt;
}

std::optional<std::uint64_t> Memory::missing_of_8(std::uint64_t address) const {
  for (std::uint64_t i = 0; i < 8; ++i)
    if (!byte_at(address + i))
      return address + i;
  return std::nullopt;
}

std::uint64_t Memory::read64(std::uint64_t address) const {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i)
    value |= std::uint64_t{byte_at(address + i).value_or(0)} << (8 * i);
  return value;
}

void Memory::write64(std::uint64_t address, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i)
    if (std::uint8_t* byte = find(ranges_, address + i))
      *byte = static_cast<std::uint8_t>(value >> (8 * i));
}

std::vector<MemoryRange> Memory::changes_since(const Memory& before) const {
  std::vector<MemoryRange> changes;
  for (std::size_t n = 0; n < ranges_.size(); ++n) {
    bool in_run = false;
    for (std::size_t i = 0; i < ranges_[n].bytes.size(); ++i) {
      const std::uint8_t byte = ranges_[n].bytes[i];
      const bool changed = byte != before.ranges_[n].bytes[i];
      if (changed && !in_run)
        changes.push_back({ranges_[n].address + i, {}});
      if (changed)
        changes.back().bytes.push_back(byte);
      in_run = changed;
    }
  }
  return changes;
}

} // namespace icebp
