#include <icebp/model/json/json_reader.h>

#include <algorithm>
#include <cstring>

namespace icebp {
inline namespace v0_1 {
namespace {

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.substr(0, mark.size()) == mark ? text.substr(mark.size()) : text;
}

// Has no byte that is zero, beyond ASCII, or a backslash.
bool is_plain_text(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  constexpr std::uint64_t backslashes = ones * '\\';
  std::uint64_t found = 0; // top bits of such bytes
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    found |= bytes | (bytes - ones) | ((bytes ^ backslashes) - ones);
  }
  if ((found & tops) != 0)
    return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     [](char c) { return c > 0 && c != '\\'; });
}

bool is_utf8(std::string_view text) {
  rapidjson::MemoryStream bytes(text.data(), text.size());
  struct Nowhere {
    void Put(char) {}
  } nowhere;
  while (bytes.Tell() < text.size())
    if (!rapidjson::UTF8<>::Validate(bytes, nowhere))
      return false;
  return true;
}

struct Problem {
  rapidjson::ParseErrorCode code;
  const char* text;
  bool is_before; // something else than what `text` says stands there
};
constexpr Problem problems[] = {
    {rapidjson::kParseErrorDocumentEmpty, "no JSON value", false},
    {rapidjson::kParseErrorDocumentRootNotSingular, "the text goes on behind the JSON value", true},
    {rapidjson::kParseErrorValueInvalid, "no JSON value", true},
    {rapidjson::kParseErrorObjectMissName, "no key in double quotes", true},
    {rapidjson::kParseErrorObjectMissColon, "no colon behind a key", true},
    {rapidjson::kParseErrorObjectMissCommaOrCurlyBracket, "neither a comma nor }", true},
    {rapidjson::kParseErrorArrayMissCommaOrSquareBracket, "neither a comma nor ]", true},
    {rapidjson::kParseErrorStringUnicodeEscapeInvalidHex, "\\u without four hex digits", false},
    {rapidjson::kParseErrorStringUnicodeSurrogateInvalid, "half a surrogate pair", false},
    {rapidjson::kParseErrorStringEscapeInvalid, "an escape or control character that no string has",
     false},
    {rapidjson::kParseErrorStringMissQuotationMark, "a string without its closing quote", false},
    {rapidjson::kParseErrorNumberTooBig, "a number too big", false},
    {rapidjson::kParseErrorNumberMissFraction, "no digit behind the decimal point", true},
    {rapidjson::kParseErrorNumberMissExponent, "no digit in the exponent", true},
};

// The problem at the start of `rest`.
std::string describe(const Problem& problem, std::string_view rest) {
  std::string text = problem.text;
  if (!problem.is_before)
    return text;
  if (rest.empty())
    return text + ", but the end";
  const char c = rest.front();
  return c > ' ' && c < 0x7F ? text + ", but " + c : text;
}

} // namespace

// A NUL would end RapidJSON's text.
JsonReader::JsonReader(std::string_view text, std::string& buffer, Place place)
    : text_(without_byte_order_mark(text)), is_plain_(is_plain_text(text_)), place_(place),
      stream_(buffer.assign(text_).data()) {
  if (!is_plain_)
    if (const std::size_t nul = text_.find('\0'); nul != text_.npos)
      fail_at(nul, "a NUL byte");
}

std::size_t JsonReader::line_at(std::size_t offset) const {
  const std::string_view before = text_.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::string_view JsonReader::number_at(std::size_t offset) const {
  std::size_t end = offset;
  const auto skip = [&](std::string_view characters) {
    while (end < text_.size() && characters.find(text_[end]) != characters.npos)
      ++end;
  };
  skip("-.0123456789"); // RapidJSON has seen that it is a number
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    ++end;
    skip("+-");
    skip("0123456789");
  }
  return text_.substr(offset, end - offset);
}

// Bytes that are no UTF-8, and a low surrogate alone, which RapidJSON lets through.
void JsonReader::check_string(std::string_view value) const {
  if (!is_utf8(value))
    fail_at(offset(), "a string that is no UTF-8");
}

void JsonReader::fail(rapidjson::ParseErrorCode code, std::size_t offset) const {
  for (const Problem& problem : problems)
    if (problem.code == code)
      fail_at(offset, describe(problem, text_.substr(std::min(offset, text_.size()))));
  fail_at(offset, "no JSON");
}

void JsonReader::fail_at(std::size_t offset, const std::string& problem) const {
  const std::size_t line_break = text_.substr(0, offset).rfind('\n');
  const std::size_t column = offset - (line_break == text_.npos ? 0 : line_break + 1) + 1;
  const std::string line =
      place_ == Place::column ? "" : "line " + std::to_string(line_at(offset)) + ", ";
  throw InputError(line + "column " + std::to_string(column), "syntax error: " + problem, {});
}

} // namespace v0_1
} // namespace icebp
