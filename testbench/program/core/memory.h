#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace icebp {

struct MemoryRange {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes;
};

// What of linear memory is present, for the forms that read and write it.
class Memory {
public:
  // Adds a range, or writes over bytes that are there.
  void put(const MemoryRange& range);

  // The byte at `address`; nothing if it is not present.
  std::optional<std::uint8_t> byte_at(std::uint64_t address) const;

  // The first of eight bytes that is not present; nothing if all are.
  std::optional<std::uint64_t> missing_of_8(std::uint64_t address) const;

  // Little-endian. Precondition: all eight bytes are present.
  std::uint64_t read64(std::uint64_t address) const;
  void write64(std::uint64_t address, std::uint64_t value);

  // Runs of bytes that differ from `before`, which has the same bytes present, in the order of
  // ranges.
  std::vector<MemoryRange> changes_since(const Memory& before) const;

private:
  std::vector<MemoryRange> ranges_; // do not overlap
};

} // namespace icebp
