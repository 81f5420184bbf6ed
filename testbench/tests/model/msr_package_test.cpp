// Registers that the logical processors of a package share, and pokes.

#include <icebp/model/report_ids.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <deque>
#include <iterator>

namespace icebp {
namespace {

using test::msr_access;
using test::ns;
using test::report_of;

constexpr std::uint32_t of_thread = 0x277, of_core = 0x33, of_package = 0xC80;

// Two cores of two threads each.
struct Machine {
  std::shared_ptr<const CpuModel> cpu = test::cpu_model("intel-max");
  std::deque<DebugCore> threads;
  MsrPackage package;

  Machine() {
    for (unsigned n = 0; n < 4; ++n)
      threads.emplace_back(sc_core::sc_gen_unique_name("thread"), cpu, CoreClock(1, sc_core::SC_NS),
                           Timing::loosely_timed, CoreIdentity{n, n == 0});
    for (unsigned n = 0; n < 4; ++n)
      package.add(threads[n], n / 2);
  }

  Outcome write(unsigned thread, std::uint32_t index, std::uint64_t value) {
    return threads[thread].execute(msr_access(Operation::wrmsr, index, value)).outcome;
  }
  using Values = std::array<std::uint64_t, 4>;
  Values values(std::uint32_t index) {
    Values all{};
    for (unsigned n = 0; n < 4; ++n)
      all[n] = threads[n].execute(msr_access(Operation::rdmsr, index)).outcome.value();
    return all;
  }
};
using Values = Machine::Values;

TEST(MsrPackage, AWriteReachesAllThatShareTheRegister) {
  Machine machine;
  machine.write(1, of_thread, 0);
  EXPECT_EQ(machine.values(of_thread),
            (Values{0x0007040600070406, 0, 0x0007040600070406, 0x0007040600070406}));
  machine.write(1, of_core, 0x80000000);
  EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0, 0}));
  machine.write(2, of_core, 0x20000000);
  EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0x20000000, 0x20000000}));
  machine.write(3, of_package, 1);
  EXPECT_EQ(machine.values(of_package), (Values{1, 1, 1, 1}));
}

// Whatever instruction writes: each form of WRMSR that a processor has.
TEST(MsrPackage, AWriteOfEveryFormReachesThemToo) {
  for (const Operation form : {Operation::wrmsr, Operation::wrmsrns, Operation::wrmsrns_imm,
                               Operation::wrmsrlist_entry, Operation::uwrmsr}) {
    SCOPED_TRACE(name_of(form));
    Machine machine;
    machine.threads[1].poke(0x1C, 0x5001); // IA32_USER_MSR_CTL: the bitmap is there
    Request request = msr_access(form, of_core, 0x80000000);
    request.user_msr_bitmap = 0xFF;
    EXPECT_EQ(machine.threads[1].execute(request).outcome.kind, OutcomeKind::retired);
    EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0, 0}));
    request.msr = of_package;
    request.value = 1;
    EXPECT_EQ(machine.threads[1].execute(request).outcome.kind, OutcomeKind::retired);
    EXPECT_EQ(machine.values(of_package), (Values{1, 1, 1, 1}));
  }
}

struct OneRegister final : PlatformMsrs {
  std::optional<std::uint64_t> read(std::uint32_t) const override { return value; }
  Cause check_write(std::uint32_t, std::uint64_t) const override { return Cause::none; }
  void write(std::uint32_t, std::uint64_t written) override { value = written; }
  std::uint64_t value = 0;
};

// A read reaches nobody, and neither does a register that no processor has or that the platform
// keeps.
TEST(MsrPackage, NothingElseReachesAnybody) {
  static constexpr MsrIndexRange platforms[] = {{0x40000000, 0x400000FF}};
  CpuProfile profile = *find_cpu_profile("intel-max");
  profile.platform_msrs = {platforms, std::size(platforms)};
  Machine machine;
  machine.cpu = std::make_shared<const CpuModel>(profile);
  std::deque<DebugCore> threads;
  MsrPackage package;
  for (unsigned n = 0; n < 2; ++n) {
    threads.emplace_back(sc_core::sc_gen_unique_name("other"), machine.cpu,
                         CoreClock(1, sc_core::SC_NS), Timing::loosely_timed,
                         CoreIdentity{n, n == 0});
    package.add(threads[n], 0);
  }
  OneRegister platform;
  threads[0].poke(of_thread, 0);
  const std::string before = threads[1].save().value();
  const struct {
    Request request;
    OutcomeKind outcome;
  } rows[] = {{msr_access(Operation::wrmsr, 0x40000010, 5), OutcomeKind::retired},
              {msr_access(Operation::wrmsrns, 0x40000010, 5), OutcomeKind::retired},
              {msr_access(Operation::wrmsr, 0x12345, 5), OutcomeKind::fault},
              {msr_access(Operation::wrmsrlist_entry, 0x12345, 5), OutcomeKind::fault},
              {msr_access(Operation::wrmsr, of_thread, 0x0606060606060606), OutcomeKind::retired},
              {msr_access(Operation::rdmsr, of_core), OutcomeKind::retired},
              {test::mov_to_dr(0, 0x1234), OutcomeKind::retired}};
  for (auto [request, outcome] : rows) {
    request.context.platform = &platform;
    EXPECT_EQ(threads[0].execute(request).outcome.kind, outcome) << request.operation;
    EXPECT_EQ(threads[1].save(), before) << request.operation;
  }
  EXPECT_EQ(platform.value, 5U);
  EXPECT_FALSE(threads[0].poke(0x12345, 5));
  EXPECT_EQ(threads[1].save(), before);
}

TEST(MsrPackage, ALockHoldsForAll) {
  Machine machine;
  machine.write(0, of_package, 0x40000000);
  EXPECT_EQ(machine.write(3, of_package, 0).cause, Cause::msr_locked);
}

TEST(MsrPackage, AFaultingWriteReachesNobody) {
  Machine machine;
  EXPECT_EQ(machine.write(0, of_core, 1).cause, Cause::msr_reserved_bits);
  EXPECT_EQ(machine.values(of_core), (Values{0, 0, 0, 0}));
}

TEST(MsrPackage, PokesAndRestoredStatesReachThemToo) {
  Machine machine;
  EXPECT_TRUE(machine.threads[0].poke(of_package, 0x80000000)); // DEBUG_OCCURRED, by hardware
  EXPECT_EQ(machine.values(of_package), (Values({0x80000000, 0x80000000, 0x80000000, 0x80000000})));
  EXPECT_TRUE(machine.threads[2].poke(0xC0000100, 5)); // WRFSBASE
  EXPECT_EQ(machine.values(0xC0000100), (Values{0, 0, 5, 0}));
  CoreState state = machine.threads[1].state();
  state.msr[machine.cpu->msrs.find(of_core).slot] = 0x20000000;
  machine.threads[1].restore(state);
  EXPECT_EQ(machine.values(of_core), (Values{0x20000000, 0x20000000, 0, 0}));
}

TEST(MsrPackage, RESETOfOneResetsWhatItSharesAndINITDoesNot) {
  for (const bool by_operation : {true, false}) {
    Machine machine;
    machine.write(0, of_core, 0x80000000);
    machine.write(3, of_core, 0x80000000);
    machine.write(0, of_package, 1);
    machine.threads[1].execute(test::of(Operation::init));
    EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0x80000000, 0x80000000}));
    if (by_operation)
      machine.threads[1].execute(test::of(Operation::reset));
    else
      machine.threads[1].reset();
    EXPECT_EQ(machine.values(of_core), (Values{0, 0, 0x80000000, 0x80000000}));
    EXPECT_EQ(machine.values(of_package), (Values{0, 0, 0, 0}));
  }
}

TEST(MsrPackage, WhoComesLaterTakesTheValuesThatAreThere) {
  Machine machine;
  machine.write(0, of_core, 0x80000000);
  machine.write(0, of_package, 1);
  DebugCore sibling("sibling", machine.cpu, CoreClock(1, sc_core::SC_NS), Timing::loosely_timed);
  machine.package.add(sibling, 0);
  EXPECT_EQ(sibling.peek(of_core), 0x80000000U);
  EXPECT_EQ(sibling.peek(of_package), 1U);
  EXPECT_EQ(sibling.peek(of_thread), 0x0007040600070406U);
  DebugCore other("other", machine.cpu, CoreClock(1, sc_core::SC_NS), Timing::loosely_timed);
  machine.package.add(other, 7);
  EXPECT_EQ(other.peek(of_core), 0U);
  EXPECT_EQ(other.peek(of_package), 1U);
}

TEST(MsrPackage, IsOfOneCpuModel) {
  Machine machine;
  DebugCore other("other", test::cpu_model("intel-max"), CoreClock(1, sc_core::SC_NS),
                  Timing::loosely_timed);
  const auto add = [&] { machine.package.add(other, 0); };
  EXPECT_EQ(report_of(add), report::package_mismatch);
  EXPECT_EQ(test::message_of(add), "other: the processors of a package share one CpuModel");
  machine.write(0, of_package, 1);
  EXPECT_EQ(other.peek(of_package), 0U);
}

TEST(MsrPackage, TakesAProcessorOnce) {
  Machine machine;
  MsrPackage second;
  EXPECT_EQ(report_of([&] { machine.package.add(machine.threads[0], 0); }),
            report::package_mismatch);
  EXPECT_EQ(report_of([&] { second.add(machine.threads[0], 0); }), report::package_mismatch);
}

// A platform may let errors be shown and go on: who is refused is no member.
TEST(MsrPackage, ARefusalThatDoesNotThrowAddsNobody) {
  sc_core::sc_report_handler::set_actions(report::package_mismatch, sc_core::SC_DO_NOTHING);
  Machine machine;
  MsrPackage second;
  DebugCore other("other", test::cpu_model("intel-max"), CoreClock(1, sc_core::SC_NS),
                  Timing::loosely_timed);
  machine.package.add(other, 0);              // of another model
  second.add(machine.threads[0], 0);          // of a package already
  machine.package.add(machine.threads[3], 0); // of this one, as a thread of another core
  machine.write(0, of_core, 0x80000000);
  machine.write(0, of_package, 1);
  EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0, 0}));
  EXPECT_EQ(machine.values(of_package), (Values{1, 1, 1, 1}));
  EXPECT_EQ(other.peek(of_core), 0U);
  EXPECT_EQ(other.peek(of_package), 0U);
  other.execute(msr_access(Operation::wrmsr, of_package, 0x40000000));
  EXPECT_EQ(machine.values(of_package), (Values{1, 1, 1, 1}));
  machine.write(3, of_core, 0x20000000);
  EXPECT_EQ(machine.values(of_core), (Values{0x80000000, 0x80000000, 0x20000000, 0x20000000}));
}

// Two timed threads of a core.
struct TimedPair : sc_core::sc_module {
  DebugCore writer, sibling;
  MsrPackage package;

  explicit TimedPair(const std::shared_ptr<const CpuModel>& cpu)
      : sc_module(sc_core::sc_module_name("pair")),
        writer("writer", cpu, CoreClock(1, sc_core::SC_NS)),
        sibling("sibling", cpu, CoreClock(1, sc_core::SC_NS)) {
    package.add(writer, 0);
    package.add(sibling, 0);
    SC_HAS_PROCESS(TimedPair);
    SC_THREAD(run);
    sc_core::sc_start();
  }

  void run() {
    writer.issue(msr_access(Operation::wrmsr, of_core, 0x80000000));
    sc_core::wait(ns(22.5)); // 28 cycles, 5 of them the phase retire
    EXPECT_EQ(sibling.peek(of_core), 0U);
    sc_core::wait(ns(1));
    EXPECT_EQ(writer.phase(), Phase::retire);
    EXPECT_EQ(sibling.peek(of_core), 0x80000000U);
    sc_core::wait(ns(10));
    writer.issue(msr_access(Operation::wrmsr, of_core, 1));
    sc_core::wait(ns(40));
    EXPECT_EQ(writer.outcome().cause, Cause::msr_reserved_bits);
    EXPECT_EQ(sibling.peek(of_core), 0x80000000U);
    sc_core::sc_stop();
  }
};

TEST(MsrPackage, OfTimedCoresIsWrittenWhereTheAccessRetires) {
  TimedPair pair(test::cpu_model("intel-max"));
}

TEST(Poke, OfAnUnknownRegisterIsRefused) {
  Machine machine;
  EXPECT_FALSE(machine.threads[0].poke(0x40000000, 1));
  EXPECT_EQ(machine.threads[0].peek(0x40000000), std::nullopt);
}

TEST(Poke, OfAnAddressMaskArmsTheWatchAnew) {
  DebugCore core("core", test::cpu_model("amd-max"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  core.execute(test::mov_to_dr(0, 0x1000));
  core.execute(test::mov_to_dr(7, 0x00010002)); // writes of a byte
  EXPECT_FALSE(core.watch().may_meet(Operation::data_write, 0x1040, 1));
  EXPECT_TRUE(core.poke(0xC0011027, 0xFF));
  EXPECT_TRUE(core.watch().may_meet(Operation::data_write, 0x1040, 1));
}

TEST(Identity, IsTheProcessors) {
  Machine machine;
  EXPECT_EQ(machine.values(0x1B), (Values{0xFEE00900, 0xFEE00800, 0xFEE00800, 0xFEE00800}));
  EXPECT_EQ(machine.threads[3].peek(0x802), 3U);
}

} // namespace
} // namespace icebp
