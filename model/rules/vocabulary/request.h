#pragma once

#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/model/rules/vocabulary/core_context.h>
#include <icebp/model/rules/vocabulary/event_priority.h>

#include <cstdint>

namespace icebp {

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
  // The life of any instruction (instruction_boundary.h). These take no time of their own.
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
};
template <>
inline constexpr auto name_table<Operation> = names_in_order<Operation>(
    "none", "mov_from_dr", "mov_to_dr", "rdmsr", "wrmsr", "int1", "page_fault", "resume", "reset",
    "init", "rdmsr_imm", "wrmsrns", "wrmsrns_imm", "rdmsrlist", "wrmsrlist", "rdmsrlist_entry",
    "wrmsrlist_entry", "urdmsr", "uwrmsr", "fetch", "data_read", "data_write", "io_access",
    "end_of_iteration", "end_of_instruction", "fault", "task_switch", "bus_lock", "rtm_abort",
    "branch");
static_assert(name_of(Operation::branch) == "branch");

constexpr bool reads_msr(Operation operation) {
  return operation == Operation::rdmsr || operation == Operation::rdmsr_imm ||
         operation == Operation::rdmsrlist_entry || operation == Operation::urdmsr;
}
constexpr bool writes_msr(Operation operation) {
  return operation == Operation::wrmsr || operation == Operation::wrmsrns ||
         operation == Operation::wrmsrns_imm || operation == Operation::wrmsrlist_entry ||
         operation == Operation::uwrmsr;
}
constexpr bool accesses_msr(Operation operation) {
  return reads_msr(operation) || writes_msr(operation);
}
// MOV to a debug register too.
constexpr bool writes_register(Operation operation) {
  return operation == Operation::mov_to_dr || writes_msr(operation);
}
constexpr bool is_msr_list(Operation operation) {
  return operation == Operation::rdmsrlist || operation == Operation::wrmsrlist;
}
constexpr bool is_msr_list_entry(Operation operation) {
  return operation == Operation::rdmsrlist_entry || operation == Operation::wrmsrlist_entry;
}
constexpr bool has_immediate_index(Operation operation) {
  return operation == Operation::rdmsr_imm || operation == Operation::wrmsrns_imm;
}
constexpr bool is_user_msr(Operation operation) {
  return operation == Operation::urdmsr || operation == Operation::uwrmsr;
}
constexpr bool takes_no_time(Operation operation) { return operation >= Operation::fetch; }
constexpr bool is_end(Operation operation) {
  return operation == Operation::end_of_iteration || operation == Operation::end_of_instruction;
}
constexpr bool is_access(Operation operation) {
  return operation >= Operation::data_read && operation <= Operation::io_access;
}

// How debug firmware ends a redirected #DB (seed 001, M. Rozycki, lkml 2026-06-24).
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

// What a branch is, as MSR_LBR_SELECT tells them apart.
enum class Branch : std::uint8_t {
  jcc,
  near_rel_call,
  near_ind_call,
  near_ret,
  near_ind_jmp,
  near_rel_jmp,
  far_branch,
  exception, // the entry of a handler, of an interrupt too
};
template <>
inline constexpr auto name_table<Branch> = names_in_order<Branch>("jcc", "near_rel_call",
                                                                  "near_ind_call", "near_ret",
                                                                  "near_ind_jmp", "near_rel_jmp",
                                                                  "far_branch", "exception");

// One operation put to the debug unit or the MSR block.
struct Request {
  Operation operation = Operation::none;
  std::uint8_t dr = 0;                     // ModRM.reg, 0 to 7
  std::uint8_t gpr = 0;                    // ModRM.r/m with REX.B, 0 to 15
  std::uint8_t length = 0;                 // of the instruction, bytes
  ResumeVerb verb = ResumeVerb::reexecute; // of a resume
  std::uint8_t user_msr_bitmap = 0;        // of urdmsr and uwrmsr: the byte that decides
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
  std::uint64_t now = 0;  // of an access to the TSC, and of a reset: TSC ticks since power-up

  constexpr bool is_mov_dr() const {
    return operation == Operation::mov_from_dr || operation == Operation::mov_to_dr;
  }
};

// What is wrong with the bytes of an instruction without a ModRM register: too long comes before
// LOCK; `none` if nothing is.
constexpr Cause encoding_fault(const Request& request) {
  if (contains(request.encoding_faults, Cause::instruction_too_long))
    return Cause::instruction_too_long;
  if (contains(request.encoding_faults, Cause::lock_prefix))
    return Cause::lock_prefix;
  return Cause::none;
}

// Of an instruction's life, but for its context.
constexpr Request request_at(Operation operation, std::uint64_t address, std::uint32_t size = 1) {
  Request request;
  request.operation = operation;
  request.value = address;
  request.size = size;
  return request;
}

} // namespace icebp
