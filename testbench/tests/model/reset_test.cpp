#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

using test::Bench;
using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;

void expect_power_up_state(const CoreState& state) {
  EXPECT_EQ(state.dr, (std::array<std::uint64_t, 8>{0, 0, 0, 0, 0, 0, 0xFFFF0FF0, 0x400}));
  EXPECT_FALSE(state.pending.is_valid());
}

// A RESET `after` cycles into `request`: cancelled at that moment, nothing committed.
void expect_cancelled(Bench& bench, const Request& request, double after) {
  bench(mov_to_dr(0, 0x1111));
  bench(mov_to_dr(7, 0x2400));
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  sc_core::sc_spawn([&bench, after] {
    sc_core::wait(ns(after));
    bench.core.reset();
  });
  const Outcome outcome = bench(request);
  EXPECT_EQ(outcome.kind, OutcomeKind::cancelled);
  EXPECT_EQ(outcome.vector, Vector::none);
  EXPECT_EQ(sc_core::sc_time_stamp(), start + ns(after));
  expect_power_up_state(bench.core.state());
  sc_core::wait(ns(200)); // nothing of it comes later
  expect_power_up_state(bench.core.state());
  EXPECT_TRUE(bench.core.idle());
}

TEST(Reset, CancelsWhateverIsInFlight) {
  Bench([](Bench& bench) {
    // Phases of a fault begin at 0, 2, 5 and 12 cycles, of a trap at 0, 2, 5, 24 and 29.
    for (const double after : {0.5, 1.5, 2.5, 4.5, 5.5, 11.5, 12.5, 22.5}) {
      SCOPED_TRACE(after);
      expect_cancelled(bench, mov_from_dr(0), after);
    }
    for (const double after : {0.5, 2.5, 5.5, 24.5, 29.5, 39.5}) {
      SCOPED_TRACE(after);
      expect_cancelled(bench, test::of(Operation::int1), after);
    }
    for (const double after : {0.5, 2.5, 5.5, 22.5}) {
      SCOPED_TRACE(after);
      expect_cancelled(bench, msr_access(Operation::wrmsr, 0xC0000082, 0x1234), after);
    }
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, 0xC0000082)).value(), 0U);
  });
}

TEST(Reset, AtAnEdgeOfThePhases) {
  Bench([](Bench& bench) {
    for (const double after : {2, 5, 12}) {
      SCOPED_TRACE(after);
      expect_cancelled(bench, mov_from_dr(0), after);
    }
  });
}

TEST(Reset, OfAnIdleCore) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(7, 0x2400));
    bench.core.reset();
    expect_power_up_state(bench.core.state());
    EXPECT_EQ(bench(mov_from_dr(0)).kind, OutcomeKind::retired);
  });
}

TEST(Reset, ServesWhoeverWaitsNext) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(0, 0x1111));
    auto second = sc_core::sc_spawn([&bench] {
      sc_core::wait(ns(1));
      const Outcome outcome = bench.from_elsewhere(mov_from_dr(0));
      EXPECT_EQ(outcome.kind, OutcomeKind::retired);
      EXPECT_EQ(outcome.value(), 0U);
    });
    sc_core::sc_spawn([&bench] {
      sc_core::wait(ns(3.5));
      bench.core.reset();
    });
    EXPECT_EQ(bench(mov_to_dr(0, 0x2222)).kind, OutcomeKind::cancelled);
    sc_core::wait(second.terminated_event());
  });
}

// INIT keeps LSTAR and waits for its turn (docs/msr-block.md 2.6).
TEST(Reset, InitWaitsForTheOperationInFlight) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(0, 0x1111));
    auto init = sc_core::sc_spawn([&bench] {
      sc_core::wait(ns(3));
      const Outcome outcome = bench.from_elsewhere(test::of(Operation::init));
      EXPECT_EQ(outcome.kind, OutcomeKind::retired);
    });
    EXPECT_EQ(bench(msr_access(Operation::wrmsr, 0xC0000082, 0x1234)).kind, OutcomeKind::retired);
    EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
    sc_core::wait(init.terminated_event());
    expect_power_up_state(bench.core.state());
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, 0xC0000082)).value(), 0x1234U);
  });
}

} // namespace
} // namespace icebp
