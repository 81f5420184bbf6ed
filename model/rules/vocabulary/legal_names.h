#pragma once
// Lists of names for messages: "a, b, c".

#include <icebp/model/rules/vocabulary/name_table.h>

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

inline void append_name(std::string& names, std::string_view name) {
  names.append(names.empty() ? "" : ", ").append(name);
}

template <typename Names>
std::string joined(const Names& names) {
  std::string all;
  for (const std::string_view name : names)
    append_name(all, name);
  return all;
}

// The `name` of each entry of a table.
template <typename Table>
std::string names_in(const Table& table) {
  std::string names;
  for (const auto& entry : table)
    append_name(names, entry.name);
  return names;
}

// Every name of an enumeration.
template <typename E>
std::string names_of() {
  return names_in(name_table<E>);
}

// `problem`, with that of the `legal` names ("a, b, c") that is nearest to `name` if one is near.
std::string with_guess(const std::string& problem, std::string_view name, std::string_view legal);

} // namespace v0_1
} // namespace icebp
