// The life of an instruction on the model in time, and its watch filter.

#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::mov_to_dr;
using test::ns;

Request event_at(Operation operation, std::uint64_t address, std::uint32_t size = 1) {
  return request_at(operation, address, size);
}

Request stepped_fetch(std::uint64_t rip) {
  Request request = event_at(Operation::fetch, rip);
  request.context.tf = true;
  return request;
}

constexpr std::uint64_t write_watch_on_dr0 = 0xD0401; // four bytes

TEST(InstructionEvents, TakeNoTimeIfTheyRaiseNothing) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(3));
    EXPECT_EQ(bench(stepped_fetch(0x1000)).kind, OutcomeKind::retired);
    EXPECT_EQ(bench(event_at(Operation::data_write, 0x2000, 4)).value(), 0U);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(3));
  });
}

// The payload waits through `fault`, 7 cycles, and reaches DR6 where `deliver` begins.
TEST(InstructionEvents, ATrapIsPendingBeforeDr6HasIt) {
  Bench([](Bench& bench) {
    bench(stepped_fetch(0x1000));
    bench.core.issue(event_at(Operation::end_of_instruction, 0x1002));
    sc_core::wait(ns(6.5));
    EXPECT_EQ(bench.core.phase(), Phase::trap);
    EXPECT_EQ(bench.core.state().pending.payload, 0x4000U);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF0FF0U);
    sc_core::wait(ns(1));
    EXPECT_EQ(bench.core.phase(), Phase::deliver);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF4FF0U);
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(7 + 11));
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::trap);
  });
}

TEST(InstructionEvents, AnInterceptedTrapExits) {
  Bench([](Bench& bench) {
    VmxControls vmx;
    vmx.exceptions = 2;
    bench(stepped_fetch(0x1000));
    Request end = event_at(Operation::end_of_instruction, 0x1002);
    end.context.guest = &vmx;
    EXPECT_EQ(bench(end).kind, OutcomeKind::exit);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(7 + 13));
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF0FF0U);
  });
}

TEST(InstructionEvents, AResetTakesWhatWaits) {
  Bench([](Bench& bench) {
    bench(stepped_fetch(0x1000));
    bench.core.issue(event_at(Operation::end_of_instruction, 0x1002));
    sc_core::wait(ns(3));
    bench.core.reset();
    sc_core::wait(ns(20));
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::cancelled);
    EXPECT_TRUE(bench.core.state().boundary.is_quiet());
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF0FF0U);
  });
}

TEST(InstructionEvents, AnAccessOfNoByteIsMalformed) {
  Bench([](Bench& bench) {
    bench.from_elsewhere(event_at(Operation::data_read, 0x2000, 0),
                         ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  });
}

class Watch : public ::testing::TestWithParam<Timing> {
protected:
  // Runs `script` on a core whose calls of `on_armed` go to `calls`, data and fetches.
  void run(const std::function<void(Bench&)>& script, const char* profile = "intel-skylake") {
    Bench bench(
        [&](Bench& started) {
          started.core.on_armed([this](const WatchFilter& watch) {
            calls.push_back({watch.watches_data(), watch.watches_fetches()});
          });
          script(started);
        },
        profile, GetParam());
  }

  // Puts a request to the core, in its time or at once.
  static void put(Bench& bench, const Request& request) {
    sc_core::sc_time delay;
    EXPECT_EQ(bench.initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
  }

  using Calls = std::vector<std::pair<bool, bool>>;
  Calls calls;
};

TEST_P(Watch, IsArmedByTheNextInstruction) {
  run([](Bench& bench) {
    const WatchFilter& watch = bench.core.watch();
    put(bench, mov_to_dr(0, 0x2000));
    EXPECT_FALSE(watch.may_write(0x2000, 1));
    put(bench, mov_to_dr(7, write_watch_on_dr0));
    EXPECT_TRUE(watch.may_write(0x2003, 1));
    EXPECT_FALSE(watch.may_write(0x2004, 1));
    EXPECT_FALSE(watch.may_read(0x2000, 1));
    put(bench, mov_to_dr(0, 0x3000));
    EXPECT_FALSE(watch.may_write(0x2003, 1));
    EXPECT_TRUE(watch.may_write(0x3000, 1));
  });
}

TEST_P(Watch, TellsWhenItIsArmedAndDisarmed) {
  run([](Bench& bench) {
    put(bench, mov_to_dr(0, 0x2000));
    put(bench, mov_to_dr(7, write_watch_on_dr0));
    put(bench, mov_to_dr(7, write_watch_on_dr0 | 0x4)); // and DR1 on fetches
    put(bench, mov_to_dr(0, 0x3000));                   // nothing changes
    Request task_switch = event_at(Operation::task_switch, 0x1000);
    put(bench, task_switch); // clears both, which are local
    put(bench, mov_to_dr(7, 0x2));
    bench.core.reset();
  });
  EXPECT_EQ(calls,
            (Calls{{true, false}, {true, true}, {false, false}, {false, true}, {false, false}}));
}

TEST_P(Watch, FollowsTheAddressMasksOfAmd) {
  run(
      [](Bench& bench) {
        put(bench, mov_to_dr(0, 0x2000));
        put(bench, mov_to_dr(7, write_watch_on_dr0));
        put(bench, test::msr_access(Operation::wrmsr, 0xC0011027, 0xFFF));
        EXPECT_TRUE(bench.core.watch().may_write(0x2FFF, 1));
        put(bench, test::msr_access(Operation::wrmsr, 0xC0011027, 0));
        EXPECT_FALSE(bench.core.watch().may_write(0x2FFF, 1));
        put(bench, mov_to_dr(1, 0x5000));
        put(bench, mov_to_dr(7, 0xD00404));
        put(bench, test::msr_access(Operation::wrmsr, 0xC0011019, 0xFF));
        EXPECT_TRUE(bench.core.watch().may_write(0x50FF, 1));
      },
      "amd-zen1");
}

TEST_P(Watch, FollowsARestore) {
  run([](Bench& bench) {
    CoreState state = bench.core.state();
    state.dr[0] = 0x2000;
    state.dr[7] = write_watch_on_dr0;
    bench.core.restore(state);
    EXPECT_TRUE(bench.core.watch().may_write(0x2000, 1));
  });
  EXPECT_EQ(calls, (Calls{{true, false}}));
}

INSTANTIATE_TEST_SUITE_P(Timings, Watch, ::testing::Values(Timing::timed, Timing::loosely_timed),
                         [](const auto& test) {
                           return test.param == Timing::timed ? "Timed" : "LooselyTimed";
                         });

} // namespace
} // namespace icebp
