#pragma once
// Which registers a CPU has, and what their bits are, as far as that follows from its features, its
// counts and its physical address width: by the manuals, and from typed datasheets.

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace icebp::test {

struct CpuFacts {
  Vendor vendor;
  unsigned width; // MAXPHYADDR
  unsigned banks, mtrrs, trace_ranges, last_branches, counters, fixed_counters, counter_bits;
  std::set<std::string, std::less<>> features;

  bool has(std::string_view feature) const { return features.count(feature) != 0; }
};

// Of a named profile: its datasheet, and its counts.
CpuFacts facts_of(std::string_view profile);

struct RegisterFacts {
  bool present;
  // Of a register whose masks follow, in the bits `judged`; else its presence alone does.
  struct Masks {
    std::uint64_t writable, gp;
    std::uint64_t judged = ~std::uint64_t{0};
  };
  std::optional<Masks> masks;
};

// By index; registers that the CPU has not are there, as absent.
std::map<std::uint32_t, RegisterFacts> registers_by(const CpuFacts& facts);

} // namespace icebp::test
