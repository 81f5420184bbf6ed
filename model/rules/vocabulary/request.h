#pragma once

#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/model/rules/vocabulary/core_context.h>
#include <icebp/model/rules/vocabulary/event_priority.h>
#include <icebp/model/rules/vocabulary/operation.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// How debug firmware ends a redirected #DB (M. Rozycki, lkml 2026-06-24).
enum class ResumeVerb : std::uint8_t {
  reexecute, // run the instruction again
  skip,      // go on behind it, nothing done
  complete,  // finish the MOV with the firmware's value: read to the register, or written to the DR
  inject_gp, // deliver #GP(0) through the IDT
};
template <>
inline constexpr auto name_table<ResumeVerb> = names_in_order<ResumeVerb>("reexecute", "skip",
                                                                          "complete", "inject_gp");

// How an instruction ended, as far as traps at its end depend on it.
enum class Ending : std::uint8_t {
  plain,
  taken_branch,
  sti,             // STI with RFLAGS.IF 0 before
  mov_ss,          // MOV SS, POP SS
  interrupt_entry, // INT n, INT3, INTO: TF was cleared on the way into the handler
  syscall,         // SYSCALL, SYSRET, SYSENTER, SYSEXIT: TF counts as they leave it
};
template <>
inline constexpr auto name_table<Ending> = names_in_order<Ending>("plain", "taken_branch", "sti",
                                                                  "mov_ss", "interrupt_entry",
                                                                  "syscall");

// The kinds of branches that MSR_LBR_SELECT tells apart.
enum class Branch : std::uint8_t {
  jcc,
  near_rel_call,
  near_ind_call,
  near_ret,
  near_ind_jmp,
  near_rel_jmp,
  far_branch,
  exception, // the entry of a handler, of an interrupt too
  rtm_abort, // of an RTM region, to the fallback address
};
template <>
inline constexpr auto
    name_table<Branch> = names_in_order<Branch>("jcc", "near_rel_call", "near_ind_call", "near_ret",
                                                "near_ind_jmp", "near_rel_jmp", "far_branch",
                                                "exception", "rtm_abort");

// One operation put to the debug unit or the MSR block.
struct Request {
  Operation operation = Operation::none;
  std::uint8_t dr = 0;                     // ModRM.reg, 0 to 7
  std::uint8_t gpr = 0;                    // ModRM.r/m with REX.B, 0 to 15
  std::uint8_t length = 0;                 // of the instruction, bytes
  ResumeVerb verb = ResumeVerb::reexecute; // of a resume
  std::uint8_t user_msr_bitmap = 0;        // of urdmsr and uwrmsr: the byte that decides
  bool mispredicted = false;               // of a branch
  CoreContext context;
  Ending ending = Ending::plain; // of end_of_instruction
  bool fast_string = false;      // of end_of_iteration: of a forward REP MOVS or STOS run in blocks
  Branch branch = Branch::jcc;   // of a branch
  bool t_bit = false;            // of task_switch: T of the new task's TSS
  EventSet events = 0;           // what else waits at the boundary, of fetch and the two ends
  std::uint32_t size = 0;        // of an access, bytes, at least 1
  std::uint16_t error_code = 0;  // of a #PF
  std::uint32_t msr = 0;         // ECX, the immediate index, or bits 31:0 of its register
  // instruction_too_long, lock_prefix, rex_r; list_entry; user_msr_bitmap: bits 63:32 of the index
  // register of urdmsr and uwrmsr are not zero.
  CauseSet encoding_faults = 0;
  // Source register, EDX:EAX, the firmware's value, or an address: of a #PF; the linear one of an
  // access or its port; of fetch and the two ends that of the instruction that would run next. Of a
  // list RSI | RDI.
  std::uint64_t value = 0;
  std::uint64_t from = 0; // of a branch: its address; `value` is its target
  // Of an access to the TSC and a reset: TSC ticks since power-up; of a branch: core cycles.
  std::uint64_t now = 0;

  constexpr bool is_mov_dr() const { return icebp::is_mov_dr(operation); }
};

// Makes a request of an instruction's life; the caller sets its context.
constexpr Request request_at(Operation operation, std::uint64_t address, std::uint32_t size = 1) {
  Request request;
  request.operation = operation;
  request.value = address;
  request.size = size;
  return request;
}

} // namespace v0_1
} // namespace icebp
