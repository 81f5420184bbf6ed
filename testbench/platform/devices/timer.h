#pragma once

#include <icebp/testbench/platform/devices/device.h>

#include <array>
#include <functional>

namespace icebp::vp {

// The 8254 of a PC: three counters at 1.193182 MHz, the first at interrupt line 0, the third's gate
// at port 61h (Intel 231164). Modes 0, 2 and 3; binary counting.
class IntervalTimer : public Device {
public:
  SC_HAS_PROCESS(IntervalTimer);
  explicit IntervalTimer(const sc_core::sc_module_name& name);

  std::function<void()> on_tick; // of the first counter

  // Port 61h.
  std::uint8_t read_gate();
  void write_gate(std::uint8_t value);

private:
  struct Counter {
    std::uint32_t reload = 0x10000;
    unsigned mode = 0;
    unsigned access = 3; // 1 low byte, 2 high byte, 3 both
    bool high_next = false, read_high_next = false, gate = true, loaded = false;
    std::uint8_t low = 0;
    bool latched = false;
    std::uint16_t latch = 0;
    sc_core::sc_time start;
  };

  std::uint64_t read(std::uint64_t offset, unsigned size) override;
  void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  void write_control(std::uint8_t value);
  void load(unsigned number, std::uint32_t count);
  std::uint64_t elapsed(const Counter& counter) const; // ticks since it was loaded
  std::uint16_t count_of(const Counter& counter) const;
  bool output_of(const Counter& counter) const;
  void tick();

  std::array<Counter, 3> counters_;
  bool speaker_ = false, refresh_ = false;
  sc_core::sc_event expiry_{"expiry"};
};

// Port 61h, which belongs to the timer.
class TimerGate : public Device {
public:
  TimerGate(const sc_core::sc_module_name& name, IntervalTimer& timer)
      : Device(name), timer_(timer) {}

private:
  std::uint64_t read(std::uint64_t, unsigned) override { return timer_.read_gate(); }
  void write(std::uint64_t, unsigned, std::uint64_t value) override {
    timer_.write_gate(static_cast<std::uint8_t>(value));
  }
  IntervalTimer& timer_;
};

} // namespace icebp::vp
