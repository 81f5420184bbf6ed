#include <icebp/model/json/scalar.h>

#include <charconv>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr std::size_t longest_description = 60;

void append_escape(std::string& out, char c) {
  switch (c) {
  case '"':
  case '\\':
    out += '\\';
    out += c;
    break;
  case '\n':
    out += "\\n";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    constexpr char digits[] = "0123456789abcdef";
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[c & 0xF];
  }
}

constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

std::string shortened(std::string text) {
  if (text.size() <= longest_description)
    return text;
  std::size_t end = longest_description;
  while ((text[end] & 0xC0) == 0x80) // not within a UTF-8 character
    --end;
  text.resize(end);
  return text + "...";
}

} // namespace

std::string describe(const Scalar& scalar) {
  std::string out;
  switch (scalar.kind) {
  case Scalar::Kind::null:
    return "null";
  case Scalar::Kind::object:
    return "an object";
  case Scalar::Kind::list:
    return "a list";
  case Scalar::Kind::boolean:
    return scalar.number != 0 ? "true" : "false";
  case Scalar::Kind::integer:
    append_decimal(out, scalar.number);
    break;
  case Scalar::Kind::other_number:
    out = scalar.text;
    break;
  case Scalar::Kind::text:
    append_json_string(out, scalar.text);
    break;
  }
  return shortened(std::move(out));
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.size() < 3 || text.size() > 18 || text[0] != '0' || text[1] != 'x')
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text.substr(2)) {
    const int digit = hex_digit(c);
    if (digit < 0)
      return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return value;
}

std::optional<std::uint64_t> parse_value(const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::integer)
    return scalar.number;
  return scalar.kind == Scalar::Kind::text ? parse_hex(scalar.text) : std::nullopt;
}

void append_hex(std::string& out, std::uint64_t value) {
  char text[18] = {'0', 'x'};
  out.append(text, std::to_chars(text + 2, text + sizeof text, value, 16).ptr);
}

void append_decimal(std::string& out, std::uint64_t value) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text)
    if (is_plain(c))
      out += c;
    else
      append_escape(out, c);
  out += '"';
}

} // namespace v0_1
} // namespace icebp
