#include <icebp/model/core_clock.h>
#include <icebp/model/report_ids.h>

#include <cmath>
#include <sstream>

namespace icebp {
namespace {

double seconds_in(sc_core::sc_time_unit unit) {
  constexpr double seconds[] = {1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1};
  return seconds[unit];
}

} // namespace

CoreClock::CoreClock(double period, sc_core::sc_time_unit unit) {
  const sc_core::sc_time resolution = sc_core::sc_get_time_resolution();
  const double steps = period * seconds_in(unit) / resolution.to_seconds();
  const double whole = std::nearbyint(steps);
  const bool representable = whole >= 1 && std::abs(steps - whole) <= 1e-9 * whole;
  if (!representable) {
    std::ostringstream text;
    text << "a clock period of " << steps << " times the time resolution (" << resolution
         << ") cannot be kept; take a whole multiple, 1 or more";
    SC_REPORT_ERROR(report::clock_period, text.str().c_str());
  }
  period_ = representable ? resolution * whole : resolution;
  for (std::size_t count = 0; count < short_times_.size(); ++count)
    short_times_[count] = sc_core::sc_time::from_value(period_.value() * count);
}

sc_core::sc_time CoreClock::until_edge() const {
  const sc_core::sc_time past_edge = sc_core::sc_time_stamp() % period_;
  return past_edge == sc_core::SC_ZERO_TIME ? past_edge : period_ - past_edge;
}

std::uint64_t CoreClock::cycle() const {
  return sc_core::sc_time_stamp().value() / period_.value();
}

std::uint64_t CoreClock::cycle_from(const sc_core::sc_time& time) const {
  const std::uint64_t period = period_.value();
  return time.value() / period + (time.value() % period != 0 ? 1 : 0);
}

} // namespace icebp
