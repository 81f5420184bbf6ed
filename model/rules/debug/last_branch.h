#pragma once
// Last-branch records: with DEBUGCTL.LBR=1 a core keeps where its branches came from and went to.
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

// Into LASTBRANCHFROMIP and LASTBRANCHTOIP, and on top of the stack what MSR_LBR_SELECT lets
// through; an exception or interrupt first copies the record before it to the last-exception
// record. Of a target outside 64-bit mode 32 bits are kept. (SDM vol. 3 17.4.1, 17.9.2, 17.13)
void record_branch(const CpuProfile& profile, CoreState& state, const Request& request);

// The operation; its context is that of the target.
constexpr Request branch_of(Branch branch, std::uint64_t from, std::uint64_t to) {
  Request request = request_at(Operation::branch, to);
  request.branch = branch;
  request.from = from;
  return request;
}

} // namespace icebp
