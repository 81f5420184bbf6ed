#include <icebp/testbench/platform/devices/character_devices.h>

namespace icebp::vp {
namespace {

enum UartRegister : std::uint8_t {
  data,
  interrupt_enable,
  fifo,
  line_control,
  modem_control,
  line_status,
  modem_status
};
constexpr std::uint8_t transmitter_empty = 0x60; // LSR bits 5 and 6
constexpr std::uint8_t no_interrupt = 1;         // IIR

} // namespace

std::uint8_t Uart::read_register(std::uint64_t offset) const {
  if (divisor_latch() && offset < divisor_.size())
    return divisor_[offset];
  switch (offset) {
  case data:
    return 0;
  case fifo:
    return no_interrupt;
  case line_status:
    return transmitter_empty;
  default:
    return registers_[offset & 7];
  }
}

void Uart::write_register(std::uint64_t offset, std::uint8_t value) {
  if (divisor_latch() && offset < divisor_.size())
    divisor_[offset] = value;
  else if (offset != data)
    registers_[offset & 7] = value;
  else if (to_ != nullptr)
    to_->put(static_cast<char>(value));
}

std::uint64_t Uart::read(std::uint64_t offset, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned n = 0; n < size; ++n)
    value |= static_cast<std::uint64_t>(read_register(offset + n)) << (8 * n);
  return value;
}

void Uart::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  for (unsigned n = 0; n < size; ++n)
    write_register(offset + n, static_cast<std::uint8_t>(value >> (8 * n)));
}

void DebugConsole::write(std::uint64_t, unsigned size, std::uint64_t value) {
  for (unsigned n = 0; n < size && to_ != nullptr; ++n)
    to_->put(static_cast<char>(value >> (8 * n)));
}

std::uint64_t Latch::read(std::uint64_t offset, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned n = 0; n < size; ++n)
    value |= static_cast<std::uint64_t>(bytes_[(offset + n) & 0xFFFF]) << (8 * n);
  return value;
}

void Latch::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  for (unsigned n = 0; n < size; ++n)
    bytes_[(offset + n) & 0xFFFF] = static_cast<std::uint8_t>(value >> (8 * n));
}

} // namespace icebp::vp
