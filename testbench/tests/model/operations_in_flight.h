#pragma once
// One operation of each way through the phases, for the tests that disturb an operation in flight,
// and what a RESET leaves.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/checkpoint.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace icebp::test {

inline constexpr std::uint32_t lstar = 0xC0000082;

inline const GuestControls& exiting_guest() {
  static const VmxControls controls = [] {
    VmxControls vmx;
    vmx.mov_dr_exiting = true;
    vmx.exceptions = 1U << 1; // #DB
    return vmx;
  }();
  return controls;
}

inline Request in_guest(Request request) {
  request.context.guest = &exiting_guest();
  return request;
}

inline Request page_fault() {
  Request request = of(Operation::page_fault);
  request.value = 0x7000;
  request.error_code = 2;
  return request;
}

// Puts a request to the core and takes its time.
using Put = std::function<Outcome(const Request&)>;

inline void nothing(const Put&) {}

inline void guard_debug_registers(const Put& put) { put(mov_to_dr(7, 0x2400)); } // GD

inline void step_an_instruction(const Put& put) {
  Request fetch = request_at(Operation::fetch, 0x1000);
  fetch.context.tf = true;
  put(fetch);
}

// The cycles are the sums of `distinct_cycles` over the phases: issue 2, check 3, fault 7,
// deliver 11, exit 13; an instruction that retires takes its own figure.
struct Kind {
  const char* name;
  void (*prepare)(const Put& put);
  Request request;
  unsigned cycles;
  OutcomeKind outcome; // where no RESET comes
};

inline std::vector<Kind> kinds() {
  return {
      {"MOV from DR0", nothing, mov_from_dr(0), 23, OutcomeKind::retired},
      {"MOV to DR6", nothing, mov_to_dr(6, 0), 26, OutcomeKind::retired},
      {"MOV to DR7", nothing, mov_to_dr(7, 0xD0401), 26, OutcomeKind::retired},
      {"RDMSR", nothing, msr_access(Operation::rdmsr, lstar), 27, OutcomeKind::retired},
      {"WRMSR", nothing, msr_access(Operation::wrmsr, lstar, 0x1234), 28, OutcomeKind::retired},
      {"#GP", nothing, mov_from_dr(0, 3), 2 + 3 + 7 + 11, OutcomeKind::fault},
      {"general detect", guard_debug_registers, mov_from_dr(0), 2 + 3 + 7 + 11, OutcomeKind::fault},
      {"#PF", nothing, page_fault(), 2 + 3 + 7 + 11, OutcomeKind::fault},
      {"INT1", nothing, of(Operation::int1), 29 + 11, OutcomeKind::trap},
      {"exit of an instruction", nothing, in_guest(mov_to_dr(0, 1)), 2 + 3 + 13, OutcomeKind::exit},
      {"exit in place of a #DB", nothing, in_guest(of(Operation::int1)), 2 + 3 + 7 + 13,
       OutcomeKind::exit},
      {"step", step_an_instruction, request_at(Operation::end_of_instruction, 0x1002), 7 + 11,
       OutcomeKind::trap},
      {"exit in place of a step", step_an_instruction,
       in_guest(request_at(Operation::end_of_instruction, 0x1002)), 7 + 13, OutcomeKind::exit},
      {"INIT", nothing, of(Operation::init), 31, OutcomeKind::retired},
  };
}

inline void start(DebugCore& core, const Put& put, const Kind& kind) {
  kind.prepare(put);
  // A value of its own for what a RESET resets; it is no part of what `kind` needs.
  core.poke_dr(3, 0x3333);
  sc_core::wait(ns(1));
}

inline std::string state_of_reset(const DebugCore& core, std::uint64_t reset_at) {
  CoreState state = power_up(core.cpu());
  reset(core.cpu().msrs, state, reset_at);
  const std::uint64_t now = core.clock().cycle_from(sc_core::sc_time_stamp());
  // The TSC stands still in RESET.
  return save_state(core.cpu(), state,
                    {core.in_reset() ? reset_at : now, now, core.clock().hertz(), "none"});
}

inline void expect_state_of_reset(const DebugCore& core, std::uint64_t reset_at) {
  const CoreState& state = core.state();
  EXPECT_EQ(state.dr, (std::array<std::uint64_t, 8>{0, 0, 0, 0, 0, 0, 0xFFFF0FF0, 0x400}));
  EXPECT_FALSE(state.pending.is_valid());
  EXPECT_TRUE(state.boundary.is_quiet());
  EXPECT_FALSE(core.watch().watches_data());
  EXPECT_EQ(core.save(), state_of_reset(core, reset_at));
  EXPECT_TRUE(core.idle());
  EXPECT_EQ(core.phase(), Phase::idle);
}

} // namespace icebp::test
