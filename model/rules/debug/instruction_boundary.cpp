#include <icebp/model/rules/debug/breakpoint_match.h>
#include <icebp/model/rules/debug/instruction_boundary.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/payload.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// --- what is met

Access access_at(AccessKind kind, const Request& request, std::uint32_t size) {
  return {kind, request.context.is_64_bit(), request.context.cr4_de, request.value, size};
}

// Breakpoints on the instruction at `request.value`. RF suppresses them and nothing else; so does
// the shadow of MOV SS, on Intel (SDM vol. 3 17.3.1.1, 6.8.3).
std::uint64_t met_by_fetch(const CpuProfile& profile, const CoreState& state,
                           const Request& request, Shadow shadow) {
  const bool inhibited = shadow == Shadow::mov_ss && profile.quirks.mov_ss_inhibits_code_breakpoint;
  if (request.context.rf || inhibited)
    return 0;
  return matching_breakpoints(profile, state, access_at(AccessKind::execution, request, 1));
}

// --- what is raised

DebugTraps raised(std::uint64_t payload, Cause cause) { return {payload, only(cause)}; }

bool traps_bus_locks(const CoreState& state, const Request& request) {
  return debugctl::bld::get(state[MsrSlot::debugctl]) != 0 && request.context.cpl != 0;
}

// The step trap at an end. TF counts as the instruction began, so one that sets it does not trap;
// that of SYSCALL and SYSRET as they end (kvm-unit-tests debug.c, syscall.c). BTF makes it one of
// taken branches only.
DebugTraps step_trap(const CoreState& state, const Request& request) {
  const bool is_syscall = request.ending == Ending::syscall;
  const bool steps = is_syscall ? request.context.tf : state.boundary.single_step;
  if (!steps || request.ending == Ending::interrupt_entry)
    return {};
  if (debugctl::btf::get(state[MsrSlot::debugctl]) == 0)
    return raised(payload::single_step, Cause::single_step);
  const bool branches = is_syscall || request.ending == Ending::taken_branch;
  return branches ? raised(payload::single_step, Cause::branch_step) : DebugTraps{};
}

// --- the ends

// MOV SS and POP SS hold traps until the next instruction has ended, and give no step trap. The
// second of two in a row does neither (SDM vol. 3 6.8.3).
bool opens_mov_ss_shadow(const Boundary& boundary, const Request& request) {
  return request.ending == Ending::mov_ss && boundary.shadow != Shadow::mov_ss;
}

Boundary after_instruction(const CoreState& state, const Request& request) {
  Boundary after;
  if (opens_mov_ss_shadow(state.boundary, request)) {
    after.shadow = Shadow::mov_ss;
    after.held = state.boundary.raised;
    after.held.add(state.boundary.due);
    if (after.held.any())
      after.held.causes = only(Cause::held_trap);
    return after;
  }
  if (request.ending == Ending::sti && state.boundary.shadow != Shadow::sti)
    after.shadow = Shadow::sti;
  after.due = state.boundary.due;
  after.due.add(state.boundary.held);
  after.due.add(state.boundary.raised);
  after.due.add(step_trap(state, request));
  return after;
}

// Iterations like this one from its access to the end of the 64-byte block.
std::uint8_t iterations_left_in_block(const Request& request) {
  const std::uint64_t last = request.value + request.size - 1;
  return static_cast<std::uint8_t>((63 - last % 64) / request.size);
}

// Iterations that still run before a string instruction traps.
std::uint8_t iterations_to_run(const CpuProfile& profile, const Boundary& boundary,
                               const Request& request) {
  if (boundary.late_iterations != 0)
    return static_cast<std::uint8_t>(boundary.late_iterations - 1);
  switch (profile.quirks.string_granularity) {
  case StringGranularity::one_late:
    return 1;
  case StringGranularity::blocks_of_64:
    return request.fast_string ? boundary.block_iterations : std::uint8_t{0};
  case StringGranularity::exact:
    break;
  }
  return 0;
}

Boundary after_iteration(const CpuProfile& profile, const CoreState& state,
                         const Request& request) {
  Boundary after = after_instruction(state, request);
  after.single_step = state.boundary.single_step;
  const bool only_data = after.due.causes == only(Cause::data_breakpoint);
  if (!only_data || state.boundary.due.any() || request.events != 0)
    return after; // nothing else waits, and nothing if another event does
  const std::uint8_t to_run = iterations_to_run(profile, state.boundary, request);
  if (to_run == 0)
    return after;
  after.late_iterations = to_run;
  after.raised = state.boundary.raised;
  after.due = {};
  return after;
}

Boundary after_end(const CpuProfile& profile, const CoreState& state, const Request& request) {
  return request.operation == Operation::end_of_iteration ? after_iteration(profile, state, request)
                                                          : after_instruction(state, request);
}

// --- the boundary

Event event_of(const DebugTraps& traps) {
  return contains(traps.causes, Cause::task_switch) ? Event::task_switch_trap : Event::debug_trap;
}

// The #DB of `traps`, which with the quirk also carries a breakpoint on the next instruction.
Outcome trap_at_boundary(const CpuProfile& profile, const CoreState& state, const Request& request,
                         const Boundary& boundary) {
  DebugTraps traps = boundary.due;
  if (!traps.any() || !is_first(event_of(traps), request.events))
    return retired();
  const bool at_an_instruction = request.operation != Operation::end_of_iteration;
  if (at_an_instruction && profile.quirks.traps_merge_with_code_breakpoint)
    if (const std::uint64_t b = met_by_fetch(profile, state, request, boundary.shadow))
      traps.add(raised(b, Cause::instruction_breakpoint));
  return debug_exception(OutcomeKind::trap, first_of(traps.causes), traps.payload,
                         request.context.redirect_db);
}

} // namespace

Outcome fetch(const CpuProfile& profile, const CoreState& state, const Request& request) {
  if (state.boundary.due.any())
    return trap_at_boundary(profile, state, request, state.boundary);
  const std::uint64_t b = met_by_fetch(profile, state, request, state.boundary.shadow);
  if (b == 0 || !is_first(Event::instruction_breakpoint, request.events))
    return retired();
  return debug_exception(OutcomeKind::fault, Cause::instruction_breakpoint, b,
                         request.context.redirect_db);
}

void commit_fetch(CoreState& state, const Request& request) {
  state.boundary.single_step = request.context.tf;
}

Outcome access(AccessKind kind, const CpuProfile& profile, const CoreState& state,
               const Request& request) {
  return retired(matching_breakpoints(profile, state, access_at(kind, request, request.size)));
}

void commit_access(CoreState& state, const Request& request, const Outcome& outcome, Cause cause) {
  if (outcome.value() == 0)
    return;
  state.boundary.raised.add(raised(outcome.value(), cause));
  state.boundary.block_iterations = iterations_left_in_block(request);
}

void commit_task_switch(CoreState& state, const Request& request) {
  state.dr[7] &= ~dr7::local;
  if (request.t_bit)
    state.boundary.raised.add(raised(payload::task_switch, Cause::task_switch));
}

void commit_bus_lock(const CpuProfile& profile, CoreState& state, const Request& request) {
  if (profile.has(Feature::bus_lock_detect) && traps_bus_locks(state, request))
    state.boundary.raised.add(raised(payload::bus_lock, Cause::bus_lock));
}

Outcome end(const CpuProfile& profile, const CoreState& state, const Request& request) {
  return trap_at_boundary(profile, state, request, after_end(profile, state, request));
}

void commit_end(const CpuProfile& profile, CoreState& state, const Request& request) {
  state.boundary = after_end(profile, state, request);
}

void leave_instruction(const Authority& authority, CoreState& state, OutcomeKind kind,
                       Vector vector) {
  Boundary& boundary = state.boundary;
  if (kind == OutcomeKind::exit && vector != Vector::db) {
    boundary.raised = {};
    return;
  }
  Boundary after;
  if (kind == OutcomeKind::fault) {
    after.due = boundary.due;
    if (!authority.quirks.fault_drops_held_traps)
      after.due.add(boundary.held);
  }
  boundary = after;
}

} // namespace v0_1
} // namespace icebp
