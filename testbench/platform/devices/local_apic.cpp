#include <icebp/testbench/platform/devices/local_apic.h>

namespace icebp::vp {
namespace {

// Registers by offset / 16 (SDM vol. 3 table 11-1).
enum ApicRegister : std::uint8_t {
  apic_id = 0x02,
  version = 0x03,
  tpr = 0x08,
  ppr = 0x0A,
  eoi = 0x0B,
  ldr = 0x0D,
  dfr = 0x0E,
  svr = 0x0F,
  isr = 0x10,
  tmr = 0x18,
  irr = 0x20,
  esr = 0x28,
  lvt_cmci = 0x2F,
  icr = 0x30,
  icr_high = 0x31,
  lvt_timer = 0x32,
  lvt_error = 0x37,
  initial_count = 0x38,
  current_count = 0x39,
  divide = 0x3E,
  self_ipi = 0x3F
};
constexpr std::uint32_t masked = 1 << 16;
constexpr std::uint32_t software_enabled = 1 << 8;
constexpr std::uint32_t version_value = 0x00050014; // six entries of the LVT, an integrated APIC
constexpr std::uint32_t one_shot = 0, periodic = 1, tsc_deadline = 2;

std::uint32_t word_of(const std::bitset<256>& bits, unsigned word) {
  std::uint32_t value = 0;
  for (unsigned n = 0; n < 32; ++n)
    value |= static_cast<std::uint32_t>(bits[word * 32 + n]) << n;
  return value;
}

std::optional<std::uint8_t> highest(const std::bitset<256>& bits) {
  for (unsigned n = 256; n-- != 16;)
    if (bits[n])
      return static_cast<std::uint8_t>(n);
  return std::nullopt;
}

} // namespace

void LocalApic::reset() {
  tpr_ = ldr_ = 0;
  dfr_ = ~0U;
  svr_ = 0xFF;
  esr_ = 0;
  icr_ = 0;
  divide_ = initial_count_ = 0;
  lvt_.fill(masked);
  requested_.reset();
  in_service_.reset();
  expiry_.reset();
  deadline_ = 0;
}

unsigned LocalApic::divisor() const {
  const unsigned code = (divide_ & 3) | (divide_ >> 1 & 4);
  return code == 7 ? 1 : 2U << code;
}

std::uint8_t LocalApic::processor_priority() const {
  const std::uint32_t serviced = highest(in_service_).value_or(0) & 0xF0U;
  return static_cast<std::uint8_t>((tpr_ & 0xF0) >= serviced ? tpr_ : serviced);
}

std::uint32_t LocalApic::read(unsigned number, std::uint64_t now) {
  if (number >= isr && number < isr + 8)
    return word_of(in_service_, number - isr);
  if (number >= irr && number < irr + 8)
    return word_of(requested_, number - irr);
  if (number >= lvt_timer && number <= lvt_error)
    return lvt_[number - lvt_timer];
  switch (number) {
  case apic_id:
    return x2apic ? id_ : id_ << 24;
  case version:
    return version_value;
  case tpr:
    return tpr_;
  case ppr:
    return processor_priority();
  case ldr:
    return x2apic ? id_ >> 4 << 16 | 1U << (id_ & 0xF) : ldr_;
  case dfr:
    return dfr_;
  case svr:
    return svr_;
  case esr:
    return esr_;
  case lvt_cmci:
    return lvt_[6];
  case icr:
    return static_cast<std::uint32_t>(icr_);
  case icr_high:
    return static_cast<std::uint32_t>(icr_ >> 32);
  case initial_count:
    return initial_count_;
  case current_count:
    return expiry_ && *expiry_ > now && timer_mode() != tsc_deadline
               ? static_cast<std::uint32_t>((*expiry_ - now) / divisor())
               : 0;
  case divide:
    return divide_;
  default:
    return 0;
  }
}

void LocalApic::write(unsigned number, std::uint32_t value, std::uint64_t now) {
  if (number >= lvt_timer && number <= lvt_error) {
    lvt_[number - lvt_timer] = value;
    if (number == lvt_timer && timer_mode() == tsc_deadline)
      expiry_.reset();
    return;
  }
  switch (number) {
  case tpr:
    tpr_ = value & 0xFF;
    break;
  case eoi:
    if (const auto vector = highest(in_service_))
      in_service_[*vector] = false;
    break;
  case ldr:
    ldr_ = value & 0xFF000000;
    break;
  case dfr:
    dfr_ = value | 0x0FFFFFFF;
    break;
  case svr:
    svr_ = value;
    if ((svr_ & software_enabled) == 0)
      for (std::uint32_t& entry : lvt_)
        entry |= masked;
    break;
  case esr:
    esr_ = 0;
    break;
  case lvt_cmci:
    lvt_[6] = value;
    break;
  case icr:
    icr_ = (icr_ & ~std::uint64_t{0xFFFFFFFF}) | value;
    send(icr_, false);
    break;
  case icr_high:
    icr_ = (icr_ & 0xFFFFFFFF) | static_cast<std::uint64_t>(value) << 32;
    break;
  case initial_count:
    initial_count_ = value;
    expiry_.reset();
    if (value != 0 && timer_mode() != tsc_deadline)
      expiry_ = now + static_cast<std::uint64_t>(value) * divisor();
    break;
  case divide:
    divide_ = value & 0xB;
    break;
  case self_ipi:
    request(static_cast<std::uint8_t>(value));
    break;
  default:
    break;
  }
}

void LocalApic::send(std::uint64_t command, bool as_x2apic) {
  icr_ = command;
  ApicMessage message;
  message.kind = static_cast<ApicMessage::Kind>(command >> 8 & 7);
  message.vector = static_cast<std::uint8_t>(command);
  message.logical = (command >> 11 & 1) != 0;
  message.level_deassert = message.kind == ApicMessage::Kind::init && (command >> 14 & 1) == 0 &&
                           (command >> 15 & 1) != 0;
  message.shorthand = command >> 18 & 3;
  message.destination = static_cast<std::uint32_t>(as_x2apic ? command >> 32 : command >> 56);
  if (on_send)
    on_send(message);
}

bool LocalApic::accepts(const ApicMessage& message, std::uint32_t sender) const {
  switch (message.shorthand) {
  case 1:
    return sender == id_;
  case 2:
    return true;
  case 3:
    return sender != id_;
  default:
    break;
  }
  if (message.destination == (x2apic ? ~0U : 0xFFU))
    return true;
  if (!message.logical)
    return message.destination == id_;
  if (x2apic)
    return message.destination >> 16 == id_ >> 4 &&
           (message.destination & 0xFFFF & 1U << (id_ & 0xF)) != 0;
  const std::uint32_t logical = ldr_ >> 24;
  if (dfr_ >> 28 == 0xF)
    return (message.destination & logical) != 0;
  return message.destination >> 4 == logical >> 4 && (message.destination & logical & 0xF) != 0;
}

void LocalApic::request(std::uint8_t vector) {
  if ((svr_ & software_enabled) != 0 && vector >= 16)
    requested_[vector] = true;
}

std::optional<std::uint8_t> LocalApic::pending() const {
  const auto vector = highest(requested_);
  if (!vector || (*vector & 0xF0) <= (processor_priority() & 0xF0))
    return std::nullopt;
  return vector;
}

std::uint8_t LocalApic::acknowledge() {
  const std::uint8_t vector = *pending();
  requested_[vector] = false;
  in_service_[vector] = true;
  return vector;
}

bool LocalApic::lint0_passes_pic() const {
  const std::uint32_t lint0 = lvt_[3];
  return !enabled || (svr_ & software_enabled) == 0 ||
         ((lint0 & masked) == 0 && (lint0 >> 8 & 7) == 7);
}

void LocalApic::expire(std::uint64_t now) {
  if (timer_mode() == periodic && initial_count_ != 0)
    expiry_ = *expiry_ + static_cast<std::uint64_t>(initial_count_) * divisor();
  else
    expiry_.reset();
  if (expiry_ && *expiry_ < now)
    expiry_ = now + static_cast<std::uint64_t>(initial_count_) * divisor();
  deadline_ = 0;
  if ((lvt_[0] & masked) == 0)
    request(static_cast<std::uint8_t>(lvt_[0]));
}

void LocalApic::set_deadline(std::uint64_t tsc_deadline_value, std::uint64_t tsc,
                             std::uint64_t now) {
  if (timer_mode() != tsc_deadline)
    return;
  deadline_ = tsc_deadline_value;
  expiry_.reset();
  if (deadline_ != 0)
    expiry_ = now + (deadline_ > tsc ? deadline_ - tsc : 0);
}

} // namespace icebp::vp
