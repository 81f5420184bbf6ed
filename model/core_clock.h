#pragma once

#include <systemc>

#include <array>
#include <cstdint>
#include <string>

namespace icebp {
inline namespace v0_1 {

// The clock of a core as arithmetic: no process, no event. Edge n lies n periods behind time 0, at
// the next multiple of the time resolution: what is rounded does not add up.
class CoreClock {
public:
  // A period that is not 1 to 2^60 steps of the time resolution, in whole numbers, is
  // SC_REPORT_ERROR `report::clock_period`; the period is then one step.
  CoreClock(double period, sc_core::sc_time_unit unit);
  explicit CoreClock(const sc_core::sc_time& period);
  // The clock of `hertz` x `numerator` / `denominator`, as CPUID.15H tells the TSC's. Where its
  // period is no multiple of the resolution, edges are rounded: SC_REPORT_INFO
  // `report::clock_rounded`. A period of less than a step, or whose fraction of steps has a term
  // beyond 2^60 in lowest terms, is the error above.
  static CoreClock of_hertz(std::uint64_t hertz, std::uint32_t numerator = 1,
                            std::uint32_t denominator = 1);

  // The same frequency, where edge `number` lies at `edge`.
  CoreClock counted_from(const sc_core::sc_time& edge, std::uint64_t number) const;

  // Rounded, as edges are.
  sc_core::sc_time period() const { return sc_core::sc_time::from_value(span(1)); }
  // In lowest terms: "3000000000", "1000000000000/333".
  std::string hertz() const;

  // Time from the last edge to the `count`th behind it, as of `ahead` from now.
  sc_core::sc_time cycles(std::uint32_t count,
                          const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) const {
    return count < short_times_in_use_ ? short_times_[count] : long_time(count, ahead);
  }
  // Adds the time of `count` cycles to `time`, if they are few; false: that is left.
  bool add_few(std::uint32_t count, sc_core::sc_time& time) const {
    const bool few = count < short_times_in_use_;
    if (few)
      time += short_times_[count];
    return few;
  }
  // Time from now to the next edge; SC_ZERO_TIME if now is one.
  sc_core::sc_time until_edge() const;
  // Gives the number of the last edge; an edge at this time counts.
  std::uint64_t cycle() const { return cycle_at(sc_core::sc_time_stamp()); }
  std::uint64_t cycle_at(const sc_core::sc_time& time) const;
  // Gives the number of the first edge that is not before `time`.
  std::uint64_t cycle_from(const sc_core::sc_time& time) const;
  // Gives that edge.
  sc_core::sc_time edge_from(const sc_core::sc_time& time) const;

private:
  CoreClock(std::uint64_t steps, std::uint64_t per);

  std::uint64_t edge(std::uint64_t number) const { return first_ + span(number - first_number_); }
  std::uint64_t span(std::uint64_t cycles) const;
  sc_core::sc_time long_time(std::uint32_t count, const sc_core::sc_time& ahead) const;

  // A period is steps_ / per_ of the time resolution, in lowest terms.
  std::uint64_t steps_;
  std::uint64_t per_;
  std::uint64_t first_ = 0; // multiples of the resolution
  std::uint64_t first_number_ = 0;
  // Durations by their cycles, for sc_time multiplies slowly; of a rounded clock there are none.
  std::array<sc_core::sc_time, 128> short_times_;
  std::size_t short_times_in_use_ = 0;
};

} // namespace v0_1
} // namespace icebp
