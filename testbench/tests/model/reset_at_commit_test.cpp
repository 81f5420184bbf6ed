// RESET at the very instants at which an operation in flight does something: the core's processes
// are runnable then, and run before or after the one that resets. The state is that of RESET all
// the same, and the caller wakes once.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/operations_in_flight.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace icebp {
namespace {

using test::expect_state_of_reset;
using test::Kind;
using test::kinds;
using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;

// Takes an action in a process of either sort, in the instant for which its event is notified.
struct Disturbers : sc_core::sc_module {
  sc_core::sc_event method{"method"}, thread{"thread"};
  std::function<void()> action;

  explicit Disturbers(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Disturbers);
    SC_METHOD(act);
    sensitive << method;
    dont_initialize();
    SC_THREAD(act_each_time);
  }

private:
  void act() { action(); }
  void act_each_time() {
    for (;;) {
      wait(thread);
      action();
    }
  }
};

// A core, elaborated between two of them.
struct CommitBench : sc_core::sc_module {
  Disturbers before{"before"};
  sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> reset_line{"reset_line"};
  DebugCoreTarget core{"core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS)};
  Disturbers after{"after"};
  InstructionInitiator initiator{"initiator"};
  std::vector<sc_core::sc_time> ends; // where `finished()` was notified

  explicit CommitBench(std::function<void(CommitBench&)> script)
      : sc_module(sc_core::sc_module_name("bench")), script_(std::move(script)) {
    initiator.socket.bind(core.instruction);
    core.reset_in(reset_line);
    SC_HAS_PROCESS(CommitBench);
    SC_THREAD(run);
    SC_METHOD(note_end);
    sensitive << core.finished();
    dont_initialize();
    SC_METHOD(notify_at_last);
    sensitive << half_a_cycle_before_;
    dont_initialize();
    sc_core::sc_start();
  }

  Outcome operator()(const Request& request) {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
    return initiator.outcome();
  }

  // Notifies `event` for the edge `cycles` from now: from here, before the core notifies its own
  // events for that edge, or `at_last`, after it.
  void aim(sc_core::sc_event& event, unsigned cycles, bool at_last) {
    if (!at_last)
      return event.notify(ns(cycles));
    aimed_ = &event;
    half_a_cycle_before_.notify(ns(cycles - 0.5));
  }

private:
  void run() {
    script_(*this);
    sc_core::sc_stop();
  }
  void note_end() { ends.push_back(sc_core::sc_time_stamp()); }
  void notify_at_last() { aimed_->notify(ns(0.5)); }

  std::function<void(CommitBench&)> script_;
  sc_core::sc_event* aimed_ = nullptr;
  sc_core::sc_event half_a_cycle_before_{"half_a_cycle_before"};
};

struct Way {
  const char* name;
  sc_core::sc_event& (*event)(CommitBench& bench);
};

const Way ways[] = {
    {"method before", [](CommitBench& b) -> sc_core::sc_event& { return b.before.method; }},
    {"thread before", [](CommitBench& b) -> sc_core::sc_event& { return b.before.thread; }},
    {"method after", [](CommitBench& b) -> sc_core::sc_event& { return b.after.method; }},
    {"thread after", [](CommitBench& b) -> sc_core::sc_event& { return b.after.thread; }},
};

void set_action(CommitBench& bench, const std::function<void()>& action) {
  bench.before.action = bench.after.action = action;
}

// Calls `act(kind, way, cycle, at_last)` for every edge of every operation.
template <typename Act>
void at_every_edge(const Act& act) {
  for (const Kind& kind : kinds())
    for (const Way& way : ways)
      for (const bool at_last : {false, true})
        for (unsigned cycle = at_last ? 1 : 0; cycle <= kind.cycles; ++cycle) {
          SCOPED_TRACE(std::string(kind.name) + ", " + way.name + (at_last ? ", at last, " : ", ") +
                       std::to_string(cycle) + " cycles");
          act(kind, way, cycle, at_last);
          if (testing::Test::HasFailure())
            return; // one of thousands
        }
}

// The last edge is that of the operation's end, which may come first.
void expect_outcome(const Kind& kind, const Outcome& outcome, unsigned cycle) {
  const bool has_ended = cycle == kind.cycles && outcome.kind == kind.outcome;
  EXPECT_TRUE(has_ended || outcome.kind == OutcomeKind::cancelled);
}

void expect_reset_wins(CommitBench& bench, const Kind& kind, const Way& way, unsigned cycle,
                       bool at_last) {
  test::start(bench.core, std::ref(bench), kind);
  const sc_core::sc_time reset_time = sc_core::sc_time_stamp() + ns(cycle);
  const std::uint64_t reset_at = bench.core.clock().cycle_from(reset_time);
  bench.ends.clear();
  bench.aim(way.event(bench), cycle, at_last);
  expect_outcome(kind, bench(kind.request), cycle);
  EXPECT_EQ(sc_core::sc_time_stamp(), reset_time);
  sc_core::wait(ns(0.25));
  expect_state_of_reset(bench.core, reset_at);
  sc_core::wait(ns(99.75)); // longer than any operation
  expect_state_of_reset(bench.core, reset_at);
  EXPECT_EQ(bench.ends, std::vector<sc_core::sc_time>{reset_time});
  bench.reset_line = false;
  EXPECT_EQ(bench(mov_to_dr(0, 0x2222)).kind, OutcomeKind::retired);
  EXPECT_EQ(sc_core::sc_time_stamp(), reset_time + ns(100 + 25));
  EXPECT_EQ(bench.core.state().dr[0], 0x2222U);
}

TEST(ResetAtACommit, ByACallWins) {
  CommitBench([](CommitBench& bench) {
    set_action(bench, [&bench] { bench.core.reset(); });
    at_every_edge([&bench](auto&... how) { expect_reset_wins(bench, how...); });
  });
}

TEST(ResetAtACommit, ByTheSignalWins) {
  CommitBench([](CommitBench& bench) {
    set_action(bench, [&bench] { bench.reset_line = true; });
    at_every_edge([&bench](auto&... how) { expect_reset_wins(bench, how...); });
  });
}

// What is issued in the process that resets has its own time and outcome; the caller of what was
// cancelled is not told of it.
TEST(ResetAtACommit, LeavesTheNextOperationAlone) {
  struct Next {
    Request request;
    Outcome outcome;
    unsigned cycles;
    std::uint64_t dr0;
  };
  static const Next nexts[] = {
      {mov_to_dr(0, 0x2222), retired_serializing(), 25, 0x2222},
      {mov_from_dr(0, 3), general_protection(Cause::cpl), 2 + 3 + 7 + 11, 0},
      {request_at(Operation::fetch, 0x1000), retired(), 0, 0}};
  CommitBench([](CommitBench& bench) {
    for (const Next& next : nexts) {
      set_action(bench, [&] {
        bench.core.reset();
        bench.core.issue(next.request);
      });
      at_every_edge([&](const Kind& kind, const Way& way, unsigned cycle, bool at_last) {
        test::start(bench.core, std::ref(bench), kind);
        const sc_core::sc_time reset_time = sc_core::sc_time_stamp() + ns(cycle);
        bench.ends.clear();
        bench.aim(way.event(bench), cycle, at_last);
        expect_outcome(kind, bench(kind.request), cycle);
        EXPECT_EQ(sc_core::sc_time_stamp(), reset_time);
        sc_core::wait(ns(100));
        EXPECT_EQ(bench.ends, (std::vector{reset_time, reset_time + ns(next.cycles)}));
        EXPECT_EQ(bench.core.outcome().kind, next.outcome.kind);
        EXPECT_EQ(bench.core.outcome().cause, next.outcome.cause);
        EXPECT_EQ(bench.core.state().dr[0], next.dr0);
        EXPECT_EQ(bench.core.state().dr[3], 0U);
      });
    }
  });
}

// The callers behind are served by turns, behind the end of the level.
TEST(ResetAtACommit, TwiceInAnInstant) {
  CommitBench([](CommitBench& bench) {
    const auto by_call = [&bench] { bench.core.reset(); };
    const auto by_signal = [&bench] { bench.reset_line = true; };
    for (const bool call_first : {false, true}) {
      SCOPED_TRACE(call_first);
      set_action(bench, [=] {
        call_first ? by_call() : by_signal(), call_first ? by_signal() : by_call();
      });
      const sc_core::sc_time start = sc_core::sc_time_stamp();
      std::vector<std::pair<OutcomeKind, sc_core::sc_time>> outcomes;
      for (unsigned n = 0; n < 3; ++n)
        sc_core::sc_spawn([&] {
          InstructionExtension extension;
          extension.request = mov_to_dr(0, 0x1111);
          ::tlm::tlm_generic_payload payload;
          set_instruction_attributes(payload);
          payload.set_extension(&extension);
          sc_core::sc_time delay;
          bench.initiator.socket->b_transport(payload, delay);
          payload.clear_extension(&extension);
          outcomes.emplace_back(extension.outcome.kind, sc_core::sc_time_stamp() - start);
        });
      bench.aim(bench.before.method, 10, false);
      sc_core::wait(ns(50));
      bench.reset_line = false;
      sc_core::wait(ns(100));
      EXPECT_EQ(outcomes, (std::vector<std::pair<OutcomeKind, sc_core::sc_time>>{
                              {OutcomeKind::cancelled, ns(10)},
                              {OutcomeKind::retired, ns(50 + 25)},
                              {OutcomeKind::retired, ns(50 + 25 + 25)}}));
    }
  });
}

} // namespace
} // namespace icebp
