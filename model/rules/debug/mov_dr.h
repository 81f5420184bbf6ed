#pragma once

#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/vocabulary/check.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// The value of the source operand: outside 64-bit mode the low 32 bits (SDM vol. 3 17.2.6).
constexpr std::uint64_t operand(const Request& request) {
  return request.context.is_64_bit() ? request.value : request.value & low_half;
}

// True for a write of DR6 or DR7, by any name, that sets one of bits 63:32 (SDM vol. 2 MOV DR).
constexpr bool writes_reserved_upper_half(const Request& request) {
  return request.operation == Operation::mov_to_dr && request.dr >= 4 &&
         operand(request) > low_half;
}

constexpr bool is_dr45(unsigned dr) { return (dr & 6) == 4; }

// DR4 and DR5 are DR6 and DR7 under other names.
constexpr unsigned alias(unsigned dr) { return is_dr45(dr) ? dr + 2 : dr; }

// No check of a MOV to or from DR4 to DR7 fails that looks at the register.
constexpr bool may_move_dr4_7(const Request& request) {
  return !(request.context.cr4_de && is_dr45(request.dr)) && !writes_reserved_upper_half(request);
}

// Gives what a MOV from a debug register reads that passed its checks.
constexpr std::uint64_t read_dr(const CoreState& state, const Request& request) {
  const std::uint64_t image = state.dr[alias(request.dr)];
  return request.context.is_64_bit() ? image : image & low_half;
}

// Every check of MOV DR; the order in which they win is the authority's (authority.h).
extern const Checks mov_dr_checks;

// MOV to or from a debug register: what the check comes to that wins, or what is read. Changes
// nothing. Precondition: `request.is_mov_dr()`. (SDM vol. 2 MOV DR)
Outcome mov_dr(const CpuModel& cpu, const CoreState& state, const Request& request);

// Sets a debug register, 0 to 7, as the core itself, a debug probe or a restored context does: no
// check, no #DB. DR6 and DR7, under whichever name, keep their fixed bits.
inline void poke_dr(const CpuProfile& profile, CoreState& state, unsigned dr, std::uint64_t value) {
  dr = alias(dr);
  if (dr == 6)
    state.dr[6] = dr6::legalise(profile, state[MsrSlot::debugctl], value);
  else if (dr == 7)
    state.dr[7] = dr7::legalise(profile, value);
  else
    state.dr[dr] = value;
}

// The effect of a MOV to a debug register that passed its checks.
inline void commit_mov_to_dr(const CpuProfile& profile, CoreState& state, const Request& request) {
  poke_dr(profile, state, request.dr, operand(request));
}

} // namespace v0_1
} // namespace icebp
