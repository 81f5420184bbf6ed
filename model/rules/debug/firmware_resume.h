#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// True if debug firmware holds an instruction that `request.verb` can end: `complete` takes a
// MOV DR, the other verbs anything.
bool can_resume(const CoreState& state, const Request& request);

// Gives what becomes of the held instruction (lkml 2026-06-24). The verb replaces the checks of
// privilege and general detect, not the value check: a completed write to DR6 or DR7 with bits
// 63:32 is #GP(0). The cause of `inject_gp` is the one that brought the firmware in. Precondition:
// `can_resume(state, request)`.
Outcome resume(const CoreState& state, const Request& request);

// The effect of a `resume` whose outcome is `outcome`.
void commit_resume(const CpuProfile& profile, CoreState& state, const Request& request,
                   const Outcome& outcome);

} // namespace v0_1
} // namespace icebp
