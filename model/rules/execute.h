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
inline namespace v0_1 {

// The state after power-up.
CoreState power_up(const CpuModel& cpu, const CoreIdentity& identity = {});

// Operations that are well formed only if more than the fields of all requests is, by their place
// in the enumeration; `none` never is.
inline constexpr std::uint64_t operations_with_conditions = [] {
  static_assert(operation_rows.size() <= 64);
  std::uint64_t operations = 0;
  for (const OperationRow& row : operation_rows)
    if (row.operation == Operation::none || row.operation == Operation::resume ||
        row.operation == Operation::branch || is_access(row.operation))
      operations |= std::uint64_t{1} << static_cast<unsigned>(row.operation);
  return operations;
}();

// True if the machine can take `request`: fields in their ranges, privilege level and mode in
// agreement, an access of a byte at least, a resume only for an instruction that firmware holds.
inline bool is_well_formed(const CoreState& state, const Request& request) {
  const auto operation = static_cast<unsigned>(request.operation);
  const bool in_range = ((request.dr >> 3) | (request.gpr >> 4)) == 0;
  if (!in_range || !request.context.is_consistent() || operation >= operation_rows.size())
    return false;
  if ((operations_with_conditions >> operation & 1) == 0)
    return true;
  if (request.operation == Operation::branch)
    return static_cast<std::size_t>(request.branch) < name_table<Branch>.size();
  return request.operation == Operation::resume
             ? can_resume(state, request)
             : request.operation != Operation::none && request.size != 0;
}

// Gives the first thing that is wrong with `request`; nullptr if it is well formed.
const char* what_is_malformed(const CoreState& state, const Request& request);

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
  std::uint32_t cycles = 0; // core cycles, delivery included
};

// All of it at once; gives the core cycles.
std::uint32_t execute(const CpuModel& cpu, CoreState& state, const Request& request,
                      Outcome& outcome);
inline Execution execute(const CpuModel& cpu, CoreState& state, const Request& request) {
  Execution execution;
  execution.cycles = execute(cpu, state, request, execution.outcome);
  return execution;
}

} // namespace v0_1
} // namespace icebp
