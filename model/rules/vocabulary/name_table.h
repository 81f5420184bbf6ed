#pragma once
// Names of enumerations: one table per enum, written beside it. From that table come operator<<,
// the wave viewers' value names and the JSON vocabulary.

#include <array>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string_view>
#include <type_traits>

namespace icebp {

template <typename E>
struct NamedValue {
  E value;
  std::string_view name;
};

// Specialise with `names_in_order`, or as a `std::array` of NamedValue where values have gaps.
template <typename E>
inline constexpr std::nullptr_t name_table = nullptr;

// The table of an enum whose values are 0, 1, 2, ...
template <typename E, typename... Names>
constexpr std::array<NamedValue<E>, sizeof...(Names)> names_in_order(Names... names) {
  unsigned value = 0;
  return {NamedValue<E>{static_cast<E>(value++), names}...};
}

template <typename E>
inline constexpr bool has_name_table =
    !std::is_same_v<std::decay_t<decltype(name_table<E>)>, std::nullptr_t>;

// "?" for a value outside the table.
template <typename E>
constexpr std::string_view name_of(E value) {
  for (const auto& entry : name_table<E>)
    if (entry.value == value)
      return entry.name;
  return "?";
}

template <typename E>
constexpr std::optional<E> value_of(std::string_view name) {
  for (const auto& entry : name_table<E>)
    if (entry.name == name)
      return entry.value;
  return std::nullopt;
}

template <typename E, std::enable_if_t<has_name_table<E>, int> = 0>
std::ostream& operator<<(std::ostream& out, E value) {
  return out << name_of(value);
}

} // namespace icebp
