#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>

namespace icebp::vp {

// What one local APIC sends to others over the interrupt command register.
struct ApicMessage {
  enum class Kind : std::uint8_t {
    fixed = 0,
    lowest_priority = 1,
    smi = 2,
    nmi = 4,
    init = 5,
    startup = 6
  };
  Kind kind = Kind::fixed;
  std::uint8_t vector = 0;
  bool level_deassert = false; // of INIT
  bool logical = false;
  std::uint8_t shorthand = 0; // 0 none, 1 self, 2 all, 3 all but self
  std::uint32_t destination = 0;
};

// A local APIC, xAPIC or x2APIC (SDM vol. 3 11), its timer in ticks of the core's clock. The MSR
// block has the x2APIC registers and their checks; here is what they do.
class LocalApic {
public:
  explicit LocalApic(std::uint32_t id) : id_(id) { reset(); }

  void reset();
  std::uint32_t id() const { return id_; }

  // Registers by offset / 16, 0 to 3Fh, as both modes have them; `now` in ticks.
  std::uint32_t read(unsigned number, std::uint64_t now);
  void write(unsigned number, std::uint32_t value, std::uint64_t now);
  // ICR of x2APIC mode, with the destination in bits 63:32; of xAPIC mode bits 63:56.
  void send(std::uint64_t command, bool x2apic);
  std::function<void(const ApicMessage&)> on_send;

  // Interrupts by vector, from a message or a pin.
  void request(std::uint8_t vector);
  bool accepts(const ApicMessage& message, std::uint32_t sender) const;
  // What is to be delivered now, above the task priority.
  std::optional<std::uint8_t> pending() const;
  std::uint8_t acknowledge();    // takes it into service
  bool lint0_passes_pic() const; // ExtINT, or the APIC is off

  // The timer.
  std::optional<std::uint64_t> next_expiry() const { return expiry_; } // in ticks
  void expire(std::uint64_t now);
  void set_deadline(std::uint64_t tsc_deadline, std::uint64_t tsc, std::uint64_t now);
  std::uint64_t deadline() const { return deadline_; }

  bool x2apic = false; // as IA32_APIC_BASE has it
  bool enabled = true; // globally
  std::uint8_t task_priority() const { return static_cast<std::uint8_t>(tpr_); }
  void set_task_priority(std::uint8_t priority) { tpr_ = priority; }

private:
  std::uint8_t processor_priority() const;
  unsigned divisor() const;
  std::uint32_t timer_mode() const { return lvt_[0] >> 17 & 3; }

  std::uint32_t id_;
  std::uint32_t tpr_ = 0, ldr_ = 0, dfr_ = ~0U, svr_ = 0xFF, esr_ = 0;
  std::uint64_t icr_ = 0;
  std::uint32_t divide_ = 0, initial_count_ = 0;
  // Timer, thermal, performance counters, LINT0, LINT1, error; CMCI.
  std::array<std::uint32_t, 7> lvt_{};
  std::bitset<256> requested_, in_service_;
  std::optional<std::uint64_t> expiry_;
  std::uint64_t deadline_ = 0;
};

} // namespace icebp::vp
