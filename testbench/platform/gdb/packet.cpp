#include <icebp/testbench/platform/gdb/packet.h>

#include <charconv>

namespace icebp::vp {
namespace {

constexpr char escape = '}', escape_bit = 0x20, interrupt = 3;
constexpr std::string_view digits = "0123456789abcdef";

// -1 if it is none.
int digit_of(char byte) {
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  if (byte >= 'a' && byte <= 'f')
    return byte - 'a' + 10;
  return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

void add_byte(std::string& text, std::uint8_t byte) {
  text += digits[byte >> 4];
  text += digits[byte & 0xF];
}

} // namespace

std::string packet_of(std::string_view data) {
  std::string packet = "$";
  std::uint8_t sum = 0;
  const auto put = [&](char byte) {
    packet += byte;
    sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(byte));
  };
  for (const char byte : data) {
    const bool escaped = byte == '$' || byte == '#' || byte == escape || byte == '*';
    if (escaped)
      put(escape);
    put(escaped ? static_cast<char>(byte ^ escape_bit) : byte);
  }
  packet += '#';
  add_byte(packet, sum);
  return packet;
}

void PacketReader::begin() {
  state_ = State::data;
  data_.clear();
  sum_ = 0;
  damaged_ = false;
}

void PacketReader::add(char byte) {
  damaged_ = damaged_ || data_.size() >= most_packet_bytes;
  if (!damaged_)
    data_ += byte;
}

std::optional<PacketReader::Item> PacketReader::take(char byte) {
  switch (state_) {
  case State::between:
    return take_between(byte);
  case State::data:
  case State::escape:
    return take_data(byte);
  case State::first_digit:
    damaged_ = damaged_ || digit_of(byte) < 0;
    sent_sum_ = static_cast<std::uint8_t>(digit_of(byte) * 16);
    state_ = State::second_digit;
    return std::nullopt;
  case State::second_digit:
    break;
  }
  state_ = State::between;
  const int low = digit_of(byte);
  if (damaged_ || low < 0 || (sent_sum_ | low) != sum_)
    return Item{Kind::damaged, {}};
  return Item{Kind::packet, std::move(data_)};
}

std::optional<PacketReader::Item> PacketReader::take_between(char byte) {
  switch (byte) {
  case '$':
    begin();
    return std::nullopt;
  case '+':
    return Item{Kind::acknowledged, {}};
  case '-':
    return Item{Kind::refused, {}};
  case interrupt:
    return Item{Kind::interrupt, {}};
  }
  return std::nullopt;
}

std::optional<PacketReader::Item> PacketReader::take_data(char byte) {
  if (byte == '$') {
    begin();
    return Item{Kind::damaged, {}};
  }
  if (byte == '#') {
    damaged_ = damaged_ || state_ == State::escape;
    state_ = State::first_digit;
    return std::nullopt;
  }
  sum_ = static_cast<std::uint8_t>(sum_ + static_cast<std::uint8_t>(byte));
  if (state_ == State::escape) {
    add(static_cast<char>(byte ^ escape_bit));
    state_ = State::data;
  } else if (byte == escape) {
    state_ = State::escape;
  } else {
    add(byte);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> hex_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::string hex_of(std::uint64_t value) {
  char text[16];
  const auto result = std::to_chars(text, text + sizeof text, value, 16);
  return {text, result.ptr};
}

std::string hex_bytes(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes)
    add_byte(text, static_cast<std::uint8_t>(byte));
  return text;
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0)
    return std::nullopt;
  for (std::size_t n = 0; n < text.size(); n += 2) {
    const int high = digit_of(text[n]), low = digit_of(text[n + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

} // namespace icebp::vp
