#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/registers/tsc.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {

// These functions tell of a register what masks cannot (docs/msr-block.md 2.7, 6.1 and 6.3).

// True if the core is in the state without which the register is #GP(0), read or written.
bool is_reachable(const CoreState& state, const ResolvedMsr& msr);

// True if a lock keeps the register from being written.
bool is_locked(const CoreState& state, const ResolvedMsr& msr);

// True if `value` obeys the canonical rule of the register, or the register has none.
bool is_canonical_value(const ResolvedMsr& msr, std::uint64_t value);

// False if a rule on the value makes the WRMSR #GP(0): memory types (SDM vol. 3 11.11, 11.12), EFER
// (SDM vol. 4 C000_0080h), moves of APIC_BASE (SDM vol. 3 10.12.5) and others.
bool is_legal_value(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                    const Request& request);

constexpr bool does_more_than_store(MsrOnWrite on_write) {
  return on_write >= MsrOnWrite::sign_extend32;
}

// Does the rest of a write, after its writable bits are stored. `now` is that of Request.
void complete_write(CoreState& state, const ResolvedMsr& msr, std::uint64_t old_value,
                    std::uint64_t now);

// Gives the value that RDMSR reads. The TSC runs: it is what is stored plus the ticks until `now`.
constexpr bool runs_with_time(const ResolvedMsr& msr) { return msr.on_write == MsrOnWrite::tsc; }
inline std::uint64_t value_of(const CoreState& state, const ResolvedMsr& msr, std::uint64_t now) {
  return runs_with_time(msr) ? tsc::read(state, now) : state.msr[msr.slot];
}
constexpr std::uint64_t stored_of(const ResolvedMsr& msr, std::uint64_t value, std::uint64_t now) {
  return value - (runs_with_time(msr) ? now : 0);
}

} // namespace icebp
