#pragma once
// One instruction from its fetch to the traps at its end.

#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/core/msr_list_player.h>
#include <icebp/testbench/program/core/user_msr_bitmap.h>

#include <cstdint>

namespace icebp {

// An event of the instruction at RIP, or of the one that has just ended before it.
inline Request at_boundary(const Core& core, Operation operation) {
  Request request = request_at(operation, core.machine.rip);
  request.context = context_of(core.machine);
  return request;
}

// A branch that the core has taken, from `from` to RIP.
template <typename Put>
void put_branch(const Core& core, Branch branch, std::uint64_t from, const Put& put) {
  if (!records_branches(core.state))
    return;
  Request request = branch_of(branch, from, core.machine.rip);
  request.context = context_of(core.machine);
  put(request);
}

// True if only a breakpoint can be of interest to the fetch, and nothing to the end.
inline bool is_quiet(const Core& core) {
  return (core.machine.rflags & rflags_tf) == 0 && core.state.boundary.is_quiet();
}

// What comes before the instruction: a trap that is due, an instruction breakpoint, or nothing. RF
// is then cleared. `put` takes a request to `core.state` and gives its outcome.
template <typename Put>
Played play_fetch(Core& core, const Put& put) {
  const Request request = at_boundary(core, Operation::fetch);
  if (is_quiet(core) && dr7::enables::get(core.state.dr[7]) == 0) {
    core.machine.rflags &= ~rflags_rf;
    return {request, retired()};
  }
  const Outcome outcome = put(request);
  if (outcome.vector == Vector::none)
    core.machine.rflags &= ~rflags_rf;
  return {request, outcome};
}

// `instruction`, and what comes before and after it: the operation that raised an exception or
// exit, or the retired instruction.
template <typename Put>
Played play_instruction(Core& core, const Request& instruction, const Put& put) {
  const Played before = play_fetch(core, put);
  if (before.outcome.vector != Vector::none)
    return before;
  const Request operation = with_user_msr_bitmap(core, instruction);
  Played itself{operation, put(operation)};
  if (is_msr_list(operation.operation) && itself.outcome.kind == OutcomeKind::retired)
    itself = play_msr_list(core, operation, put);
  complete(core.machine, itself.request, itself.outcome);
  if (itself.outcome.kind != OutcomeKind::retired || is_quiet(core))
    return itself;
  const Request end = at_boundary(core, Operation::end_of_instruction);
  const Outcome trap = put(end);
  if (trap.vector == Vector::none)
    return itself;
  Played trapped{end, trap};
  trapped.cost = itself.cost;
  trapped.serializing = itself.serializing;
  return trapped;
}

} // namespace icebp
