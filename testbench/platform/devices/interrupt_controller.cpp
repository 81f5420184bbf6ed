#include <icebp/testbench/platform/devices/interrupt_controller.h>

namespace icebp::vp {
namespace {

constexpr unsigned cascade = 2; // the input that the second chip is at
constexpr std::uint8_t initialise = 0x10, is_word_3 = 0x08, with_word_4 = 0x01, single = 0x02;

int lowest_bit(unsigned bits) {
  for (int n = 0; n < 8; ++n)
    if ((bits >> n & 1) != 0)
      return n;
  return -1;
}

constexpr std::uint8_t bit(unsigned n) { return static_cast<std::uint8_t>(1U << n); }

} // namespace

InterruptController::InterruptController(const sc_core::sc_module_name& name) : sc_module(name) {
  first.on_change = [this] { follow(); };
  second.on_change = [this] { follow(); };
}

void InterruptController::Chip::raise(unsigned input) {
  requested_ = static_cast<std::uint8_t>(requested_ | bit(input));
}

int InterruptController::Chip::pending() const {
  const int candidate = lowest_bit(requested_ & ~mask_);
  const int serviced = lowest_bit(in_service_);
  return candidate >= 0 && (serviced < 0 || candidate < serviced) ? candidate : -1;
}

std::uint8_t InterruptController::Chip::acknowledge() {
  const int input = pending();
  if (input < 0)
    return static_cast<std::uint8_t>(base_ + 7);
  const std::uint8_t mark = bit(static_cast<unsigned>(input));
  requested_ = static_cast<std::uint8_t>(requested_ & ~mark);
  if (!ends_by_itself_)
    in_service_ = static_cast<std::uint8_t>(in_service_ | mark);
  return static_cast<std::uint8_t>(base_ + input);
}

std::uint64_t InterruptController::Chip::read(std::uint64_t offset, unsigned) {
  if (offset == 1)
    return mask_;
  return reads_in_service_ ? in_service_ : requested_;
}

void InterruptController::Chip::write(std::uint64_t offset, unsigned, std::uint64_t value) {
  if (offset == 0)
    write_command(static_cast<std::uint8_t>(value));
  else
    write_data(static_cast<std::uint8_t>(value));
  on_change();
}

void InterruptController::Chip::write_command(std::uint8_t value) {
  if ((value & initialise) != 0) {
    requested_ = in_service_ = mask_ = 0;
    reads_in_service_ = false;
    needs_word_3_ = (value & single) == 0;
    needs_word_4_ = (value & with_word_4) != 0;
    next_word_ = 2;
  } else if ((value & is_word_3) != 0) {
    if ((value & 2) != 0)
      reads_in_service_ = (value & 1) != 0;
  } else if (const unsigned command = value >> 5U; command == 1) { // end of interrupt
    in_service_ = static_cast<std::uint8_t>(in_service_ & (in_service_ - 1));
  } else if (command == 3) { // of the one that is named
    in_service_ = static_cast<std::uint8_t>(in_service_ & ~bit(value & 7));
  }
}

void InterruptController::Chip::write_data(std::uint8_t value) {
  switch (next_word_) {
  case 2:
    base_ = value & 0xF8;
    next_word_ = needs_word_3_ ? 3 : needs_word_4_ ? 4 : 0;
    break;
  case 3:
    next_word_ = needs_word_4_ ? 4 : 0;
    break;
  case 4:
    ends_by_itself_ = (value & 2) != 0;
    next_word_ = 0;
    break;
  default:
    mask_ = value;
    break;
  }
}

void InterruptController::raise(unsigned line) {
  if (line < 8)
    first.raise(line);
  else
    second.raise(line - 8);
  follow();
}

void InterruptController::follow() {
  if (second.pending() >= 0)
    first.raise(cascade);
  if (on_output)
    on_output(first.pending() >= 0);
}

std::uint8_t InterruptController::acknowledge() {
  const bool by_second = first.pending() == static_cast<int>(cascade);
  const std::uint8_t vector = first.acknowledge();
  const std::uint8_t result = by_second ? second.acknowledge() : vector;
  follow();
  return result;
}

} // namespace icebp::vp
