// The TSC and simulation time.

#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

using test::Bench;
using test::mov_to_dr;
using test::msr_access;
using test::ns;

constexpr std::uint32_t tsc = 0x10, adjust = 0x3B;

TEST(TscInTime, CountsClockEdges) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(1000));
    EXPECT_EQ(bench.core.tsc(), 1000U);
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, tsc)).value(), 1000U);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(1027));
    EXPECT_EQ(bench.core.tsc(), 1027U);
    sc_core::wait(ns(0.5));
    EXPECT_EQ(bench.core.tsc(), 1028U); // an access would be issued at that edge
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, tsc)).value(), 1028U);
    bench(msr_access(Operation::wrmsr, tsc, 5000)); // 1055 to 1083
    EXPECT_EQ(bench.core.tsc(), 5028U);
    EXPECT_EQ(bench.core.peek(tsc), 5028U);
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, adjust)).value(), 3945U);
  });
}

TEST(TscInTime, OfALooselyTimedCoreRunsAheadWithItsCaller) {
  Bench(
      [](Bench& bench) {
        sc_core::wait(ns(100));
        sc_core::sc_time delay = ns(40);
        bench.initiator.execute(msr_access(Operation::rdmsr, tsc), delay);
        EXPECT_EQ(bench.initiator.outcome().value(), 140U);
        EXPECT_EQ(delay, ns(67));
        EXPECT_EQ(bench.core.tsc(delay), 167U);
        bench.initiator.execute(msr_access(Operation::wrmsr, tsc, 1000), delay); // at 167
        EXPECT_EQ(bench.core.tsc(delay), 1028U);
        EXPECT_EQ(bench.core.tsc(), 933U);
        EXPECT_EQ(bench.core.peek(tsc, delay), 1028U);
        EXPECT_EQ(bench.core.peek(adjust), 833U);
        bench.initiator.execute(test::of(Operation::reset), delay);
        EXPECT_EQ(bench.core.tsc(delay), 31U);
        EXPECT_TRUE(bench.core.poke(tsc, 5, delay));
        EXPECT_EQ(bench.core.tsc(delay + ns(2)), 7U);
      },
      "intel-skylake", Timing::loosely_timed);
}

TEST(TscInTime, StartsAnewAtRESET) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(100));
    bench.core.reset();
    EXPECT_EQ(bench.core.tsc(), 0U);
    sc_core::wait(ns(7));
    EXPECT_EQ(bench.core.tsc(), 7U);
    bench(test::of(Operation::reset)); // issued at 107, 31 cycles
    EXPECT_EQ(bench.core.tsc(), 31U);
    bench(test::of(Operation::init));
    EXPECT_EQ(bench.core.tsc(), 62U);
  });
}

// DR0 to DR3: 25 cycles; 7500 are 2.5 us at 3 GHz.
constexpr unsigned writes = 300;

TEST(ClockOfACore, OfThirdsDoesNotDrift) {
  Bench([](Bench& bench) {
    bench.core.set_clock(CoreClock::of_hertz(3000000000));
    bench(mov_to_dr(0, 0));
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(8.333));
    EXPECT_EQ(bench(test::mov_from_dr(0, 3)).kind, OutcomeKind::fault); // 23: 48 are 16 ns
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(16));
    for (unsigned n = 0; n < writes; ++n)
      bench(mov_to_dr(0, n));
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(16 + 2500));
    EXPECT_EQ(bench.core.clock().cycle(), 48U + 7500);
  });
}

TEST(ClockOfACore, OfThirdsDoesNotDriftLooselyTimed) {
  Bench(
      [](Bench& bench) {
        bench.core.set_clock(CoreClock::of_hertz(3000000000));
        sc_core::sc_time delay;
        for (unsigned n = 0; n < writes; ++n)
          bench.initiator.execute(mov_to_dr(0, n), delay);
        EXPECT_EQ(delay, ns(2500));
        EXPECT_EQ(bench.core.tsc(delay), 7500U);
      },
      "intel-skylake", Timing::loosely_timed);
}

// The period in progress ends as it began; the TSC, without a clock of its own, follows.
TEST(ClockOfACore, ChangesAtTheNextEdge) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(100.4));
    bench.core.set_clock(CoreClock(2, sc_core::SC_NS));
    EXPECT_EQ(bench.core.tsc(), 101U);
    EXPECT_EQ(bench.core.clock().cycle(), 100U);
    EXPECT_EQ(bench.core.clock().until_edge(), ns(0.6));
    bench(mov_to_dr(0, 0)); // 25 cycles of 2 ns, from 101 on
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(151));
    EXPECT_EQ(bench.core.tsc(), 126U);
    EXPECT_EQ(bench.core.clock().cycle(), 126U);
    bench.core.set_clock(CoreClock(sc_core::sc_time(0.5, sc_core::SC_NS)));
    EXPECT_EQ(bench.core.tsc(), 126U);
    sc_core::wait(ns(10));
    EXPECT_EQ(bench.core.tsc(), 146U);
  });
}

TEST(ClockOfACore, StaysWhileAnOperationIsInFlight) {
  Bench([](Bench& bench) {
    bench.core.issue(mov_to_dr(0, 0));
    sc_core::wait(ns(3));
    EXPECT_EQ(test::report_of([&] { bench.core.set_clock(CoreClock(2, sc_core::SC_NS)); }),
              report::clock_refused);
    sc_core::sc_report_handler::set_actions(report::clock_refused, sc_core::SC_DO_NOTHING);
    bench.core.set_clock(CoreClock(2, sc_core::SC_NS));
    EXPECT_EQ(bench.core.clock().period(), ns(1));
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25));
  });
}

// A constant TSC, SDM vol. 3 17.17.
TEST(ClockOfACore, DoesNotTouchATscWithAClockOfItsOwn) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(100));
    bench.core.set_tsc_clock(CoreClock::of_hertz(25000000, 160, 2)); // 2 GHz, CPUID.15H's ratio
    EXPECT_EQ(bench.core.tsc(), 100U);
    sc_core::wait(ns(10));
    EXPECT_EQ(bench.core.tsc(), 120U);
    bench.core.set_clock(CoreClock(4, sc_core::SC_NS));
    EXPECT_EQ(bench.core.tsc(), 120U);
    sc_core::wait(ns(40));
    EXPECT_EQ(bench.core.tsc(), 200U);
    EXPECT_EQ(bench(msr_access(Operation::rdmsr, tsc)).value(), 200U); // 27 cycles of 4 ns
    EXPECT_EQ(bench.core.tsc(), 416U);
    sc_core::wait(ns(1));
    EXPECT_EQ(bench.core.tsc(), 424U);              // where an access would be issued
    bench(msr_access(Operation::wrmsr, tsc, 5000)); // issued then, 28 cycles
    EXPECT_EQ(bench.core.tsc(), 5000U + 28 * 8);
    bench.core.reset();
    EXPECT_EQ(bench.core.tsc(), 0U);
    sc_core::wait(ns(40));
    EXPECT_EQ(bench.core.tsc(), 80U);
  });
}

TEST(ClockOfACore, ChangesWhereItsLooselyTimedCallerIs) {
  Bench(
      [](Bench& bench) {
        sc_core::sc_time delay = ns(100);
        bench.core.set_clock(CoreClock(2, sc_core::SC_NS), delay);
        bench.initiator.execute(msr_access(Operation::rdmsr, tsc), delay);
        EXPECT_EQ(bench.initiator.outcome().value(), 100U);
        EXPECT_EQ(delay, ns(100 + 27 * 2));
        EXPECT_EQ(bench.core.tsc(delay), 127U);
        bench.core.set_tsc_clock(CoreClock(1, sc_core::SC_NS), delay);
        EXPECT_EQ(bench.core.tsc(delay), 127U);
        EXPECT_EQ(bench.core.tsc(delay + ns(10)), 137U);
      },
      "intel-skylake", Timing::loosely_timed);
}

// Cycles of the core and not of the TSC: the SDM's CYC_CNT, in bits 15:0 of LBR_INFO.
TEST(ClockOfACore, CountsTheCyclesOfBranchRecords) {
  Bench([](Bench& bench) {
    bench.core.set_tsc_clock(CoreClock(10, sc_core::SC_PS));
    bench(msr_access(Operation::wrmsr, 0x1D9, 1)); // LBR
    Request branch = test::of(Operation::branch);
    bench(branch);
    sc_core::wait(ns(50));
    bench(branch);
    const auto cycles = [&bench] {
      return *bench.core.peek(0xDC0 + static_cast<std::uint32_t>(*bench.core.peek(0x1C9))) & 0xFFFF;
    };
    EXPECT_EQ(cycles(), 50U);
    for (const bool operation : {false, true}) {                                // RESET either way
      operation ? void(bench(test::of(Operation::reset))) : bench.core.reset(); // 31 cycles, or 0
      bench(msr_access(Operation::wrmsr, 0x1D9, 1));                            // 28
      bench(branch);
      EXPECT_EQ(cycles(), operation ? 59U : 28U);
    }
  });
}

TEST(ClockOfACore, CountsTheCyclesOfBranchRecordsLooselyTimed) {
  Bench(
      [](Bench& bench) {
        bench.core.set_tsc_clock(CoreClock(10, sc_core::SC_PS));
        sc_core::sc_time delay = ns(1000);
        Request branch = test::of(Operation::branch);
        for (const Request& next :
             {test::of(Operation::reset), msr_access(Operation::wrmsr, 0x1D9, 1), branch})
          bench.initiator.execute(next, delay);
        EXPECT_EQ(*bench.core.peek(0xDC0 + static_cast<std::uint32_t>(*bench.core.peek(0x1C9))) &
                      0xFFFF,
                  59U);
      },
      "intel-skylake", Timing::loosely_timed);
}

TEST(TscInTime, SurvivesSaveAndRestore) {
  Bench([](Bench& bench) {
    bench(msr_access(Operation::wrmsr, tsc, 0x1000)); // 28 cycles
    const CoreState saved = bench.core.state();
    bench(msr_access(Operation::wrmsr, tsc, 0));
    bench.core.restore(saved);
    EXPECT_EQ(bench.core.tsc(), 0x1000U + 56U);
  });
}

} // namespace
} // namespace icebp
