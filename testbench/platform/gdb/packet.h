#pragma once
// Framing of gdb's remote serial protocol (GDB manual, appendix E.1): $DATA#CHECKSUM, where }
// escapes a byte of DATA; + and - acknowledge; a byte 03h outside a packet interrupts.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace icebp::vp {

// Of the DATA of one packet, bytes as sent.
inline constexpr std::size_t most_packet_bytes = 0x4000;

// `data` as a packet, escaped where it must be.
std::string packet_of(std::string_view data);

// Takes packets out of a stream of bytes. Bytes between packets mean nothing.
class PacketReader {
public:
  // `damaged`: a wrong checksum, an escape without a byte, more than most_packet_bytes, or another
  // packet's beginning inside.
  enum class Kind : std::uint8_t { packet, damaged, interrupt, acknowledged, refused };
  struct Item {
    Kind kind;
    std::string data; // of a packet
  };

  // The first item that ends with or before `byte`.
  std::optional<Item> take(char byte);

private:
  enum class State : std::uint8_t { between, data, escape, first_digit, second_digit };

  std::optional<Item> take_between(char byte);
  std::optional<Item> take_data(char byte);
  void begin();
  void add(char byte);

  State state_ = State::between;
  std::string data_;
  std::uint8_t sum_ = 0;
  std::uint8_t sent_sum_ = 0;
  bool damaged_ = false;
};

// --- numbers, in hexadecimal

// The whole of `text`; empty if it is no number of 1 to 16 digits.
std::optional<std::uint64_t> hex_number(std::string_view text);
std::string hex_of(std::uint64_t value);
// Two digits a byte.
std::string hex_bytes(std::string_view bytes);
// Empty if `text` is not two digits a byte.
std::optional<std::string> bytes_of_hex(std::string_view text);

} // namespace icebp::vp
