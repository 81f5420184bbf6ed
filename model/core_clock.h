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
  // Time from now to the next edge; SC_ZERO_TIME if now is one.
  sc_core::sc_time until_edge() const;
  // Gives the number of the last edge, counted from time 0; an edge at this time counts.
  std::uint64_t cycle() const;
  // Gives the number of the first edge that is not before `time`.
  std::uint64_t cycle_from(const sc_core::sc_time& time) const;

private:
  sc_core::sc_time period_;
  // Durations by their cycles, for sc_time multiplies slowly.
  std::array<sc_core::sc_time, 128> short_times_;
};

} // namespace icebp
