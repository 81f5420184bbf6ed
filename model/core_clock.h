#pragma once

#include <systemc>

#include <array>
#include <cstdint>

namespace icebp {

// The clock of a core as arithmetic: no process, no event. Edges lie at multiples of the period
// from time 0.
class CoreClock {
public:
  // A period of 0, or one that is not a multiple of the time resolution, is SC_REPORT_ERROR
  // `report::clock_period`; the period is then one resolution step.
  CoreClock(double period, sc_core::sc_time_unit unit);

  const sc_core::sc_time& period() const { return period_; }
  sc_core::sc_time cycles(std::uint32_t count) const {
    return count < short_times_.size() ? short_times_[count]
                                       : sc_core::sc_time::from_value(period_.value() * count);
  }
  // SC_ZERO_TIME on an edge.
  sc_core::sc_time until_edge() const;
  // Number of the edge at or before now.
  std::uint64_t cycle() const;
  // Number of the edge at or after `time`.
  std::uint64_t cycle_from(const sc_core::sc_time& time) const;

private:
  sc_core::sc_time period_;
  std::array<sc_core::sc_time, 128> short_times_; // by cycles: sc_time multiplies slowly
};

} // namespace icebp
