#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr u64 btf = 2;

Outcome step(const Outcome& outcome, const Core& core) {
  EXPECT_EQ(core.state.dr[6], outcome.vector == Vector::db ? 0xFFFF4FF0 : 0xFFFF0FF0);
  return outcome;
}

// ---- Which instructions step: docs/debug-unit.md 5.3, kvm-unit-tests debug.c --------------------

// TF as the instruction begins and as it ends, and whether it traps.
struct Step {
  const char* name;
  Ending ending;
  bool tf_before, tf_after;
  bool traps, traps_with_btf;
};
constexpr Step steps[] = {
    {"TF clear", Ending::plain, false, false, false, false},
    {"plain", Ending::plain, true, true, true, false},
    {"taken branch", Ending::taken_branch, true, true, true, true},
    {"STI: its shadow holds nothing", Ending::sti, true, true, true, false},
    {"MOV SS", Ending::mov_ss, true, true, false, false},
    {"POPF or IRET that sets TF", Ending::plain, false, true, false, false},
    {"POPF that clears TF", Ending::plain, true, false, true, false},
    {"INT n clears TF on its way", Ending::interrupt_entry, true, false, false, false},
    {"INT n, TF clear", Ending::interrupt_entry, false, false, false, false},
    {"SYSCALL, TF not masked", Ending::syscall, true, true, true, true},
    {"SYSCALL, TF masked", Ending::syscall, true, false, false, false},
    {"SYSRET that sets TF", Ending::syscall, false, true, true, true},
    {"SYSRET, TF clear", Ending::syscall, false, false, false, false},
};

// An instruction that its breakpoint stops has not begun: its TF is not taken.
TEST(Section_5_3, a_fetch_that_faults_takes_no_tf) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(2, on_execution, 0x1000);
    core.context.tf = true;
    EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1000), 4));
    EXPECT_TRUE(same(core.state.boundary, Boundary{}));
    core.context.tf = false; // the handler's end
    EXPECT_TRUE(is_retired(core.end(0x1000)));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF4U);
  }
}

TEST(Section_5_3, which_instructions_step) {
  for (const Vendor vendor : vendors)
    for (const Step& row : steps)
      for (const bool with_btf : {false, true}) {
        SCOPED_TRACE(std::string(row.name) + (with_btf ? ", BTF" : ""));
        Core core(vendor);
        core.state[MsrSlot::debugctl] = with_btf ? btf : 0;
        core.context.tf = row.tf_before;
        EXPECT_TRUE(is_retired(core.fetch(0x1000)));
        core.context.tf = row.tf_after;
        const Outcome outcome = step(core.end(0x2000, row.ending), core);
        if (with_btf ? row.traps_with_btf : row.traps) {
          EXPECT_TRUE(is_trap(outcome, with_btf ? Cause::branch_step : Cause::single_step, 0x4000));
          EXPECT_FALSE(core.rf);
          EXPECT_EQ(core.state[MsrSlot::debugctl], 0u); // 5.5: BTF
        } else {
          EXPECT_TRUE(is_retired(outcome));
        }
      }
}

TEST(Section_5_3, an_instruction_that_sets_tf_traps_after_the_following_one) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.fetch(0x1000);
    core.context.tf = true; // POPF
    EXPECT_TRUE(is_retired(core.end(0x1001)));
    EXPECT_TRUE(is_retired(core.fetch(0x1001)));
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::single_step, 0x4000));
  }
}

TEST(Section_5_3, mov_ss_under_tf_steps_with_the_instruction_behind_it) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.tf = true;
    EXPECT_TRUE(is_retired(core.run(0x1000, Ending::mov_ss)));
    EXPECT_EQ(core.state.boundary.shadow, Shadow::mov_ss);
    EXPECT_TRUE(is_retired(core.fetch(0x1002)));
    EXPECT_TRUE(is_trap(core.end(0x1003), Cause::single_step, 0x4000));
  }
}

TEST(Section_5_3, general_detect_under_tf_is_bd_without_bs) { // kvm-unit-tests debug.c
  for (const Vendor vendor : vendors)
    for (const bool mov_ss : {false, true}) {
      Core core(vendor);
      core.context.tf = true;
      core.state.dr[7] |= 0x2000;
      if (mov_ss) {
        EXPECT_TRUE(is_retired(core.run(0x1000, Ending::mov_ss)));
      }
      EXPECT_TRUE(is_retired(core.fetch(0x1002)));
      EXPECT_TRUE(is_gd_db(core.put(read_dr(6))));
      EXPECT_EQ(core.state.dr[6], 0xFFFF2FF0);
      // Back from the handler the MOV runs, and steps.
      EXPECT_TRUE(is_retired(core.fetch(0x1002)));
      EXPECT_TRUE(is_retired(core.put(read_dr(6)), 0xFFFF2FF0));
      EXPECT_TRUE(is_trap(core.end(0x1005), Cause::single_step, 0x4000));
      EXPECT_EQ(core.state.dr[6], 0xFFFF6FF0); // BD is sticky
    }
}

TEST(Section_5_4, int1_under_tf_has_no_bs) {
  for (const Vendor vendor : vendors)
    for (const bool mov_ss : {false, true}) {
      Core core(vendor);
      core.context.tf = true;
      if (mov_ss) {
        EXPECT_TRUE(is_retired(core.run(0x1000, Ending::mov_ss)));
      }
      core.fetch(0x1002);
      EXPECT_TRUE(is_int1_db(core.put(int1_instruction())));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
      core.context.tf = false; // the handler
      EXPECT_TRUE(is_retired(core.run(0x4000)));
    }
}

TEST(Section_5_3, sti_does_not_hold_a_data_trap_either) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(0, on_write, 0x8000);
    core.fetch(0x1000);
    core.write(0x8000);
    EXPECT_TRUE(is_trap(core.end(0x1001, Ending::sti), Cause::data_breakpoint, 1));
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none); // the handler is another instruction
  }
}

TEST(Shadow, Of_sti_is_one_instruction_long) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.run(0x1000, Ending::sti);
    EXPECT_EQ(core.state.boundary.shadow, Shadow::sti);
    core.run(0x1002, Ending::sti); // the second of two opens none
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none);
    core.run(0x1004, Ending::sti);
    core.run(0x1006);
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none);
  }
}

TEST(Shadow, Of_sti_inhibits_no_breakpoint) { // 4.5: MOV SS does
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(0, on_execution, 0x1002);
    core.run(0x1000, Ending::sti);
    EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1002), 1));
  }
}

TEST(Section_5_2, step_and_data_are_one_db) { // measured: DR6 = 4FF1
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.tf = true;
    core.arm(0, on_write, 0x8000);
    core.fetch(0x1000);
    core.write(0x8000);
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 0x4001));
    EXPECT_EQ(core.state.dr[6], 0xFFFF4FF1);
    core.context.tf = false;
    EXPECT_TRUE(is_retired(core.run(0x4000))); // one delivery
  }
}

TEST(Section_2_1, bs_is_sticky_and_not_invented) { // kvm-unit-tests debug.c
  for (const Vendor vendor : vendors)
    for (const u64 before : {0xFFFF4FF0u, 0xFFFF0FF0u}) {
      Core core(vendor);
      core.state.dr[6] = before;
      core.arm(1, on_write, 0x8000, 3);
      core.fetch(0x1000);
      core.write(0x8002, 4);
      EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 2));
      EXPECT_EQ(core.state.dr[6], before | 2);
    }
}

// 5.5: the handler has to set BTF anew.
TEST(Section_5_5, btf_is_cleared_so_the_next_step_is_of_any_instruction) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.state[MsrSlot::debugctl] = btf;
    core.context.tf = true;
    EXPECT_TRUE(is_retired(core.run(0x1000)));
    EXPECT_TRUE(is_trap(core.run(0x1002, Ending::taken_branch), Cause::branch_step, 0x4000));
    EXPECT_TRUE(is_trap(core.run(0x3000), Cause::single_step, 0x4000));
  }
}

// Every instruction steps, for as long as TF is set.
TEST(SingleStep, Each_instruction_traps_once) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.tf = true;
    for (u64 address = 0x1000; address < 0x1010; address += 2)
      EXPECT_TRUE(is_trap(core.run(address), Cause::single_step, 0x4000));
    core.context.tf = false;
    EXPECT_TRUE(is_retired(core.run(0x1010)));
  }
}

TEST(SingleStep, Wrmsr_and_mov_dr_step_like_any_other) { // KVM selftest debug_regs.c
  for (const Vendor vendor : vendors)
    for (const Request& request : {wrmsr_of(0x174, 8), rdmsr_of(0x174), write_dr(0, 8)}) {
      Core core(vendor);
      core.context.tf = true;
      core.fetch(0x1000);
      EXPECT_EQ(core.put(request).kind, OutcomeKind::retired);
      EXPECT_TRUE(is_trap(core.end(0x1003), Cause::single_step, 0x4000));
    }
}

} // namespace
} // namespace icebp::test
