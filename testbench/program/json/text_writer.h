#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace icebp {

// Appends to a string, faster than the string does: every piece is inlined. The string is whole
// again when the writer is gone.
class TextWriter {
public:
  explicit TextWriter(std::string& out) : out_(out), size_(out.size()) { grow(usual_length); }
  ~TextWriter() { out_.resize(size_); }
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;

  TextWriter& operator+=(std::string_view text) {
    std::memcpy(room_for(text.size()), text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  TextWriter& operator+=(char c) {
    *room_for(1) = c;
    ++size_;
    return *this;
  }

  void append_number(std::uint64_t value, int base) {
    char* const begin = room_for(longest_number);
    size_ += static_cast<std::size_t>(
        std::to_chars(begin, begin + longest_number, value, base).ptr - begin);
  }

private:
  static constexpr std::size_t usual_length = 480;
  static constexpr std::size_t longest_number = 20;

  char* room_for(std::size_t length) {
    if (out_.size() - size_ < length)
      grow(length + usual_length);
    return out_.data() + size_;
  }
  void grow(std::size_t length) { out_.resize(size_ + length); }

  std::string& out_;
  std::size_t size_; // written so far
};

} // namespace icebp
