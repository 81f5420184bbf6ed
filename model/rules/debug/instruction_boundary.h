#pragma once
// The life of an instruction as the debug unit sees it. An instruction-set simulator puts these
// operations to `execute` at fixed points; each answers with at most one #DB:
//
//   fetch               before the instruction: traps that are due, or an instruction breakpoint
//   data_read, data_write, io_access    with each access that the watch filter lets through
//   task_switch, bus_lock               where the instruction does such a thing
//   end_of_iteration    after each iteration of a REP instruction but the last
//   end_of_instruction  after the instruction: its traps, and those held until now
//   fault               in place of the end, if the core raised an exception of its own
//   branch              where a branch is taken, while `records_branches` (last_branch.h)
//   rtm_abort           INT3 within an RTM region, in place of the end (rtm_region.h)
//
// An exception that `execute` answers takes the place of the end too; INT1 is its own #DB.
// RIP of a #DB is the `value` of fetch and of the ends. In the shadow of MOV SS no other event is
// taken either. The whole loop: model/rules/instruction_loop.h.

#include <icebp/model/rules/debug/breakpoint_match.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {
inline namespace v0_1 {

// Each function gives what its operation comes to; the `commit_` function beside it has the
// effects, of one that retires or traps. Of traps and an instruction breakpoint at one boundary the
// profile's quirk makes one #DB; its cause is the first of the list of causes that has a part in
// it. If something in `request.events` comes before the #DB, the operation retires and the traps
// stay due. (SDM vol. 3 17.3.1, 6.8.3; kvm-unit-tests debug.c; measured on Cascade Lake)

// A trap that is due, or else a fault, the instruction breakpoint at `request.value`.
Outcome fetch(const CpuProfile& profile, const CoreState& state, const Request& request);
void commit_fetch(CoreState& state, const Request& request);

// Retires; its value is the B bits that it meets, 0 if none. `cause`: of the breakpoint.
Outcome access(AccessKind kind, const CpuProfile& profile, const CoreState& state,
               const Request& request);
void commit_access(CoreState& state, const Request& request, const Outcome& outcome, Cause cause);

// Both retire.
void commit_task_switch(CoreState& state, const Request& request);
void commit_bus_lock(const CpuProfile& profile, CoreState& state, const Request& request);

// The traps of the iteration or the instruction that ends.
Outcome end(const CpuProfile& profile, const CoreState& state, const Request& request);
void commit_end(const CpuProfile& profile, CoreState& state, const Request& request);

// Keeps or drops the conditions that an exception or exit does not carry: a fault drops those of
// its instruction, and by a quirk those held over MOV SS; an exit other than #DB keeps the latter
// for the hypervisor to save (SDM vol. 3 27.3.4).
void leave_instruction(const Authority& authority, CoreState& state, OutcomeKind kind,
                       Vector vector);

} // namespace v0_1
} // namespace icebp
