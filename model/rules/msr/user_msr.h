#pragma once
// URDMSR and UWRMSR: RDMSR and WRMSR of what a bitmap in memory allows, at any CPL. The bitmap is
// the 4-KByte page at IA32_USER_MSR_CTL[63:12], a bit for each MSR up to 3FFFh: for reads from byte
// 0 on, for writes from byte 2048 on. The core asks where the byte is that decides, reads it as a
// supervisor does, with that access's own #GP and #PF, and puts it into `Request::user_msr_bitmap`.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// The linear address of the byte that decides; nothing if the instruction faults before it is read.
// Precondition: an operation urdmsr or uwrmsr.
std::optional<std::uint64_t> user_msr_bitmap_byte(const CpuModel& cpu, const CoreState& state,
                                                  const Request& request);

// Columns of their list of checks (msr_checks.h): IA32_USER_MSR_CTL.ENABLE is 0; the index is above
// 3FFFh; its bit is 0.
bool user_msrs_are_disabled(const CpuModel& cpu, const CoreState& state, const Request& request);
bool is_beyond_user_msr_bitmap(const CpuModel& cpu, const CoreState& state, const Request& request);
bool user_msr_bitmap_forbids(const CpuModel& cpu, const CoreState& state, const Request& request);

// #UD without the feature, outside 64-bit mode, or with IA32_USER_MSR_CTL.ENABLE 0; #GP(0) if the
// index is above 3FFFh, or its bit is 0; then as RDMSR and WRMSR, intercepts included, but for CPL.
// Changes nothing. Precondition as above. (Bochs URDMSR and UWRMSR, Xen x86_emulate.c)
Outcome user_msr(const CpuModel& cpu, const CoreState& state, const Request& request);

} // namespace v0_1
} // namespace icebp
