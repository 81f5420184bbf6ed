#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr DebugTraps held_b0{1, only(Cause::held_trap)};

// MOV SS at 1000 has read what DR0 watches; 1002 is next.
Core after_mov_ss(const CpuProfile& profile) {
  Core core(profile);
  core.arm(0, on_access, 0x8000);
  core.fetch(0x1000);
  EXPECT_TRUE(is_retired(core.read(0x8000, 2), 1));
  EXPECT_TRUE(is_retired(core.end(0x1002, Ending::mov_ss)));
  EXPECT_EQ(core.state.boundary.shadow, Shadow::mov_ss);
  EXPECT_TRUE(same(core.state.boundary.held, held_b0));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
  return core;
}
Core after_mov_ss(Vendor vendor) { return after_mov_ss(profile_of(vendor)); }

CpuProfile keeping_traps_over_faults(Vendor vendor) {
  static const auto keeping = [](Authority authority) {
    authority.quirks.fault_drops_held_traps = false;
    return authority;
  };
  static const Authority intel = keeping(intel_hardware);
  static const Authority amd = keeping(amd_hardware);
  CpuProfile profile = profile_of(vendor);
  profile.authority = vendor == Vendor::intel ? &intel : &amd;
  return profile;
}

// ---- The instruction behind ends: 5.3, kvm-unit-tests debug.c, Linux mov_ss_trap.c --------------

// How the instruction in the shadow ends, whether TF is set before and after it, and the payload.
struct Successor {
  const char* name;
  Ending ending;
  bool tf_before, tf_after;
  u64 payload;
};
constexpr Successor successors[] = {
    {"plain", Ending::plain, false, false, 1},
    {"plain under TF", Ending::plain, true, true, 0x4001},
    {"branch", Ending::taken_branch, false, false, 1},
    {"INT n", Ending::interrupt_entry, false, false, 1},
    {"INT n under TF", Ending::interrupt_entry, true, false, 1},
    {"SYSCALL", Ending::syscall, false, false, 1},
    {"SYSCALL that masks TF", Ending::syscall, true, false, 1},
    {"SYSCALL that keeps TF", Ending::syscall, true, true, 0x4001},
    {"STI", Ending::sti, false, false, 1},
    {"second MOV SS", Ending::mov_ss, false, false, 1},
    {"second MOV SS under TF", Ending::mov_ss, true, true, 0x4001},
};

TEST(Section_5_3, a_held_trap_comes_after_the_next_instruction) {
  for (const Vendor vendor : vendors)
    for (const Successor& row : successors) {
      SCOPED_TRACE(row.name);
      Core core = after_mov_ss(vendor);
      core.context.tf = row.tf_before;
      EXPECT_TRUE(is_retired(core.fetch(0x1002)));
      core.context.tf = row.tf_after;
      EXPECT_TRUE(is_trap(core.end(0x5000, row.ending), Cause::held_trap, row.payload));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0 | row.payload);
      EXPECT_FALSE(core.rf);
      EXPECT_TRUE(same(core.state.boundary, Boundary{}));
    }
}

TEST(Section_5_3, mov_ss_then_int3_delivers_at_the_handler) { // CVE-2018-8897
  for (const Vendor vendor : vendors) {
    Core core = after_mov_ss(vendor);
    core.fetch(0x1002);
    Request entry = request_at(Operation::end_of_instruction, 0xFFFFFFFF81000000);
    entry.ending = Ending::interrupt_entry;
    EXPECT_TRUE(is_trap(core.put(entry), Cause::held_trap, 1)); // RIP: of the handler of #BP
    EXPECT_TRUE(is_retired(core.run(0x7000)));                  // and no other
  }
}

TEST(Section_5_3, a_held_trap_joins_that_of_the_next_instruction) {
  for (const Vendor vendor : vendors) {
    Core core = after_mov_ss(vendor);
    core.arm(1, on_write, 0x9000);
    core.fetch(0x1002);
    core.write(0x9000);
    EXPECT_TRUE(is_trap(core.end(0x1004), Cause::held_trap, 3));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF3);
  }
}

TEST(Section_5_3, a_second_mov_ss_does_not_extend_the_shadow) {
  for (const Vendor vendor : vendors) {
    Core core = after_mov_ss(vendor);
    core.arm(1, on_access, 0x9000);
    core.fetch(0x1002);
    core.read(0x9000, 2);
    EXPECT_TRUE(is_trap(core.end(0x1004, Ending::mov_ss), Cause::held_trap, 3));
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none);
  }
}

TEST(Section_5_3, a_third_mov_ss_has_a_shadow_again) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.run(0x1000, Ending::mov_ss);
    core.run(0x1002, Ending::mov_ss);
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none);
    core.run(0x1004, Ending::mov_ss);
    EXPECT_EQ(core.state.boundary.shadow, Shadow::mov_ss);
    core.run(0x1006);
    EXPECT_EQ(core.state.boundary.shadow, Shadow::none);
  }
}

TEST(Section_5_3, mov_ss_behind_sti_holds) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(0, on_access, 0x8000);
    core.run(0x0FFE, Ending::sti);
    core.fetch(0x1000);
    core.read(0x8000);
    EXPECT_TRUE(is_retired(core.end(0x1002, Ending::mov_ss)));
    EXPECT_TRUE(is_trap(core.run(0x1002), Cause::held_trap, 1));
  }
}

// ---- INT1 behind it: 5.3, 5.4 -------------------------------------------------------------------

TEST(Section_5_3, mov_ss_then_int1_is_one_db) { // Intel; AMD UNVERIFIED, the model's choice alike
  for (const Vendor vendor : vendors) {
    Core core = after_mov_ss(vendor);
    core.fetch(0x1002);
    EXPECT_TRUE(is_db(core.put(int1_instruction()), OutcomeKind::trap, Cause::int1, 1));
    EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1); // measured: ...1 after ICEBP
    EXPECT_TRUE(same(core.state.boundary, Boundary{}));
    EXPECT_TRUE(is_retired(core.run(0x7000)));
  }
}

TEST(Section_5_4, int1_behind_mov_ss_in_a_vmx_guest) { // the exit carries the held bit
  VmxControls vmx;
  vmx.exceptions = 1 << 1;
  Core core = after_mov_ss(Vendor::intel);
  core.context.guest = &vmx;
  core.fetch(0x1002);
  EXPECT_TRUE(is_db(core.put(int1_instruction()), OutcomeKind::exit, Cause::int1, 1));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
  EXPECT_TRUE(same(core.state.boundary, Boundary{})); // 5.4: clears the blocking
}

TEST(Section_5_4, svms_own_intercept_of_int1_keeps_the_held_trap) { // no #DB yet
  SvmControls svm;
  svm.icebp = true;
  Core core = after_mov_ss(Vendor::amd);
  core.context.guest = &svm;
  core.fetch(0x1002);
  EXPECT_EQ(core.put(int1_instruction()).kind, OutcomeKind::exit);
  EXPECT_TRUE(same(core.state.boundary.held, held_b0));
}

// ---- A fault behind it: 5.3, 13 -----------------------------------------------------------------

struct Fault {
  const char* name;
  Request request;
  Vector vector;
};
const std::vector<Fault>& faults() {
  static const std::vector<Fault> list{
      {"#PF", request_at(Operation::page_fault, 0xDEAD000), Vector::pf},
      {"of the core", of_operation(Operation::fault), Vector::none},
      {"#GP of MOV DR", write_dr(6, bit(32)), Vector::gp},
      {"#UD of MOV DR", with_fault(read_dr(0), Cause::lock_prefix), Vector::ud},
      {"#UD of INT1", with_fault(int1_instruction(), Cause::lock_prefix), Vector::ud},
      {"#GP of WRMSR", wrmsr_of(0x12, 0), Vector::gp},
  };
  return list;
}

TEST(Section_5_3, a_fault_drops_a_held_trap) {
  for (const Vendor vendor : vendors)
    for (const Fault& fault : faults()) {
      SCOPED_TRACE(fault.name);
      Core core = after_mov_ss(vendor);
      core.fetch(0x1002);
      EXPECT_EQ(core.put(fault.request).vector, fault.vector);
      EXPECT_TRUE(same(core.state.boundary, Boundary{}));
      EXPECT_TRUE(is_retired(core.run(0x7000)));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
    }
}

TEST(Section_13, or_it_comes_at_the_faults_handler) { // quirk fault_drops_held_traps
  for (const Vendor vendor : vendors)
    for (const Fault& fault : faults()) {
      SCOPED_TRACE(fault.name);
      Core core = after_mov_ss(keeping_traps_over_faults(vendor));
      core.arm(1, on_write, 0x9000);
      core.fetch(0x1002);
      core.write(0x9000); // of the instruction that faults: dropped all the same
      EXPECT_EQ(core.put(fault.request).vector, fault.vector);
      EXPECT_TRUE(is_trap(core.fetch(0x7000), Cause::held_trap, 1));
      EXPECT_TRUE(is_retired(core.run(0x7000)));
    }
}

TEST(Section_5_3, general_detect_is_not_suppressed_by_the_shadow) { // and drops as any fault
  for (const Vendor vendor : vendors)
    for (const bool drops : {true, false}) {
      Core core = after_mov_ss(drops ? profile_of(vendor) : keeping_traps_over_faults(vendor));
      core.state.dr[7] |= 0x2000;
      core.fetch(0x1002);
      EXPECT_TRUE(is_gd_db(core.put(write_dr(0, 0))));
      EXPECT_EQ(core.state.dr[6], 0xFFFF2FF0);
      const Outcome next = core.fetch(0x7000);
      EXPECT_EQ(next.vector, drops ? Vector::none : Vector::db);
      EXPECT_EQ(core.state.dr[6], drops ? 0xFFFF2FF0 : 0xFFFF2FF1);
    }
}

// ---- An instruction breakpoint behind it: 4.5, 5.3 ----------------------------------------------

TEST(Section_4_5, intel_suppresses_a_breakpoint_behind_mov_ss) {
  Core core = after_mov_ss(Vendor::intel);
  core.arm(1, on_execution, 0x1002);
  EXPECT_TRUE(is_retired(core.fetch(0x1002)));
  EXPECT_TRUE(is_trap(core.end(0x1004), Cause::held_trap, 1)); // follows that instruction
}

TEST(Section_4_5, amd_does_not) { // a fault: it drops the held trap
  Core core = after_mov_ss(Vendor::amd);
  core.arm(1, on_execution, 0x1002);
  EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1002), 2));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF2);
  EXPECT_TRUE(is_retired(core.run(0x7000)));

  core = after_mov_ss(keeping_traps_over_faults(Vendor::amd));
  core.arm(1, on_execution, 0x1002);
  EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1002), 2));
  EXPECT_TRUE(is_trap(core.fetch(0x7000), Cause::held_trap, 1));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
}

TEST(Section_4_5, suppression_is_a_quirk_of_either_vendor) {
  for (const Vendor vendor : vendors)
    for (const bool inhibits : {false, true})
      for (const bool held : {false, true}) {
        CpuProfile profile = profile_of(vendor);
        profile.quirks.mov_ss_inhibits_code_breakpoint = inhibits;
        Core core(profile);
        core.arm(0, on_access, 0x8000);
        core.arm(1, on_execution, 0x1002);
        core.fetch(0x1000);
        if (held)
          core.read(0x8000);
        core.end(0x1002, Ending::mov_ss);
        EXPECT_EQ(core.fetch(0x1002).vector, inhibits ? Vector::none : Vector::db);
      }
}

TEST(Section_4_5, the_shadow_covers_one_instruction) {
  for (const Vendor vendor : vendors) {
    Core core(vendor);
    core.arm(1, on_execution, 0x1004);
    EXPECT_TRUE(is_retired(core.run(0x1000, Ending::mov_ss)));
    EXPECT_TRUE(is_retired(core.run(0x1002)));
    EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1004), 2));
  }
}

TEST(Section_5_3, held_and_a_breakpoint_on_the_second_instruction) { // merge measured on Intel
  for (const Vendor vendor : vendors) {
    Core core = after_mov_ss(vendor);
    core.arm(1, on_execution, 0x1004);
    core.fetch(0x1002);
    const Outcome first = core.end(0x1004);
    if (vendor == Vendor::intel) {
      EXPECT_TRUE(is_trap(first, Cause::instruction_breakpoint, 3));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF3);
      EXPECT_TRUE(is_retired(core.run(0x7000)));
    } else {
      EXPECT_TRUE(is_trap(first, Cause::held_trap, 1));
      EXPECT_TRUE(is_retired(core.run(0x7000)));
      EXPECT_TRUE(is_code_breakpoint(core.fetch(0x1004), 2)); // back from the handler
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF2);
    }
  }
}

// ---- Hypervisors and debug firmware -------------------------------------------------------------

TEST(Section_10_3, another_vmx_exit_first_keeps_the_held_trap) { // for the pending-debug field
  VmxControls vmx;
  vmx.exceptions = 1 << 13;
  Core core = after_mov_ss(Vendor::intel);
  core.context.guest = &vmx;
  core.arm(1, on_write, 0x9000);
  core.fetch(0x1002);
  core.write(0x9000);
  EXPECT_EQ(core.put(write_dr(6, bit(32))).kind, OutcomeKind::exit); // #GP
  EXPECT_TRUE(same(core.state.boundary.held, held_b0));
  EXPECT_TRUE(same(core.state.boundary.raised, DebugTraps{})); // its own are undone
  EXPECT_EQ(core.state.boundary.shadow, Shadow::mov_ss);
  EXPECT_EQ(payload::to_vmx_field(core.state.boundary.held.payload), 0x1001u);
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
  core.context.guest = nullptr; // entered again, the instruction runs
  EXPECT_TRUE(is_trap(core.run(0x1002), Cause::held_trap, 1));
}

TEST(Section_10_3, another_svm_exit_first_keeps_the_held_trap) {
  SvmControls svm;
  svm.exceptions = 1 << 13;
  Core core = after_mov_ss(Vendor::amd);
  core.context.guest = &svm;
  core.fetch(0x1002);
  EXPECT_EQ(core.put(write_dr(6, bit(32))).kind, OutcomeKind::exit); // #GP
  EXPECT_TRUE(same(core.state.boundary.held, held_b0));
}

TEST(Section_7_1, an_intercepted_db_accumulates_the_held_bits) {
  VmxControls vmx;
  vmx.exceptions = 1 << 1;
  Core core = after_mov_ss(Vendor::intel);
  core.context.guest = &vmx;
  core.context.tf = true;
  core.fetch(0x1002);
  EXPECT_TRUE(is_db(core.end(0x1004), OutcomeKind::exit, Cause::held_trap, 0x4001));
  EXPECT_EQ(core.state.dr[6], 0xFFFF0FF0);
  EXPECT_TRUE(same(core.state.boundary, Boundary{}));
}

TEST(Section_7_1, an_intercepted_fault_db_keeps_nothing) { // GD behind MOV SS
  VmxControls vmx;
  vmx.exceptions = 1 << 1;
  Core core = after_mov_ss(Vendor::intel);
  core.context.guest = &vmx;
  core.state.dr[7] |= 0x2000;
  core.fetch(0x1002);
  EXPECT_TRUE(is_db(core.put(read_dr(0)), OutcomeKind::exit, Cause::general_detect, 0x2000));
  EXPECT_TRUE(same(core.state.boundary, Boundary{}));
}

TEST(Section_5_6, a_held_trap_goes_to_debug_firmware_too) {
  for (const Vendor vendor : vendors)
    for (const ResumeVerb verb : {ResumeVerb::reexecute, ResumeVerb::skip, ResumeVerb::inject_gp}) {
      SCOPED_TRACE(name_of(verb));
      Core core = after_mov_ss(vendor);
      core.context.redirect_db = true;
      core.fetch(0x1002);
      EXPECT_TRUE(is_db(core.end(0x1004), OutcomeKind::trap, Cause::held_trap, 1, true));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
      EXPECT_FALSE(can_resume(core.state, resume_with(ResumeVerb::complete)));
      const Outcome outcome = core.put(resume_with(verb));
      EXPECT_EQ(outcome.vector, verb == ResumeVerb::inject_gp ? Vector::gp : Vector::none);
      EXPECT_TRUE(is_retired(core.run(0x1004)));
      EXPECT_EQ(core.state.dr[6], 0xFFFF0FF1);
    }
}

TEST(Section_5_6, general_detect_behind_mov_ss_completed_by_firmware) {
  Core core = after_mov_ss(Vendor::intel);
  core.context.redirect_db = true;
  core.state.dr[7] |= 0x2000;
  core.fetch(0x1002);
  EXPECT_TRUE(is_gd_db(core.put(write_dr(1, 0x1234)), true));
  EXPECT_TRUE(is_retired(core.put(resume_with(ResumeVerb::complete, 0x5678))));
  EXPECT_EQ(core.state.dr[1], 0x5678u);
  EXPECT_TRUE(is_retired(core.end(0x1005))); // the fault dropped what was held
}

TEST(Section_5_3, mov_ss_holds_a_trap_that_lost_to_another_event) {
  Core core(Vendor::intel);
  core.arm(0, on_write, 0x8000);
  core.arm(1, on_access, 0x9000);
  core.fetch(0x1000);
  core.write(0x8000);
  EXPECT_TRUE(is_retired(core.end(0x1002, Ending::plain, only(Event::smi))));
  core.read(0x9000, 2);
  EXPECT_TRUE(is_retired(core.end(0x1004, Ending::mov_ss)));
  EXPECT_TRUE(is_trap(core.run(0x1004), Cause::held_trap, 3));
}

} // namespace
} // namespace icebp::test
