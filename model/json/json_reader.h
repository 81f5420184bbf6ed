#pragma once
// The one reader of JSON text: RapidJSON's, in situ.

#include <icebp/model/json/input_error.h>

#include <cstddef>
#include <cstdint>
#include <rapidjson/reader.h>
#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// Reads a text once and tells a handler what is in it: null(), boolean(bool), integer(uint64_t),
// other_number(digits), text(string_view), key(string_view), start_object(), start_list(), end().
// The strings stay where they are as long as the buffer does.
class JsonReader {
public:
  // How deep lists and objects may lie in one another for a handler that takes any.
  static constexpr std::size_t deepest = 256;

  enum class Place { line_and_column, column };

  // `buffer` gets a copy of `text`, over which it is read. Errors in JSON tell their `place`.
  JsonReader(std::string_view text, std::string& buffer, Place place = Place::line_and_column);
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // Throws InputError if the text is no JSON. The reader calls itself: the handler throws where an
  // object or a list lies too deep.
  template <typename Handler>
  void read(Handler& handler);

  // What is read: the text behind its byte order mark.
  std::string_view text() const { return text_; }
  // Of the event that is being told: its line, from 1, and where it is in `text()`, from 0.
  std::size_t line() const { return line_at(offset()); }
  std::size_t offset() const { return static_cast<std::size_t>(stream_.src_ - stream_.head_); }

private:
  template <typename Handler>
  class Events;

  std::size_t line_at(std::size_t offset) const;
  std::string_view number_at(std::size_t offset) const;
  void check_string(std::string_view value) const;
  [[noreturn]] void fail(rapidjson::ParseErrorCode code, std::size_t offset) const;
  [[noreturn]] void fail_at(std::size_t offset, const std::string& problem) const;

  std::string_view text_;
  bool is_plain_; // ASCII without escapes: every string is good
  Place place_;
  rapidjson::InsituStringStream stream_;
};

// RapidJSON's events, told to `Handler`.
template <typename Handler>
class JsonReader::Events {
public:
  Events(const JsonReader& reader, Handler& handler) : reader_(reader), handler_(handler) {}

  bool Null() { return handler_.null(), true; }
  bool Bool(bool value) { return handler_.boolean(value), true; }
  bool Uint(unsigned value) { return handler_.integer(value), true; }
  bool Uint64(std::uint64_t value) { return handler_.integer(value), true; }
  bool Int(int value) { return value == 0 ? Uint(0) : other_number(); } // behind a minus
  bool Int64(std::int64_t) { return other_number(); }
  bool Double(double) { return other_number(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; } // not asked for
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return handler_.text(checked(text, length)), true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return handler_.key(checked(text, length)), true;
  }
  bool StartObject() { return handler_.start_object(), true; }
  bool EndObject(rapidjson::SizeType) { return handler_.end(), true; }
  bool StartArray() { return handler_.start_list(), true; }
  bool EndArray(rapidjson::SizeType) { return handler_.end(), true; }

private:
  bool other_number() { return handler_.other_number(reader_.number_at(reader_.offset())), true; }
  std::string_view checked(const char* text, std::size_t length) const {
    if (!reader_.is_plain_)
      reader_.check_string({text, length});
    return {text, length};
  }

  const JsonReader& reader_;
  Handler& handler_;
};

template <typename Handler>
void JsonReader::read(Handler& handler) {
  Events<Handler> events(*this, handler);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<rapidjson::kParseInsituFlag>(stream_, events);
  if (result.IsError())
    fail(result.Code(), result.Offset());
}

} // namespace v0_1
} // namespace icebp
