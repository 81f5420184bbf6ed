#pragma once

#include <icebp/model/rules/cause.h>
#include <icebp/model/rules/core_context.h>

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
};
template <>
inline constexpr auto
    name_table<Operation> = names_in_order<Operation>("none", "mov_from_dr", "mov_to_dr", "rdmsr",
                                                      "wrmsr", "int1", "page_fault", "resume",
                                                      "reset", "init");
static_assert(name_of(Operation::init) == "init");

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

// One operation put to the debug unit or the MSR block.
struct Request {
  Operation operation = Operation::none;
  std::uint8_t dr = 0;                     // ModRM.reg, 0 to 7
  std::uint8_t gpr = 0;                    // ModRM.r/m with REX.B, 0 to 15
  std::uint8_t length = 0;                 // of the instruction, bytes
  ResumeVerb verb = ResumeVerb::reexecute; // of a resume
  CoreContext context;
  std::uint16_t error_code = 0; // of a #PF
  std::uint32_t msr = 0;        // ECX
  CauseSet encoding_faults = 0; // instruction_too_long, lock_prefix, rex_r
  // Source register, EDX:EAX, the firmware's value, or the address of a #PF.
  std::uint64_t value = 0;

  constexpr bool is_mov_dr() const {
    return operation == Operation::mov_from_dr || operation == Operation::mov_to_dr;
  }
};

} // namespace icebp
