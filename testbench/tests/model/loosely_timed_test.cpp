#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>
#include <icebp/testbench/tests/tlm/nonblocking_initiator.h>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;
using test::report_of;

TEST(LooselyTimed, AddsTheOperationsTimeToTheDelay) {
  Bench(
      [](Bench& bench) {
        sc_core::sc_time delay = ns(100);
        EXPECT_EQ(bench.initiator.execute(mov_from_dr(7), delay), ::tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(bench.initiator.outcome().value(), 0x400U);
        EXPECT_EQ(delay, ns(124));
        EXPECT_EQ(bench.initiator.execute(mov_from_dr(0, 3), delay), ::tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(bench.initiator.outcome().vector, Vector::gp);
        EXPECT_EQ(delay, ns(124 + 23)); // issue, check, fault, deliver
        EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
        EXPECT_EQ(bench.initiator.execute(mov_from_dr(8), delay),
                  ::tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(delay, ns(124 + 23));
      },
      "intel-skylake", Timing::loosely_timed);
}

// Of more cycles than the clock has durations at hand for.
TEST(LooselyTimed, ALongAccessTakesItsTimeAndArmsTheWatch) {
  CycleTable cycles = default_cycle_table;
  cycles.mov_to_dr6_7.cycles = 1000;
  struct Module : sc_core::sc_module {
    InstructionInitiator initiator{"initiator"};
    explicit Module(const sc_core::sc_module_name& name) : sc_module(name) {}
  } module("module");
  DebugCoreTarget core("core", make_cpu_model(*find_cpu_profile("intel-skylake"), cycles),
                       CoreClock(1, sc_core::SC_NS), Timing::loosely_timed);
  module.initiator.socket.bind(core.instruction);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  sc_core::sc_time delay = ns(5);
  EXPECT_EQ(module.initiator.execute(mov_to_dr(7, 0x10401), delay), ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(delay, ns(1005));
  EXPECT_TRUE(core.watch().watches_data()); // R/W0 01, L0
}

TEST(LooselyTimed, ResetsAtOnce) {
  Bench(
      [](Bench& bench) {
        sc_core::sc_time delay;
        bench.initiator.execute(mov_to_dr(7, 0x2400), delay);
        bench.core.reset();
        EXPECT_EQ(bench.core.state().dr[7], 0x400U);
      },
      "intel-skylake", Timing::loosely_timed);
}

TEST(LooselyTimed, CannotBeIssuedTo) {
  DebugCore core("core", test::cpu_model("amd-zen1"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  EXPECT_EQ(report_of([&] { core.issue(mov_from_dr(0)); }), report::issue_refused);
}

TEST(TimingSwitch, BetweenOperations) {
  Bench([](Bench& bench) {
    unsigned armed = 0;
    bench.core.on_armed([&](const WatchFilter&) { ++armed; });
    bench(mov_to_dr(0, 0x8000)); // 25 cycles
    bench.core.set_timing(Timing::loosely_timed);
    EXPECT_EQ(bench.core.timing(), Timing::loosely_timed);
    sc_core::sc_time delay;
    bench.initiator.execute(mov_to_dr(7, 0x10001), delay); // L0, writes: 26 cycles
    EXPECT_EQ(delay, ns(26));
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25));
    EXPECT_EQ(armed, 1U);
    EXPECT_TRUE(bench.core.watch().may_write(0x8000, 1));
    EXPECT_EQ(report_of([&] { bench.core.issue(mov_from_dr(0)); }), report::issue_refused);
    bench.core.set_timing(Timing::timed);
    EXPECT_EQ(bench.initiator.execute(mov_from_dr(0), delay), ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench.initiator.outcome().value(), 0x8000U);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25 + 26 + 23)); // the delay was waited out
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    bench.core.issue(mov_to_dr(0, 0));
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25 + 26 + 23 + 25));
  });
}

TEST(TimingSwitch, MakesALooselyTimedCoreTakeItsTime) {
  Bench(
      [](Bench& bench) {
        bench.core.set_timing(Timing::timed);
        EXPECT_EQ(bench(mov_to_dr(0, 0x8000)).kind, OutcomeKind::retired);
        EXPECT_EQ(sc_core::sc_time_stamp(), ns(25));
      },
      "intel-skylake", Timing::loosely_timed);
}

TEST(TimingSwitch, IsRefusedInFlightAndWhileACallerWaits) {
  Bench([](Bench& bench) {
    const auto problem = [&bench] {
      return test::message_of([&bench] { bench.core.set_timing(Timing::loosely_timed); });
    };
    std::string at_the_first_end;
    sc_core::sc_spawn_options method;
    method.spawn_method();
    method.dont_initialize();
    method.set_sensitivity(&bench.core.finished());
    sc_core::sc_spawn(
        [&] {
          if (at_the_first_end.empty())
            at_the_first_end = problem();
        },
        "end", &method);
    sc_core::sc_spawn([&] { bench.from_elsewhere(mov_to_dr(1, 1)); });
    auto second = sc_core::sc_spawn([&] { bench.from_elsewhere(mov_to_dr(2, 2)); });
    sc_core::wait(ns(3));
    EXPECT_EQ(problem(), "core: an operation is in flight");
    sc_core::wait(second.terminated_event());
    EXPECT_EQ(at_the_first_end, "core: a caller waits");
    EXPECT_EQ(problem(), "accepted");
    EXPECT_EQ(bench.core.timing(), Timing::loosely_timed);
    sc_core::sc_report_handler::set_actions(report::timing_refused, sc_core::SC_DO_NOTHING);
    bench.core.set_timing(Timing::timed);
    bench.core.issue(mov_to_dr(1, 1));
    bench.core.set_timing(Timing::loosely_timed);
    EXPECT_EQ(bench.core.timing(), Timing::timed);
  });
}

TEST(TimingSwitch, IsRefusedWhileARequestIsOnItsWay) {
  struct NoDeletion : ::tlm::tlm_mm_interface {
    void free(::tlm::tlm_generic_payload*) override {}
  } manager;
  Bench([&manager](Bench& bench) {
    InstructionExtension extension;
    extension.request = mov_to_dr(1, 1);
    ::tlm::tlm_generic_payload payload(&manager);
    set_instruction_attributes(payload);
    payload.set_extension(&extension);
    payload.acquire();
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    sc_core::sc_time delay = ns(10);
    bench.initiator.socket->nb_transport_fw(payload, phase, delay);
    sc_core::wait(ns(5));
    EXPECT_EQ(report_of([&bench] { bench.core.set_timing(Timing::loosely_timed); }),
              report::timing_refused);
    payload.clear_extension(&extension);
  });
}

// Who is on the way to the core when it is switched finds it as it is by then.
TEST(TimingSwitch, MeetsCallersThatCome) {
  Bench([](Bench& bench) {
    sc_core::sc_spawn([&bench] {
      sc_core::wait(ns(5));
      bench.core.set_timing(Timing::loosely_timed);
    });
    sc_core::sc_time delay = ns(10);
    bench.initiator.execute(mov_to_dr(1, 0x1111), delay);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(10));
    EXPECT_EQ(delay, ns(25));
    EXPECT_EQ(bench.core.state().dr[1], 0x1111U);
  });
}

// Random operations: legal requests of every kind, with the corners drawn often.
rc::Gen<std::uint64_t> value() {
  return rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                        rc::gen::element<std::uint64_t>(0, 0x2400, 0xFFFFFFFF, 0x100000000,
                                                        0x0000800000000000, 0xFFFF800000000000,
                                                        0x0007040600070406, 0xD01, 1, 2, 4, 0x40,
                                                        0x20D7130455, 0xFFFF0FFF, 0x8004));
}

rc::Gen<CoreContext> context() {
  return rc::gen::apply(
      [](Mode mode, int cpl, bool pg, bool de, bool redirect, bool tf, bool rf) {
        CoreContext context;
        context.tf = tf;
        context.rf = rf;
        context.mode = mode;
        context.cpl = static_cast<std::uint8_t>(mode == Mode::real  ? 0
                                                : mode == Mode::v86 ? 3
                                                                    : cpl);
        context.cr0_pg = pg;
        context.cr4_de = de;
        context.redirect_db = redirect;
        return context;
      },
      rc::gen::element(Mode::real, Mode::v86, Mode::protected_mode, Mode::compatibility,
                       Mode::long_mode),
      rc::gen::element(0, 0, 0, 3), rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(),
      rc::gen::element(false, false, false, true), rc::gen::arbitrary<bool>(),
      rc::gen::element(false, false, true));
}

rc::Gen<Request> request() {
  return rc::gen::apply(
      [](Operation operation, CoreContext in, int dr, int gpr, std::uint32_t msr, CauseSet faults,
         std::uint64_t operand, ResumeVerb verb) {
        Request request;
        request.operation = operation;
        request.context = in;
        request.dr = static_cast<std::uint8_t>(dr);
        request.gpr = static_cast<std::uint8_t>(gpr);
        request.length = 3;
        request.msr = msr;
        request.encoding_faults = faults;
        request.value = operand;
        request.verb = verb;
        request.error_code = 2;
        request.branch = static_cast<Branch>(dr);
        request.from = operand >> 3;
        request.size = static_cast<std::uint32_t>(gpr);
        request.ending = static_cast<Ending>(dr % 6);
        request.fast_string = request.t_bit = gpr % 2 != 0;
        request.events = static_cast<EventSet>(operand >> 40 & 0x1FFF);
        return request;
      },
      rc::gen::element(Operation::mov_from_dr, Operation::mov_to_dr, Operation::mov_to_dr,
                       Operation::rdmsr, Operation::wrmsr, Operation::int1, Operation::page_fault,
                       Operation::resume, Operation::init, Operation::fetch, Operation::fetch,
                       Operation::data_read, Operation::data_write, Operation::data_write,
                       Operation::io_access, Operation::end_of_iteration,
                       Operation::end_of_instruction, Operation::end_of_instruction,
                       Operation::fault, Operation::task_switch, Operation::bus_lock,
                       Operation::rtm_abort, Operation::branch, Operation::reset),
      context(), rc::gen::inRange(0, 8), rc::gen::inRange(0, 16),
      rc::gen::element<std::uint32_t>(0x10, 0x3B, 0x174, 0x175, 0x176, 0x1D9, 0x1D9, 0x277, 0x600,
                                      0xC0000080, 0xC0000082, 0xC0000103, 0x12345678),
      rc::gen::element<CauseSet>(0, 0, 0, 0, only(Cause::lock_prefix), only(Cause::rex_r),
                                 only(Cause::instruction_too_long)),
      value(),
      rc::gen::element(ResumeVerb::reexecute, ResumeVerb::skip, ResumeVerb::complete,
                       ResumeVerb::inject_gp));
}

bool same_outcome(const Outcome& a, const Outcome& b) {
  return a.kind == b.kind && a.cause == b.cause && a.vector == b.vector &&
         a.redirected == b.redirected && a.code == b.code && a.data == b.data && a.cost == b.cost &&
         a.serializing == b.serializing;
}

// The same operations on a loosely timed core and on two timed ones of the same CPU, of which one
// is called by nb_transport_fw.
struct ThreeCores : sc_core::sc_module {
  std::shared_ptr<const CpuModel> cpu;
  InstructionInitiator timed_initiator{"timed_initiator"};
  InstructionInitiator loose_initiator{"loose_initiator"};
  test::NonblockingInitiator nonblocking_initiator{"nonblocking_initiator"};
  DebugCoreTarget timed;
  DebugCoreTarget loose;
  DebugCoreTarget nonblocking;

  explicit ThreeCores(const std::string& profile)
      : sc_module(sc_core::sc_module_name("three_cores")), cpu(test::cpu_model(profile)),
        timed("timed", cpu, CoreClock(1, sc_core::SC_NS)),
        loose("loose", cpu, CoreClock(1, sc_core::SC_NS), Timing::loosely_timed),
        nonblocking("nonblocking", cpu, CoreClock(1, sc_core::SC_NS)) {
    timed_initiator.socket.bind(timed.instruction);
    loose_initiator.socket.bind(loose.instruction);
    nonblocking_initiator.checker.to_target.bind(nonblocking.instruction);
    SC_HAS_PROCESS(ThreeCores);
    SC_THREAD(play);
    set_stack_size(16 << 20); // RapidCheck recurses
  }

private:
  // RapidCheck plays 100 sequences, 100,000 operations in all, and prints its seed;
  // RC_PARAMS="seed=..." sets it.
  static constexpr std::size_t operations = 1000;

  void play() {
    EXPECT_TRUE(rc::check([this] { play_sequence(); }));
    sc_core::sc_stop();
  }

  void play_sequence() {
    timed.reset();
    loose.reset();
    nonblocking.reset();
    for (const Request& next : *rc::gen::container<std::vector<Request>>(operations, request()))
      play(next);
  }

  // All three begin at one time.
  void play(const Request& next) {
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    sc_core::sc_time timed_delay;
    sc_core::sc_time loose_delay;
    nonblocking_initiator.log.clear();
    nonblocking_initiator.put(next);
    const auto status = loose_initiator.execute(next, loose_delay);
    RC_ASSERT(timed_initiator.execute(next, timed_delay) == status);
    while (!nonblocking_initiator.is_idle())
      wait(nonblocking_initiator.responded());
    const auto& response = nonblocking_initiator.responses.back();
    RC_ASSERT(response.status == status);
    RC_ASSERT(sc_core::sc_time_stamp() - start == loose_delay);
    RC_ASSERT(timed.state() == loose.state());
    RC_ASSERT(nonblocking.state() == loose.state());
    if (status != ::tlm::TLM_OK_RESPONSE)
      return;
    RC_ASSERT(same_outcome(timed_initiator.outcome(), loose_initiator.outcome()));
    RC_ASSERT(same_outcome(response.outcome, loose_initiator.outcome()));
  }
};

// A run, and the same one interrupted: the core is saved, and another one goes on from the text, at
// another time, and now timed, now loosely timed.
struct InterruptedRun : sc_core::sc_module {
  std::shared_ptr<const CpuModel> cpu = test::cpu_model("intel-emerald-rapids");
  InstructionInitiator initiator{"initiator"}, first_initiator{"first_initiator"},
      second_initiator{"second_initiator"};
  DebugCoreTarget core, first, second;

  explicit InterruptedRun(Timing timing)
      : sc_module(sc_core::sc_module_name("interrupted_run")),
        core("core", cpu, CoreClock(1, sc_core::SC_NS), timing),
        first("first", cpu, core.clock(), timing), second("second", cpu, core.clock(), timing) {
    initiator.socket.bind(core.instruction);
    first_initiator.socket.bind(first.instruction);
    second_initiator.socket.bind(second.instruction);
    SC_HAS_PROCESS(InterruptedRun);
    SC_THREAD(play);
    set_stack_size(16 << 20); // RapidCheck recurses
  }

private:
  static constexpr std::size_t operations = 500;

  void play() {
    EXPECT_TRUE(rc::check([this] { play_twice(); }));
    sc_core::sc_stop();
  }

  void play_twice() {
    const auto requests = *rc::gen::container<std::vector<Request>>(operations, request());
    const auto cut = *rc::gen::inRange<std::size_t>(0, operations);
    const auto outcomes_of = [](InstructionInitiator& by, const Request* begin,
                                const Request* end) {
      std::vector<Outcome> outcomes;
      for (const Request* next = begin; next != end; ++next)
        outcomes.push_back(played(by, *next));
      return outcomes;
    };
    const Request* const all = requests.data();
    core.reset();
    const std::vector<Outcome> whole = outcomes_of(initiator, all, all + operations);
    const std::string end = core.save().value();

    first.reset();
    std::vector<Outcome> parts = outcomes_of(first_initiator, all, all + cut);
    const std::string text = first.save().value();
    sc_core::wait(ns(1000));
    RC_ASSERT(second.restore(text));
    for (std::size_t n = cut; n < operations; ++n) {
      second.set_timing(n % 7 < 3 ? Timing::timed : Timing::loosely_timed);
      parts.push_back(played(second_initiator, requests[n]));
    }
    RC_ASSERT(second.save().value() == end);
    for (std::size_t n = 0; n < operations; ++n)
      RC_ASSERT(same_outcome(parts[n], whole[n]));
  }

  static Outcome played(InstructionInitiator& by, const Request& next) {
    sc_core::sc_time delay;
    const bool is_well = by.execute(next, delay) == ::tlm::TLM_OK_RESPONSE;
    if (delay != sc_core::SC_ZERO_TIME)
      sc_core::wait(delay);
    return is_well ? by.outcome() : Outcome{};
  }
};

class Interrupted : public ::testing::TestWithParam<Timing> {};

TEST_P(Interrupted, EndsAsTheWholeRun) {
  setenv("RC_PARAMS", "max_success=10 noshrink=1", 0);
  InterruptedRun run(GetParam());
  sc_core::sc_start();
}

INSTANTIATE_TEST_SUITE_P(Timings, Interrupted,
                         ::testing::Values(Timing::timed, Timing::loosely_timed));

class LooselyTimedAgainstTimed : public ::testing::TestWithParam<const char*> {};

TEST_P(LooselyTimedAgainstTimed, SameOutcomesStateAndCycles) {
  ThreeCores cores(GetParam());
  sc_core::sc_start();
}

INSTANTIATE_TEST_SUITE_P(Profiles, LooselyTimedAgainstTimed,
                         ::testing::Values("intel-emerald-rapids", "amd-zen5"));

} // namespace
} // namespace icebp
