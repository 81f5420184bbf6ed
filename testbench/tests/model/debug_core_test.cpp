#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::cpu_model;
using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;
using test::report_of;

struct PhaseStart {
  std::uint64_t cycle; // from issue
  Phase phase;

  friend bool operator==(const PhaseStart& a, const PhaseStart& b) {
    return a.cycle == b.cycle && a.phase == b.phase;
  }
  friend std::ostream& operator<<(std::ostream& out, const PhaseStart& start) {
    return out << start.cycle << ":" << start.phase;
  }
};

// Where the phases of `request` begin, looked at in the middle of every cycle.
std::vector<PhaseStart> phases_of(Bench& bench, const Request& request) {
  std::vector<PhaseStart> starts;
  bench.core.issue(request);
  sc_core::wait(ns(0.5));
  for (std::uint64_t cycle = 0;; ++cycle) {
    const Phase phase = bench.core.phase();
    if (starts.empty() || starts.back().phase != phase)
      starts.push_back({cycle, phase});
    if (phase == Phase::idle)
      break;
    sc_core::wait(ns(1));
  }
  sc_core::wait(ns(0.5));
  return starts;
}

using Starts = std::vector<PhaseStart>;

TEST(DebugCorePhases, RetiredReadOfDr0) {
  Bench([](Bench& bench) {
    EXPECT_EQ(phases_of(bench, mov_from_dr(0)), (Starts{{0, Phase::issue},
                                                        {2, Phase::check},
                                                        {5, Phase::execute},
                                                        {18, Phase::retire},
                                                        {23, Phase::idle}}));
  });
}

TEST(DebugCorePhases, RetiredMsrWrite) {
  Bench([](Bench& bench) {
    EXPECT_EQ(phases_of(bench, msr_access(Operation::wrmsr, 0xC0000082, 0x1000)),
              (Starts{{0, Phase::issue},
                      {2, Phase::check},
                      {5, Phase::execute},
                      {23, Phase::retire},
                      {28, Phase::idle}}));
  });
}

TEST(DebugCorePhases, Fault) {
  Bench([](Bench& bench) {
    EXPECT_EQ(phases_of(bench, mov_from_dr(0, 3)), (Starts{{0, Phase::issue},
                                                           {2, Phase::check},
                                                           {5, Phase::fault},
                                                           {12, Phase::deliver},
                                                           {23, Phase::idle}}));
  });
}

TEST(DebugCorePhases, Trap) {
  Bench([](Bench& bench) {
    EXPECT_EQ(phases_of(bench, test::of(Operation::int1)), (Starts{{0, Phase::issue},
                                                                   {2, Phase::check},
                                                                   {5, Phase::execute},
                                                                   {24, Phase::trap},
                                                                   {29, Phase::deliver},
                                                                   {40, Phase::idle}}));
  });
}

// docs/debug-unit.md 5.5, lkml 2026-05-11: the payload waits, DR6 and DR7.GD change where delivery
// begins.
TEST(DebugCore, PayloadReachesDr6AtDeliveryOnly) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(7, 0x2400));
    bench.core.issue(mov_from_dr(0));
    sc_core::wait(ns(11.5)); // issue 2 + check 3 + fault 7, less half a cycle
    EXPECT_EQ(bench.core.phase(), Phase::fault);
    EXPECT_TRUE(bench.core.state().pending.is_valid());
    EXPECT_EQ(bench.core.state().pending.payload, 0x2000U);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF0FF0U);
    EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
    sc_core::wait(ns(1));
    EXPECT_EQ(bench.core.phase(), Phase::deliver);
    EXPECT_FALSE(bench.core.state().pending.is_valid());
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF2FF0U);
    EXPECT_EQ(bench.core.state().dr[7], 0x400U);
  });
}

TEST(DebugCore, RegistersChangeWhereRetireBegins) {
  Bench([](Bench& bench) {
    bench.core.issue(mov_to_dr(1, 0x1234));
    sc_core::wait(ns(19.5)); // issue 2 + check 3 + execute 15, less half a cycle
    EXPECT_EQ(bench.core.state().dr[1], 0U);
    sc_core::wait(ns(1));
    EXPECT_EQ(bench.core.phase(), Phase::retire);
    EXPECT_EQ(bench.core.state().dr[1], 0x1234U);
  });
}

TEST(DebugCore, StartsAtTheNextEdge) {
  Bench([](Bench& bench) {
    sc_core::wait(ns(0.3));
    bench.core.issue(mov_from_dr(0));
    EXPECT_FALSE(bench.core.idle());
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(24)); // edge 1, and 23 cycles
    EXPECT_TRUE(bench.core.idle());
  });
}

// The timed core and the untimed machine have the same outcomes, state and cycles.
void expect_same_as_execute(Bench& bench) {
  CoreState untimed = power_up(bench.core.cpu());
  const Request script[] = {mov_to_dr(0, 0x8000000000000000),
                            mov_to_dr(6, 0),
                            mov_to_dr(7, 0xFFFFFFFF),
                            mov_from_dr(0, 3),
                            mov_from_dr(7),
                            mov_to_dr(7, 0x2000),
                            mov_from_dr(6),
                            msr_access(Operation::wrmsr, 0x1D9, 3),
                            test::of(Operation::int1),
                            msr_access(Operation::rdmsr, 0x1D9),
                            test::of(Operation::init),
                            msr_access(Operation::wrmsr, 0x176, ~0ULL >> 1),
                            msr_access(Operation::rdmsr, 0x176),
                            msr_access(Operation::wrmsr, 0x10, 0x1234),
                            msr_access(Operation::rdmsr, 0x10),
                            test::of(Operation::reset),
                            msr_access(Operation::rdmsr, 0x10)};
  for (Request request : script) {
    SCOPED_TRACE(name_of(request.operation));
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    request.now = bench.core.clock().cycle();
    const Outcome timed = bench(request);
    const Execution expected = execute(bench.core.cpu(), untimed, request);
    EXPECT_EQ(timed.kind, expected.outcome.kind);
    EXPECT_EQ(timed.cause, expected.outcome.cause);
    EXPECT_EQ(timed.code, expected.outcome.code);
    EXPECT_EQ(timed.data, expected.outcome.data);
    EXPECT_EQ(timed.cost, expected.outcome.cost);
    EXPECT_EQ(timed.serializing, expected.outcome.serializing);
    EXPECT_EQ(sc_core::sc_time_stamp() - start, ns(1) * expected.cycles);
    EXPECT_EQ(bench.core.state().dr, untimed.dr);
    EXPECT_EQ(bench.core.state().msr, untimed.msr);
  }
}

TEST(DebugCore, ComesToTheSameAsExecuteOnIntel) { Bench(expect_same_as_execute, "intel-skylake"); }

TEST(DebugCore, ComesToTheSameAsExecuteOnAmd) { Bench(expect_same_as_execute, "amd-zen1"); }

TEST(DebugCoreErrors, WhileAnOperationIsInFlight) {
  Bench([](Bench& bench) {
    bench.core.issue(mov_from_dr(0));
    EXPECT_EQ(report_of([&] { bench.core.issue(mov_from_dr(0)); }), report::issue_refused);
    EXPECT_EQ(report_of([&] { bench.core.restore(bench.core.state()); }), report::restore_refused);
    sc_core::wait(ns(1));
    EXPECT_EQ(report_of([&] { bench.core.issue(mov_from_dr(0)); }), report::issue_refused);
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::retired);
  });
}

// A platform may let errors be shown and go on: what is refused changes nothing.
TEST(DebugCoreErrors, ThatDoNotThrowLeaveTheCoreAsItWas) {
  Bench([](Bench& bench) {
    for (const char* type : {report::issue_refused, report::restore_refused, report::trace_refused})
      sc_core::sc_report_handler::set_actions(type, sc_core::SC_DO_NOTHING);
    const std::string powered_up = bench.core.save().value();
    CoreState other = bench.core.state();
    other.dr[2] = 0x4444;

    bench.core.issue(mov_from_dr(8)); // malformed
    EXPECT_TRUE(bench.core.idle());
    bench.core.issue(mov_to_dr(0, 0x1111));
    bench.core.issue(mov_to_dr(1, 0x2222)); // not yet begun
    sc_core::wait(ns(3.5));
    bench.core.issue(mov_to_dr(1, 0x2222));
    bench.core.restore(other);
    EXPECT_EQ(bench.core.state().dr[2], 0U);
    EXPECT_FALSE(bench.core.restore(powered_up));
    bench.core.trace(nullptr);
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(25));
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::retired);
    EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
    EXPECT_EQ(bench.core.state().dr[1], 0U);
    sc_core::wait(ns(100));
    EXPECT_TRUE(bench.core.idle());
    EXPECT_EQ(bench.core.state().dr[1], 0U);
  });
}

TEST(DebugCoreErrors, MalformedRequest) {
  Bench([](Bench& bench) {
    EXPECT_EQ(report_of([&] { bench.core.issue(mov_from_dr(8)); }), report::issue_refused);
    EXPECT_TRUE(bench.core.idle());
  });
}

// Which of many cores it was.
TEST(DebugCoreErrors, NameTheCore) {
  Bench([](Bench& bench) {
    using test::message_of;
    bench.core.issue(mov_from_dr(0));
    EXPECT_EQ(message_of([&] { bench.core.issue(mov_from_dr(0)); }),
              "core: an operation is in flight");
    EXPECT_EQ(message_of([&] { bench.core.restore(bench.core.state()); }),
              "core: an operation is in flight");
    EXPECT_EQ(message_of([&] { bench.core.restore("{}"); }).substr(0, 6), "core: ");
    EXPECT_EQ(message_of([&] { bench.core.trace(nullptr); }),
              "core: trace a core before simulation starts");
  });
}

TEST(DebugCoreErrors, TraceAfterTheStart) {
  Bench([](Bench& bench) {
    EXPECT_EQ(report_of([&] { bench.core.trace(nullptr); }), report::trace_refused);
  });
}

TEST(DebugCoreErrors, InconsistentCycleTable) {
  CycleTable cycles = test::distinct_cycles;
  cycles.int1.cycles = 10; // issue, check and retire take as much
  EXPECT_EQ(report_of([&] {
              DebugCore core(
                  "core", std::make_shared<const CpuModel>(*find_cpu_profile("amd-zen1"), cycles),
                  CoreClock(1, sc_core::SC_NS));
            }),
            report::cycle_table);
}

// A platform may let that error too be shown and go on: the core does what it did, in some time.
TEST(DebugCoreErrors, InconsistentCycleTableThatDoesNotThrow) {
  CycleTable cycles = test::distinct_cycles;
  cycles.mov_to_dr0_3.cycles = 1;
  cycles.mov_from_dr0_3.cycles = 0;
  cycles.fault.cycles = cycles.deliver.cycles = 0;
  sc_core::sc_report_handler::set_actions(report::cycle_table, sc_core::SC_DO_NOTHING);
  DebugCore core("core", std::make_shared<const CpuModel>(*find_cpu_profile("amd-zen1"), cycles),
                 CoreClock(1, sc_core::SC_NS));
  const struct {
    Request request;
    OutcomeKind outcome;
    std::uint64_t value, dr0;
  } script[] = {{mov_to_dr(0, 0x1111), OutcomeKind::retired, 0, 0x1111},
                {mov_from_dr(0), OutcomeKind::retired, 0x1111, 0x1111},
                {mov_to_dr(0, 0x2222, 3), OutcomeKind::fault, 0, 0x1111},
                {test::of(Operation::int1), OutcomeKind::trap, 0, 0x1111},
                {mov_to_dr(0, 0x3333), OutcomeKind::retired, 0, 0x3333}};
  for (const auto& step : script) {
    core.issue(step.request);
    sc_core::sc_start(ns(100));
    ASSERT_TRUE(core.idle());
    EXPECT_EQ(core.outcome().kind, step.outcome);
    EXPECT_EQ(core.outcome().value(), step.value);
    EXPECT_EQ(core.state().dr[0], step.dr0);
    EXPECT_FALSE(core.state().pending.is_valid());
  }
}

// ---- The unit that an instruction runs in

// How often each unit of a core has ended an access.
struct UnitsOf {
  explicit UnitsOf(const DebugCore& core) {
    count(core, "debug_unit", in_debug_unit);
    count(core, "msr_block", in_msr_block);
    sc_core::wait(sc_core::SC_ZERO_TIME);
  }
  unsigned in_debug_unit = 0, in_msr_block = 0;

private:
  static void count(const DebugCore& core, const char* unit, unsigned& ends) {
    const std::string name = std::string(core.name()) + '.' + unit + ".finished";
    const sc_core::sc_event* finished = sc_core::sc_find_event(name.c_str());
    ASSERT_NE(finished, nullptr) << name;
    sc_core::sc_spawn([finished, &ends] {
      for (;;) {
        sc_core::wait(*finished);
        ++ends;
      }
    });
  }
};

TEST(DebugCore, EachInstructionRunsInItsUnit) { // docs/waves.md: the scopes of a core
  Bench(
      [](Bench& bench) {
        bench.core.poke(0x1C, 0x5001); // IA32_USER_MSR_CTL
        UnitsOf units(bench.core);
        const auto user = [](Operation operation) {
          Request request = msr_access(operation, 0x174);
          request.user_msr_bitmap = 0xFF;
          return request;
        };
        const struct {
          Request request;
          bool in_msr_block;
        } rows[] = {
            {mov_from_dr(0), false},
            {mov_to_dr(6, 0), false},
            {test::of(Operation::int1), false},
            {msr_access(Operation::rdmsr, 0x174), true},
            {msr_access(Operation::wrmsr, 0x174), true},
            {msr_access(Operation::rdmsr_imm, 0x174), true},
            {msr_access(Operation::wrmsrns, 0x174), true},
            {msr_access(Operation::wrmsrns_imm, 0x174), true},
            {msr_access(Operation::rdmsrlist, 0), true},
            {msr_access(Operation::rdmsrlist_entry, 0x174), true},
            {msr_access(Operation::wrmsrlist_entry, 0x174), true},
            {user(Operation::urdmsr), true},
            {user(Operation::uwrmsr), true},
            {test::of(Operation::reset), false},
            {mov_from_dr(0, 3), false}, // #GP: in no unit, as the next
            {msr_access(Operation::rdmsr, 0x12345), true},
        };
        for (const auto& [request, in_msr_block] : rows) {
          SCOPED_TRACE(name_of(request.operation));
          units.in_debug_unit = units.in_msr_block = 0;
          const unsigned ends = bench(request).kind == OutcomeKind::fault ? 0 : 1;
          EXPECT_EQ(units.in_debug_unit, in_msr_block ? 0 : ends);
          EXPECT_EQ(units.in_msr_block, in_msr_block ? ends : 0);
        }
      },
      "intel-max");
}

// The text of the report that `act` gives, behind its message type.
std::string text_of_report(const std::function<void()>& act) {
  try {
    act();
  } catch (const sc_core::sc_report& report) {
    return std::string(report.get_msg_type()) + ": " + report.get_msg();
  }
  return "accepted";
}

TEST(DebugCore, ACpuThatIsNotKnownIsReportedWithThoseThatAre) {
  EXPECT_EQ(make_cpu_model("amd-zen1")->profile.name, "amd-zen1");
  EXPECT_EQ(text_of_report([] { make_cpu_model("amd-zen"); }),
            std::string(report::unknown_profile) +
                ": \"amd-zen\" is not a profile (did you mean amd-zen1?); intel-core2, "
                "intel-sandybridge, intel-skylake, intel-sierra-forest, intel-emerald-rapids, "
                "amd-k8, amd-fam15h, amd-zen1, amd-zen4, amd-zen5, "
                "intel-pentium-m, intel-pentium4, intel-core-duo, intel-core2-t7600, "
                "intel-xeon-x5482, intel-atom-330, intel-pentium-n3530, intel-i7-2635qm, "
                "intel-i5-3570, intel-i7-3820qm, intel-i7-5600u, amd-athlon64-x2, "
                "amd-opteron-2384, amd-phenom2-x6, hygon-c86-7185, via-l4700, "
                "zhaoxin-kx-u5581, "
                "intel-max, amd-max");
  const auto make_core = [] { DebugCore("core", nullptr, CoreClock(1, sc_core::SC_NS)); };
  EXPECT_EQ(text_of_report(make_core), std::string(report::no_cpu_model) +
                                           ": core: there is no CPU; make_cpu_model makes one");
}

TEST(DebugCore, AFileThatIsNoProfileIsReported) {
  const std::string text = text_of_report([] { make_cpu_model_from_file("no/such/cpu.json"); });
  EXPECT_EQ(text.rfind(std::string(report::profile_file) + ": no/such/cpu.json: ", 0), 0U) << text;
  EXPECT_EQ(make_cpu_model_from_file("amd-zen1,-svm")->profile.name, "amd-zen1,-svm");
  const std::string folder = text_of_report([] { make_cpu_model_from_file("/tmp"); });
  EXPECT_EQ(folder.rfind(std::string(report::profile_file) +
                             ": \"/tmp\" is not a profile's file; a file's name ends in .json; ",
                         0),
            0U)
      << folder;
}

std::string file_of_report(const std::function<void()>& act) {
  try {
    act();
  } catch (const sc_core::sc_report& report) {
    return report.get_file_name();
  }
  return "";
}

// By the name that it has in the sources, wherever those were built.
TEST(DebugCore, AReportTellsItsFileWithoutTheFolderOfTheBuild) {
  EXPECT_EQ(file_of_report([] { make_cpu_model("amd-zen"); }), "model/make_cpu_model.cpp");
  DebugCore core("core", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  EXPECT_EQ(file_of_report([&] { core.issue(mov_from_dr(8)); }), "model/debug_core.cpp");
}

// DR4 and DR5 are other names; beyond 7 nothing is written, nor watched.
TEST(DebugCore, PokesTheDebugRegistersThatThereAre) {
  DebugCore core("core", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  for (const unsigned dr : {0U, 1U, 2U, 3U})
    EXPECT_TRUE(core.poke_dr(dr, 0x1000 + dr));
  EXPECT_TRUE(core.poke_dr(4, 1));
  EXPECT_TRUE(core.poke_dr(5, 0x402));
  const CoreState state = core.state();
  EXPECT_EQ(state.dr[6], 0xFFFE0FF1U);
  EXPECT_EQ(state.dr[7], 0x402U);
  for (const unsigned dr : {8U, 9U, 15U, 0x107U, ~0U})
    EXPECT_FALSE(core.poke_dr(dr, 0x2000)) << dr;
  EXPECT_TRUE(core.state() == state);
  EXPECT_TRUE(core.poke_boundary({}));
}

// Is told outcomes.
struct Listener : DebugCore::Issuer {
  explicit Listener(const DebugCore& whose) : core(whose) {}
  const DebugCore& core;
  std::vector<Outcome> outcomes;
  bool was_idle = true;
  void take_outcome(const Outcome& outcome) override {
    was_idle = was_idle && core.idle();
    outcomes.push_back(outcome);
  }
};

// Each once, whatever is issued behind it.
TEST(DebugCore, TellsTheOutcomeToWhoeverIssued) {
  Bench([](Bench& bench) {
    bench.core.poke_dr(0, 0x1111);
    Listener first(bench.core), second(bench.core);
    bench.core.issue(mov_from_dr(0), &first);
    sc_core::wait(ns(22));
    EXPECT_EQ(first.outcomes.size(), 0U);
    sc_core::wait(bench.core.finished());
    ASSERT_EQ(first.outcomes.size(), 1U);
    EXPECT_EQ(first.outcomes[0].value(), 0x1111U);
    bench.core.issue(mov_from_dr(0));
    sc_core::wait(bench.core.finished());
    bench.core.issue(mov_from_dr(1), &second);
    EXPECT_EQ(report_of([&] { bench.core.issue(mov_from_dr(2), &first); }), report::issue_refused);
    bench.core.reset();
    bench.core.reset();
    ASSERT_EQ(second.outcomes.size(), 1U);
    EXPECT_EQ(second.outcomes[0].kind, OutcomeKind::cancelled);
    EXPECT_EQ(first.outcomes.size(), 1U);
    EXPECT_TRUE(first.was_idle && second.was_idle);
  });
}

// The ranges of docs/profiles.md.
TEST(DebugCore, AProfileThatNoCpuCanHaveIsReported) {
  struct {
    void (*change)(CpuProfile&);
    const char* problem; // none: legal
  } const rows[] = {
      {[](CpuProfile& p) { p.physical_address_bits = 200; },
       "physical_address_bits is 200; 32 to 52"},
      {[](CpuProfile& p) { p.physical_address_bits = 31; },
       "physical_address_bits is 31; 32 to 52"},
      {[](CpuProfile& p) { p.physical_address_bits = 32; }, nullptr},
      {[](CpuProfile& p) { p.msr_counts.mca_banks = 33; }, "mca_banks is 33; 0 to 32"},
      {[](CpuProfile& p) { p.msr_counts.fixed_counters = 5; }, "fixed_counters is 5; 0 to 4"},
      {[](CpuProfile& p) { p.authority = nullptr; }, "there is no authority"},
      {[](CpuProfile& p) { p.name = "own"; }, nullptr},
  };
  for (const auto& row : rows) {
    CpuProfile profile = *find_cpu_profile("intel-skylake");
    profile.name = "own";
    row.change(profile);
    EXPECT_EQ(text_of_report([&] { make_cpu_model(profile); }),
              row.problem ? std::string(report::malformed_profile) + ": \"own\": " + row.problem
                          : "accepted");
  }
  for (const CpuProfile& profile : cpu_profiles)
    EXPECT_NE(make_cpu_model(profile), nullptr) << profile.name;
}

TEST(DebugCore, ACpuOfAMalformedProfileIsReported) {
  CpuProfile profile = *find_cpu_profile("intel-skylake");
  profile.physical_address_bits = 200;
  const auto cpu = std::make_shared<const CpuModel>(profile);
  EXPECT_EQ(text_of_report([&] { DebugCore("core", cpu, CoreClock(1, sc_core::SC_NS)); }),
            std::string(report::malformed_profile) +
                ": core: physical_address_bits is 200; 32 to 52");
}

// Where errors do not throw.
TEST(DebugCore, WithoutACpuItIsTheFirst) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_DO_NOTHING);
  const DebugCore core("core", make_cpu_model("no-such-cpu"), CoreClock(1, sc_core::SC_NS));
  EXPECT_EQ(core.cpu().profile.name, "intel-core2");
}

} // namespace
} // namespace icebp
