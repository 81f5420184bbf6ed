#pragma once

#include <icebp/model/rules/vocabulary/core_identity.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace icebp {
inline namespace v0_1 {

inline constexpr std::size_t lbr_stack_depth = 32; // the model-specific one
inline constexpr std::size_t arch_lbr_depth = 64;  // the most that IA32_LBR_DEPTH takes

// Registers that rules name. Every other MSR has a slot behind these, given by the MSR table.
enum class MsrSlot : std::uint16_t {
  debugctl,
  efer,
  dr0_addr_mask,
  dr1_addr_mask,
  dr2_addr_mask,
  dr3_addr_mask,
  tsc,
  tsc_adjust,
  apic_base,
  user_msr_ctl,
  feature_control,
  misc_enable,
  rtit_ctl,
  hwcr,
  syscfg,
  perf_global_status,
  perf_global_ctrl,
  vm_cr,
  last_branch_from,
  last_branch_to,
  ler_from,
  ler_to,
  ler_info,
  lbr_select,
  lbr_tos,
  lbr_ctl,
  lbr_depth,
  dbg_extn_cfg,
  lbr_from, // the model-specific stack
  lbr_to = lbr_from + lbr_stack_depth,
  lbr_info = lbr_to + lbr_stack_depth,
  arch_lbr_from = lbr_info + lbr_stack_depth, // the architectural one
  arch_lbr_to = arch_lbr_from + arch_lbr_depth,
  arch_lbr_info = arch_lbr_to + arch_lbr_depth,
  first_unnamed = arch_lbr_info + arch_lbr_depth
};

inline constexpr std::size_t msr_slot_count = 936;

// False if `msr` is no MSR of AMD's address masks, which are not in a row: DR0's is the last.
constexpr bool may_be_address_mask(std::uint32_t msr) {
  constexpr std::uint32_t dr1_addr_mask_index = 0xC0011019;
  constexpr std::uint32_t dr0_addr_mask_index = 0xC0011027;
  return msr >= dr1_addr_mask_index && msr <= dr0_addr_mask_index;
}

// Where an exception goes.
enum class Destination : std::uint8_t {
  handler,  // through the IDT
  firmware, // ICE, probe mode or SMM; #DB only
  vmx_exit, // to the hypervisor; DR6, DR7.GD and CR2 stay as they are
  svm_exit, // to the hypervisor; a #DB is delivered first, CR2 stays as it is
};
template <>
inline constexpr auto name_table<Destination> = names_in_order<Destination>("handler", "firmware",
                                                                            "vmx_exit", "svm_exit");

// An exception that was raised and not yet delivered; its payload has not reached its register.
struct PendingException {
  Vector vector = Vector::none; // none: nothing is pending
  bool from_int1 = false;
  Destination destination = Destination::handler;
  std::uint64_t payload = 0; // of #DB, format as in payload.h; of #PF the address

  constexpr bool is_valid() const { return vector != Vector::none; }
  constexpr bool operator==(const PendingException& other) const {
    return vector == other.vector && from_int1 == other.from_int1 &&
           destination == other.destination && payload == other.payload;
  }
};

// The instruction that brought debug firmware in: `resume` acts on it.
struct Redirected {
  bool valid = false;
  Cause cause = Cause::none;
  Operation operation = Operation::none;
  Mode mode = Mode::long_mode;
  std::uint8_t dr = 0;     // of a MOV DR
  std::uint64_t value = 0; // of a MOV to a DR: its operand, as the register holds it

  constexpr bool operator==(const Redirected& other) const {
    return valid == other.valid && cause == other.cause && operation == other.operation &&
           mode == other.mode && dr == other.dr && value == other.value;
  }
};

// MOV SS, POP SS and STI put a shadow over the instruction behind them.
enum class Shadow : std::uint8_t { none, sti, mov_ss };
template <>
inline constexpr auto name_table<Shadow> = names_in_order<Shadow>("none", "sti", "mov_ss");

// Trap-class debug conditions, and what they are.
struct DebugTraps {
  std::uint64_t payload = 0; // format as in payload.h
  CauseSet causes = 0;

  constexpr bool any() const { return causes != 0; }
  constexpr bool operator==(const DebugTraps& other) const {
    return payload == other.payload && causes == other.causes;
  }
  constexpr void add(const DebugTraps& more) {
    payload |= more.payload;
    causes |= more.causes;
  }
};

// Where the core stands between the start of an instruction and the traps at its end
// (instruction_boundary.h).
struct Boundary {
  Shadow shadow = Shadow::none;
  bool single_step = false;          // TF as the instruction began
  std::uint8_t block_iterations = 0; // from the watched iteration to the end of its 64-byte block
  std::uint8_t late_iterations = 0;  // still to run before the traps of a string instruction
  DebugTraps raised;                 // by the instruction in progress
  DebugTraps held;                   // by the instruction before, over its MOV SS shadow
  DebugTraps due;                    // at this boundary

  // True if no condition waits and the instruction does not step.
  constexpr bool is_quiet() const {
    return (raised.causes | held.causes | due.causes) == 0 && shadow == Shadow::none &&
           !single_step;
  }
  constexpr bool operator==(const Boundary& other) const {
    return shadow == other.shadow && single_step == other.single_step &&
           block_iterations == other.block_iterations && late_iterations == other.late_iterations &&
           raised == other.raised && held == other.held && due == other.due;
  }
};

// Everything of the debug unit, the MSR block and exceptions that is saved, restored and compared:
// a plain value. Of the TSC it holds what was added to the ticks since power-up.
struct CoreState {
  std::array<std::uint64_t, 8> dr{}; // by number; DR4 and DR5 are aliases and hold nothing
  PendingException pending;
  std::uint64_t cr2 = 0; // written by the delivery of a #PF
  Redirected redirected;
  Boundary boundary;
  CoreIdentity identity;
  std::uint64_t last_branch_at = 0;                // core cycles, of CPUs whose records have them
  std::array<std::uint64_t, msr_slot_count> msr{}; // of the TSC what was added to it

  std::uint64_t& operator[](MsrSlot slot) { return msr[static_cast<std::size_t>(slot)]; }
  std::uint64_t operator[](MsrSlot slot) const { return msr[static_cast<std::size_t>(slot)]; }

  bool operator==(const CoreState& other) const {
    return dr == other.dr && pending == other.pending && cr2 == other.cr2 &&
           redirected == other.redirected && boundary == other.boundary &&
           identity == other.identity && last_branch_at == other.last_branch_at && msr == other.msr;
  }
};
static_assert(std::is_trivially_copyable_v<CoreState>);

} // namespace v0_1
} // namespace icebp
