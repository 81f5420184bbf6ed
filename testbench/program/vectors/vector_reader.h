#pragma once
// Reads vector lines and the machine objects of scenarios; both have the same keys and one reader.
// Strict: an unknown or duplicate key, a wrong type and a value that does not fit are InputErrors.

#include <icebp/testbench/program/vectors/vector_line.h>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace icebp {

// Reads one line of JSON over `line`. Throws InputError; `line` then holds what came before.
void read_vector_line(std::string_view text, VectorLine& line);

// How an object of a scenario differs from a vector line.
struct ObjectKeys {
  std::vector<std::string_view> also;     // keys that the caller reads itself
  std::vector<std::string_view> not_here; // keys of a vector line that the object cannot have
};

// Reads a parsed object with the keys of a vector line; nothing is required. `at` is its place.
void read_machine(const nlohmann::json& object, const ObjectKeys& keys, std::string_view at,
                  VectorLine& line);

// Reads a parsed `expect` object on top of what `expect` holds.
void read_expectation(const nlohmann::json& object, std::string_view at, Expectation& expect);

// Reads a parsed 64-bit value: an integer, or "0x" and hex digits.
std::uint64_t read_value(const nlohmann::json& value, std::string_view at);

} // namespace icebp
