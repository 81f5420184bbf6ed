#pragma once

#include <icebp/model/rules/core_state.h>
#include <icebp/model/rules/cpu_model.h>
#include <icebp/model/rules/outcome.h>
#include <icebp/model/rules/request.h>

namespace icebp {

// RDMSR: the value read (EDX:EAX), or the fault; CPL does not count for urdmsr. (SDM vol. 2 RDMSR)
Outcome rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request);

// WRMSR: whether it retires; CPL does not count for uwrmsr. Changes nothing. (SDM vol. 2 WRMSR)
Outcome wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request);

// The effect of a WRMSR that passed its checks: the writable bits take the new value, every other
// bit keeps the old one, and what the register does besides.
void commit_wrmsr(const CpuModel& cpu, CoreState& state, const Request& request);

} // namespace icebp
