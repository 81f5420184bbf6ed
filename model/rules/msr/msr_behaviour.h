#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/registers/tsc.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {

// What masks cannot tell of a register: docs/msr-block.md 2.7, 6.1 and 6.3.

// The core is in the mode without which the register is #GP(0), read or written.
bool is_reachable(const CoreState& state, const ResolvedMsr& msr);

// A lock keeps the register from being written until RESET.
bool is_locked(const CoreState& state, const ResolvedMsr& msr);

// The canonical rule of the register, if it has one.
bool is_canonical_value(const ResolvedMsr& msr, std::uint64_t value);

// Rules on the value written: memory types (SDM vol. 3 11.11, 11.12), EFER (SDM vol. 4
// C000_0080h), moves of APIC_BASE (SDM vol. 3 10.12.5) and others. False: the WRMSR is #GP(0).
bool is_legal_value(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                    const Request& request);

constexpr bool does_more_than_store(MsrOnWrite on_write) {
  return on_write >= MsrOnWrite::sign_extend32;
}

// The rest of a write whose writable bits are stored. `now` as in Request.
void complete_write(CoreState& state, const ResolvedMsr& msr, std::uint64_t old_value,
                    std::uint64_t now);

// The TSC runs: its value is what is stored and the ticks until now.
constexpr bool runs_with_time(const ResolvedMsr& msr) { return msr.on_write == MsrOnWrite::tsc; }
inline std::uint64_t value_of(const CoreState& state, const ResolvedMsr& msr, std::uint64_t now) {
  return runs_with_time(msr) ? tsc::read(state, now) : state.msr[msr.slot];
}
constexpr std::uint64_t stored_of(const ResolvedMsr& msr, std::uint64_t value, std::uint64_t now) {
  return value - (runs_with_time(msr) ? now : 0);
}

} // namespace icebp
