// The TSC and simulation time.

#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

using test::Bench;
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
