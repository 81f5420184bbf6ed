#pragma once
// The keys of a vector line, which cores and steps of a scenario have too.

#include <icebp/model/json/json_events.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace icebp {

// What lines, their keys and `expect` are read into: a VectorLine, with Profiles as the context,
// and an Expectation.
extern const Level line_level;
extern const Level expect_level;

inline constexpr std::size_t id_key = 0; // positions among the keys
inline constexpr std::size_t code_key = 1;

// The key of that name, with its position; null if there is none.
const Key* find_line_key(std::string_view name, std::size_t& entry);

// In the order of their positions.
std::vector<std::string_view> names_of_line_keys();

} // namespace icebp
