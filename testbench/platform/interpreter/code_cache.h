#pragma once

#include <icebp/testbench/platform/interpreter/bus.h>
#include <icebp/testbench/platform/interpreter/instruction.h>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

namespace icebp::vp {

// How code is decoded: by mode and by CS.D.
enum class CodeKind : std::uint8_t {
  real_16,
  real_32,
  legacy_16,
  legacy_32,
  compat_16,
  compat_32,
  long_64
};

// The instructions decoded from one physical page as one kind of code.
class CodePage {
public:
  // Null if none was decoded at `offset`.
  const Instruction* find(std::uint32_t offset) const {
    const std::uint16_t place = places_[offset];
    return place == 0 ? nullptr : &instructions_[place - 1U];
  }
  const Instruction* add(std::uint32_t offset, const Instruction& instruction) {
    instructions_.push_back(instruction);
    places_[offset] = static_cast<std::uint16_t>(instructions_.size());
    return &instructions_.back();
  }

private:
  std::array<std::uint16_t, 4096> places_{};
  std::deque<Instruction> instructions_;
};

// Decoded instructions by physical page, shared by the cores of a platform. A write to the page
// forgets them, whatever linear address or core it comes by.
class CodeCache {
public:
  explicit CodeCache(Ram& ram) : ram_(ram) {}

  // The page at physical `address`, which is RAM.
  std::shared_ptr<CodePage> page_at(std::uint64_t address, CodeKind kind);
  // RAM of that page is written.
  void forget(std::uint64_t address);
  // Another number after each `forget`.
  std::uint64_t generation() const { return generation_; }

private:
  Ram& ram_;
  std::unordered_map<std::uint64_t, std::shared_ptr<CodePage>> pages_; // page number * 8 + kind
  std::uint64_t generation_ = 0;
};

} // namespace icebp::vp
