#include <icebp/model/rules/debug/instruction_boundary.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// The bus-lock trap on both vendors, its gate DEBUGCTL[2] open.
CpuProfile with_bus_lock(Vendor vendor) {
  return with(profile_of(vendor), Feature::bus_lock_detect);
}

// ---- 4.1: class, DR6 and RF, by condition; 10.3 says the same of payload and DR7.GD -------------

// DR6 has stale B bits and a step of long ago; GD is on.
Core busy_core(const CpuProfile& profile) {
  Core core(profile);
  core.state.dr[6] = 0xFFFF4FFF;
  core.state.dr[7] |= 0x2000;
  core.state[MsrSlot::debugctl] = 3; // LBR, BTF
  return core;
}

void expect_delivered(const Core& core, u64 dr6, bool rf = false) {
  EXPECT_EQ(core.state.dr[6], dr6);
  EXPECT_EQ(core.state.dr[7] & 0x2000, 0u);         // 5.5: GD
  EXPECT_EQ(core.state[MsrSlot::debugctl] & 3, 0u); // 5.5: LBR, BTF
  EXPECT_EQ(core.rf, rf);
  EXPECT_TRUE(same(core.state.boundary, Boundary{}));
}

TEST(Section_4_1, instruction_is_a_fault_before_execution) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.arm(2, on_execution, 0x1000);
    EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1000), 4));
    expect_delivered(core, 0xFFFF4FF4);
  }
}

TEST(Section_4_1, data_write_is_a_trap_after_the_instruction) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.arm(1, on_write, 0x8000);
    EXPECT_TRUE(is_retired(core.fetch(0x1000)));
    EXPECT_TRUE(is_retired(core.write(0x8000), 2));
    EXPECT_EQ(core.state.dr[6], 0xFFFF4FFF); // 6: untouched until delivery
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 2));
    expect_delivered(core, 0xFFFF4FF2);
  }
}

TEST(Section_4_1, data_read_or_write) {
  for (const Vendor vendor : vendors)
    for (const bool writes : {false, true}) {
      Core core = busy_core(profile_of(vendor));
      core.arm(3, on_access, 0x8000);
      core.fetch(0x1000);
      EXPECT_TRUE(is_retired(writes ? core.write(0x8000) : core.read(0x8000), 8));
      EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 8));
      expect_delivered(core, 0xFFFF4FF8);
    }
}

TEST(Section_4_1, io_is_a_trap) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.context.cr4_de = true;
    core.arm(0, on_io, 0x60);
    core.fetch(0x1000);
    EXPECT_TRUE(is_retired(core.io(0x60), 1));
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::io_breakpoint, 1));
    expect_delivered(core, 0xFFFF4FF1);
  }
}

TEST(Section_4_1, general_detect_is_a_fault_at_the_mov) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    EXPECT_TRUE(is_retired(core.fetch(0x1000)));
    EXPECT_TRUE(is_gd_db(core.put(read_dr(0))));
    expect_delivered(core, 0xFFFF6FF0);
  }
}

TEST(Section_4_1, single_step_is_a_trap) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.state[MsrSlot::debugctl] = 0;
    core.context.tf = true;
    core.fetch(0x1000);
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::single_step, 0x4000));
    expect_delivered(core, 0xFFFF4FF0);
  }
}

TEST(Section_4_1, branch_step_is_a_trap) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.context.tf = true;
    core.fetch(0x1000);
    EXPECT_TRUE(is_trap(core.end(0x3000, Ending::taken_branch), Cause::branch_step, 0x4000));
    expect_delivered(core, 0xFFFF4FF0);
  }
}

Request task_switch(bool t_bit) {
  Request request = of_operation(Operation::task_switch);
  request.t_bit = t_bit;
  return request;
}

TEST(Section_4_1, task_switch_with_t_is_a_trap_of_the_new_task) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.fetch(0x1000);
    EXPECT_TRUE(is_retired(core.put(task_switch(true))));
    EXPECT_TRUE(is_trap(core.end(0x5000), Cause::task_switch, 0x8000));
    expect_delivered(core, 0xFFFFCFF0);
  }
}

TEST(Section_4_1, task_switch_without_t) {
  Core core = busy_core(intel());
  core.fetch(0x1000);
  core.put(task_switch(false));
  EXPECT_TRUE(is_retired(core.end(0x5000)));
  EXPECT_EQ(core.state.dr[6], 0xFFFF4FFF);
}

TEST(Section_3, a_task_switch_clears_the_local_enables) { // L0-L3 and LE, not G0-G3 and GE
  for (const Vendor vendor : vendors)
    for (const bool t_bit : {false, true}) {
      Core core(vendor);
      core.state.dr[7] = 0xFFFF27FF;
      core.fetch(0x1000);
      core.put(task_switch(t_bit));
      EXPECT_EQ(core.state.dr[7], 0xFFFF26AAu);
    }
}

TEST(Section_4_1, bus_lock_is_a_trap_above_cpl_0) {
  for (const Vendor vendor : vendors)
    for (const unsigned cpl : {0u, 1u, 2u, 3u}) {
      SCOPED_TRACE(cpl);
      Core core = busy_core(with_bus_lock(vendor));
      core.state[MsrSlot::debugctl] = 7;
      core.context.cpl = static_cast<std::uint8_t>(cpl);
      core.fetch(0x1000);
      EXPECT_TRUE(is_retired(core.put(of_operation(Operation::bus_lock))));
      const Outcome outcome = core.end(0x1002);
      if (cpl == 0) {
        EXPECT_TRUE(is_retired(outcome));
        continue;
      }
      EXPECT_TRUE(is_trap(outcome, Cause::bus_lock, 0x800));
      expect_delivered(core, 0xFFFF47F0);
      EXPECT_EQ(core.state[MsrSlot::debugctl], 4u); // 5.5: BLD is not cleared
    }
}

TEST(Section_4_1, bus_lock_needs_the_feature_and_debugctl_2) {
  for (const Vendor vendor : vendors)
    for (const bool has : {false, true})
      for (const u64 debugctl : {0u, 4u}) {
        Core core(with_if(has, profile_of(vendor), Feature::bus_lock_detect));
        core.state[MsrSlot::debugctl] = debugctl;
        core.context.cpl = 3;
        core.fetch(0x1000);
        core.put(of_operation(Operation::bus_lock));
        EXPECT_EQ(core.end(0x1002).vector == Vector::db, has && debugctl == 4);
      }
}

TEST(Section_4_1, int1_is_a_trap_without_a_bit) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.fetch(0x1000);
    EXPECT_TRUE(is_int1_db(core.put(int1_instruction())));
    expect_delivered(core, vendor == Vendor::intel ? 0xFFFF4FF0 : 0xFFFF4FFF); // 2.3
  }
}

TEST(Section_4_1, an_instruction_that_meets_nothing) {
  for (const Vendor vendor : vendors) {
    Core core = busy_core(profile_of(vendor));
    core.arm(0, on_write, 0x8000);
    core.arm(1, on_execution, 0x1001); // 4.1: behind a prefix it never fires
    const CoreState before = core.state;
    EXPECT_TRUE(is_retired(core.fetch(0x1000)));
    EXPECT_TRUE(is_retired(core.read(0x8000)));
    EXPECT_TRUE(is_retired(core.write(0x8001)));
    EXPECT_TRUE(is_retired(core.io(0x8000)));
    EXPECT_TRUE(is_retired(core.end(0x1002)));
    EXPECT_TRUE(same(core.state, before));
  }
}

// ---- 4.5: RF ------------------------------------------------------------------------------------

TEST(Section_4_5, rf_suppresses_instruction_breakpoints_only) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.rf = true;
    core.context.cr4_de = true;
    core.context.tf = true;
    core.arm(0, on_execution, 0x1000);
    core.arm(1, on_write, 0x8000);
    core.arm(2, on_io, 0x60);
    EXPECT_TRUE(is_retired(core.fetch(0x1000)));
    EXPECT_TRUE(is_retired(core.write(0x8000), 2));
    EXPECT_TRUE(is_retired(core.io(0x60), 4));
    EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 0x4006));
    core.state.dr[7] |= 0x2000;
    EXPECT_TRUE(is_gd_db(core.put(read_dr(0))));
    EXPECT_TRUE(core.rf); // 4.5: general detect leaves RF alone
  }
}

// ---- What an instruction that does not complete leaves ------------------------------------------

Request page_fault() { return request_at(Operation::page_fault, 0xDEAD000); }
Request general_protection() { return wrmsr_of(0x12, 0); } // no such MSR

TEST(Fault, Drops_the_conditions_of_its_instruction) {
  for (const Vendor vendor : vendors)
    for (const Request& fault :
         {of_operation(Operation::fault), page_fault(), general_protection()}) {
      SCOPED_TRACE(name_of(fault.operation));
      Core core(vendor);
      core.context.tf = true;
      core.arm(0, on_write, 0x8000);
      core.fetch(0x1000);
      core.write(0x8000);
      core.put(fault);
      EXPECT_TRUE(same(core.state.boundary, Boundary{}));
      core.context.tf = false;
      EXPECT_TRUE(is_retired(core.run(0x4000)));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
    }
}

TEST(Fault, Takes_the_place_of_the_end) { // 5.3: a GD fault under TF has BD only
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.tf = true;
    core.state.dr[7] |= 0x2000;
    core.fetch(0x1000);
    EXPECT_TRUE(is_gd_db(core.put(write_dr(0, 0))));
    EXPECT_EQ(core.state.dr[6], 0xFFFF2FF0);
  }
}

// ---- 10.3: where the #DB goes -------------------------------------------------------------------

constexpr std::uint32_t only_db = 1 << 1;

// A watched write under TF, in a core whose DR6 and GD are to be seen.
Outcome watched_step(Core& core) {
  core.context.tf = true;
  core.state.dr[6] = 0xFFFF8FFC;
  core.state.dr[7] |= 0x2000;
  core.arm(0, on_write, 0x8000);
  core.fetch(0x1000);
  core.write(0x8000);
  return core.end(0x1002);
}

TEST(Section_10_3, handler) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    const Outcome outcome = watched_step(core);
    EXPECT_TRUE(is_trap(outcome, Cause::data_breakpoint, 0x4001));
    EXPECT_EQ(fred_event_data(outcome), 0x4001u); // FRED: the payload
    EXPECT_EQ(core.state.dr[6], 0xFFFFCFF1);
    EXPECT_EQ(core.state.dr[7], 0x10402u);
  }
}

TEST(Section_10_3, vmx_db_intercept_changes_no_register) {
  VmxControls vmx;
  vmx.exceptions = only_db;
  Core core(intel());
  core.context.guest = &vmx;
  const Outcome outcome = watched_step(core);
  EXPECT_TRUE(is_db(outcome, OutcomeKind::exit, Cause::data_breakpoint, 0x4001));
  EXPECT_EQ(vmx_exit_of(outcome).qualification, 0x4001u);
  EXPECT_EQ(core.state.dr[6], 0xFFFF8FFC);
  EXPECT_EQ(core.state.dr[7], 0x12402u);
  EXPECT_TRUE(same(core.state.boundary, Boundary{})); // 7.1: pending field 0
}

TEST(Section_10_3, svm_db_intercept_delivers_first) {
  SvmControls svm;
  svm.exceptions = only_db;
  Core core(amd());
  core.context.guest = &svm;
  EXPECT_TRUE(is_db(watched_step(core), OutcomeKind::exit, Cause::data_breakpoint, 0x4001));
  EXPECT_EQ(core.state.dr[6], 0xFFFFCFF1);
  EXPECT_EQ(core.state.dr[7], 0x10402u);
  EXPECT_TRUE(same(core.state.boundary, Boundary{}));
}

TEST(Section_10_3, debug_firmware_redirect_delivers_first) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.context.redirect_db = true;
    EXPECT_TRUE(is_db(watched_step(core), OutcomeKind::trap, Cause::data_breakpoint, 0x4001, true));
    EXPECT_EQ(core.state.dr[6], 0xFFFFCFF1);
    EXPECT_EQ(core.state.dr[7], 0x10402u);
    EXPECT_TRUE(core.state.redirected.valid);
    EXPECT_EQ(core.state.redirected.operation, Operation::end_of_instruction);
  }
}

// ---- The header's own words ---------------------------------------------------------------------

TEST(InstructionEvent, Decides_and_changes_nothing) {
  Core core(intel());
  core.arm(0, on_write, 0x8000);
  core.context.tf = true;
  core.fetch(0x1000);
  core.write(0x8000);
  const CoreState before = core.state;
  Request end = request_at(Operation::end_of_instruction, 0x1002);
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_TRUE(is_trap(decide(core.cpu, core.state, end), Cause::data_breakpoint, 0x4001));
    EXPECT_TRUE(same(core.state, before));
  }
}

TEST(Boundary, Is_quiet_if_nothing_waits) {
  EXPECT_TRUE(Boundary{}.is_quiet());
  Boundary boundary;
  boundary.shadow = Shadow::sti;
  EXPECT_FALSE(boundary.is_quiet());
  boundary.shadow = Shadow::mov_ss;
  EXPECT_FALSE(boundary.is_quiet());
  boundary = {};
  boundary.single_step = true;
  EXPECT_FALSE(boundary.is_quiet());
  for (DebugTraps Boundary::*traps : {&Boundary::raised, &Boundary::held, &Boundary::due}) {
    boundary = {};
    (boundary.*traps).causes = only(Cause::bus_lock);
    EXPECT_TRUE((boundary.*traps).any());
    EXPECT_FALSE(boundary.is_quiet());
  }
}

TEST(DebugTraps, Add) {
  DebugTraps traps{1, only(Cause::data_breakpoint)};
  traps.add({0x4001, only(Cause::single_step)});
  EXPECT_EQ(traps.payload, 0x4001u);
  EXPECT_EQ(traps.causes, only(Cause::data_breakpoint) | only(Cause::single_step));
  EXPECT_FALSE(DebugTraps{}.any());
}

TEST(FirstOf, The_list_of_causes) {
  EXPECT_EQ(first_of(0), Cause::none);
  EXPECT_EQ(first_of(only(Cause::rtm_abort)), Cause::rtm_abort);
  EXPECT_EQ(first_of(only(Cause::single_step) | only(Cause::data_breakpoint)),
            Cause::data_breakpoint);
  EXPECT_EQ(first_of(only(Cause::held_trap) | only(Cause::data_breakpoint)), Cause::held_trap);
}

} // namespace
} // namespace icebp::test
