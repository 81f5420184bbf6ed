#pragma once
// RDMSRLIST and WRMSRLIST, the only MSR instructions that complete partly: the core checks the
// instruction with `rdmsrlist` or `wrmsrlist`, then walks the bits of RCX from 0 up. For each it
// reads the entry at RSI + 8n, for a write also the value at RDI + 8n, puts the entry as an
// operation, stores what was read at RDI + 8n, and clears the bit. The accesses' own #GP and
// #PF are the core's. A fault leaves the entries before it done.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// The instruction, whatever its entries: #UD without the feature or outside 64-bit mode, then CPL,
// then RSI and RDI not aligned to 8 (Bochs RDMSRLIST). In a VMX guest the control that enables it
// is taken to be on. Changes nothing.
Outcome msr_list(const CpuModel& cpu, const CoreState& state, const Request& request);

// One entry: #GP(0) if its bits 63:32 are not zero, which the caller puts into `encoding_faults` as
// list_entry; then as RDMSR or WRMSR of its index, without the latter's serialisation. Changes
// nothing. Precondition: `msr_list` retired.
Outcome msr_list_entry(const CpuModel& cpu, const CoreState& state, const Request& request);

} // namespace v0_1
} // namespace icebp
