#pragma once
// The untimed machine: the rules composed. An operation is decided, then either retired, or its
// exception is queued and delivered; the timed model does the same at clock edges.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/debug/firmware_resume.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>

namespace icebp {

// The state after power-up.
CoreState power_up(const CpuModel& cpu, const CoreIdentity& identity = {});

// True if the machine can take `request`: fields in their ranges, privilege level and mode in
// agreement, an access of a byte at least, a resume only for an instruction that firmware holds.
inline bool is_well_formed(const CoreState& state, const Request& request) {
  const bool in_range = ((request.dr >> 3) | (request.gpr >> 4)) == 0;
  return in_range && request.context.is_consistent() && request.operation != Operation::none &&
         (request.operation != Operation::resume || can_resume(state, request)) &&
         (!is_access(request.operation) || request.size != 0);
}

// Gives what `request` comes to in `state`, which it leaves alone. Precondition: `is_well_formed`.
Outcome decide(const CpuModel& cpu, const CoreState& state, const Request& request);

// The effects of an operation that completes, traps or aborts its RTM region, as decided; none of
// them touches DR6 by a payload.
void retire(const CpuModel& cpu, CoreState& state, const Request& request, const Outcome& outcome);

// Queues the exception of `outcome`, a fault, a trap, or an exception that exits: its payload waits
// in `state.pending`, and no register changes (lkml 2026-05-11).
void queue_exception(const CpuModel& cpu, CoreState& state, const Request& request,
                     const Outcome& outcome);

// Delivers the pending exception: a #DB's payload reaches DR6 and clears DR7.GD, a #PF's address
// reaches CR2. One that VMX intercepts changes neither: the exit carries the payload (SDM vol. 3
// 27.1); a #DB that SVM intercepts is delivered first (KVM nested.c).
void deliver_exception(const CpuModel& cpu, CoreState& state);

struct Execution {
  Outcome outcome;
  std::uint32_t cycles; // core cycles, delivery included
};

// All of it at once.
Execution execute(const CpuModel& cpu, CoreState& state, const Request& request);

} // namespace icebp
