#pragma once

#include <icebp/model/json/json_events.h>
#include <icebp/model/rules/cpu/msr_row.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace icebp {
inline namespace v0_1 {

// A register in the object `msrs` of a profile file, with what is given of it.
struct MsrEntry {
  std::string at;
  std::uint32_t index = 0;
  std::optional<std::string> name;
  std::optional<MsrAccess> access;
  std::optional<std::uint64_t> writable, gp, reset;
  std::optional<MsrInit> on_init;

  // Of a key.
  std::string place(const char* key) const { return pointer_to(at, key); }
};

inline constexpr const char* msrs_place = "/msrs";

using MsrEntries = std::vector<MsrEntry>;
extern const Level msr_entries_level; // what `msrs` holds, read into MsrEntries

} // namespace v0_1
} // namespace icebp
