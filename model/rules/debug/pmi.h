#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// A PMI: counters overflow, and DEBUGCTL's freeze bits act. From perfmon version 4 on, and on AMD,
// the freeze is a bit of the global status, which software clears; before, it clears DEBUGCTL.LBR
// and IA32_PERF_GLOBAL_CTRL. (SDM vol. 3 17.4.7, 17.10.2, tables 17-3 and 17-17)
void commit_pmi(const CpuProfile& profile, CoreState& state, const Request& request);

// Makes the operation `pmi`; `overflowed` has the bits of the global status that the counters set.
constexpr Request pmi_of(std::uint64_t overflowed) {
  return request_at(Operation::pmi, overflowed);
}

} // namespace v0_1
} // namespace icebp
