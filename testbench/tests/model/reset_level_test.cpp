// RESET as a level: calls that come while it is active are held, the state is that of RESET and
// changes by nothing.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/program/scenario/vcd_reader.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace icebp {
namespace {

using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;

constexpr std::uint32_t lstar = 0xC0000082, tsc = 0x10;

// A core with a line at `reset_in`, and a thread that runs `script` and stops.
struct LevelBench : sc_core::sc_module {
  sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> line;
  InstructionInitiator initiator{"initiator"};
  DebugCoreTarget core;
  bool active;

  LevelBench(Timing timing, ResetLevel level, bool line_at_0,
             std::function<void(LevelBench&)> script, sc_core::sc_trace_file* waves = nullptr)
      : sc_module(sc_core::sc_module_name("bench")), line("line", line_at_0),
        core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS), timing),
        active(level == ResetLevel::active_high), script_(std::move(script)) {
    initiator.socket.bind(core.instruction);
    core.reset_in(line);
    core.set_reset_level(level);
    if (waves)
      core.trace(waves);
    SC_HAS_PROCESS(LevelBench);
    SC_THREAD(run);
    sc_core::sc_start();
    EXPECT_TRUE(is_over_) << "the script waits for what does not come";
  }

  void begin_reset() {
    line = active;
    sc_core::wait(sc_core::SC_ZERO_TIME);
    sc_core::wait(sc_core::SC_ZERO_TIME);
  }
  void end_reset_after(const sc_core::sc_time& time) {
    sc_core::sc_spawn([this, time] {
      sc_core::wait(time);
      line = !active;
    });
  }
  Outcome operator()(const Request& request) {
    sc_core::sc_time delay;
    return put(request, delay);
  }
  Outcome put(const Request& request, sc_core::sc_time& delay) {
    EXPECT_EQ(initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
    return initiator.outcome();
  }

private:
  void run() {
    script_(*this);
    is_over_ = true;
    sc_core::sc_stop();
  }
  bool is_over_ = false;
  std::function<void(LevelBench&)> script_;
};

void expect_registers_of_reset(const DebugCore& core) {
  EXPECT_EQ(core.state().dr, (std::array<std::uint64_t, 8>{0, 0, 0, 0, 0, 0, 0xFFFF0FF0, 0x400}));
  EXPECT_EQ(core.peek(lstar), 0U);
}

class ResetLevels : public testing::TestWithParam<ResetLevel> {};

TEST_P(ResetLevels, HoldACallUntilTheFirstEdgeBehindTheirEnd) {
  LevelBench(Timing::timed, GetParam(), GetParam() == ResetLevel::active_low, [](LevelBench& b) {
    EXPECT_FALSE(b.core.in_reset());
    EXPECT_EQ(b(mov_to_dr(1, 0x1111)).kind, OutcomeKind::retired); // 25 cycles
    b.begin_reset();
    EXPECT_TRUE(b.core.in_reset());
    expect_registers_of_reset(b.core);
    b.end_reset_after(ns(49.5));
    EXPECT_EQ(b(mov_from_dr(1)).value(), 0U); // 23 cycles
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25 + 50 + 23));
    EXPECT_FALSE(b.core.in_reset());
  });
}

// A line that nobody has driven is low.
TEST_P(ResetLevels, ActiveAtTime0HoldWhatIsCalledThen) {
  LevelBench(Timing::timed, GetParam(), GetParam() == ResetLevel::active_high, [](LevelBench& b) {
    EXPECT_TRUE(b.core.in_reset()); // in the first process that runs
    b.end_reset_after(ns(10));
    EXPECT_EQ(b(mov_to_dr(1, 0x1111)).kind, OutcomeKind::retired);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(10 + 25));
    EXPECT_EQ(b.core.state().dr[1], 0x1111U);
  });
}

INSTANTIATE_TEST_SUITE_P(Both, ResetLevels,
                         testing::Values(ResetLevel::active_high, ResetLevel::active_low));

TEST(ResetLevel, KeepsTheStateOfResetWhileItLasts) {
  LevelBench(Timing::timed, ResetLevel::active_high, false, [](LevelBench& b) {
    const std::string before = b.core.save().value();
    sc_core::wait(ns(20));
    b.begin_reset();
    sc_core::wait(ns(5));
    const CoreState state = b.core.state();
    EXPECT_FALSE(b.core.poke_dr(1, 0x1111));
    Boundary boundary;
    boundary.shadow = Shadow::mov_ss;
    EXPECT_FALSE(b.core.poke_boundary(boundary));
    EXPECT_FALSE(b.core.poke(lstar, 0x1234));
    EXPECT_FALSE(b.core.poke(0x12345678, 0));
    b.core.reset();
    EXPECT_TRUE(b.core.state() == state);
    expect_registers_of_reset(b.core);
    EXPECT_EQ(test::message_of([&] { b.core.restore(state); }), "core: RESET is active");
    EXPECT_EQ(test::report_of([&] { b.core.restore(before); }), report::restore_refused);
  });
}

// Intel SDM vol. 3 17.17: the TSC is 0 behind RESET.
void expect_the_tsc_starts_at_the_end(LevelBench& b) {
  sc_core::wait(ns(20));
  EXPECT_EQ(b.core.tsc(), 20U);
  b.begin_reset();
  EXPECT_EQ(b.core.tsc(), 0U);
  sc_core::wait(ns(15));
  EXPECT_EQ(b.core.tsc(), 0U);
  EXPECT_EQ(b.core.peek(tsc), 0U);
  EXPECT_EQ(b.core.tsc(ns(3)), 0U);
  b.line = false;
  sc_core::wait(ns(7));
  EXPECT_EQ(b.core.tsc(), 7U);
  EXPECT_EQ(b(msr_access(Operation::rdmsr, tsc)).value(), 7U);
}

TEST(ResetLevel, TheTscStartsAtItsEnd) {
  LevelBench(Timing::timed, ResetLevel::active_high, false, expect_the_tsc_starts_at_the_end);
}

TEST(ResetLevel, TheTscOfALooselyTimedCoreStartsAtItsEnd) {
  LevelBench(Timing::loosely_timed, ResetLevel::active_high, false,
             [](LevelBench& b) { expect_the_tsc_starts_at_the_end(b); });
}

// The calls of three threads, and one that is issued without the socket.
TEST(ResetLevel, HoldsTheQueueInItsOrder) {
  LevelBench(Timing::timed, ResetLevel::active_high, true, [](LevelBench& b) {
    std::vector<std::pair<unsigned, sc_core::sc_time>> served;
    for (unsigned n = 0; n < 3; ++n)
      sc_core::sc_spawn([&, n] {
        InstructionInitiator& initiator = b.initiator;
        InstructionExtension extension;
        extension.request = mov_to_dr(n, 0x1000 + n);
        ::tlm::tlm_generic_payload payload;
        set_instruction_attributes(payload);
        payload.set_extension(&extension);
        sc_core::sc_time delay;
        initiator.socket->b_transport(payload, delay);
        payload.clear_extension(&extension);
        EXPECT_EQ(extension.outcome.kind, OutcomeKind::retired);
        served.emplace_back(n, sc_core::sc_time_stamp());
      });
    sc_core::wait(ns(100));
    EXPECT_TRUE(served.empty());
    EXPECT_FALSE(b.core.idle());
    EXPECT_EQ(b.core.phase(), Phase::idle);
    b.core.reset(); // nothing that is held is in flight
    b.line = false;
    sc_core::wait(ns(100));
    EXPECT_EQ(served, (std::vector<std::pair<unsigned, sc_core::sc_time>>{
                          {0, ns(125)}, {1, ns(150)}, {2, ns(175)}}));
    b.begin_reset();
    b.core.issue(mov_to_dr(3, 0x1003));
    sc_core::wait(ns(50));
    EXPECT_EQ(b.core.state().dr[3], 0U);
    b.line = false;
    sc_core::wait(b.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(200 + 50 + 25));
    EXPECT_EQ(b.core.state().dr[3], 0x1003U);
  });
}

// In the instant in which the level begins, behind the core's own process.
TEST(ResetLevel, HoldsWhatIsIssuedWhereItBegins) {
  LevelBench(Timing::timed, ResetLevel::active_high, false, [](LevelBench& b) {
    sc_core::wait(ns(5));
    b.line = true;
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(b.core.in_reset());
    b.core.issue(mov_to_dr(0, 0x1111));
    sc_core::wait(ns(50));
    EXPECT_EQ(b.core.phase(), Phase::idle);
    expect_registers_of_reset(b.core);
    b.line = false;
    sc_core::wait(b.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(5 + 50 + 25));
  });
}

// An end for less than a cycle lets nothing begin.
TEST(ResetLevel, TwiceWithinACycleCancelsWhatWasToBegin) {
  LevelBench(Timing::timed, ResetLevel::active_high, true, [](LevelBench& b) {
    sc_core::wait(ns(0.2));
    b.core.issue(mov_to_dr(0, 0x1111));
    b.line = false;
    sc_core::wait(ns(0.5));
    EXPECT_FALSE(b.core.idle());
    b.line = true;
    sc_core::wait(b.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(0.7));
    EXPECT_EQ(b.core.outcome().kind, OutcomeKind::cancelled);
    sc_core::wait(ns(50));
    expect_registers_of_reset(b.core);
  });
}

TEST(ResetLevel, OfALooselyTimedCoreHoldsItsBlockingCaller) {
  LevelBench(Timing::loosely_timed, ResetLevel::active_low, false, [](LevelBench& b) {
    EXPECT_FALSE(b.core.executes_at_once());
    b.end_reset_after(ns(10));
    sc_core::sc_time delay = ns(4);
    EXPECT_EQ(b.put(mov_to_dr(1, 0x1111), delay).kind, OutcomeKind::retired);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(10));
    EXPECT_EQ(delay, ns(25));
    EXPECT_EQ(b.core.state().dr[1], 0x1111U);
    EXPECT_TRUE(b.core.executes_at_once());
    b.begin_reset();
    expect_registers_of_reset(b.core);
    b.end_reset_after(ns(10));
    delay = ns(30); // its caller is ahead of the end
    EXPECT_EQ(b.put(mov_from_dr(1), delay).value(), 0U);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(20));
    EXPECT_EQ(delay, ns(20 + 23));
  });
}

TEST(ResetLevel, OfALooselyTimedCoreCancelsWhereTheCallerCannotWait) {
  LevelBench(Timing::loosely_timed, ResetLevel::active_high, true, [](LevelBench& b) {
    Outcome outcome;
    sc_core::sc_time delay = ns(4);
    sc_core::sc_spawn_options method;
    method.spawn_method();
    sc_core::sc_spawn([&] { outcome = b.put(mov_to_dr(1, 0x1111), delay); }, "caller", &method);
    sc_core::wait(ns(10));
    EXPECT_EQ(outcome.kind, OutcomeKind::cancelled);
    EXPECT_EQ(delay, ns(4));
    expect_registers_of_reset(b.core);
  });
}

struct NoDeletion : ::tlm::tlm_mm_interface {
  void free(::tlm::tlm_generic_payload*) override {}
};

TEST(ResetLevel, OfALooselyTimedCoreCancelsWithoutBlocking) {
  LevelBench(Timing::loosely_timed, ResetLevel::active_high, true, [](LevelBench& b) {
    NoDeletion manager;
    InstructionExtension extension;
    extension.request = mov_to_dr(1, 0x1111);
    ::tlm::tlm_generic_payload payload(&manager);
    set_instruction_attributes(payload);
    payload.set_extension(&extension);
    payload.acquire();
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    sc_core::sc_time delay = ns(4);
    EXPECT_EQ(b.initiator.socket->nb_transport_fw(payload, phase, delay), ::tlm::TLM_COMPLETED);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(extension.outcome.kind, OutcomeKind::cancelled);
    EXPECT_EQ(delay, ns(4));
    expect_registers_of_reset(b.core);
    payload.clear_extension(&extension);
  });
}

TEST(ResetLevel, IsSeenInTheWaves) {
  const std::string path = testing::TempDir() + "icebp_reset_level_" + std::to_string(getpid());
  sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
  file->set_time_unit(1, sc_core::SC_PS);
  LevelBench(
      Timing::timed, ResetLevel::active_low, true,
      [](LevelBench& b) {
        sc_core::wait(ns(10));
        b.line = false;
        sc_core::wait(ns(5));
        b.line = true;
        sc_core::wait(ns(5));
      },
      file);
  sc_core::sc_close_vcd_trace_file(file);
  std::ifstream in(path + ".vcd");
  std::vector<std::pair<std::uint64_t, std::string>> changes;
  for (const VcdChange& change : read_vcd(in).changes)
    if (change.signal == "SystemC.bench.core.reset" || change.signal == "SystemC.core.reset")
      changes.emplace_back(change.time, change.value);
  EXPECT_EQ(changes, (std::vector<std::pair<std::uint64_t, std::string>>{
                         {0, "0"}, {10000, "1"}, {15000, "0"}}));
  std::remove((path + ".vcd").c_str());
}

} // namespace
} // namespace icebp
