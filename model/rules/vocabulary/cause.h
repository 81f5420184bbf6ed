#pragma once

#include <icebp/model/rules/vocabulary/name_table.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// The one check that decided an outcome. A closed list: it is a wave signal, a JSON vocabulary and
// the alphabet of the fault ladders.
enum class Cause : std::uint8_t {
  none,
  instruction_too_long,
  lock_prefix,
  rex_r,
  not_in_mode,
  feature_absent,
  intercept,
  dr45_with_de,
  cpl,
  general_detect,
  reserved_upper_half,
  msr_unknown,
  msr_read_only,
  msr_write_only,
  msr_locked,
  msr_reserved_bits,
  msr_non_canonical,
  msr_value,
  list_alignment,
  list_entry,
  user_msr_bitmap,
  page_fault,
  instruction_breakpoint,
  int1,
  held_trap,
  data_breakpoint,
  io_breakpoint,
  single_step,
  branch_step,
  task_switch,
  bus_lock,
  rtm_abort,
};

template <>
inline constexpr auto name_table<Cause> = names_in_order<Cause>(
    "none", "instruction_too_long", "lock_prefix", "rex_r", "not_in_mode", "feature_absent",
    "intercept", "dr45_with_de", "cpl", "general_detect", "reserved_upper_half", "msr_unknown",
    "msr_read_only", "msr_write_only", "msr_locked", "msr_reserved_bits", "msr_non_canonical",
    "msr_value", "list_alignment", "list_entry", "user_msr_bitmap", "page_fault",
    "instruction_breakpoint", "int1", "held_trap", "data_breakpoint", "io_breakpoint",
    "single_step", "branch_step", "task_switch", "bus_lock", "rtm_abort");

// A set of checks, one bit each.
using CauseSet = std::uint64_t;
static_assert(name_table<Cause>.size() <= 64);

constexpr CauseSet only(Cause cause) { return CauseSet{1} << static_cast<unsigned>(cause); }
constexpr CauseSet only_if(bool condition, Cause cause) {
  return CauseSet{condition} << static_cast<unsigned>(cause);
}
constexpr bool contains(CauseSet set, Cause cause) { return (set & only(cause)) != 0; }

// The first of the list that is in `set`; `none` of an empty set.
constexpr Cause first_of(CauseSet set) {
  return set == 0 ? Cause::none : static_cast<Cause>(__builtin_ctzll(set));
}

} // namespace v0_1
} // namespace icebp
