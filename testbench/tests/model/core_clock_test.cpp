#include <icebp/model/core_clock.h>
#include <icebp/model/report_ids.h>

#include <gtest/gtest.h>

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
