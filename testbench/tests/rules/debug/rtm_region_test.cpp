// What comes of debug events and other stops in an RTM region: docs/debug-unit.md 5.8.

#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace icebp::test {
namespace {

constexpr RtmRegion region{0x800, 0x900};

Core core_in_region() {
  Core core(with(intel(), Feature::bus_lock_detect));
  core.context.rtm = &region;
  return core;
}

// DR7[11] and DEBUGCTL[15].
Core core_with_enables(bool dr7, bool debugctl) {
  Core core = core_in_region();
  core.state.dr[7] = dr7 ? 0xC00 : 0x400;
  core.state[MsrSlot::debugctl] = debugctl ? 0x8000 : 0;
  return core;
}
Core core_with_advanced_debugging() { return core_with_enables(true, true); }

// To the fallback address, no #DB.
testing::AssertionResult is_abort(const Outcome& actual, std::uint16_t eax = 0) {
  Outcome expected;
  expected.kind = OutcomeKind::retired;
  expected.cause = Cause::rtm_abort;
  expected.vector = Vector::none;
  expected.data = 0x900;
  expected.code = eax;
  return same(actual, expected);
}
// By a #DB or #BP: EAX[4] (SDM vol. 1 16.3.7, table 16-1).
testing::AssertionResult is_abort_by_debug_event(const Outcome& actual) {
  return is_abort(actual, 0x10);
}
testing::AssertionResult is_db_at_xbegin(const Outcome& actual) {
  return is_db(actual, OutcomeKind::fault, Cause::rtm_abort, 0x10000);
}

// --- 16.3.7: debug events

struct DebugEvent {
  const char* name;
  Outcome (*meet)(Core&); // the outcome of the operation at which it is taken
};
constexpr DebugEvent debug_events[] = {
    {"instruction breakpoint",
     [](Core& core) {
       core.arm(0, on_execution, 0x1000);
       return core.fetch(0x1000);
     }},
    {"data breakpoint",
     [](Core& core) {
       core.arm(1, on_write, 0x8000);
       core.fetch(0x1000);
       EXPECT_TRUE(is_retired(core.write(0x8000), 2));
       return core.end(0x1002);
     }},
    {"I/O breakpoint",
     [](Core& core) {
       core.context.cr4_de = true;
       core.arm(2, on_io, 0x60);
       core.fetch(0x1000);
       EXPECT_TRUE(is_retired(core.io(0x60), 4));
       return core.end(0x1002);
     }},
    {"single step",
     [](Core& core) {
       core.context.tf = true;
       return core.run(0x1000);
     }},
    {"branch step",
     [](Core& core) {
       core.context.tf = true;
       core.state[MsrSlot::debugctl] |= 2;
       return core.run(0x1000, Ending::taken_branch);
     }},
    {"general detect by a read",
     [](Core& core) {
       core.state.dr[7] |= 0x2000;
       core.fetch(0x1000);
       return core.put(read_dr(0));
     }},
    {"general detect by a write",
     [](Core& core) {
       core.state.dr[7] |= 0x2000;
       core.fetch(0x1000);
       return core.put(write_dr(0, 0x1234));
     }},
    {"INT1",
     [](Core& core) {
       core.fetch(0x1000);
       return core.put(int1_instruction());
     }},
    {"bus lock",
     [](Core& core) {
       core.context.cpl = 3;
       core.state[MsrSlot::debugctl] |= 4;
       core.fetch(0x1000);
       core.put(of_operation(Operation::bus_lock));
       return core.end(0x1002);
     }},
    {"INT3",
     [](Core& core) {
       core.fetch(0x1000);
       return core.put(request_at(Operation::rtm_abort, 0x1000));
     }},
    {"a breakpoint in a REP instruction",
     [](Core& core) {
       core.arm(0, on_access, 0x8000);
       core.fetch(0x1000);
       core.read(0x8000);
       return core.iterate(0x1000); // exact: no fast string
     }},
};

// No register is changed, and no condition is left.
void expect_only_aborted(const Core& core, CoreState before) {
  before.boundary = Boundary{};
  EXPECT_TRUE(same(core.state, before));
}

TEST(Rtm_16_3_7, a_debug_event_aborts_to_the_fallback_address) {
  for (const DebugEvent& event : debug_events)
    for (const auto& [dr7, debugctl] : {std::pair{false, false}, {false, true}, {true, false}}) {
      SCOPED_TRACE(event.name);
      Core core = core_with_enables(dr7, debugctl);
      core.state.dr[6] = 0xFFFF4FF5;
      EXPECT_TRUE(is_abort_by_debug_event(event.meet(core)));
      CoreState expected = core.state; // with what `meet` has armed
      expected.dr[6] = 0xFFFF4FF5;
      expect_only_aborted(core, expected);
      EXPECT_NE(core.state.dr[0], 0x1234u); // by the write that general detect stopped
    }
}

TEST(Rtm_16_3_7, with_both_enables_it_is_a_db_at_xbegin) {
  for (const DebugEvent& event : debug_events) {
    SCOPED_TRACE(event.name);
    Core core = core_with_advanced_debugging();
    core.state.dr[6] = 0xFFFF4FF5;
    EXPECT_TRUE(is_db_at_xbegin(event.meet(core)));
    EXPECT_EQ(core.state.dr[6], 0xFFFE4FF0);          // RTM and B cleared
    EXPECT_EQ(core.state.dr[7] & 0x2800, 0x800u);     // 5.5: GD
    EXPECT_EQ(core.state[MsrSlot::debugctl] & 2, 0u); // 5.5: BTF
    EXPECT_FALSE(core.rf);
    EXPECT_TRUE(same(core.state.boundary, Boundary{}));
  }
}

TEST(Rtm_16_3_7, both_addresses) {
  Core core = core_with_enables(false, false);
  core.context.tf = true;
  Request end = request_at(Operation::end_of_instruction, 0x1002);
  end.context = core.context;
  EXPECT_EQ(rip_after(end, core.run(0x1000), 0x1002), 0x900u);

  Core advanced = core_with_advanced_debugging();
  advanced.state.dr[7] |= 0x2000;
  Request mov = read_dr(0);
  mov.context = advanced.context;
  EXPECT_EQ(rip_after(mov, advanced.put(mov), 0x1000), 0x800u);
}

// kvm-unit-tests vmx_tests.c: a step from XBEGIN on, where TF was set before.
TEST(Rtm_16_3_7, the_step_of_xbegin_is_in_the_region) {
  for (const bool advanced : {false, true}) {
    Core core = core_with_enables(advanced, advanced);
    core.context.tf = true;
    core.context.rtm = nullptr;
    EXPECT_TRUE(is_retired(core.fetch(0x800)));
    core.context.rtm = &region;
    const Outcome outcome = core.end(0x806);
    EXPECT_TRUE(advanced ? is_db_at_xbegin(outcome) : is_abort_by_debug_event(outcome));
  }
}

// The same source: the first instruction of the fallback code retires, then the step is taken.
TEST(Rtm_16_3_7, tf_traps_behind_the_first_fallback_instruction) {
  Core core = core_with_enables(false, false);
  core.context.tf = true;
  EXPECT_TRUE(is_abort_by_debug_event(core.run(0x1000)));
  core.context.rtm = nullptr;
  EXPECT_TRUE(is_retired(core.fetch(0x900)));
  EXPECT_TRUE(is_trap(core.end(0x901), Cause::single_step, 0x4000));
}

TEST(Rtm_16_3_7, rf_suppresses_the_instruction_breakpoint_there_too) {
  Core core = core_with_enables(false, false);
  core.arm(0, on_execution, 0x1000);
  core.context.rf = true;
  EXPECT_TRUE(is_retired(core.fetch(0x1000)));
}

// --- 16.3.8.2: what is suppressed

TEST(Rtm_16_3_8, another_exception_aborts_and_is_no_db) {
  Request lock = with_fault(read_dr(0), Cause::lock_prefix); // #UD
  for (const bool advanced : {false, true})
    for (const Request& request :
         {rdmsr_of(0x12345), lock, at_cpl(write_dr(0, 0), 3), write_dr(6, bit(40)),
          request_at(Operation::page_fault, 0xDEAD000), of_operation(Operation::fault)}) {
      SCOPED_TRACE(name_of(request.operation));
      Core core = core_with_enables(advanced, advanced);
      core.context.cpl = request.context.cpl;
      core.arm(0, on_write, 0x8000);
      core.fetch(0x1000);
      core.write(0x8000);
      const CoreState before = core.state;
      EXPECT_TRUE(is_abort(core.put(request)));
      expect_only_aborted(core, before);
    }
}

TEST(Rtm_16_3_8, an_exit_of_the_instruction_aborts) {
  VmxControls vmx;
  vmx.mov_dr_exiting = true;
  vmx.exceptions = 1U << 14; // #PF
  for (const Request& request :
       {read_dr(0), rdmsr_of(0x10), request_at(Operation::page_fault, 0xDEAD000)}) {
    Core core = core_with_advanced_debugging();
    core.context.guest = &vmx;
    const CoreState before = core.state;
    EXPECT_TRUE(is_abort(core.put(request)));
    expect_only_aborted(core, before);
  }
}

// kvm-unit-tests vmx_tests.c: qualification RTM, DR6 as it was.
TEST(Rtm_16_3_8, a_db_at_xbegin_is_intercepted_as_any) {
  VmxControls vmx;
  vmx.exceptions = 2; // #DB
  Core core = core_with_advanced_debugging();
  core.context.guest = &vmx;
  core.context.tf = true;
  const CoreState before = core.state;
  const Outcome outcome = core.run(0x1000);
  EXPECT_TRUE(is_db(outcome, OutcomeKind::exit, Cause::rtm_abort, 0x10000));
  EXPECT_EQ(vmx_exit_of(outcome).qualification, 0x10000u);
  expect_only_aborted(core, before);

  Core plain = core_with_enables(false, false); // no #DB, no exit
  plain.context.guest = &vmx;
  plain.context.tf = true;
  EXPECT_TRUE(is_abort_by_debug_event(plain.run(0x1000)));
}

// --- 16.3.8.1: instructions

TEST(Rtm_16_3_8, mov_to_dr_and_the_msr_instructions_abort) {
  std::vector<Request> requests{write_dr(0, 0x1234), write_dr(7, 0x402), rdmsr_of(0x10),
                                wrmsr_of(0x1D9, 1)};
  for (const Operation operation :
       {Operation::wrmsrns, Operation::rdmsr_imm, Operation::wrmsrns_imm, Operation::rdmsrlist,
        Operation::wrmsrlist, Operation::rdmsrlist_entry, Operation::wrmsrlist_entry}) {
    requests.push_back(wrmsr_of(0xC0000081, 0x1230));
    requests.back().operation = operation;
  }
  for (const Request& request : requests) {
    SCOPED_TRACE(name_of(request.operation));
    Core core(*find_cpu_profile("intel-max"));
    EXPECT_EQ(core.put(request).kind, OutcomeKind::retired);
    core.state = power_up(core.cpu);
    core.context.rtm = &region;
    core.state.dr[7] |= 0x800;
    core.state[MsrSlot::debugctl] = 0x8000; // not a debug event
    const CoreState before = core.state;
    EXPECT_TRUE(is_abort(core.put(request)));
    expect_only_aborted(core, before);
  }
}

TEST(Rtm_16_3_8, a_task_switch_aborts_and_keeps_the_local_enables) {
  Core core = core_in_region();
  core.state.dr[7] = 0x4FF;
  Request request = of_operation(Operation::task_switch);
  request.t_bit = true;
  EXPECT_TRUE(is_abort(core.put(request)));
  EXPECT_EQ(core.state.dr[7], 0x4FFu);
}

TEST(Rtm_16_3_8, what_meets_nothing_goes_on) {
  Core core = core_with_advanced_debugging();
  core.arm(3, on_write, 0x9000);
  core.state.dr[0] = 0x1234;
  const CoreState before = core.state;
  EXPECT_TRUE(is_retired(core.fetch(0x1000)));
  EXPECT_TRUE(is_retired(core.read(0x8000)));
  EXPECT_TRUE(is_retired(core.write(0x8000)));
  EXPECT_TRUE(is_retired(core.put(read_dr(0)), 0x1234)); // MOV from DR is not listed
  EXPECT_TRUE(is_retired(core.put(of_operation(Operation::bus_lock))));
  EXPECT_TRUE(is_retired(core.iterate(0x1000)));
  EXPECT_TRUE(is_retired(core.end(0x1002)));
  EXPECT_TRUE(same(core.state, before));
  EXPECT_TRUE(is_retired(core.put(of_operation(Operation::init))));
  EXPECT_EQ(core.state.dr[0], 0u);
}

// --- what waits as the region is aborted: docs/open-points.md

TEST(RtmRegion, traps_that_wait_are_lost) {
  for (const bool advanced : {false, true}) {
    Core core = core_with_enables(advanced, advanced);
    core.state.boundary.shadow = Shadow::mov_ss; // MOV SS before XBEGIN
    core.state.boundary.held = {0x2, only(Cause::held_trap)};
    core.fetch(0x800);
    const Outcome held = core.end(0x806);
    EXPECT_TRUE(advanced ? is_db_at_xbegin(held) : is_abort_by_debug_event(held));
    core.context.rtm = nullptr;
    EXPECT_TRUE(is_retired(core.run(0x900)));

    core.context.rtm = &region;
    core.state.boundary.due = {0x1, only(Cause::data_breakpoint)};
    core.state.dr[7] |= advanced ? 0x800 : 0;
    const Outcome due = core.fetch(0x806);
    EXPECT_TRUE(advanced ? is_db_at_xbegin(due) : is_abort_by_debug_event(due));
    core.context.rtm = nullptr;
    EXPECT_TRUE(is_retired(core.run(0x900)));
  }
}

TEST(RtmRegion, an_event_that_comes_first_is_left_to_the_simulator) {
  Core core = core_with_advanced_debugging();
  core.context.tf = true;
  core.fetch(0x1000);
  EXPECT_TRUE(is_retired(core.end(0x1002, Ending::plain, only(Event::smi))));
}

// Between iterations the image of a trap has RF; XBEGIN's has not.
TEST(RtmRegion, rf_of_a_db_between_iterations) {
  Core core = core_with_advanced_debugging();
  core.context.tf = true;
  core.fetch(0x1000);
  EXPECT_TRUE(is_db_at_xbegin(core.iterate(0x1000)));
  EXPECT_FALSE(core.rf);
}

TEST(RtmRegion, outside_there_is_nothing_to_abort) { // XABORT: SDM vol. 2
  Core core = core_with_advanced_debugging();
  core.context.rtm = nullptr;
  core.arm(0, on_write, 0x8000);
  core.fetch(0x1000);
  core.write(0x8000);
  EXPECT_TRUE(is_retired(core.put(of_operation(Operation::rtm_abort))));
  EXPECT_TRUE(is_trap(core.end(0x1002), Cause::data_breakpoint, 1));
}

TEST(RtmRegion, firmware_takes_the_db_and_has_no_mov_to_complete) {
  Core core = core_with_advanced_debugging();
  core.context.redirect_db = true;
  core.state.dr[7] |= 0x2000;
  EXPECT_TRUE(
      is_db(core.put(write_dr(0, 0x1234)), OutcomeKind::fault, Cause::rtm_abort, 0x10000, true));
  EXPECT_FALSE(is_well_formed(core.state, resume_with(ResumeVerb::complete, 0x5678)));
  EXPECT_TRUE(is_well_formed(core.state, resume_with(ResumeVerb::reexecute)));
}

} // namespace
} // namespace icebp::test
