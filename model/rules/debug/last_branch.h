#pragma once
// Last-branch records tell where a core's branches came from and went to. A simulator puts the
// operation `branch` for each while `records_branches`. A CPU has, by feature:
//
//   the last one      DEBUGCTL.LBR          1DBh, 1DCh; before the last exception: 1DDh, 1DEh
//   a stack           DEBUGCTL.LBR          a ring, MSR_LASTBRANCH_TOS names the newest (Intel)
//   architectural     IA32_LBR_CTL.LBREn    entry 0 is the newest (Intel)
//   AMD's stack       DBG_EXTN_CFG.LBRV2EN  entry 0 is the newest
//
// The delivery of a #DB clears DEBUGCTL.LBR, a PMI may freeze them all (pmi.h).

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/lbr.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

inline bool records_branches(const CoreState& state) {
  return (debugctl::lbr::get(state[MsrSlot::debugctl]) |
          lbr_ctl::lbr_en::get(state[MsrSlot::lbr_ctl]) |
          dbg_extn_cfg::lbr_v2_en::get(state[MsrSlot::dbg_extn_cfg])) != 0;
}

// Records a branch wherever the core records. An exception or interrupt first copies the record
// before it to the last-exception record. A target outside 64-bit mode is kept with 32 bits. (SDM
// vol. 3 17.4.1, 17.4.8, 17.9 to 17.13; Linux arch/x86/events, intel/lbr.c and amd/lbr.c)
void record_branch(const CpuModel& cpu, CoreState& state, const Request& request);

// Makes the operation `branch`; its context must be that of the target. Both addresses are as the
// CPU records them: linear, in a format of 0 or 2 to 5 the offset in CS.
constexpr Request branch_of(Branch branch, std::uint64_t from, std::uint64_t to,
                            bool mispredicted = false) {
  Request request = request_at(Operation::branch, to);
  request.branch = branch;
  request.from = from;
  request.mispredicted = mispredicted;
  return request;
}

} // namespace v0_1
} // namespace icebp
