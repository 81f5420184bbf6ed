#pragma once
// The registers of the probe port (probe_target.h). Each has 8 bytes at a multiple of 8; bits
// beyond its width read 0. Between them there is nothing. MSRs have a region of their own in place
// of an index and a data register: an access is one transaction, and two probes do not meet in
// between; 2^32 registers take 35 of the 64 bits of an address.
//
// A transaction moves whole registers or parts of them, at any alignment:
//
//   attribute         answered by                            otherwise, with no effect
//   command           read, write; ignore: OK, no effect
//   address           a register each 8 bytes                TLM_ADDRESS_ERROR_RESPONSE
//                     a write: to `rw` and commands only     TLM_COMMAND_ERROR_RESPONSE
//   data pointer      not null                               TLM_GENERIC_ERROR_RESPONSE
//   data length       1 or more                              TLM_BURST_ERROR_RESPONSE
//                     a command: its 8 bytes, all enabled    TLM_BURST_ERROR_RESPONSE
//   streaming width   at least the data length               TLM_BURST_ERROR_RESPONSE
//   byte enables      0 or FFh each, none or 1 and more      TLM_BYTE_ENABLE_ERROR_RESPONSE
//   value             within the width; shadow up to 2;      TLM_GENERIC_ERROR_RESPONSE
//                     resume while the core is idle and
//                     firmware holds what the verb can end;
//                     in RESET halt and resume_value only
//   DMI hint          false on return; get_direct_mem_ptr refuses every address
//   extensions        ignored
//
// transport_dbg moves bytes up to the first register that is not there or does not take the write,
// and gives their number. It looks at byte enables and streaming width, and sets the status, where
// the initiator sets TLM_FULL_PAYLOAD only (IEEE 1666-2011 14.8); it writes no command.

#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/model/rules/vocabulary/name_table.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

enum class ProbeRegister : std::uint8_t {
  map,
  cpu,
  identity,
  status,
  dr0,
  dr1,
  dr2,
  dr3,
  dr6,
  dr7,
  cr2,
  pending,
  pending_payload,
  shadow,
  instruction,
  raised,
  raised_causes,
  held,
  held_causes,
  due,
  due_causes,
  redirected,
  redirected_value,
  resume_value,
  resume,
  resume_outcome,
  resume_result,
  halt,
  reset,
  msr,
};

// A command is read as any register; a write to it acts, and transport_dbg does not write it.
enum class ProbeAccess : std::uint8_t { read_only, read_write, command };
template <>
inline constexpr auto name_table<ProbeAccess> = names_in_order<ProbeAccess>("ro", "rw", "command");

struct ProbeRow {
  ProbeRegister is;
  std::uint64_t offset; // of `msr`: of MSR 0
  std::string_view name;
  unsigned width; // bits
  ProbeAccess access;
  std::string_view meaning;
};

namespace probe {

inline constexpr std::uint64_t msr_region = 0x1'0000'0000;
inline constexpr std::uint64_t map_value = 0x69636562'00000001; // "iceb", version 1

constexpr std::uint64_t address_of_msr(std::uint32_t index) {
  return msr_region + std::uint64_t{8} * index;
}

// Of `cpu`
using vendor = field<0, 8>;
using linear_bits = field<8, 8>;
using physical_bits = field<16, 8>;
// Of `identity`
using apic_id = field<0, 32>;
using bsp = field<32>;
// Of `status`
using phase = field<0, 4>;
using idle = field<8>;
using is_pending = field<9>;
using is_held = field<10>;
using is_halted = field<11>;
using timed = field<12>;
using in_reset = field<13>;
// Of `pending`, `redirected` and `resume_outcome`
using vector = field<0, 8>;
using from_int1 = field<8>;
using destination = field<16, 2>;
using is_valid = field<0>;
using operation = field<8, 8>;
using cause = field<16, 8>;
using mode = field<24, 4>;
using dr = field<28, 3>;
using kind = field<8, 8>;
// Of `instruction`
using single_step = field<0>;
using block_iterations = field<8, 8>;
using late_iterations = field<16, 8>;

} // namespace probe

inline constexpr auto probe_rows = [] {
  using R = ProbeRegister;
  constexpr auto ro = ProbeAccess::read_only;
  constexpr auto rw = ProbeAccess::read_write;
  constexpr auto command = ProbeAccess::command;
  // clang-format off
  return std::array{
      //       register             offset  name                width access   meaning
      ProbeRow{R::map,              0x000, "map",              64, ro,      "63:32 \"iceb\", 31:0 the version of this map, 1"},
      ProbeRow{R::cpu,              0x008, "cpu",              24, ro,      "7:0 vendor, 15:8 linear address bits, 23:16 physical address bits"},
      ProbeRow{R::identity,         0x010, "identity",         33, ro,      "31:0 x2APIC ID, 32 bootstrap processor"},
      ProbeRow{R::status,           0x018, "status",           14, ro,      "3:0 phase, 8 idle, 9 an exception is pending, 10 debug firmware holds an instruction, 11 halt is asked for, 12 timed, 13 RESET is active"},
      ProbeRow{R::dr0,              0x040, "dr0",              64, rw,      "DR0"},
      ProbeRow{R::dr1,              0x048, "dr1",              64, rw,      "DR1"},
      ProbeRow{R::dr2,              0x050, "dr2",              64, rw,      "DR2"},
      ProbeRow{R::dr3,              0x058, "dr3",              64, rw,      "DR3"},
      ProbeRow{R::dr6,              0x070, "dr6",              64, rw,      "DR6; fixed bits stay"},
      ProbeRow{R::dr7,              0x078, "dr7",              64, rw,      "DR7; fixed bits stay"},
      ProbeRow{R::cr2,              0x080, "cr2",              64, ro,      "CR2, as the last delivered #PF left it"},
      ProbeRow{R::pending,          0x0C0, "pending",          18, ro,      "the exception on its way: 7:0 vector, FFh none; 8 of INT1; 17:16 destination"},
      ProbeRow{R::pending_payload,  0x0C8, "pending_payload",  64, ro,      "its payload"},
      ProbeRow{R::shadow,           0x100, "shadow",            2, rw,      "over the next instruction: 0 none, 1 of STI, 2 of MOV SS"},
      ProbeRow{R::instruction,      0x108, "instruction",      24, ro,      "0 it steps; iterations until its traps: 15:8 of the block, 23:16 late"},
      ProbeRow{R::raised,           0x110, "raised",           64, rw,      "payload of the traps of the instruction in progress"},
      ProbeRow{R::raised_causes,    0x118, "raised_causes",    64, ro,      "their causes, a bit each"},
      ProbeRow{R::held,             0x120, "held",             64, rw,      "payload of the traps held over a MOV SS shadow"},
      ProbeRow{R::held_causes,      0x128, "held_causes",      64, ro,      "their causes"},
      ProbeRow{R::due,              0x130, "due",              64, rw,      "payload of the traps due at this boundary"},
      ProbeRow{R::due_causes,       0x138, "due_causes",       64, ro,      "their causes"},
      ProbeRow{R::redirected,       0x140, "redirected",       31, ro,      "the instruction that debug firmware holds: 0 there is one, 15:8 operation, 23:16 cause, 27:24 mode, 30:28 debug register"},
      ProbeRow{R::redirected_value, 0x148, "redirected_value", 64, ro,      "its operand, of a MOV to a debug register"},
      ProbeRow{R::resume_value,     0x150, "resume_value",     64, rw,      "the firmware's value for the verb complete"},
      ProbeRow{R::resume,           0x158, "resume",            2, command, "a verb ends the held instruction: 0 reexecute, 1 skip, 2 complete, 3 inject_gp; reads 0"},
      ProbeRow{R::resume_outcome,   0x160, "resume_outcome",   32, ro,      "of the last resume: 7:0 vector; 15:8 0 retired, 1 fault, 4 cancelled; 23:16 cause; FFFFFFFFh until one is over"},
      ProbeRow{R::resume_result,    0x168, "resume_result",    64, ro,      "what it read, of a completed MOV from a debug register"},
      ProbeRow{R::halt,             0x180, "halt",              1, command, "1 asks the simulator to halt at the next instruction boundary, 0 to go on; reads what was asked for; RESET keeps it"},
      ProbeRow{R::reset,            0x188, "reset",             1, command, "1 is RESET; reads 0"},
      ProbeRow{R::msr, probe::msr_region,  "msr",              64, rw,      "MSR n at 8 * n behind this; those that no WRMSR writes are ro"},
  };
  // clang-format on
}();
static_assert(is_whole_enum<ProbeRegister, probe_rows.size()>(), "a register has no row");
static_assert(
    [] {
      for (std::size_t n = 0; n < probe_rows.size(); ++n)
        if (probe_rows[n].is != static_cast<ProbeRegister>(n) || probe_rows[n].offset % 8 != 0 ||
            (n != 0 && probe_rows[n].offset <= probe_rows[n - 1].offset))
          return false;
      return true;
    }(),
    "rows are in the order of the enumeration and of their offsets, which are multiples of 8");

namespace probe {

constexpr std::uint64_t address_of(ProbeRegister which) {
  return probe_rows[static_cast<std::size_t>(which)].offset;
}

} // namespace probe

// Gives the row that has the byte at `address`; nullptr if none has.
constexpr const ProbeRow* find_probe_row(std::uint64_t address) {
  for (const ProbeRow& row : probe_rows)
    if (const std::uint64_t behind = address - row.offset;
        behind < (row.is == ProbeRegister::msr ? std::uint64_t{8} << 32 : 8))
      return &row;
  return nullptr;
}

} // namespace v0_1
} // namespace icebp
