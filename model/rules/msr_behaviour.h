#pragma once

#include <icebp/model/rules/core_state.h>
#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/msr_table.h>
#include <icebp/model/rules/request.h>

namespace icebp {

// Rules on a written value that masks cannot tell: PAT memory types (SDM vol. 3 11.12.2), EFER.LME
// and EFER.LMA (SDM vol. 4 C000_0080h). False: the WRMSR is #GP(0).
bool is_legal_value(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                    const Request& request);

} // namespace icebp
