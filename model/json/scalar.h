#pragma once
// A JSON value as far as one event tells it, and the values that vector lines hold in one.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

struct Scalar {
  enum class Kind : std::uint8_t { null, boolean, integer, other_number, text, object, list };

  Kind kind = Kind::null;
  std::uint64_t number = 0; // an integer from 0 to 2^64 - 1, or a boolean
  std::string_view text;    // a string, or the digits of a number that is no `integer`

  static Scalar null() { return {}; }
  static Scalar boolean(bool value) { return {Kind::boolean, value, {}}; }
  static Scalar integer(std::uint64_t value) { return {Kind::integer, value, {}}; }
  // Below 0, above 2^64 - 1, or not whole.
  static Scalar other_number(std::string_view digits) { return {Kind::other_number, 0, digits}; }
  static Scalar string(std::string_view value) { return {Kind::text, 0, value}; }
  // Where no scalar stands: the start of an object or of a list.
  static Scalar object() { return {Kind::object, 0, {}}; }
  static Scalar list() { return {Kind::list, 0, {}}; }
};

// For messages: JSON text, cut short if it is long.
std::string describe(const Scalar& scalar);

// "0x" and 1 to 16 hex digits.
std::optional<std::uint64_t> parse_hex(std::string_view text);

// A 64-bit value: an integer or such a string.
std::optional<std::uint64_t> parse_value(const Scalar& scalar);
inline constexpr const char* legal_value = "\"0x\" and 1 to 16 hex digits, or an integer from 0";

// The value of a hex digit, or -1.
inline constexpr std::array<std::int8_t, 256> hex_digits = [] {
  std::array<std::int8_t, 256> table{};
  for (std::int8_t& digit : table)
    digit = -1;
  for (unsigned digit = 0; digit < 16; ++digit)
    for (const char* digits : {"0123456789abcdef", "0123456789ABCDEF"})
      table[static_cast<unsigned char>(digits[digit])] = static_cast<std::int8_t>(digit);
  return table;
}();
constexpr int hex_digit(char c) { return hex_digits[static_cast<unsigned char>(c)]; }

void append_hex(std::string& out, std::uint64_t value);
void append_decimal(std::string& out, std::uint64_t value);
// In quotes, with escapes.
void append_json_string(std::string& out, std::string_view text);

} // namespace v0_1
} // namespace icebp
