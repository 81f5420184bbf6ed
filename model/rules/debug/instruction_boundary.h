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
//   rtm_abort           in place of a debug exception within an RTM region
//
// An exception that `execute` answers takes the place of the end too; INT1 is its own #DB.
// RIP of a #DB is the `value` of fetch and of the ends. In the shadow of MOV SS no other event is
// taken either. The whole loop: testbench/tests/rules/instruction_loop.h.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

namespace icebp {

// What such an operation comes to; changes nothing. Traps and an instruction breakpoint at one
// boundary are one #DB by the profile's quirk; its cause is the first of the list of causes that
// has a part in it. The value of a retired access is its B bits. If something in `request.events`
// comes before the #DB, it retires, and the traps stay due. Precondition:
// `takes_no_time(request.operation)`. (SDM vol. 3 17.3.1, 6.8.3; kvm-unit-tests
// debug.c; measurements on Cascade Lake)
Outcome instruction_event(const CpuProfile& profile, const CoreState& state,
                          const Request& request);

// Its effects, of a retired one or a trap.
void commit_instruction_event(const CpuProfile& profile, CoreState& state, const Request& request,
                              const Outcome& outcome);

// What an exception or exit leaves of the conditions that it does not carry: a fault drops those of
// its instruction, and by a quirk those held over MOV SS; an exit other than #DB keeps the latter
// for the hypervisor to save (SDM vol. 3 27.3.4).
void leave_instruction(const CpuProfile& profile, CoreState& state, OutcomeKind kind,
                       Vector vector);

} // namespace icebp
