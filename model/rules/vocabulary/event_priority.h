#pragma once
// Tells which of the events that meet at an instruction boundary comes first: they are listed with
// the highest priority first (SDM vol. 3 table 6-2; events of VMX: KVM nested.c).

#include <icebp/model/rules/vocabulary/name_table.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// The #DB of INT1 is not listed: it is part of the instruction and never waits at a boundary.
enum class Event : std::uint8_t {
  reset, // and machine check
  task_switch_trap,
  smi, // and FLUSH, STOPCLK, INIT
  monitor_trap_flag,
  debug_trap, // of the previous instruction
  vmx_preemption_timer,
  nmi_window,
  nmi,
  intr,
  instruction_breakpoint,
  fetch_fault,
  decode_fault,
  execution_fault, // general detect is one
};
template <>
inline constexpr auto name_table<Event> = names_in_order<Event>(
    "reset", "task_switch_trap", "smi", "monitor_trap_flag", "debug_trap", "vmx_preemption_timer",
    "nmi_window", "nmi", "intr", "instruction_breakpoint", "fetch_fault", "decode_fault",
    "execution_fault");

// Holds a set of events, one bit each.
using EventSet = std::uint16_t;
static_assert(name_table<Event>.size() <= 16);

constexpr EventSet only(Event event) {
  return static_cast<EventSet>(1U << static_cast<unsigned>(event));
}

// True if `event` comes before every one of `others`.
constexpr bool is_first(Event event, EventSet others) { return (others & (only(event) - 1U)) == 0; }

} // namespace v0_1
} // namespace icebp
