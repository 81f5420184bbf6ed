#pragma once
// An enumeration has one table of names, written beside it. From that table come operator<<, the
// wave viewers' value names and the JSON vocabulary.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <type_traits>

namespace icebp {
inline namespace v0_1 {

template <typename E>
struct NamedValue {
  E value;
  std::string_view name;
};

// Specialise with `names_in_order`, or as a `std::array` of NamedValue where values have gaps.
template <typename E>
inline constexpr std::nullptr_t name_table = nullptr;

// True if the enumeration has an enumerator of that value: any other value the compiler spells as a
// cast, "(icebp::Mode)5".
template <auto value>
constexpr bool is_enumerator() {
  constexpr std::string_view spelling = __PRETTY_FUNCTION__;
  return spelling.find("= (") == std::string_view::npos;
}

// True if the enumerators of `E` are 0 to `count - 1`.
template <typename E, std::size_t count>
constexpr bool is_whole_enum() {
  return is_enumerator<static_cast<E>(count - 1)>() && !is_enumerator<static_cast<E>(count)>();
}

// Makes the table of an enum whose values are 0, 1, 2, ... from a name for each of them.
template <typename E, typename... Names>
constexpr std::array<NamedValue<E>, sizeof...(Names)> names_in_order(Names... names) {
  static_assert(is_whole_enum<E, sizeof...(Names)>(), "an enumerator has no name, or a name none");
  unsigned value = 0;
  return {NamedValue<E>{static_cast<E>(value++), names}...};
}

template <typename E>
inline constexpr bool has_name_table =
    !std::is_same_v<std::decay_t<decltype(name_table<E>)>, std::nullptr_t>;

// Gives the name of a value, "?" if the table has none.
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

// Gives the number of bits that hold every value of the table.
template <typename E>
constexpr unsigned width_of() {
  unsigned width = 1;
  for (const auto& entry : name_table<E>)
    while (static_cast<std::uint64_t>(entry.value) >> width != 0)
      ++width;
  return width;
}

template <typename E, std::enable_if_t<has_name_table<E>, int> = 0>
std::ostream& operator<<(std::ostream& out, E value) {
  return out << name_of(value);
}

} // namespace v0_1
} // namespace icebp
