#include <icebp/model/core_clock.h>
#include <icebp/model/report_ids.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace icebp {
namespace {

std::string refused(double period, sc_core::sc_time_unit unit) {
  try {
    CoreClock clock(period, unit);
  } catch (const sc_core::sc_report& report) {
    return report.get_msg_type();
  }
  return "accepted";
}

TEST(CoreClock, TakesWholeMultiplesOfTheResolution) {
  EXPECT_EQ(CoreClock(1, sc_core::SC_PS).period(), sc_core::sc_time(1, sc_core::SC_PS));
  EXPECT_EQ(CoreClock(0.333, sc_core::SC_NS).period(), sc_core::sc_time(333, sc_core::SC_PS));
  EXPECT_EQ(CoreClock(10, sc_core::SC_NS).cycles(7), sc_core::sc_time(70, sc_core::SC_NS));
}

TEST(CoreClock, RefusesWhatTheResolutionCannotKeep) {
  EXPECT_EQ(refused(0, sc_core::SC_NS), report::clock_period);
  EXPECT_EQ(refused(-1, sc_core::SC_NS), report::clock_period);
  EXPECT_EQ(refused(0.5, sc_core::SC_PS), report::clock_period);
  EXPECT_EQ(refused(1.5, sc_core::SC_PS), report::clock_period);
  EXPECT_EQ(refused(1.0 / 3, sc_core::SC_NS), report::clock_period);
}

TEST(CoreClock, KnowsEveryUnit) {
  using sc_core::sc_time;
  EXPECT_EQ(CoreClock(2000, sc_core::SC_FS).period(), sc_time::from_value(2)); // ps
  EXPECT_EQ(CoreClock(2, sc_core::SC_PS).period(), sc_time::from_value(2));
  EXPECT_EQ(CoreClock(2, sc_core::SC_NS).period(), sc_time::from_value(2000));
  EXPECT_EQ(CoreClock(2, sc_core::SC_US).period(), sc_time::from_value(2000000));
  EXPECT_EQ(CoreClock(2, sc_core::SC_MS).period(), sc_time::from_value(2000000000));
  EXPECT_EQ(CoreClock(2, sc_core::SC_SEC).period(), sc_time::from_value(2000000000000));
}

// A platform may let errors be shown and go on.
TEST(CoreClock, HasOneResolutionStepBehindAnErrorThatDoesNotThrow) {
  sc_core::sc_report_handler::set_actions(report::clock_period, sc_core::SC_DO_NOTHING);
  for (const double period : {0.0, -1.0, 1.5}) {
    SCOPED_TRACE(period);
    const CoreClock clock(period, sc_core::SC_PS);
    EXPECT_EQ(clock.period(), sc_core::sc_time(1, sc_core::SC_PS));
    EXPECT_EQ(clock.cycles(127), sc_core::sc_time(127, sc_core::SC_PS));
    EXPECT_EQ(clock.cycles(128), sc_core::sc_time(128, sc_core::SC_PS));
  }
}

std::string refused_hertz(std::uint64_t hertz, std::uint32_t numerator = 1,
                          std::uint32_t denominator = 1) {
  try {
    CoreClock::of_hertz(hertz, numerator, denominator);
  } catch (const sc_core::sc_report& report) {
    return report.get_msg_type();
  }
  return "accepted";
}

sc_core::sc_time ps(std::uint64_t count) { return sc_core::sc_time::from_value(count); }

TEST(CoreClock, IsMadeOfATime) {
  EXPECT_EQ(CoreClock(sc_core::sc_time(7, sc_core::SC_NS)).cycles(200), ps(1400000));
  EXPECT_THROW(CoreClock{sc_core::SC_ZERO_TIME}, sc_core::sc_report);
}

TEST(CoreClock, IsMadeOfAFrequency) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_THROW);
  EXPECT_EQ(CoreClock::of_hertz(1000000000).cycles(7), ps(7000));
  EXPECT_EQ(CoreClock::of_hertz(25000000, 40, 1).period(), ps(1000));
  EXPECT_EQ(refused_hertz(3000000000), report::clock_rounded);
  EXPECT_EQ(refused_hertz(24000000, 176, 2), report::clock_rounded);
  EXPECT_EQ(refused_hertz(1000000000000), "accepted"); // 1 ps
  for (const auto& what : {refused_hertz(0), refused_hertz(1000000000001), refused_hertz(1, 0, 1),
                           refused_hertz(1, 1, 0), refused_hertz(1, 1, ~0U),
                           // 2^64 - 59 is a prime
                           refused_hertz(18446744073709551557U, 1, ~0U)})
    EXPECT_EQ(what, report::clock_period);
  EXPECT_EQ(refused_hertz(4000000000000000000, 1, ~0U), report::clock_rounded); // 1074 ps
}

std::string told(const std::function<CoreClock()>& clock) {
  try {
    clock();
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  }
  return "accepted";
}

// 2^60 is the longest period, and the greatest term of a fraction.
TEST(CoreClock, TellsWhatPeriodsThereAre) {
  EXPECT_EQ(told([] { return CoreClock::of_hertz(1, 1, ~0U); }),
            "a clock period of 1 / (1 x 1 / 4294967295 Hz) cannot be kept; it is N / D times the "
            "time resolution (1 ps), in lowest terms, 1 <= D <= N <= 1152921504606846976");
  EXPECT_EQ(told([] { return CoreClock(2000000, sc_core::SC_SEC); }),
            "a clock period of 2e+18 times the time resolution cannot be kept; it is N times the "
            "time resolution (1 ps), 1 <= N <= 1152921504606846976");
  const auto steps = [](std::uint64_t count) {
    return told([count] { return CoreClock(sc_core::sc_time::from_value(count)); });
  };
  EXPECT_EQ(steps(std::uint64_t{1} << 60), "accepted");
  EXPECT_EQ(steps((std::uint64_t{1} << 60) + 1).substr(0, 46),
            "a clock period of 1152921504606846977 ps canno");
  EXPECT_EQ(steps(0).substr(0, 27), "a clock period of 0 s canno");
}

TEST(CoreClock, TellsItsFrequencyInLowestTerms) {
  EXPECT_EQ(CoreClock(1, sc_core::SC_NS).hertz(), "1000000000");
  EXPECT_EQ(CoreClock(333, sc_core::SC_PS).hertz(), "1000000000000/333");
  EXPECT_EQ(CoreClock(2, sc_core::SC_SEC).hertz(), "1/2");
  EXPECT_EQ(CoreClock::of_hertz(3000000000).hertz(), "3000000000");
  EXPECT_EQ(CoreClock::of_hertz(24000000, 176, 2).hertz(), "2112000000");
  EXPECT_EQ(CoreClock::of_hertz(19200000, 229, 7).hertz(), "4396800000/7");
}

// Thirds of a nanosecond: 333.3, 666.7, 1000.
TEST(CoreClock, RoundsEachEdgeByItself) {
  const CoreClock clock = CoreClock::of_hertz(3000000000);
  EXPECT_EQ(clock.period(), ps(333));
  EXPECT_EQ(clock.cycles(1), ps(333));
  EXPECT_EQ(clock.cycles(1, ps(333)), ps(334));
  EXPECT_EQ(clock.cycles(1, ps(667)), ps(333));
  EXPECT_EQ(clock.cycles(2, ps(400)), ps(667)); // from the edge before
  EXPECT_EQ(clock.cycles(3000000000), ps(1000000000000));
  EXPECT_EQ(clock.cycle_at(ps(666)), 1U);
  EXPECT_EQ(clock.cycle_at(ps(667)), 2U);
  EXPECT_EQ(clock.cycle_from(ps(667)), 2U);
  EXPECT_EQ(clock.cycle_from(ps(668)), 3U);
  EXPECT_EQ(clock.edge_from(ps(334)), ps(667));
  sc_core::sc_start(400, sc_core::SC_PS);
  EXPECT_EQ(clock.cycle(), 1U);
  EXPECT_EQ(clock.until_edge(), ps(267));
}

// Edge n is nearest to n / f: no other lies between, and it is found again.
TEST(CoreClock, NoDriftAddsUp) {
  __extension__ using Wide = __int128;
  constexpr std::uint64_t second = 1000000000000;
  for (const std::uint64_t hertz : {3000000000U, 2893299000U, 4294967291U, 7U, 666666667U}) {
    const CoreClock clock = CoreClock::of_hertz(hertz);
    for (const std::uint32_t n : {1U, 2U, 3U, 127U, 128U, 1000003U, 16777213U}) {
      SCOPED_TRACE(std::to_string(hertz) + " Hz, edge " + std::to_string(n));
      const sc_core::sc_time edge = clock.cycles(n);
      const Wide off = Wide{edge.value()} * hertz - Wide{n} * second; // steps x hertz
      EXPECT_LE(2 * (off < 0 ? -off : off), Wide{hertz});
      EXPECT_EQ(clock.cycle_at(edge), n);
      EXPECT_EQ(clock.cycle_at(edge - ps(1)), n - 1);
      EXPECT_EQ(clock.cycle_from(edge), n);
      EXPECT_EQ(clock.cycle_from(edge - ps(1)), n);
      EXPECT_EQ(clock.edge_from(edge - ps(1)), edge);
    }
  }
}

TEST(CoreClock, CountsFromAnotherEdge) {
  for (const CoreClock& clock : {CoreClock(10, sc_core::SC_NS), CoreClock::of_hertz(100000000)}) {
    const CoreClock later = clock.counted_from(ps(3000), 50);
    EXPECT_EQ(later.cycle_at(ps(0)), 49U);
    EXPECT_EQ(later.cycle_at(ps(2999)), 49U);
    EXPECT_EQ(later.cycle_at(ps(3000)), 50U);
    EXPECT_EQ(later.cycle_from(ps(1)), 50U);
    EXPECT_EQ(later.edge_from(ps(1)), ps(3000));
    EXPECT_EQ(later.edge_from(ps(3001)), ps(13000));
    EXPECT_EQ(later.until_edge(), ps(3000));
  }
  const CoreClock thirds = CoreClock::of_hertz(3000000000).counted_from(ps(100), 7);
  EXPECT_EQ(thirds.edge_from(ps(101)), ps(433));
  EXPECT_EQ(thirds.cycle_at(ps(767)), 9U);
  EXPECT_EQ(thirds.cycles(1, ps(433)), ps(334));
  EXPECT_EQ(thirds.cycles(1), ps(333)); // its first edge is to come
  EXPECT_EQ(CoreClock(1, sc_core::SC_NS).counted_from(ps(100), 0).cycle_at(ps(0)), 0U);
}

TEST(CoreClock, EdgesLieAtMultiplesOfThePeriod) {
  const CoreClock clock(10, sc_core::SC_NS);
  EXPECT_EQ(clock.until_edge(), sc_core::SC_ZERO_TIME);
  sc_core::sc_start(13, sc_core::SC_NS);
  EXPECT_EQ(clock.until_edge(), sc_core::sc_time(7, sc_core::SC_NS));
  EXPECT_EQ(clock.cycle(), 1U);
  sc_core::sc_start(7, sc_core::SC_NS);
  EXPECT_EQ(clock.until_edge(), sc_core::SC_ZERO_TIME);
  EXPECT_EQ(clock.cycle(), 2U);
}

} // namespace
} // namespace icebp
