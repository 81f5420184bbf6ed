#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {

// WRMSRNS, and RDMSR and WRMSRNS with an immediate index: #UD without their feature, those with an
// immediate also outside 64-bit mode; then as RDMSR and WRMSR. Changes nothing. Precondition: one
// of the three operations. (Intel ISE; KVM FRED series; Bochs opcode map)
Outcome newer_msr_form(const CpuModel& cpu, const CoreState& state, const Request& request);

} // namespace icebp
