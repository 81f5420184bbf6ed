#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// RDMSR: the value read (EDX:EAX), or what the first of its checks that fails comes to
// (msr_checks.h). (SDM vol. 2 RDMSR)
Outcome rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request);

// WRMSR: whether it retires. Changes nothing. (SDM vol. 2 WRMSR)
Outcome wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request);

// WRMSRNS, and RDMSR and WRMSRNS with an immediate index: what they check besides; then as RDMSR
// and WRMSR, without the latter's serialization. Changes nothing. Precondition: one of the three
// operations. (Intel ISE; Bochs opcode map)
Outcome newer_msr_form(const CpuModel& cpu, const CoreState& state, const Request& request);

// An access to an MSR by whichever form: every check of its list is asked. `wrmsr` and `rdmsr` come
// to the same with a guard in front.
Outcome checked_rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request);
Outcome checked_wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request);

// The effect of a WRMSR that passed its checks: the writable bits take the new value, every other
// bit keeps the old one, and what the register does besides.
void commit_wrmsr(const CpuModel& cpu, CoreState& state, const Request& request);

// Sets or gets a register as the core itself does, as WRFSBASE, SWAPGS, a machine check, or paging
// turned on with EFER.LME (LMA) do: no check, no effect besides. False, and empty: the CPU has no
// such register, or the platform has it. `now`: TSC ticks since power-up.
bool poke_msr(const CpuModel& cpu, CoreState& state, std::uint32_t index, std::uint64_t value,
              std::uint64_t now = 0);
std::optional<std::uint64_t> peek_msr(const CpuModel& cpu, const CoreState& state,
                                      std::uint32_t index, std::uint64_t now = 0);

} // namespace v0_1
} // namespace icebp
