#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// ---- 5.1: what waits at the boundary against a #DB ----------------------------------------------

// Who comes first: the event, or the #DB of a T bit, of another trap, of an instruction breakpoint.
struct Rank {
  Event event;
  bool before_t_bit, before_trap, before_breakpoint;
};
constexpr Rank ranks[] = {
    {Event::reset, true, true, true},
    {Event::smi, false, true, true},
    {Event::monitor_trap_flag, false, true, true},
    {Event::vmx_preemption_timer, false, false, true},
    {Event::nmi_window, false, false, true},
    {Event::nmi, false, false, true},
    {Event::intr, false, false, true},
    {Event::fetch_fault, false, false, false},
    {Event::decode_fault, false, false, false},
    {Event::execution_fault, false, false, false},
};

// `outcome` is the trap; or the event came first, and the trap comes at the next fetch.
void expect_trap_now_or_next(Core& core, const Outcome& outcome, bool event_first, Cause cause,
                             u64 payload) {
  if (!event_first) {
    EXPECT_TRUE(is_trap(outcome, cause, payload));
    return;
  }
  EXPECT_TRUE(is_retired(outcome));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
  const DebugTraps due = core.state.boundary.due;
  EXPECT_EQ(due.payload, payload);
  EXPECT_TRUE(is_trap(core.fetch(0x7000), cause, payload)); // at the handler of the event
  EXPECT_TRUE(is_retired(core.run(0x7000)));
}

TEST(Section_5_1, a_trap_of_the_previous_instruction) {
  for (const Vendor vendor : vendors)
    for (const Rank& rank : ranks) {
      SCOPED_TRACE(name_of(rank.event));
      Core core(vendor);
      core.arm(0, on_write, 0x8000);
      core.context.tf = true;
      core.fetch(0x1000);
      core.context.tf = false;
      core.write(0x8000);
      const Outcome outcome = core.end(0x1002, Ending::plain, only(rank.event));
      expect_trap_now_or_next(core, outcome, rank.before_trap, Cause::data_breakpoint, 0x4001);
    }
}

TEST(Section_5_1, a_trap_between_iterations) {
  for (const Vendor vendor : vendors)
    for (const Rank& rank : ranks) {
      SCOPED_TRACE(name_of(rank.event));
      Core core(vendor);
      core.arm(0, on_write, 0x8000);
      core.fetch(0x1000);
      core.write(0x8000);
      const Outcome outcome = core.iterate(0x1000, false, only(rank.event));
      expect_trap_now_or_next(core, outcome, rank.before_trap, Cause::data_breakpoint, 1);
    }
}

TEST(Section_5_1, the_t_bit_trap) {
  for (const Vendor vendor : vendors)
    for (const Rank& rank : ranks) {
      SCOPED_TRACE(name_of(rank.event));
      Core core(vendor);
      core.fetch(0x1000);
      Request request = of_operation(Operation::task_switch);
      request.t_bit = true;
      core.put(request);
      const Outcome outcome = core.end(0x5000, Ending::plain, only(rank.event));
      expect_trap_now_or_next(core, outcome, rank.before_t_bit, Cause::task_switch, 0x8000);
    }
}

TEST(Section_5_1, a_trap_joined_with_the_t_bit_trap_has_its_rank) {
  Core core(intel());
  core.arm(0, on_write, 0x8000);
  core.state.dr[7] |= 2; // global: a task switch keeps it
  core.fetch(0x1000);
  core.write(0x8000);
  Request request = of_operation(Operation::task_switch);
  request.t_bit = true;
  core.put(request);
  EXPECT_TRUE(
      is_trap(core.end(0x5000, Ending::plain, only(Event::smi)), Cause::data_breakpoint, 0x8001));
}

TEST(Section_5_1, an_instruction_breakpoint) {
  for (const Vendor vendor : vendors)
    for (const Rank& rank : ranks) {
      SCOPED_TRACE(name_of(rank.event));
      Core core(vendor);
      core.arm(0, on_execution, 0x1000);
      const Outcome outcome = core.fetch(0x1000, only(rank.event));
      if (rank.before_breakpoint) {
        EXPECT_TRUE(is_retired(outcome));
        EXPECT_TRUE(is_retired(core.run(0x7000)));              // the handler of the event
        EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1000), 1)); // back from it
      } else {
        EXPECT_TRUE(is_code_breakpoint(outcome, 1));
      }
    }
}

TEST(Section_5_1, several_events_at_once) {
  const auto both = static_cast<EventSet>(only(Event::smi) | only(Event::fetch_fault));
  Core core(intel());
  core.context.tf = true;
  core.fetch(0x1000);
  EXPECT_TRUE(is_retired(core.end(0x1002, Ending::plain, both)));
  core.context.tf = false;
  EXPECT_TRUE(is_retired(core.fetch(0x7000, both))); // SMI again
  EXPECT_TRUE(is_trap(core.fetch(0x7000, only(Event::fetch_fault)), Cause::single_step, 0x4000));
}

TEST(Section_5_1, a_trap_that_waited_between_two_iterations) { // an SMI, which returns to the REP
  Core core(intel());
  core.arm(0, on_write, 0x8000);
  core.arm(1, on_execution, 0x1000);
  core.fetch(0x1000, only(Event::nmi));
  core.write(0x8000);
  EXPECT_TRUE(is_retired(core.iterate(0x1000, false, only(Event::smi))));
  core.context.rf = true;
  EXPECT_TRUE(is_trap(core.fetch(0x1000), Cause::data_breakpoint, 1));
  EXPECT_FALSE(core.rf);
}

TEST(Section_5_1, a_fault_on_the_way_leaves_traps_due) {
  Core core(intel());
  core.context.tf = true;
  core.fetch(0x1000);
  core.end(0x1002, Ending::plain, only(Event::smi));
  core.context.tf = false;
  EXPECT_EQ(core.put(request_at(Operation::page_fault, 0xDEAD000)).vector, Vector::pf);
  EXPECT_TRUE(is_trap(core.fetch(0x7000), Cause::single_step, 0x4000));
}

TEST(Section_5_1, a_trap_stays_due_whatever_runs_before_it) {
  Core core(intel());
  core.arm(0, on_write, 0x8000);
  core.context.tf = true;
  core.fetch(0x1000);
  core.context.tf = false;
  core.end(0x1002, Ending::plain, only(Event::smi));
  core.fetch(0x1002, only(Event::smi)); // comes first again, and yet the instruction runs
  core.write(0x8000);
  EXPECT_TRUE(is_trap(core.end(0x1004), Cause::data_breakpoint, 0x4001));
}

// ---- 5.2: traps and an instruction breakpoint at one boundary -----------------------------------

constexpr u64 next = 0x1002; // DR3 is on it

// Before the end of an instruction at 1000 that has raised what `raise` did.
template <typename Raise>
Core before_the_end(const CpuProfile& profile, Raise raise) {
  Core core(profile);
  core.arm(0, on_write, 0x8000);
  core.arm(3, on_execution, next);
  raise(core);
  return core;
}

// On Intel one #DB with both, on AMD (K5 A.7.3) two in series.
void expect_merged_or_in_series(Core& core, u64 traps, Cause cause) {
  const bool merged = core.cpu.profile.quirks.traps_merge_with_code_breakpoint;
  const Outcome outcome = core.end(next);
  core.context.tf = false;
  if (merged) {
    EXPECT_TRUE(is_trap(outcome, Cause::instruction_breakpoint, traps | 8));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0 | traps | 8);
    core.context.rf = true; // measured: "RF then set by the OS"
    EXPECT_TRUE(is_retired(core.run(next)));
  } else {
    EXPECT_TRUE(is_trap(outcome, cause, traps));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0 | traps);
    EXPECT_TRUE(is_retired(core.run(0x7000)));
    EXPECT_TRUE(is_code_breakpoint(core.fetch(next), 8));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF8 | (traps & 0x4000)); // B rewritten, BS sticky
  }
}

CpuProfile merging(Vendor vendor, bool merges) {
  CpuProfile profile = profile_of(vendor);
  EXPECT_EQ(profile.quirks.traps_merge_with_code_breakpoint, vendor == Vendor::intel);
  profile.quirks.traps_merge_with_code_breakpoint = merges;
  return profile;
}

TEST(Section_5_2, a_data_trap_and_a_breakpoint_on_the_next_instruction) {
  for (const Vendor vendor : vendors)
    for (const bool merges : {false, true}) {
      Core core = before_the_end(merging(vendor, merges), [](Core& c) {
        c.fetch(0x1000);
        c.write(0x8000);
      });
      expect_merged_or_in_series(core, 1, Cause::data_breakpoint);
    }
}

TEST(Section_5_2, a_step_trap_and_a_breakpoint_on_the_next_instruction) {
  for (const Vendor vendor : vendors)
    for (const bool merges : {false, true}) {
      Core core = before_the_end(merging(vendor, merges), [](Core& c) {
        c.context.tf = true;
        c.fetch(0x1000);
      });
      expect_merged_or_in_series(core, 0x4000, Cause::single_step);
    }
}

TEST(Section_5_2, rf_of_the_next_instruction_counts) { // an IRET that sets it
  Core core = before_the_end(intel(), [](Core& c) {
    c.fetch(0x1000);
    c.write(0x8000);
    c.context.rf = true;
  });
  EXPECT_TRUE(is_trap(core.end(next), Cause::data_breakpoint, 1));
}

TEST(Section_5_2, traps_that_waited_merge_at_the_instruction_they_meet) {
  for (const bool rf : {false, true}) {
    Core core = before_the_end(intel(), [](Core& c) {
      c.fetch(0x1000);
      c.write(0x8000);
    });
    EXPECT_TRUE(is_retired(core.end(0x4000, Ending::plain, only(Event::smi))));
    core.context.rf = rf;
    const Outcome outcome = core.fetch(next);
    EXPECT_TRUE(
        is_trap(outcome, rf ? Cause::data_breakpoint : Cause::instruction_breakpoint, rf ? 1 : 9));
  }
}

TEST(Section_5_2, int1_and_a_breakpoint_behind_it_are_two) { // measured
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(0, on_execution, 0x1001);
    core.fetch(0x1000);
    EXPECT_TRUE(is_int1_db(core.put(int1_instruction())));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
    EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1001), 1));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
  }
}

TEST(Section_5_2, two_accesses_that_meet_two_breakpoints_are_one_db) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(0, on_access, 0x8000);
    core.arm(2, on_write, 0x9000);
    core.fetch(0x1000);
    core.read(0x8000);
    core.write(0x9000);
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 5));
  }
}

TEST(Section_5_2, traps_of_every_kind_are_one_db) {
  const CpuProfile profile = with(intel(), Feature::bus_lock_detect);
  Core core(profile);
  core.context.cr4_de = core.context.tf = true;
  core.context.cpl = 3;
  core.state[MsrSlot::debugctl] = 4;
  core.arm(0, on_write, 0x8000);
  core.arm(1, on_io, 0x60);
  core.fetch(0x1000);
  core.write(0x8000);
  core.io(0x60);
  core.put(of_operation(Operation::bus_lock));
  EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 0x4803));
  EXPECT_EQ(core.state.dr[6], 0xFFFF47F3);
}

} // namespace
} // namespace icebp::test
