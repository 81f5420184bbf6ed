#pragma once
// Strict reading of parsed JSON. Each throws InputError with `at`, the place of the value.

#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/json_events.h>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

using Names = std::vector<std::string_view>;

// "a, b, c"
std::string joined(const Names& names);

// "VALUE is not WHAT; LEGAL"
[[noreturn]] void refuse(const nlohmann::json& value, const std::string& at, const char* what,
                         const std::string& legal);

void require_object(const nlohmann::json& value, const std::string& at, const char* what);
// 1 to `most` entries.
void require_list(const nlohmann::json& value, const std::string& at, const char* what,
                  std::size_t most);
// No key of `object` but these.
void require_keys(const nlohmann::json& object, const std::string& at, const Names& legal);

// The entry of `object`, which must be there.
const nlohmann::json& required(const nlohmann::json& object, const char* key, const std::string& at,
                               const std::string& legal);

// The text of an entry; empty if it is not there.
std::string text_in(const nlohmann::json& object, const char* key, const std::string& at);

bool read_truth(const nlohmann::json& value, const std::string& at);
std::uint64_t read_number(const nlohmann::json& value, const std::string& at, std::uint64_t least,
                          std::uint64_t most);

template <typename E>
E named(const nlohmann::json& value, const std::string& at, const char* what) {
  if (value.is_string())
    if (const std::optional<E> found = value_of<E>(value.get_ref<const std::string&>()))
      return *found;
  refuse(value, at, what, names_of<E>());
}

} // namespace icebp
