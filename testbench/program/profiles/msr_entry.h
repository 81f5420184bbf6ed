#pragma once

#include <icebp/model/rules/cpu/msr_row.h>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace icebp {

// A register in the object `msrs` of a profile file, with what is given of it.
struct MsrEntry {
  std::string at;
  std::uint32_t index;
  std::optional<std::string> name;
  std::optional<MsrAccess> access;
  std::optional<std::uint64_t> writable, gp, reset;
  std::optional<MsrInit> on_init;

  // Of a key.
  std::string place(const char* key) const;
};

// The registers of `msrs`, whose place is `at`. Throws InputError.
std::vector<MsrEntry> read_msr_entries(const nlohmann::json& msrs, const std::string& at);

} // namespace icebp
