#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr u64 rip = 0x1000; // of the REP instruction, two bytes long

CpuProfile with_granularity(Vendor vendor, StringGranularity granularity) {
  CpuProfile profile = profile_of(vendor);
  profile.quirks.string_granularity = granularity;
  return profile;
}
CpuProfile exact(Vendor vendor) { return with_granularity(vendor, StringGranularity::exact); }

// A REP instruction that writes `count` elements of `size` bytes up from `address`.
struct String {
  u64 address;
  u64 count;
  std::uint32_t size;
  bool fast;
};

struct Stop {
  Outcome outcome;
  u64 left;        // RCX
  bool at_its_end; // RIP is behind it
  bool rf;         // as pushed
};

// Until its first #DB, or its end.
Stop run_string(Core& core, const String& string) {
  const Outcome before = core.fetch(rip);
  if (before.vector != Vector::none)
    return {before, string.count, false, core.rf};
  for (u64 n = 0; n < string.count; ++n) {
    core.write(string.address + n * string.size, string.size);
    const u64 left = string.count - n - 1;
    const Outcome outcome = left == 0 ? core.end(rip + 2) : core.iterate(rip, string.fast);
    if (outcome.vector != Vector::none || left == 0)
      return {outcome, left, left == 0, core.rf};
  }
  return {retired(), 0, true, false};
}

// ---- 4.4, first row -----------------------------------------------------------------------------

TEST(Section_4_4, exact_watch_at_100_of_200) { // REP STOSB 200, watch +100 -> RCX 99
  for (const Vendor vendor : vendors) {
    Core core(exact(vendor));
    core.arm(0, on_write, 0x8000 + 100);
    const Stop stop = run_string(core, {0x8000, 200, 1, true});
    EXPECT_TRUE(is_trap(stop.outcome, Cause::data_breakpoint, 1));
    EXPECT_EQ(stop.left, 99u);
    EXPECT_FALSE(stop.at_its_end);
    EXPECT_TRUE(stop.rf);
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
  }
}

TEST(Section_4_4, the_last_iteration_traps_behind_the_instruction) { // RIP next, RF 0
  for (const Vendor vendor : vendors)
    for (const StringGranularity granularity :
         {StringGranularity::exact, StringGranularity::one_late, StringGranularity::blocks_of_64}) {
      Core core(with_granularity(vendor, granularity));
      core.arm(0, on_write, 0x8000 + 199);
      const Stop stop = run_string(core, {0x8000, 200, 1, true});
      EXPECT_TRUE(is_trap(stop.outcome, Cause::data_breakpoint, 1));
      EXPECT_TRUE(stop.at_its_end);
      EXPECT_FALSE(stop.rf);
    }
}

TEST(Section_4_4, after_the_trap_the_rest_runs) { // RF=1 in the image: a breakpoint on it is past
  for (const Vendor vendor : vendors) {
    Core core(exact(vendor));
    core.arm(0, on_write, 0x8000 + 3);
    core.arm(1, on_execution, rip);
    EXPECT_TRUE(is_code_breakpoint(run_string(core, {0x8000, 8, 1, false}).outcome, 2));
    core.context.rf = true;
    const Stop first = run_string(core, {0x8000, 8, 1, false});
    EXPECT_TRUE(is_trap(first.outcome, Cause::data_breakpoint, 1)); // no B1: not at an instruction
    EXPECT_EQ(first.left, 4u);
    core.context.rf = first.rf;
    const Stop rest = run_string(core, {0x8004, first.left, 1, false});
    EXPECT_TRUE(is_retired(rest.outcome));
    EXPECT_TRUE(rest.at_its_end);
  }
}

TEST(Section_4_4, between_iterations_no_breakpoint_merges) { // RF=1 is pushed, RIP is the REP
  Core core(exact(Vendor::intel));
  core.arm(0, on_write, 0x8000);
  core.arm(1, on_execution, rip);
  core.context.rf = true;
  core.fetch(rip);
  core.context.rf = false; // cleared as it starts
  core.write(0x8000);
  EXPECT_TRUE(is_trap(core.iterate(rip), Cause::data_breakpoint, 1));
}

// ---- 4.4, second row: granularity ---------------------------------------------------------------

struct Granularity {
  const char* name;
  StringGranularity granularity;
  String string;
  u64 watch;
  u64 left; // iterations
};
constexpr auto one_late = StringGranularity::one_late;
constexpr auto blocks = StringGranularity::blocks_of_64;
constexpr Granularity granularities[] = {
    {"exact, slow", StringGranularity::exact, {0x8000, 200, 1, false}, 0x8000 + 100, 99},
    {"exact, fast", StringGranularity::exact, {0x8000, 64, 8, true}, 0x8000 + 100, 51},
    {"P6: one late", one_late, {0x8000, 200, 1, false}, 0x8000 + 100, 98},
    {"P6: one late, the first", one_late, {0x8000, 200, 1, false}, 0x8000, 198},
    {"P6: one late, the one before the last", one_late, {0x8000, 200, 1, false}, 0x8000 + 198, 0},
    {"MOVSB: to the end of the line", blocks, {0x8000, 4000, 1, true}, 0x8000 + 100, 4000 - 128},
    {"first byte of a line", blocks, {0x8000, 4000, 1, true}, 0x8000 + 128, 4000 - 192},
    {"last byte of a line", blocks, {0x8000, 4000, 1, true}, 0x8000 + 127, 4000 - 128},
    {"MOVSQ of 64: 3 more", blocks, {0x8000, 64, 8, true}, 0x8020, 64 - 8},
    {"STOSQ, first of a line", blocks, {0x8000, 64, 8, true}, 0x8040, 64 - 16},
    {"STOSD", blocks, {0x8000, 64, 4, true}, 0x8000, 64 - 16},
    {"elements across the line", blocks, {0x8004, 64, 8, true}, 0x8020, 64 - 7},
    {"not a fast string", blocks, {0x8000, 200, 1, false}, 0x8000 + 100, 99},
};

TEST(Section_4_4, granularity) {
  for (const Vendor vendor : vendors)
    for (const Granularity& row : granularities) {
      SCOPED_TRACE(row.name);
      Core core(with_granularity(vendor, row.granularity));
      core.arm(0, on_write, row.watch);
      const Stop stop = run_string(core, row.string);
      EXPECT_TRUE(is_trap(stop.outcome, Cause::data_breakpoint, 1));
      EXPECT_EQ(stop.left, row.left);
      EXPECT_EQ(stop.rf, row.left != 0);
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
      EXPECT_TRUE(same(core.state.boundary, Boundary{}));
      // Nothing is left of it.
      EXPECT_TRUE(is_retired(core.run(0x7000)));
    }
}

TEST(Section_4_4, conditions_that_run_late_are_one_db) {
  for (const StringGranularity granularity : {one_late, blocks}) {
    Core core(with_granularity(Vendor::intel, granularity));
    core.arm(0, on_write, 0x8010);
    core.arm(1, on_write, 0x8011);
    const Stop stop = run_string(core, {0x8000, 200, 1, true});
    EXPECT_TRUE(is_trap(stop.outcome, Cause::data_breakpoint, 3));
    EXPECT_EQ(stop.left, granularity == one_late ? 200u - 18 : 200u - 64);
  }
}

TEST(Section_4_4, the_second_hit_is_late_again) {
  Core core(with_granularity(Vendor::intel, one_late));
  core.arm(0, on_write, 0x8004);
  core.arm(1, on_write, 0x8008);
  const Stop first = run_string(core, {0x8000, 16, 1, false});
  EXPECT_EQ(first.left, 10u);
  const Stop second = run_string(core, {0x8006, first.left, 1, false});
  EXPECT_TRUE(is_trap(second.outcome, Cause::data_breakpoint, 2));
  EXPECT_EQ(second.left, 6u);
}

TEST(Section_4_4, a_fault_while_a_trap_runs_late_drops_it) { // conditions of its own instruction
  for (const StringGranularity granularity : {one_late, blocks}) {
    Core core(with_granularity(Vendor::intel, granularity));
    core.arm(0, on_write, 0x8000);
    core.fetch(rip);
    core.write(0x8000);
    EXPECT_TRUE(is_retired(core.iterate(rip, true)));
    EXPECT_EQ(core.put(request_at(Operation::page_fault, 0x8001)).vector, Vector::pf);
    EXPECT_TRUE(same(core.state.boundary, Boundary{}));
  }
}

TEST(Section_5_1, a_trap_that_lost_to_an_event_runs_late_no_more) {
  for (const bool at_the_rep : {false, true}) {
    Core core(with_granularity(Vendor::intel, one_late));
    core.arm(0, on_write, 0x8000);
    core.fetch(rip);
    core.write(0x8000);
    EXPECT_TRUE(is_retired(core.iterate(rip)));
    EXPECT_TRUE(is_retired(core.iterate(rip, false, only(Event::smi))));
    EXPECT_TRUE(
        is_trap(at_the_rep ? core.fetch(rip) : core.iterate(rip), Cause::data_breakpoint, 1));
  }
}

TEST(Section_5_1, a_trap_does_not_run_late_past_another_event) { // rank 4 before NMI and INTR
  for (const StringGranularity granularity : {one_late, blocks}) {
    Core core(with_granularity(Vendor::intel, granularity));
    core.arm(0, on_write, 0x8000);
    core.fetch(rip);
    core.write(0x8000);
    EXPECT_TRUE(is_trap(core.iterate(rip, true, only(Event::nmi)), Cause::data_breakpoint, 1));
    EXPECT_TRUE(core.rf);
  }
}

// ---- 4.4, third row: I/O ------------------------------------------------------------------------

TEST(Section_4_4, io_breakpoint_of_rep_outs_after_the_first_iteration) {
  for (const Vendor vendor : vendors)
    for (const StringGranularity granularity : {StringGranularity::exact, one_late, blocks}) {
      SCOPED_TRACE(static_cast<unsigned>(granularity));
      Core core(with_granularity(vendor, granularity));
      core.context.cr4_de = true;
      core.arm(0, on_io, 0x60);
      core.fetch(rip);
      core.read(0x8000);
      core.io(0x60);
      EXPECT_TRUE(is_trap(core.iterate(rip), Cause::io_breakpoint, 1));
      EXPECT_TRUE(core.rf);
    }
}

TEST(Section_4_4, memory_breakpoint_of_rep_outs_after_its_iteration) {
  for (const Vendor vendor : vendors) {
    Core core(exact(vendor));
    core.arm(0, on_access, 0x8002);
    core.fetch(rip);
    for (u64 n = 0; n < 2; ++n) {
      core.read(0x8000 + n);
      core.io(0x60);
      EXPECT_TRUE(is_retired(core.iterate(rip)));
    }
    core.read(0x8002);
    core.io(0x60);
    EXPECT_TRUE(is_trap(core.iterate(rip), Cause::data_breakpoint, 1));
  }
}

// ---- 4.4, last row: TF --------------------------------------------------------------------------

TEST(Section_4_4, tf_traps_at_each_iteration) { // RIP at the REP and RF=1 until the last
  for (const Vendor vendor : vendors)
    for (const StringGranularity granularity : {StringGranularity::exact, one_late, blocks}) {
      Core core(with_granularity(vendor, granularity));
      core.context.tf = true;
      for (u64 left = 5; left > 0;) {
        const Stop stop = run_string(core, {0x8000, left, 1, true});
        EXPECT_TRUE(is_trap(stop.outcome, Cause::single_step, 0x4000));
        EXPECT_EQ(stop.left, left - 1);
        EXPECT_EQ(stop.rf, stop.left != 0);
        core.context.rf = stop.rf;
        left = stop.left;
      }
    }
}

TEST(Section_4_4, tf_makes_a_data_trap_of_a_string_exact) { // one #DB: 5.2
  for (const StringGranularity granularity : {one_late, blocks}) {
    Core core(with_granularity(Vendor::intel, granularity));
    core.context.tf = true;
    core.arm(0, on_write, 0x8000);
    const Stop stop = run_string(core, {0x8000, 200, 1, true});
    EXPECT_TRUE(is_trap(stop.outcome, Cause::data_breakpoint, 0x4001));
    EXPECT_EQ(stop.left, 199u);
  }
}

TEST(Section_4_4, btf_steps_over_a_rep_instruction) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.tf = true;
    core.state[MsrSlot::debugctl] = 2;
    EXPECT_TRUE(is_retired(run_string(core, {0x8000, 5, 1, false}).outcome));
    EXPECT_TRUE(is_trap(core.run(0x1002, Ending::taken_branch), Cause::branch_step, 0x4000));
  }
}

TEST(Section_5_3, rep_behind_mov_ss) { // held until its first boundary, whatever the granularity
  for (const StringGranularity granularity : {StringGranularity::exact, one_late, blocks}) {
    Core core(with_granularity(Vendor::intel, granularity));
    core.arm(0, on_access, 0x8000);
    core.arm(1, on_write, 0x9000);
    core.fetch(0x0FFE);
    core.read(0x8000);
    core.end(rip, Ending::mov_ss);
    const Stop stop = run_string(core, {0x9000, 5, 1, true});
    EXPECT_TRUE(is_trap(stop.outcome, Cause::held_trap, 3));
    EXPECT_EQ(stop.left, 4u);
    EXPECT_TRUE(stop.rf);
  }
}

} // namespace
} // namespace icebp::test
