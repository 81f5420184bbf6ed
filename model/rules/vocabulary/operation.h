#pragma once
// The operations that can be put to a core: one row each, from which every predicate is read.

#include <icebp/model/rules/vocabulary/name_table.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {
inline namespace v0_1 {

enum class Operation : std::uint8_t {
  none,
  mov_from_dr,
  mov_to_dr,
  rdmsr,
  wrmsr,
  int1,
  page_fault, // the core's own access faulted
  resume,     // debug firmware hands the core back
  reset,
  init,
  rdmsr_imm,
  wrmsrns,
  wrmsrns_imm,
  rdmsrlist, // up to the first entry; each entry is an operation of its own
  wrmsrlist,
  rdmsrlist_entry,
  wrmsrlist_entry,
  urdmsr,
  uwrmsr,
  // The life of any instruction (instruction_boundary.h).
  fetch,
  data_read,
  data_write,
  io_access,
  end_of_iteration,
  end_of_instruction,
  fault, // of the core's own, in place of the end
  task_switch,
  bus_lock,
  rtm_abort,
  branch, // taken; an exception's or interrupt's entry too (last_branch.h)
  pmi,    // counters overflowed (pmi.h)
};

// Operations that are handled alike.
enum class OperationGroup : std::uint8_t {
  none,
  mov_dr,
  msr,           // the index in ECX
  msr_immediate, // the index in the instruction
  msr_list,
  msr_list_entry,
  user_msr,
  int1,
  exception, // the core's own
  resume,
  reset,
  fetch,
  access, // of data, or of a port
  end,    // of an iteration or an instruction
  event,  // within an instruction
  branch,
};

// The unit of the core that carries an operation out.
enum class Unit : std::uint8_t { debug_unit, msr_block };

// What an operation that retires moves between a register and its operand.
enum class Transfer : std::uint8_t { none, from_dr, to_dr, from_msr, to_msr };

// Which cycles an operation takes that retires (cycle_table.h). `none`: it takes no time of its
// own.
enum class Duration : std::uint8_t {
  none,
  mov_from_dr,
  mov_to_dr,
  msr, // by the cost of the access
  msr_list,
  int1,
  exception, // it never retires
  resume,
  reset,
};

struct OperationRow {
  Operation operation;
  std::string_view name;
  OperationGroup group;
  Unit unit;
  Transfer transfer;
  Duration duration;
  bool changes_watch; // may change DR0-DR3 or DR7
};

inline constexpr auto operation_rows = [] {
  using O = Operation;
  using G = OperationGroup;
  using D = Duration;
  constexpr auto debug = Unit::debug_unit;
  constexpr auto msr = Unit::msr_block;
  constexpr auto no = Transfer::none;
  constexpr auto from_msr = Transfer::from_msr;
  constexpr auto to_msr = Transfer::to_msr;
  // clang-format off
  return std::array{
      //           operation              name                  group              unit   transfer           duration        watch
      OperationRow{O::none,               "none",               G::none,           debug, no,                D::none,        false},
      OperationRow{O::mov_from_dr,        "mov_from_dr",        G::mov_dr,         debug, Transfer::from_dr, D::mov_from_dr, false},
      OperationRow{O::mov_to_dr,          "mov_to_dr",          G::mov_dr,         debug, Transfer::to_dr,   D::mov_to_dr,   true},
      OperationRow{O::rdmsr,              "rdmsr",              G::msr,            msr,   from_msr,          D::msr,         false},
      OperationRow{O::wrmsr,              "wrmsr",              G::msr,            msr,   to_msr,            D::msr,         false},
      OperationRow{O::int1,               "int1",               G::int1,           debug, no,                D::int1,        false},
      OperationRow{O::page_fault,         "page_fault",         G::exception,      debug, no,                D::exception,   false},
      OperationRow{O::resume,             "resume",             G::resume,         debug, no,                D::resume,      true}, // a completed MOV to DR
      OperationRow{O::reset,              "reset",              G::reset,          debug, no,                D::reset,       true},
      OperationRow{O::init,               "init",               G::reset,          debug, no,                D::reset,       true},
      OperationRow{O::rdmsr_imm,          "rdmsr_imm",          G::msr_immediate,  msr,   from_msr,          D::msr,         false},
      OperationRow{O::wrmsrns,            "wrmsrns",            G::msr,            msr,   to_msr,            D::msr,         false},
      OperationRow{O::wrmsrns_imm,        "wrmsrns_imm",        G::msr_immediate,  msr,   to_msr,            D::msr,         false},
      OperationRow{O::rdmsrlist,          "rdmsrlist",          G::msr_list,       msr,   no,                D::msr_list,    false},
      OperationRow{O::wrmsrlist,          "wrmsrlist",          G::msr_list,       msr,   no,                D::msr_list,    false},
      OperationRow{O::rdmsrlist_entry,    "rdmsrlist_entry",    G::msr_list_entry, msr,   from_msr,          D::msr,         false},
      OperationRow{O::wrmsrlist_entry,    "wrmsrlist_entry",    G::msr_list_entry, msr,   to_msr,            D::msr,         false},
      OperationRow{O::urdmsr,             "urdmsr",             G::user_msr,       msr,   from_msr,          D::msr,         false},
      OperationRow{O::uwrmsr,             "uwrmsr",             G::user_msr,       msr,   to_msr,            D::msr,         false},
      OperationRow{O::fetch,              "fetch",              G::fetch,          debug, no,                D::none,        false},
      OperationRow{O::data_read,          "data_read",          G::access,         debug, no,                D::none,        false},
      OperationRow{O::data_write,         "data_write",         G::access,         debug, no,                D::none,        false},
      OperationRow{O::io_access,          "io_access",          G::access,         debug, no,                D::none,        false},
      OperationRow{O::end_of_iteration,   "end_of_iteration",   G::end,            debug, no,                D::none,        false},
      OperationRow{O::end_of_instruction, "end_of_instruction", G::end,            debug, no,                D::none,        false},
      OperationRow{O::fault,              "fault",              G::event,          debug, no,                D::none,        false},
      OperationRow{O::task_switch,        "task_switch",        G::event,          debug, no,                D::none,        true}, // clears L0-L3
      OperationRow{O::bus_lock,           "bus_lock",           G::event,          debug, no,                D::none,        false},
      OperationRow{O::rtm_abort,          "rtm_abort",          G::event,          debug, no,                D::none,        false},
      OperationRow{O::branch,             "branch",             G::branch,         debug, no,                D::none,        false},
      OperationRow{O::pmi,                "pmi",                G::event,          debug, no,                D::none,        false},
  };
  // clang-format on
}();
static_assert(is_whole_enum<Operation, operation_rows.size()>(), "an operation has no row");
static_assert(
    [] {
      for (std::size_t n = 0; n < operation_rows.size(); ++n)
        if (operation_rows[n].operation != static_cast<Operation>(n))
          return false;
      return true;
    }(),
    "the rows are not in the order of the enumeration");

constexpr const OperationRow& row_of(Operation operation) {
  return operation_rows[static_cast<std::size_t>(operation)];
}

template <>
inline constexpr auto name_table<Operation> = [] {
  std::array<NamedValue<Operation>, operation_rows.size()> names{};
  for (std::size_t n = 0; n < names.size(); ++n)
    names[n] = {operation_rows[n].operation, operation_rows[n].name};
  return names;
}();

constexpr OperationGroup group_of(Operation operation) { return row_of(operation).group; }
constexpr bool is_mov_dr(Operation operation) {
  return group_of(operation) == OperationGroup::mov_dr;
}
constexpr bool has_immediate_index(Operation operation) {
  return group_of(operation) == OperationGroup::msr_immediate;
}
constexpr bool is_msr_list(Operation operation) {
  return group_of(operation) == OperationGroup::msr_list;
}
constexpr bool is_msr_list_entry(Operation operation) {
  return group_of(operation) == OperationGroup::msr_list_entry;
}
constexpr bool is_user_msr(Operation operation) {
  return group_of(operation) == OperationGroup::user_msr;
}
constexpr bool is_access(Operation operation) {
  return group_of(operation) == OperationGroup::access;
}
constexpr bool is_end(Operation operation) { return group_of(operation) == OperationGroup::end; }
constexpr bool reads_msr(Operation operation) {
  return row_of(operation).transfer == Transfer::from_msr;
}
constexpr bool writes_msr(Operation operation) {
  return row_of(operation).transfer == Transfer::to_msr;
}
constexpr bool accesses_msr(Operation operation) {
  return reads_msr(operation) || writes_msr(operation);
}
// MOV to a debug register too.
constexpr bool writes_register(Operation operation) {
  return row_of(operation).transfer == Transfer::to_dr || writes_msr(operation);
}
constexpr bool takes_no_time(Operation operation) {
  return row_of(operation).duration == Duration::none;
}

} // namespace v0_1
} // namespace icebp
