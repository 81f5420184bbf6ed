#include <icebp/testbench/platform/devices/timer.h>

namespace icebp::vp {
namespace {

constexpr double hertz = 1193182;

sc_core::sc_time time_of(std::uint64_t ticks) {
  return {static_cast<double>(ticks) / hertz, sc_core::SC_SEC};
}

} // namespace

IntervalTimer::IntervalTimer(const sc_core::sc_module_name& name) : Device(name) {
  counters_[2].gate = false;
  SC_METHOD(tick);
  sensitive << expiry_;
  dont_initialize();
}

std::uint64_t IntervalTimer::elapsed(const Counter& counter) const {
  if (!counter.loaded || !counter.gate)
    return 0;
  return static_cast<std::uint64_t>((now() - counter.start).to_seconds() * hertz);
}

std::uint16_t IntervalTimer::count_of(const Counter& counter) const {
  const std::uint64_t ticks = elapsed(counter);
  if (counter.mode == 0)
    return static_cast<std::uint16_t>(counter.reload - ticks);
  const std::uint64_t step = counter.mode == 3 ? 2 : 1; // a square wave counts by two
  return static_cast<std::uint16_t>(counter.reload - ticks * step % counter.reload);
}

bool IntervalTimer::output_of(const Counter& counter) const {
  const std::uint64_t ticks = elapsed(counter);
  if (counter.mode == 0)
    return counter.loaded && ticks >= counter.reload;
  return ticks % counter.reload < counter.reload / 2;
}

void IntervalTimer::load(unsigned number, std::uint32_t count) {
  Counter& counter = counters_[number];
  counter.reload = count == 0 ? 0x10000 : count;
  counter.loaded = true;
  counter.start = now();
  if (number == 0) {
    expiry_.cancel();
    expiry_.notify(time_of(counter.reload) + (now() - sc_core::sc_time_stamp()));
  }
}

void IntervalTimer::tick() {
  if (on_tick)
    on_tick();
  if (counters_[0].mode != 0)
    expiry_.notify(time_of(counters_[0].reload));
}

void IntervalTimer::write_control(std::uint8_t value) {
  const unsigned number = value >> 6U;
  if (number == 3) { // read back
    for (unsigned n = 0; n < 3; ++n)
      if ((value >> (n + 1) & 1) != 0 && (value & 0x20) == 0) {
        counters_[n].latch = count_of(counters_[n]);
        counters_[n].latched = true;
      }
    return;
  }
  Counter& counter = counters_[number];
  const unsigned access = value >> 4U & 3U;
  if (access == 0) {
    counter.latch = count_of(counter);
    counter.latched = true;
    return;
  }
  counter.access = access;
  counter.mode = value >> 1U & 7U;
  if (counter.mode > 5)
    counter.mode -= 4;
  counter.high_next = counter.read_high_next = false;
  counter.loaded = false;
  if (number == 0)
    expiry_.cancel();
}

std::uint64_t IntervalTimer::read(std::uint64_t offset, unsigned) {
  if (offset == 3)
    return 0;
  Counter& counter = counters_[offset];
  const std::uint16_t value = counter.latched ? counter.latch : count_of(counter);
  const bool high = counter.access == 2 || (counter.access == 3 && counter.read_high_next);
  if (counter.access == 3)
    counter.read_high_next = !counter.read_high_next;
  if (!counter.read_high_next)
    counter.latched = false;
  return high ? value >> 8U : value & 0xFFU;
}

void IntervalTimer::write(std::uint64_t offset, unsigned, std::uint64_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  if (offset == 3)
    return write_control(byte);
  const auto number = static_cast<unsigned>(offset);
  Counter& counter = counters_[number];
  if (counter.access == 1) {
    load(number, byte);
  } else if (counter.access == 2) {
    load(number, static_cast<std::uint32_t>(byte) << 8);
  } else if (!counter.high_next) {
    counter.low = byte;
    counter.high_next = true;
  } else {
    counter.high_next = false;
    load(number, counter.low | static_cast<std::uint32_t>(byte) << 8);
  }
}

std::uint8_t IntervalTimer::read_gate() {
  refresh_ = !refresh_;
  const Counter& counter = counters_[2];
  return static_cast<std::uint8_t>((counter.gate ? 1 : 0) | (speaker_ ? 2 : 0) |
                                   (refresh_ ? 0x10 : 0) | (output_of(counter) ? 0x20 : 0));
}

void IntervalTimer::write_gate(std::uint8_t value) {
  Counter& counter = counters_[2];
  if ((value & 1) != 0 && !counter.gate)
    counter.start = now();
  counter.gate = (value & 1) != 0;
  speaker_ = (value & 2) != 0;
}

} // namespace icebp::vp
