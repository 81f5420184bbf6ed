#pragma once
// A fast reader for the part of JSON that nearly every vector line is made of: strings of ASCII
// without escapes, integers from 0 to 10^19 - 1, true, false, null, objects and lists.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace icebp {

// By character: true for ASCII in a string that is no escape and not its end.
inline constexpr std::array<bool, 256> stands_for_itself = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7F; ++c)
    table[c] = c != '"' && c != '\\';
  return table;
}();

// Gives the events of `text` to `handler`, whose functions are those of `JsonEvents`. False if
// `text` is not plain; the handler then has had the events up to there.
// The handler bounds the depth: it throws on an object or a list that it does not know.
template <typename Handler>
class PlainJson {
public:
  PlainJson(std::string_view text, Handler& handler)
      : at_(text.data()), end_(text.data() + text.size()), handler_(handler) {}

  bool read() {
    skip_blanks();
    if (!value())
      return false;
    skip_blanks();
    return at_ == end_;
  }

private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

  void skip_blanks() {
    while (at_ != end_ && is_blank(*at_))
      ++at_;
  }

  // Takes `c` with the blanks around it.
  bool take(char c) {
    skip_blanks();
    if (at_ == end_ || *at_ != c)
      return false;
    ++at_;
    skip_blanks();
    return true;
  }

  bool word(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - at_) < expected.size() ||
        std::memcmp(at_, expected.data(), expected.size()) != 0)
      return false;
    at_ += expected.size();
    return true;
  }

  bool value() {
    if (at_ == end_)
      return false;
    switch (*at_) {
    case '{':
      return object();
    case '[':
      return list();
    case '"': {
      std::string_view text;
      if (!string(text))
        return false;
      handler_.text(text);
      return true;
    }
    case 't':
      return word("true") && (handler_.boolean(true), true);
    case 'f':
      return word("false") && (handler_.boolean(false), true);
    case 'n':
      return word("null") && (handler_.null(), true);
    default:
      return integer();
    }
  }

  bool string(std::string_view& text) {
    if (at_ == end_ || *at_ != '"')
      return false;
    const char* const begin = ++at_;
    while (at_ != end_ && stands_for_itself[static_cast<unsigned char>(*at_)])
      ++at_;
    if (at_ == end_ || *at_ != '"')
      return false;
    text = {begin, static_cast<std::size_t>(at_++ - begin)};
    return true;
  }

  bool integer() {
    const char* const begin = at_;
    std::uint64_t number = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      if (at_ - begin == 19)
        return false;
      number = number * 10 + static_cast<unsigned>(*at_ - '0');
    }
    const auto digits = at_ - begin;
    if (digits == 0 || (digits > 1 && *begin == '0'))
      return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E'))
      return false;
    handler_.integer(number);
    return true;
  }

  bool object() {
    ++at_;
    skip_blanks();
    handler_.start_object();
    if (at_ != end_ && *at_ == '}')
      return ++at_, handler_.end(), true;
    do {
      std::string_view key;
      if (!string(key))
        return false;
      handler_.key(key);
      if (!take(':') || !value())
        return false;
    } while (take(','));
    if (at_ == end_ || *at_ != '}')
      return false;
    return ++at_, handler_.end(), true;
  }

  bool list() {
    ++at_;
    skip_blanks();
    handler_.start_list();
    if (at_ != end_ && *at_ == ']')
      return ++at_, handler_.end(), true;
    do {
      if (!value())
        return false;
    } while (take(','));
    if (at_ == end_ || *at_ != ']')
      return false;
    return ++at_, handler_.end(), true;
  }

  const char* at_;
  const char* end_;
  Handler& handler_;
};

} // namespace icebp
