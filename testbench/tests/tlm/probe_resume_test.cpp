// The commands of the probe port: the verbs that end what debug firmware holds, halt, and RESET.

#include <icebp/testbench/tests/tlm/probe_bench.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;
using test::ProbeBench;

using u64 = std::uint64_t;

constexpr auto ok = ::tlm::TLM_OK_RESPONSE;
constexpr auto refused = ::tlm::TLM_GENERIC_ERROR_RESPONSE;
constexpr u64 held = 0x140, resume_value = 0x150, resume = 0x158, resume_outcome = 0x160,
              resume_result = 0x168, halt = 0x180, reset = 0x188;
constexpr u64 reexecute = 0, skip = 1, complete = 2, inject_gp = 3;

// General detect of `mov` goes to debug firmware, which then holds it.
void hold(ProbeBench& bench, Request mov) {
  bench.core.reset();
  sc_core::wait(ns(1));
  bench.core.poke_dr(7, 0x2400);
  mov.context.redirect_db = true;
  EXPECT_TRUE(bench(mov).redirected);
  EXPECT_EQ(bench.debugger.read(held) & 1, 1U);
  EXPECT_EQ(bench.debugger.read(0x18) >> 10 & 1, 1U);
}

struct Verb {
  Request mov;
  u64 verb, value;
  u64 outcome; // vector, kind, cause
  u64 result;
  u64 dr0, dr7;
};
const Verb verbs[] = {
    {mov_to_dr(0, 0x1111), reexecute, 0x2222, 0xFF, 0, 0, 0x400},
    {mov_to_dr(0, 0x1111), skip, 0x2222, 0xFF, 0, 0, 0x400},
    {mov_to_dr(0, 0x1111), complete, 0x2222, 0xFF, 0, 0x2222, 0x400},
    {mov_to_dr(7, 0x1111), complete, 0x2222, 0xFF, 0, 0, 0x2622},
    {mov_from_dr(0), complete, 0x123456789ABCDEF0, 0xFF, 0x123456789ABCDEF0, 0, 0x400},
    {mov_to_dr(0, 0x1111), inject_gp, 0x2222, 9U << 16 | 1U << 8 | 13, 0, 0, 0x400},
    {mov_to_dr(7, 0x1111), complete, 0x100000000, 10U << 16 | 1U << 8 | 13, 0, 0, 0x400},
};

// In time a resume takes 30 cycles; a #GP 2 + 3 + 7 + 11.
void expect_verbs(ProbeBench& bench) {
  const bool timed = bench.core.timing() == Timing::timed;
  for (const Verb& row : verbs) {
    SCOPED_TRACE(testing::Message()
                 << row.verb << ", DR" << unsigned{row.mov.dr} << ", " << row.value);
    hold(bench, row.mov);
    EXPECT_EQ(bench.debugger.write(resume_value, row.value), ok);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    bench.debugger.delay = ns(2);
    EXPECT_EQ(bench.debugger.write(resume, row.verb), ok);
    const sc_core::sc_time duration = ns(row.outcome == 0xFF ? 30 : 23);
    EXPECT_EQ(bench.debugger.delay, timed ? ns(2) : ns(2) + duration);
    if (timed) {
      EXPECT_EQ(bench.debugger.read(resume_outcome), 0xFFFFFFFFU);
      EXPECT_FALSE(bench.probe.resumption());
    }
    sc_core::wait(bench.probe.resumed());
    EXPECT_EQ(sc_core::sc_time_stamp() - begin, timed ? duration : ns(0));
    EXPECT_EQ(bench.debugger.read(resume_outcome), row.outcome);
    EXPECT_EQ(bench.debugger.read(resume_result), row.result);
    EXPECT_EQ(bench.debugger.read(held) & 1, 0U);
    EXPECT_EQ(static_cast<u64>(bench.probe.resumption()->verb), row.verb);
    EXPECT_EQ(static_cast<u64>(bench.probe.resumption()->outcome.vector), row.outcome & 0xFF);
    EXPECT_EQ(bench.core.state().dr[0], row.dr0);
    EXPECT_EQ(bench.core.state().dr[7], row.dr7);
    EXPECT_EQ(bench.debugger.write(resume, row.verb), refused); // there is no other
  }
}

TEST(ProbeCommands, TheVerbsOfATimedCore) { ProbeBench{expect_verbs}; }
TEST(ProbeCommands, TheVerbsOfALooselyTimedCore) {
  ProbeBench{expect_verbs, Timing::loosely_timed};
}

// INT1 has no value to complete it with.
TEST(ProbeCommands, AnInstructionWithoutAValueIsNotCompleted) {
  ProbeBench([](ProbeBench& bench) {
    Request int1 = test::of(Operation::int1);
    int1.context.redirect_db = true;
    EXPECT_TRUE(bench(int1).redirected);
    EXPECT_EQ(bench.debugger.write(resume, complete), refused);
    EXPECT_EQ(bench.debugger.write(resume, 4), refused);
    EXPECT_EQ(bench.debugger.write(resume, skip), ok);
  });
}

TEST(ProbeCommands, AResumeWaitsForNobody) {
  ProbeBench([](ProbeBench& bench) {
    hold(bench, mov_to_dr(0, 0x1111));
    bench.core.issue(test::of(Operation::int1));
    EXPECT_EQ(bench.debugger.write(resume, skip), refused); // an operation is in flight
    sc_core::wait(bench.core.finished());
    EXPECT_FALSE(bench.probe.resumption());
    EXPECT_EQ(bench.debugger.debug_write(resume, skip), 0U);
    EXPECT_EQ(bench.debugger.read(held) & 1, 1U);
    const u64 value_and_verb[] = {0x2222, complete}; // both at once
    EXPECT_EQ(bench.debugger.transport(::tlm::TLM_WRITE_COMMAND, resume_value,
                                       const_cast<u64*>(value_and_verb), 16),
              ok);
    EXPECT_EQ(bench.debugger.write(resume, skip), refused); // one is in flight
    sc_core::wait(bench.probe.resumed());
    EXPECT_EQ(bench.core.state().dr[0], 0x2222U);
  });
}

// A request of the CPU that comes meanwhile waits, and is served behind.
TEST(ProbeCommands, TheCpuWaitsForAResume) {
  ProbeBench([](ProbeBench& bench) {
    hold(bench, mov_to_dr(0, 0x1111));
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    EXPECT_EQ(bench.debugger.write(resume_value, 0x2222), ok);
    EXPECT_EQ(bench.debugger.write(resume, complete), ok);
    EXPECT_EQ(bench(mov_from_dr(0)).value(), 0x2222U);
    EXPECT_EQ(sc_core::sc_time_stamp() - begin, ns(30 + 23));
    EXPECT_EQ(bench(mov_from_dr(0, 3)).vector, Vector::gp);
    EXPECT_EQ(bench.debugger.read(resume_outcome), 0xFFU); // not that of a later operation
  });
}

TEST(ProbeCommands, ResetIsThatOfTheCore) {
  ProbeBench([](ProbeBench& bench) {
    bench(mov_to_dr(1, 0x2222));
    bench.core.issue(mov_to_dr(0, 0x1111));
    sc_core::wait(ns(10));
    EXPECT_EQ(bench.debugger.write(reset, 0), ok); // no RESET
    EXPECT_FALSE(bench.core.idle());
    EXPECT_EQ(bench.debugger.debug_write(reset, 1), 0U);
    EXPECT_FALSE(bench.core.idle());
    EXPECT_EQ(bench.debugger.write(reset, 2), refused);
    EXPECT_FALSE(bench.core.idle());
    EXPECT_EQ(bench.debugger.write(reset, 1), ok);
    EXPECT_TRUE(bench.core.idle());
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::cancelled);
    sc_core::wait(ns(100));
    EXPECT_EQ(bench.core.state().dr[0], 0U);
    EXPECT_EQ(bench.core.state().dr[1], 0U);
    EXPECT_EQ(bench.debugger.read(resume_outcome), 0xFFFFFFFFU); // it was no resume
  });
}

TEST(ProbeCommands, ResetEndsAResume) {
  ProbeBench([](ProbeBench& bench) {
    hold(bench, mov_to_dr(0, 0x1111));
    EXPECT_EQ(bench.debugger.write(resume, skip), ok);
    sc_core::wait(ns(5));
    EXPECT_EQ(bench.debugger.write(reset, 1), ok);
    sc_core::wait(bench.probe.resumed());
    EXPECT_EQ(bench.debugger.read(resume_outcome), 4U << 8 | 0xFF); // cancelled
    EXPECT_EQ(bench.core.state().dr[7], 0x400U);
  });
}

// Nor does it get the outcome of what somebody else issues in that instant.
TEST(ProbeCommands, ResetAndAnotherOperationInTheInstantOfAResume) {
  ProbeBench([](ProbeBench& bench) {
    hold(bench, mov_to_dr(0, 0x1111));
    EXPECT_EQ(bench.debugger.write(resume, skip), ok);
    bench.core.reset();
    bench.core.issue(mov_from_dr(0, 3)); // #GP
    sc_core::wait(bench.probe.resumed());
    EXPECT_EQ(bench.debugger.read(resume_outcome), 4U << 8 | 0xFF); // cancelled
    sc_core::wait(ns(100));
    EXPECT_EQ(bench.core.outcome().vector, Vector::gp);
    EXPECT_EQ(bench.debugger.read(resume_outcome), 4U << 8 | 0xFF);
  });
}

// While RESET lasts the core takes nothing, and only the port's own registers are written.
TEST(ProbeCommands, NothingIsWrittenWhileResetLasts) {
  DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  sc_core::sc_signal<bool> level("level");
  core.reset_in(level);
  ProbeTarget probe("probe", core);
  test::ProbeInitiator debugger("debugger");
  debugger.socket.bind(probe.socket);
  sc_core::sc_start(ns(5));
  core.poke_dr(0, 0x1111);
  level.write(true);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.read(0x18), 1U << 13 | 1U << 12 | 1U << 8);
  EXPECT_EQ(debugger.read(0x40), 0U);
  for (const u64 address : {u64{0x40}, u64{0x78}, u64{0x130}, reset, 0x100000000 + u64{8} * 0x277})
    EXPECT_EQ(debugger.write(address, 1), refused) << address;
  EXPECT_EQ(debugger.debug_write(0x40, 1), 0U);
  EXPECT_EQ(debugger.write(halt, 1), ok);
  EXPECT_EQ(debugger.write(resume_value, 1), ok);
  level.write(false);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.read(0x18), 1U << 12 | 1U << 11 | 1U << 8);
  EXPECT_EQ(debugger.write(0x40, 0x2222), ok);
  EXPECT_EQ(core.state().dr[0], 0x2222U);
}

// When `is_halt_requested` changed, as a simulator that looks at it sees it.
struct Watcher : sc_core::sc_module {
  const ProbeTarget& probe;
  std::vector<std::string> seen;
  explicit Watcher(const ProbeTarget& at) : sc_module(sc_core::sc_module_name("w")), probe(at) {
    SC_HAS_PROCESS(Watcher);
    SC_METHOD(note);
    sensitive << probe.halt_changed();
    dont_initialize();
  }
  void note() {
    seen.push_back(sc_core::sc_time_stamp().to_string() +
                   (probe.is_halt_requested() ? " halt" : " go"));
  }
};

TEST(ProbeCommands, HaltIsTheSimulators) {
  DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  ProbeTarget probe("probe", core);
  test::ProbeInitiator debugger("debugger");
  debugger.socket.bind(probe.socket);
  Watcher watcher(probe);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.debug_write(halt, 1), 0U);
  EXPECT_EQ(debugger.write(halt, 2), refused);
  EXPECT_EQ(debugger.write(halt, 0), ok);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.write(halt, 1), ok);
  EXPECT_EQ(debugger.read(halt), 1U);
  EXPECT_EQ(debugger.read(0x18), 1U << 12 | 1U << 11 | 1U << 8);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.write(halt, 1), ok);
  EXPECT_EQ(debugger.write(reset, 1), ok);
  EXPECT_EQ(debugger.read(halt), 1U);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(debugger.write(halt, 0), ok);
  EXPECT_EQ(debugger.read(halt), 0U);
  sc_core::sc_start(ns(5));
  EXPECT_EQ(watcher.seen, (std::vector<std::string>{"10 ns halt", "20 ns go"}));
}

} // namespace
} // namespace icebp
