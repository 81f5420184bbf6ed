#include <icebp/model/core_clock.h>
#include <icebp/model/report_ids.h>

#include <cmath>
#include <numeric>
#include <sstream>

namespace icebp {
inline namespace v0_1 {
namespace {

__extension__ using Wide = unsigned __int128;

// Of a period: the squares of both terms fit in a Wide, and so does a time by either.
constexpr std::uint64_t most = std::uint64_t{1} << 60;

double seconds_in(sc_core::sc_time_unit unit) {
  constexpr double seconds[] = {1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1};
  return seconds[unit];
}

// A resolution is a power of ten.
std::uint64_t steps_per_second() {
  return static_cast<std::uint64_t>(
      std::llround(1 / sc_core::sc_get_time_resolution().to_seconds()));
}

Wide greatest_common_divisor(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

std::uint64_t refused(const std::string& what, bool is_fraction = false) {
  std::ostringstream text;
  text << "a clock period of " << what << " cannot be kept; it is N " << (is_fraction ? "/ D " : "")
       << "times the time resolution (" << sc_core::sc_get_time_resolution() << "), "
       << (is_fraction ? "in lowest terms, 1 <= D <= N" : "1 <= N") << " <= " << most;
  SC_REPORT_ERROR(report::clock_period, text.str().c_str());
  return 1;
}

std::uint64_t whole_steps(double period, sc_core::sc_time_unit unit) {
  const double steps = period * seconds_in(unit) / sc_core::sc_get_time_resolution().to_seconds();
  const double whole = std::nearbyint(steps);
  if (whole >= 1 && whole <= static_cast<double>(most) && std::abs(steps - whole) <= 1e-9 * whole)
    return static_cast<std::uint64_t>(whole);
  std::ostringstream text;
  text << steps << " times the time resolution";
  return refused(text.str());
}

} // namespace

CoreClock::CoreClock(std::uint64_t steps, std::uint64_t per) : steps_(steps), per_(per) {
  if (per != 1)
    return;
  short_times_in_use_ = short_times_.size();
  for (std::size_t count = 0; count < short_times_.size(); ++count)
    short_times_[count] = sc_core::sc_time::from_value(steps * count);
}

CoreClock::CoreClock(double period, sc_core::sc_time_unit unit)
    : CoreClock(whole_steps(period, unit), 1) {}

CoreClock::CoreClock(const sc_core::sc_time& period)
    : CoreClock(period.value() >= 1 && period.value() <= most ? period.value()
                                                              : refused(period.to_string()),
                1) {}

CoreClock CoreClock::of_hertz(std::uint64_t hertz, std::uint32_t numerator,
                              std::uint32_t denominator) {
  const Wide steps = Wide{steps_per_second()} * denominator;
  const Wide per = Wide{hertz} * numerator;
  const Wide common = greatest_common_divisor(steps, per);
  if (per == 0 || per > steps || steps / common > most)
    return {refused("1 / (" + std::to_string(hertz) + " x " + std::to_string(numerator) + " / " +
                        std::to_string(denominator) + " Hz)",
                    true),
            1};
  const CoreClock clock(static_cast<std::uint64_t>(steps / common),
                        static_cast<std::uint64_t>(per / common));
  if (clock.per_ != 1) {
    std::ostringstream text;
    text << clock.hertz() << " Hz: each edge is rounded to the time resolution ("
         << sc_core::sc_get_time_resolution() << ')';
    SC_REPORT_INFO(report::clock_rounded, text.str().c_str());
  }
  return clock;
}

CoreClock CoreClock::counted_from(const sc_core::sc_time& edge, std::uint64_t number) const {
  CoreClock clock = *this;
  clock.first_ = edge.value();
  clock.first_number_ = number;
  return clock;
}

std::string CoreClock::hertz() const {
  const std::uint64_t per_second = steps_per_second();
  const std::uint64_t common = std::gcd(per_second, steps_);
  const std::uint64_t whole = per_second / common;
  const std::uint64_t denominator = steps_ / common;
  std::string text = std::to_string(whole * per_);
  return denominator == 1 ? text : text + '/' + std::to_string(denominator);
}

// To the nearest step; a half goes up.
std::uint64_t CoreClock::span(std::uint64_t cycles) const {
  return per_ == 1 ? cycles * steps_
                   : static_cast<std::uint64_t>((2 * Wide{cycles} * steps_ + per_) / (2 * per_));
}

sc_core::sc_time CoreClock::long_time(std::uint32_t count, const sc_core::sc_time& ahead) const {
  if (per_ == 1)
    return sc_core::sc_time::from_value(span(count));
  const sc_core::sc_time time = sc_core::sc_time_stamp() + ahead;
  const std::uint64_t last = time.value() < first_ ? first_number_ : cycle_at(time);
  return sc_core::sc_time::from_value(edge(last + count) - edge(last));
}

sc_core::sc_time CoreClock::until_edge() const {
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  if (per_ != 1 || now.value() < first_)
    return edge_from(now) - now;
  const std::uint64_t past_edge = (now.value() - first_) % steps_;
  return sc_core::sc_time::from_value(past_edge == 0 ? 0 : steps_ - past_edge);
}

// The last n with span(n) <= time: 2 n steps + per < 2 per (time + 1).
std::uint64_t CoreClock::cycle_at(const sc_core::sc_time& time) const {
  if (time.value() < first_)
    return first_number_ == 0 ? 0 : first_number_ - 1;
  const std::uint64_t since = time.value() - first_;
  return first_number_ + (per_ == 1 ? since / steps_
                                    : static_cast<std::uint64_t>(
                                          ((2 * Wide{since} + 1) * per_ - 1) / (2 * Wide{steps_})));
}

std::uint64_t CoreClock::cycle_from(const sc_core::sc_time& time) const {
  if (time.value() <= first_)
    return first_number_;
  return cycle_at(time - sc_core::sc_time::from_value(1)) + 1;
}

sc_core::sc_time CoreClock::edge_from(const sc_core::sc_time& time) const {
  return sc_core::sc_time::from_value(edge(cycle_from(time)));
}

} // namespace v0_1
} // namespace icebp
