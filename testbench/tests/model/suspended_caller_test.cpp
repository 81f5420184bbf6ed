// A caller of a timed core that is suspended or disabled inside b_transport keeps its place, but
// nobody waits for it: its operation begins and ends without it, and it has its own outcome when it
// runs again.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;

constexpr unsigned count = 3;
constexpr double duration = 23; // of MOV from DR, cycles of 1 ns
constexpr double late = 150;    // when all others have been served

enum class Halt { suspend, disable };
enum class Then { go_on, kill, reset_of_the_caller };

// Callers of one instant; caller N reads DRN. One of them is halted from `at` until `until`, and
// the core may be reset where that begins.
struct Plan {
  Halt halt;
  Then then;
  unsigned halted;
  double at, until;
  bool core_is_reset;
};

std::string returned(OutcomeKind kind, std::uint64_t value, double at) {
  return (kind == OutcomeKind::retired ? std::to_string(value) : "cancelled") + " at " +
         std::to_string(at);
}

using Returns = std::array<std::string, count>;

// A queue by hand.
Returns expected(const Plan& plan) {
  const bool is_lost = plan.then != Then::go_on;
  struct End {
    double at;
    bool is_cancelled;
  };
  std::array<std::optional<End>, count> ends;
  double now = 0;
  for (unsigned n = 0; n < count; ++n) {
    if (is_lost && n == plan.halted && now > plan.until)
      continue;
    const bool is_cancelled = plan.core_is_reset && now < plan.at && plan.at < now + duration;
    ends[n] = End{is_cancelled ? plan.at : now + duration, is_cancelled};
    now = is_cancelled ? plan.at + 0.5 : now + duration; // the next edge
  }
  Returns returns;
  for (unsigned n = 0; n < count; ++n) {
    if (!ends[n])
      continue;
    double at = ends[n]->at;
    const bool is_halted = n == plan.halted && at >= plan.at;
    if (is_halted && is_lost)
      continue;
    if (is_halted && at < plan.until) {
      at = plan.until;
      if (plan.halt == Halt::disable) { // the event was lost, another comes
        at = late + duration;
        for (const auto& other : ends)
          if (other && other->at > plan.until)
            at = std::min(at, other->at);
      }
    }
    // DRs are 0 behind a RESET.
    const bool reads_0 = plan.core_is_reset && ends[n]->at > plan.at;
    returns[n] = returned(ends[n]->is_cancelled ? OutcomeKind::cancelled : OutcomeKind::retired,
                          reads_0 ? 0 : 1000 + n, at);
  }
  return returns;
}

void set_halted(sc_core::sc_process_handle& process, Halt halt, bool halted) {
  switch (halt) {
  case Halt::suspend:
    return halted ? process.suspend() : process.resume();
  case Halt::disable:
    return halted ? process.disable() : process.enable();
  }
}

void carry_out(Bench& bench, const Plan& plan) {
  for (unsigned n = 0; n < 4; ++n)
    bench.core.poke_dr(n, 1000 + n);
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  const auto now = [&] { return (sc_core::sc_time_stamp() - start) / ns(1); };
  Returns returns;
  std::array<bool, count> has_begun{};
  std::vector<sc_core::sc_process_handle> callers;
  for (unsigned n = 0; n < count; ++n)
    callers.push_back(sc_core::sc_spawn([&, n] {
      if (has_begun[n]) // reset
        return;
      has_begun[n] = true;
      const Outcome outcome = bench.from_elsewhere(mov_from_dr(n));
      const bool is_retired = outcome.kind == OutcomeKind::retired;
      returns[n] = returned(outcome.kind, is_retired ? outcome.value() : 0, now());
    }));
  sc_core::sc_process_handle& halted = callers[plan.halted];

  sc_core::wait(ns(plan.at));
  set_halted(halted, plan.halt, true);
  if (plan.core_is_reset)
    bench.core.reset();
  sc_core::wait(ns(plan.until - plan.at));
  if (plan.then == Then::kill)
    halted.kill();
  if (plan.then == Then::reset_of_the_caller)
    halted.reset();
  if (plan.then != Then::kill)
    set_halted(halted, plan.halt, false);
  sc_core::wait(start + ns(late) - sc_core::sc_time_stamp());
  EXPECT_TRUE(bench.core.idle());
  bench.from_elsewhere(mov_from_dr(3));
  EXPECT_EQ(now(), late + duration);
  sc_core::wait(ns(1));

  EXPECT_EQ(returns, expected(plan));
  for (const sc_core::sc_process_handle& caller : callers)
    EXPECT_TRUE(caller.terminated());
  bench.core.reset();
  sc_core::wait(ns(1));
}

void sweep(Halt halt, Then then, double until) {
  Bench([&](Bench& bench) {
    for (unsigned halted = 0; halted < count; ++halted)
      for (unsigned cycle = 0; cycle < (count + 1) * duration; ++cycle)
        for (const bool core_is_reset : {false, true}) {
          const double at = cycle + 0.5;
          SCOPED_TRACE("caller " + std::to_string(halted) + " in cycle " + std::to_string(cycle) +
                       (core_is_reset ? ", with a RESET" : ""));
          carry_out(bench, {halt, then, halted, at, until != 0 ? until : at + 5, core_is_reset});
          if (testing::Test::HasFailure())
            return;
        }
  });
}

TEST(SuspendedCaller, ReturnsWithItsOwnOutcomeLongAfter) { sweep(Halt::suspend, Then::go_on, 120); }
TEST(SuspendedCaller, ReturnsInItsTurnWhereItRunsAgain) { sweep(Halt::suspend, Then::go_on, 0); }
TEST(SuspendedCaller, LeavesItsPlaceWhereItIsKilled) { sweep(Halt::suspend, Then::kill, 0); }
TEST(SuspendedCaller, IsKilledWhenItsOperationIsOver) { sweep(Halt::suspend, Then::kill, 120); }
TEST(SuspendedCaller, LeavesItsPlaceWhereItIsReset) {
  sweep(Halt::suspend, Then::reset_of_the_caller, 0);
}
TEST(DisabledCaller, ReturnsWithItsOwnOutcomeLongAfter) { sweep(Halt::disable, Then::go_on, 120); }
TEST(DisabledCaller, ReturnsAtTheNextEndWhereItRunsAgain) { sweep(Halt::disable, Then::go_on, 0); }
TEST(DisabledCaller, LeavesItsPlaceWhereItIsKilled) { sweep(Halt::disable, Then::kill, 0); }

// Out of the queue it is no caller any more.
TEST(SuspendedCaller, DoesNotHoldTheTiming) {
  Bench([](Bench& bench) {
    bench.core.poke_dr(0, 1000);
    std::optional<Outcome> outcome;
    auto caller = sc_core::sc_spawn([&] { outcome = bench.from_elsewhere(mov_from_dr(0)); });
    sc_core::wait(ns(5));
    caller.suspend();
    EXPECT_EQ(test::report_of([&] { bench.core.set_timing(Timing::loosely_timed); }),
              report::timing_refused);
    sc_core::wait(ns(20));
    bench.core.set_timing(Timing::loosely_timed);
    bench.core.execute(mov_to_dr(0, 2000));
    caller.resume();
    sc_core::wait(ns(1));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->value(), 1000U);
  });
}

// What is wrong with its request its own thread tells, and nobody waits for that.
TEST(SuspendedCaller, WithAMalformedRequest) {
  Bench([](Bench& bench) {
    sc_core::sc_report_handler::set_actions(report::malformed_payload, sc_core::SC_THROW);
    std::string first, second, third;
    const auto end = [] { return " at " + sc_core::sc_time_stamp().to_string(); };
    const auto caller = [&](std::string& text, unsigned dr) {
      return sc_core::sc_spawn([&bench, &text, dr, end] {
        text = test::report_of([&] { bench.from_elsewhere(mov_from_dr(dr)); });
        text += end();
      });
    };
    caller(first, 0);
    auto halted = caller(second, 8);
    caller(third, 1);
    sc_core::wait(ns(5));
    halted.suspend();
    sc_core::wait(ns(95));
    EXPECT_EQ(first, "accepted at 23 ns");
    EXPECT_EQ(second, "");
    EXPECT_EQ(third, "accepted at 46 ns");
    halted.resume();
    sc_core::wait(ns(1));
    EXPECT_EQ(second, std::string(report::malformed_payload) + " at 100 ns");
  });
}

} // namespace
} // namespace icebp
