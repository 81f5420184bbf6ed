// A caller of a timed core that is killed or reset inside b_transport leaves its place in the
// queue. Its operation in service goes on to its end, and everybody behind it is served once.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::mov_to_dr;
using test::ns;

enum class Loss { kill, reset, async_reset_signal, reset_signal };
constexpr std::array losses{std::pair{Loss::kill, "kill"}, std::pair{Loss::reset, "reset"},
                            std::pair{Loss::async_reset_signal, "async_reset_signal"},
                            std::pair{Loss::reset_signal, "reset_signal"}};

constexpr unsigned count = 3;
constexpr unsigned duration = 25; // of MOV to DR0 to DR3, cycles of 1 ns

// Callers of one instant; caller N writes DRn. The lost one ends where it begins anew, unless it
// `calls_again`.
struct Callers {
  Bench& bench;
  sc_core::sc_signal<bool>& line;
  unsigned lost;
  bool calls_again = false;
  std::vector<std::string> served;
  std::vector<sc_core::sc_process_handle> processes;
  sc_core::sc_time start = sc_core::sc_time_stamp();

  Callers(Bench& a_bench, sc_core::sc_signal<bool>& a_line, Loss loss, unsigned a_lost)
      : bench(a_bench), line(a_line), lost(a_lost) {
    for (unsigned n = 0; n < count; ++n) {
      sc_core::sc_spawn_options options;
      if (n == lost && loss == Loss::async_reset_signal)
        options.async_reset_signal_is(line, true);
      if (n == lost && loss == Loss::reset_signal)
        options.reset_signal_is(line, true);
      processes.push_back(sc_core::sc_spawn([this, n] { call(n); },
                                            sc_core::sc_gen_unique_name("caller"), &options));
    }
  }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  void lose(Loss loss) {
    switch (loss) {
    case Loss::kill:
      return processes[lost].kill();
    case Loss::reset:
      return processes[lost].reset();
    case Loss::async_reset_signal:
    case Loss::reset_signal:
      line = true;
      sc_core::wait(sc_core::SC_ZERO_TIME);
      sc_core::wait(sc_core::SC_ZERO_TIME);
    }
  }

private:
  void call(unsigned n) {
    if (n == lost && std::exchange(lost_has_begun_, true) && !calls_again)
      return;
    const Outcome outcome = bench.from_elsewhere(mov_to_dr(n, 0x1000 + n));
    const double after = (sc_core::sc_time_stamp() - start) / ns(1);
    served.push_back(served_at(n, outcome.kind, after));
  }

public:
  static std::string served_at(unsigned n, OutcomeKind kind, double after) {
    return std::to_string(n) + (kind == OutcomeKind::retired ? " retired" : " cancelled") + " at " +
           std::to_string(after);
  }

private:
  bool lost_has_begun_ = false;
};

struct Expected {
  std::vector<std::string> served;
  std::array<bool, count> written{};

  void serve(unsigned n, unsigned lost, double end) {
    written[n] = true;
    if (n != lost)
      served.push_back(Callers::served_at(n, OutcomeKind::retired, end));
  }
};

// The loss comes `at` half a cycle behind an edge.
Expected without_reset(unsigned lost, double at) {
  Expected expected;
  double now = 0;
  for (unsigned n = 0; n < count; ++n)
    if (n != lost || now < at) { // it is served before it is lost
      now += duration;
      expected.serve(n, now > at ? lost : count, now);
    }
  return expected;
}

// A RESET comes with the loss: what is in service is cancelled, and the next begins at the next
// edge.
Expected with_reset(unsigned lost, double at) {
  Expected expected;
  double now = 0;
  for (unsigned n = 0; n < count; ++n) {
    if (now > at) {
      if (n != lost)
        expected.serve(n, lost, now += duration);
    } else if (now + duration < at) {
      expected.served.push_back(Callers::served_at(n, OutcomeKind::retired, now += duration));
    } else {
      if (n != lost)
        expected.served.push_back(Callers::served_at(n, OutcomeKind::cancelled, at));
      now = at + 0.5;
    }
  }
  return expected;
}

enum class Reset { none, behind_the_loss, before_the_loss };

void expect_others_served(Bench& bench, sc_core::sc_signal<bool>& line, Loss loss, unsigned lost,
                          Reset reset, double at) {
  Callers callers(bench, line, loss, lost);
  sc_core::wait(ns(at));
  if (reset == Reset::before_the_loss)
    bench.core.reset();
  callers.lose(loss);
  if (reset == Reset::behind_the_loss)
    bench.core.reset();
  sc_core::wait(ns(99.5)); // to an edge, with all of them served
  const Expected expected = reset == Reset::none ? without_reset(lost, at) : with_reset(lost, at);
  EXPECT_EQ(callers.served, expected.served);
  for (unsigned n = 0; n < count; ++n) {
    EXPECT_EQ(bench.core.state().dr[n], expected.written[n] ? 0x1000 + n : 0) << n;
    EXPECT_TRUE(callers.processes[n].terminated()) << n;
  }
  EXPECT_TRUE(bench.core.idle());
  line = false;
  bench.core.reset();
  sc_core::wait(ns(1));
}

void sweep(Reset reset, Loss last_loss) {
  sc_core::sc_signal<bool> line("line");
  Bench([&](Bench& bench) {
    for (const auto& [loss, name] : losses)
      for (unsigned lost = 0; lost < count && loss <= last_loss; ++lost)
        for (unsigned cycle = 0; cycle < (count + 1) * duration; ++cycle) {
          SCOPED_TRACE(std::string(name) + " of caller " + std::to_string(lost) + " in cycle " +
                       std::to_string(cycle));
          expect_others_served(bench, line, loss, lost, reset, cycle + 0.5);
          if (testing::Test::HasFailure())
            return;
        }
  });
}

TEST(LostCaller, LeavesItsPlaceAtAnyTime) { sweep(Reset::none, Loss::reset_signal); }

TEST(LostCaller, LeavesItsPlaceBeforeAResetOfTheCore) {
  sweep(Reset::behind_the_loss, Loss::reset_signal);
}

// (A signal needs a delta: the caller has its outcome before it is lost.)
TEST(LostCaller, LeavesItsPlaceBehindAResetOfTheCore) {
  sweep(Reset::before_the_loss, Loss::reset);
}

TEST(LostCaller, ComesLastWhereItCallsAgain) {
  sc_core::sc_signal<bool> line("line");
  Bench([&](Bench& bench) {
    Callers callers(bench, line, Loss::reset, 0);
    callers.calls_again = true;
    sc_core::wait(ns(10.5));
    callers.lose(Loss::reset);
    sc_core::wait(ns(100));
    const auto at = [](unsigned n, double time) {
      return Callers::served_at(n, OutcomeKind::retired, time);
    };
    EXPECT_EQ(callers.served, (std::vector<std::string>{at(1, 50), at(2, 75), at(0, 100)}));
  });
}

// The one behind it waits for the end of an operation that takes no time of its own, too.
TEST(LostCaller, InTheInstantOfItsCall) {
  sc_core::sc_signal<bool> line("line");
  Bench([&](Bench& bench) {
    Callers callers(bench, line, Loss::kill, 0);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    callers.lose(Loss::kill);
    sc_core::wait(ns(100));
    EXPECT_EQ(callers.served, without_reset(0, 0.5).served);
    EXPECT_EQ(bench.core.state().dr[0], 0x1000U);
  });
}

} // namespace
} // namespace icebp
