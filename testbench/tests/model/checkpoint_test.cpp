// The state of a core as text, and what changes a core from outside.

#include <icebp/model/checkpoint.h>
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace icebp {
namespace {

using test::Bench;
using test::cpu_model;
using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;
using test::report_of;

constexpr std::uint32_t lstar = 0xC0000082;

CoreTime at(std::uint64_t ticks) { return CoreTime::untimed(ticks); }

// A state in which every part has a value of its own.
CoreState full_state(const CpuModel& cpu) {
  CoreState state = power_up(cpu, {7, false});
  for (const ResolvedMsr& msr : cpu.msrs)
    state.msr[msr.slot] = msr.reset ^ (0x0123456789ABCDEF & msr.writable);
  state.dr = {1, 2, 3, 4, 0, 0, 0xFFFF4FF1, 0x2455};
  state.cr2 = 0xDEAD;
  state.last_branch_at = 400;
  state.boundary = {Shadow::mov_ss,
                    true,
                    3,
                    4,
                    {0x4000, only(Cause::single_step)},
                    {0x1, only(Cause::held_trap)},
                    {0x8000, only(Cause::task_switch) | only(Cause::data_breakpoint)}};
  state.redirected = {true, Cause::general_detect, Operation::mov_to_dr, Mode::compatibility, 7, 9};
  return state;
}

std::string with(std::string text, const std::string& old, const std::string& now) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, text.npos) << old;
  return at == text.npos ? text : text.replace(at, old.size(), now);
}

std::string problem(const CpuModel& cpu, const std::string& text) {
  CoreState state = power_up(cpu);
  const CoreState before = state;
  const auto problem = load_state(cpu, text, at(0), state);
  EXPECT_TRUE(!problem || state == before); // a refused text changes nothing
  return problem.value_or("");
}

TEST(Checkpoint, ComesBackWhole) {
  for (const char* profile : {"intel-skylake", "amd-zen1", "intel-max", "amd-max"}) {
    const auto cpu = cpu_model(profile);
    const CoreState saved = full_state(*cpu);
    CoreState loaded;
    EXPECT_EQ(load_state(*cpu, save_state(*cpu, saved, at(500)), at(500), loaded).value_or(""), "");
    EXPECT_TRUE(loaded == saved) << profile;
  }
}

TEST(Checkpoint, TheTscGoesOnFromItsValue) {
  const auto cpu = cpu_model("intel-skylake");
  CoreState state = power_up(*cpu);
  const std::string text = save_state(*cpu, state, at(1000));
  EXPECT_NE(text.find("\"0x10\":\"0x3e8\""), text.npos);
  ASSERT_FALSE(load_state(*cpu, text, at(40), state));
  EXPECT_EQ(state[MsrSlot::tsc] + 40, 1000U);
}

// In cycles of the core, not in ticks of the TSC.
TEST(Checkpoint, TheTimeSinceTheLastBranchGoesOn) {
  const auto cpu = cpu_model("intel-skylake");
  CoreState state = power_up(*cpu);
  state.last_branch_at = 970;
  const std::string text = save_state(*cpu, state, {5000, 1000, "1", "5"});
  ASSERT_FALSE(load_state(*cpu, text, {2000, 40, "1", "5"}, state));
  EXPECT_EQ(state.last_branch_at, 10U);
}

TEST(Checkpoint, RefusesWhatItDoesNotKnow) {
  const auto cpu = cpu_model("intel-skylake");
  const std::string text = save_state(*cpu, power_up(*cpu), at(0));
  EXPECT_EQ(problem(*cpu, text), "");
  EXPECT_EQ(problem(*cpu, with(text, "intel-skylake", "amd-zen1")),
            "/profile: the state is of amd-zen1, the core is intel-skylake");
  EXPECT_EQ(problem(*cpu, with(text, "intel-hardware", "intel-manuals")),
            "/authority: the state is of intel-manuals, the core is intel-hardware");
  EXPECT_EQ(problem(*cpu, with(text, "\"icebp_state\":3", "\"icebp_state\":2")),
            "/icebp_state: not version 3");
  EXPECT_EQ(problem(*cpu, with(text, "\"icebp_state\":3", "\"icebp_state\":4")),
            "/icebp_state: not version 3");
  EXPECT_EQ(problem(*cpu, with(text, "\"clock_hertz\":\"none\"", "\"clock_hertz\":\"3000000000\"")),
            "/clock_hertz: the state is of 3000000000, the core is none");
  EXPECT_EQ(problem(*cpu, with(text, "\"tsc_hertz\":\"none\"", "\"tsc_hertz\":\"25000000/3\"")),
            "/tsc_hertz: the state is of 25000000/3, the core is none");
  EXPECT_EQ(problem(*cpu, with(text, "\"cr2\":\"0x0\",", "")), "/cr2: missing");
  EXPECT_EQ(problem(*cpu, with(text, "\"cr2\":", "\"cr3\":\"0x0\",\"cr2\":")), "/cr3: unknown");
  EXPECT_EQ(problem(*cpu, with(text, "\"cr2\":", "\"cr2\":\"0x0\",\"cr2\":")), "/cr2: given twice");
  EXPECT_EQ(problem(*cpu, with(text, "\"msr\":{", "\"msr\":{\"0x12345\":\"0x0\",")),
            "/msr/0x12345: not an MSR of intel-skylake");
  EXPECT_EQ(problem(*cpu, with(text, "\"0xc0000082\":\"0x0\",", "")), "/msr/0xc0000082: missing");
  EXPECT_EQ(problem(*cpu, with(text, "\"cr2\":\"0x0\"", "\"cr2\":\"0\"")),
            "/cr2: not 0x and hex digits of 64 bits");
  EXPECT_EQ(problem(*cpu, with(text, "\"cr2\":\"0x0\"", "\"cr2\":\"0x10000000000000000\"")),
            "/cr2: not 0x and hex digits of 64 bits");
  EXPECT_EQ(problem(*cpu, with(text, "\"shadow\":\"none\"", "\"shadow\":\"smi\"")),
            "/boundary/shadow: unknown: smi");
  EXPECT_EQ(problem(*cpu, with(text, "\"payload\":\"0x0\"", "\"payload\":\"0x2000\"")),
            "traps at the boundary have bits that no trap has, or no cause");
  EXPECT_EQ(problem(*cpu, with(text, "\"vector\":\"none\"", "\"vector\":\"#DB\"")),
            "an exception is on its way: save a core between two operations");
  EXPECT_NE(problem(*cpu, text.substr(0, 100)).find("byte 100: "), std::string::npos);
  EXPECT_NE(problem(*cpu, "[]"), "");
}

TEST(Checkpoint, LegalisesFixedBits) {
  const auto cpu = cpu_model("intel-skylake");
  CoreState state = power_up(*cpu);
  const std::string text =
      with(save_state(*cpu, state, at(0)), "\"dr6\":\"0xffff0ff0\"", "\"dr6\":\"0x0\"");
  ASSERT_FALSE(load_state(*cpu, text, at(0), state));
  EXPECT_EQ(state.dr[6],
            0xFFFE0FF0U); // RTM, which Skylake has, is writable; docs/debug-unit.md 2.2
}

// --- the core

TEST(CoreFromOutside, SavesAndRestores) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(7, 0x2400));
    bench(msr_access(Operation::wrmsr, lstar, 0x1234));
    const std::string saved = bench.core.save().value();
    bench.core.reset();
    EXPECT_EQ(bench.core.peek(lstar), 0U);
    EXPECT_TRUE(bench.core.restore(saved));
    EXPECT_EQ(bench.core.peek(lstar), 0x1234U);
    EXPECT_EQ(bench(mov_from_dr(0)).cause, Cause::general_detect);
    EXPECT_EQ(report_of([&] { bench.core.restore("{}"); }), report::restore_refused);
    bench.core.issue(mov_from_dr(0));
    EXPECT_EQ(report_of([&] { bench.core.restore(saved); }), report::restore_refused);
    EXPECT_EQ(report_of([&] { bench.core.save(); }), report::save_refused);
    sc_core::sc_report_handler::set_actions(report::save_refused, sc_core::SC_DO_NOTHING);
    EXPECT_FALSE(bench.core.save());
  });
}

TEST(CoreFromOutside, RestoresAtTheFrequencyOfTheState) {
  Bench([](Bench& bench) {
    const std::string saved = bench.core.save().value(); // 1 ns
    bench.core.set_clock(CoreClock::of_hertz(3000000000));
    EXPECT_EQ(test::message_of([&] { bench.core.restore(saved); }),
              "core: /clock_hertz: the state is of 1000000000, the core is 3000000000");
    bench.core.set_clock(CoreClock(1000, sc_core::SC_PS));
    EXPECT_TRUE(bench.core.restore(saved));
    bench.core.set_tsc_clock(CoreClock::of_hertz(24000000, 176, 2));
    EXPECT_EQ(test::message_of([&] { bench.core.restore(saved); }),
              "core: /tsc_hertz: the state is of none, the core is 2112000000");
  });
}

TEST(CoreFromOutside, RestoreLegalisesOrRefuses) {
  Bench([](Bench& bench) {
    CoreState state = bench.core.state();
    state.dr[6] = 0;
    state.dr[7] = 0;
    bench.core.restore(state);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFE0FF0U);
    EXPECT_EQ(bench.core.state().dr[7], 0x400U);
    state.boundary.due.payload = 0x2000; // BD is no trap's
    state.boundary.due.causes = only(Cause::single_step);
    EXPECT_EQ(report_of([&] { bench.core.restore(state); }), report::restore_refused);
    EXPECT_FALSE(bench.core.state().boundary.due.any());
    state.boundary.due = {};
    state.boundary.shadow = static_cast<Shadow>(9);
    EXPECT_EQ(report_of([&] { bench.core.restore(state); }), report::restore_refused);
  });
}

TEST(CoreFromOutside, PokesOfDebugRegisters) {
  Bench([](Bench& bench) {
    unsigned armed = 0;
    bench.core.on_armed([&](const WatchFilter&) { ++armed; });
    bench.core.poke_dr(0, 0x8000);
    bench.core.poke_dr(7, 0x10001); // L0, writes; bit 10 reads 1
    EXPECT_EQ(armed, 1U);
    EXPECT_TRUE(bench.core.watch().may_write(0x8000, 1));
    EXPECT_EQ(bench.core.state().dr[7], 0x10401U);
    bench.core.poke_dr(4, 0xFFFFFFFF); // DR6 with RTM, without BLD: docs/debug-unit.md 2.2
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFFEFFFU);
    EXPECT_EQ(bench.core.state().dr[4], 0U);
    bench(mov_to_dr(7, 0x2400)); // GD does not guard against a probe
    bench.core.poke_dr(0, 0x9000);
    EXPECT_EQ(bench.core.state().dr[0], 0x9000U);
    EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
  });
}

TEST(CoreFromOutside, PokesOfTheBoundary) {
  Bench([](Bench& bench) {
    Boundary boundary;
    boundary.due = {0x4000, only(Cause::held_trap)};
    bench.core.poke_boundary(boundary);
    Request fetch = request_at(Operation::fetch, 0x1000);
    const Outcome outcome = bench(fetch);
    EXPECT_EQ(outcome.kind, OutcomeKind::trap);
    EXPECT_EQ(outcome.data, 0x4000U);
  });
}

} // namespace
} // namespace icebp
