#pragma once
// What stops an instruction in an RTM region aborts the region (SDM vol. 1 16.3.7, 16.3.8):
//
//   a debug exception of any kind, INT3     abort, for which the two enables want a #DB at XBEGIN
//   any other exception, an intercept       abort, and nothing else
//   MOV to DR, RDMSR, WRMSR                 the same: "may", and in this model always
//
// So no instruction of a region changes a debug register or an MSR, and an abort has none to take
// back. The simulator restores what is its own, RFLAGS too, and gives EAX the status.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// Gives what `request` comes to in its RTM region, if `outcome` is what it comes to elsewhere.
// Precondition: `request.context.rtm`.
Outcome in_rtm_region(const CoreState& state, const Request& request, const Outcome& outcome);

// The region's conditions are undone, and those that waited as it began are lost.
void commit_rtm_abort(CoreState& state);

} // namespace v0_1
} // namespace icebp
