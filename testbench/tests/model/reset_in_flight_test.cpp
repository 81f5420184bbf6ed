// RESET from outside while an operation is in flight, at every edge of its life and between all
// edges: nothing of it is left, its caller wakes once, and the core takes the next operation.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/operations_in_flight.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::expect_state_of_reset;
using test::in_guest;
using test::Kind;
using test::kinds;
using test::lstar;
using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;
using test::page_fault;

// Where `finished()` was notified since this object was made, which lives as long as simulation.
struct Ends {
  explicit Ends(const DebugCore& core) {
    sc_core::sc_spawn([this, &core] {
      for (;;) {
        sc_core::wait(core.finished());
        times.push_back(sc_core::sc_time_stamp());
      }
    });
    sc_core::wait(sc_core::SC_ZERO_TIME);
  }
  std::vector<sc_core::sc_time> times;
};

void expect_next_operation(Bench& bench) {
  const sc_core::sc_time begin = sc_core::sc_time_stamp();
  EXPECT_EQ(bench(mov_to_dr(0, 0x2222)).kind, OutcomeKind::retired);
  EXPECT_EQ(bench.core.state().dr[0], 0x2222U);
  EXPECT_EQ(sc_core::sc_time_stamp() - begin, ns(25));
}

// `after` is the time from the issue to the RESET.
void expect_cancelled(Bench& bench, const Kind& kind, Ends& ends, const sc_core::sc_time& after) {
  test::start(bench.core, std::ref(bench), kind);
  ends.times.clear();
  bench.core.issue(kind.request);
  if (after != sc_core::SC_ZERO_TIME)
    sc_core::wait(after);
  EXPECT_FALSE(bench.core.idle());
  const sc_core::sc_time reset_time = sc_core::sc_time_stamp();
  const std::uint64_t reset_at = bench.core.clock().cycle_from(reset_time);
  bench.core.reset();
  expect_state_of_reset(bench.core, reset_at);
  EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::cancelled);
  EXPECT_EQ(bench.core.outcome().vector, Vector::none);
  sc_core::wait(ns(100)); // longer than any operation
  expect_state_of_reset(bench.core, reset_at);
  EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::cancelled);
  EXPECT_EQ(ends.times, (std::vector<sc_core::sc_time>{reset_time}));
  sc_core::wait(bench.core.clock().until_edge());
  expect_next_operation(bench);
}

// So the sweep below reaches every phase.
TEST(ResetInFlight, TheKindsTakeTheCyclesOfTheirPhases) {
  Bench([](Bench& bench) {
    for (const Kind& kind : kinds()) {
      SCOPED_TRACE(kind.name);
      test::start(bench.core, std::ref(bench), kind);
      const sc_core::sc_time begin = sc_core::sc_time_stamp();
      EXPECT_EQ(bench(kind.request).kind, kind.outcome);
      EXPECT_EQ(sc_core::sc_time_stamp() - begin, ns(kind.cycles));
      bench.core.reset();
    }
  });
}

TEST(ResetInFlight, LeavesNothingAtAnyInstant) {
  Bench([](Bench& bench) {
    Ends ends(bench.core);
    for (const Kind& kind : kinds())
      for (unsigned half = 0; half < 2 * kind.cycles; ++half) {
        SCOPED_TRACE(std::string(kind.name) + ", " + std::to_string(half) + " half cycles");
        expect_cancelled(bench, kind, ends, ns(0.5) * half);
      }
  });
}

// What a RESET left behind would meet an operation that follows at once: one that faults, and one
// that retires and traps.
TEST(ResetInFlight, DoesNotTouchTheOperationBehind) {
  struct Next {
    Request request;
    OutcomeKind outcome;
    unsigned cycles, before_delivery;
  };
  const Next nexts[] = {{mov_from_dr(0), OutcomeKind::fault, 2 + 3 + 7 + 11, 2 + 3 + 7},
                        {test::of(Operation::int1), OutcomeKind::trap, 29 + 11, 29}};
  Bench([&nexts](Bench& bench) {
    for (const Kind& kind : kinds())
      for (const Next& next : nexts)
        for (unsigned cycle = 0; cycle < kind.cycles; ++cycle) {
          SCOPED_TRACE(std::string(kind.name) + ", " + std::to_string(cycle) + " cycles");
          test::start(bench.core, std::ref(bench), kind);
          bench.core.issue(kind.request);
          sc_core::wait(ns(cycle + 0.5));
          bench.core.reset();
          bench.core.poke_dr(7, 0x2400); // GD, which a delivery clears
          sc_core::wait(ns(0.5));
          bench.core.issue(next.request);
          sc_core::wait(ns(next.before_delivery - 0.5));
          EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
          sc_core::wait(ns(1));
          EXPECT_EQ(bench.core.state().dr[7], 0x400U);
          sc_core::wait(ns(next.cycles - next.before_delivery - 1.0));
          EXPECT_EQ(bench.core.phase(), Phase::deliver);
          sc_core::wait(ns(1));
          EXPECT_EQ(bench.core.outcome().kind, next.outcome);
          EXPECT_TRUE(bench.core.idle());
          bench.core.reset();
          sc_core::wait(ns(99.5));
        }
  });
}

// The operation waits for its edge: it is issued and has no phase yet.
TEST(ResetInFlight, BeforeTheEdgeOfItsIssue) {
  Bench([](Bench& bench) {
    Ends ends(bench.core);
    for (const double after : {0.0, 0.2, 0.6}) {
      SCOPED_TRACE(after);
      sc_core::wait(ns(0.3));
      bench.core.issue(mov_to_dr(0, 0x1111));
      sc_core::wait(ns(after));
      ends.times.clear();
      const sc_core::sc_time reset_time = sc_core::sc_time_stamp();
      bench.core.reset();
      EXPECT_TRUE(bench.core.idle());
      sc_core::wait(ns(100));
      EXPECT_EQ(ends.times, (std::vector<sc_core::sc_time>{reset_time}));
      EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::cancelled);
      EXPECT_EQ(bench.core.state().dr[0], 0U);
      sc_core::wait(bench.core.clock().until_edge());
      expect_next_operation(bench);
    }
  });
}

TEST(ResetInFlight, AnIdleCoreNotifiesNoEnd) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(0, 0x1111));
    Ends ends(bench.core);
    bench.core.reset();
    sc_core::wait(ns(100));
    EXPECT_TRUE(ends.times.empty());
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::retired); // the last one's
  });
}

// The value changes of the signal `name` in a VCD file, as TIME:BITS.
std::vector<std::string> changes_of(const std::string& name, const std::string& path) {
  std::vector<std::string> changes;
  std::ifstream file(path);
  std::string code, time = "0", line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string first, second, width, id, signal;
    words >> first >> second >> width >> id >> signal;
    if (first == "$var" && id != "$end" && signal == name)
      code = id;
    else if (first == "$var" && id == name)
      code = width;
    else if (first.rfind('#', 0) == 0)
      time = first.substr(1);
    else if (!code.empty() && first.rfind('b', 0) == 0 && second == code)
      changes.push_back(time + ":" + first.substr(1));
  }
  return changes;
}

// Phases: idle 0, issue 1, check 2, fault 5. Times in ps.
TEST(ResetInFlight, IsSeenInTheWavesAtItsInstant) {
  const std::string path =
      ::testing::TempDir() + "icebp_reset_in_flight_" + std::to_string(getpid());
  sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
  {
    DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
    core.trace(file);
    sc_core::sc_start(ns(10));
    core.issue(mov_from_dr(0, 3));
    sc_core::sc_start(ns(7.5));
    core.reset();
    sc_core::sc_start(ns(50));
    sc_core::sc_close_vcd_trace_file(file);
  }
  EXPECT_EQ(changes_of("phase", path + ".vcd"),
            (std::vector<std::string>{"0:0", "10000:1", "12000:10", "15000:101", "17500:0"}));
  std::remove((path + ".vcd").c_str());
}

// The last value of each signal in a VCD file, by its path.
std::map<std::string, std::string> last_values(const std::string& path) {
  std::map<std::string, std::string> names, values; // by code; by path
  std::vector<std::string> scopes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first, second, width, code, signal;
    words >> first >> second >> width >> code >> signal;
    if (first == "$scope")
      scopes.push_back(width);
    else if (first == "$upscope")
      scopes.pop_back();
    else if (first == "$var") {
      std::string name;
      for (const std::string& scope : scopes)
        name += scope + '.';
      names[code] = name + signal;
    } else if (first.rfind('b', 0) == 0 && names.count(second) != 0)
      values[names[second]] = first.substr(1);
    else if (!first.empty() && names.count(first.substr(1)) != 0)
      values[names[first.substr(1)]] = first.substr(0, 1);
  }
  return values;
}

// A core that a RESET found at work shows what an idle one shows, in every signal but those that
// count and the level of what came last.
TEST(ResetInFlight, EverySignalIsThatOfAnIdleCore) {
  const Request requests[] = {mov_to_dr(0, 0x1111),
                              mov_from_dr(0, 3),
                              mov_from_dr(7),
                              msr_access(Operation::wrmsr, lstar, 0x1234),
                              msr_access(Operation::rdmsr, 0x12345),
                              page_fault(),
                              test::of(Operation::int1),
                              in_guest(test::of(Operation::int1)),
                              in_guest(mov_to_dr(0, 1))};
  constexpr unsigned last_cycle = 40;
  const std::string path = ::testing::TempDir() + "icebp_reset_signals_" + std::to_string(getpid());
  sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
  std::deque<DebugCore> cores;
  std::deque<std::pair<DebugCore*, Request>> to_issue; // the one that is longest at work first
  const auto cpu = test::cpu_model("intel-skylake");
  const auto add = [&](const std::string& name) -> DebugCore& {
    DebugCore& core = cores.emplace_back(name.c_str(), cpu, CoreClock(1, sc_core::SC_NS));
    core.trace(file);
    return core;
  };
  add("idle");
  for (unsigned cycle = last_cycle; cycle != 0; --cycle)
    for (std::size_t n = 0; n < std::size(requests); ++n)
      to_issue.emplace_back(&add("c" + std::to_string(n) + "_" + std::to_string(cycle)),
                            requests[n]);
  sc_core::sc_start(ns(10));
  while (!to_issue.empty()) {
    for (std::size_t n = 0; n < std::size(requests); ++n, to_issue.pop_front())
      to_issue.front().first->issue(to_issue.front().second);
    sc_core::sc_start(ns(1));
  }
  unsigned at_work = 0;
  for (DebugCore& core : cores) {
    at_work += core.idle() ? 0 : 1;
    core.reset();
  }
  EXPECT_GT(at_work, 9U * 15);
  sc_core::sc_start(ns(50));
  sc_core::sc_close_vcd_trace_file(file);

  const auto values = last_values(path + ".vcd");
  std::remove((path + ".vcd").c_str());
  unsigned compared = 0;
  for (const auto& [name, value] : values) { // SystemC.CORE.SIGNAL or SystemC.CORE.UNIT.SIGNAL
    const std::string signal = name.substr(name.rfind('.') + 1);
    if (signal == "retired" || signal == "delivered" || signal == "exits" || signal == "cpl")
      continue;
    const std::size_t core = name.find('.') + 1;
    EXPECT_EQ(value, values.at(name.substr(0, core) + "idle" + name.substr(name.find('.', core))))
        << name;
    ++compared;
  }
  EXPECT_GT(compared, cores.size() * 40);
}

TEST(CoreFromOutside, PokesAreSeenInTheWavesAtTheirInstant) {
  const std::string path = ::testing::TempDir() + "icebp_poke_" + std::to_string(getpid());
  sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
  {
    DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
    core.trace(file);
    sc_core::sc_start(ns(10));
    core.poke_dr(7, 0x1); // 401h: bit 10 is always 1
    sc_core::sc_start(ns(10));
    sc_core::sc_close_vcd_trace_file(file);
  }
  EXPECT_EQ(changes_of("dr7", path + ".vcd"),
            (std::vector<std::string>{"0:10000000000", "10000:10000000001"}));
  std::remove((path + ".vcd").c_str());
}

} // namespace
} // namespace icebp
