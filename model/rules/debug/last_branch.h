#pragma once
// Last-branch records tell, while DEBUGCTL.LBR is 1, where a core's branches came from and went to.
// A simulator puts the operation `branch` for each while `records_branches`; the delivery of a #DB
// clears the bit.

#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {

inline bool records_branches(const CoreState& state) {
  return debugctl::lbr::get(state[MsrSlot::debugctl]) != 0;
}

// Records a branch: in LASTBRANCHFROMIP and LASTBRANCHTOIP, and on top of the stack if
// MSR_LBR_SELECT lets it through. An exception or interrupt first copies the record before it to
// the last-exception record. A target outside 64-bit mode is kept with 32 bits. (SDM vol.
// 3 17.4.1, 17.9.2, 17.13)
void record_branch(const CpuProfile& profile, CoreState& state, const Request& request);

// Makes the operation `branch`; its context must be that of the target.
constexpr Request branch_of(Branch branch, std::uint64_t from, std::uint64_t to) {
  Request request = request_at(Operation::branch, to);
  request.branch = branch;
  request.from = from;
  return request;
}

} // namespace icebp
