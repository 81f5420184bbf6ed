#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/model/rules/cpu/reset.h>
#include <icebp/model/rules/debug/db_delivery.h>
#include <icebp/model/rules/debug/instruction_boundary.h>
#include <icebp/model/rules/debug/int1.h>
#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/debug/pmi.h>
#include <icebp/model/rules/debug/rtm_region.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_list.h>
#include <icebp/model/rules/msr/user_msr.h>

namespace icebp {
inline namespace v0_1 {

namespace {

// Outside an RTM region, and before exceptions are intercepted.
Outcome decide_on_bare_metal(const CpuModel& cpu, const CoreState& state, const Request& request) {
  switch (request.operation) {
  case Operation::mov_from_dr:
  case Operation::mov_to_dr:
    return mov_dr(cpu, state, request);
  case Operation::rdmsr:
    return rdmsr(cpu, state, request);
  case Operation::wrmsr:
    return wrmsr(cpu, state, request);
  case Operation::rdmsr_imm:
  case Operation::wrmsrns:
  case Operation::wrmsrns_imm:
    return newer_msr_form(cpu, state, request);
  case Operation::rdmsrlist:
  case Operation::wrmsrlist:
    return msr_list(cpu, state, request);
  case Operation::rdmsrlist_entry:
  case Operation::wrmsrlist_entry:
    return msr_list_entry(cpu, state, request);
  case Operation::urdmsr:
  case Operation::uwrmsr:
    return user_msr(cpu, state, request);
  case Operation::int1:
    return int1(cpu, state, request);
  case Operation::page_fault:
    return page_fault_at(request.value, request.error_code);
  case Operation::resume:
    return resume(state, request);
  case Operation::fetch:
    return fetch(cpu.profile, state, request);
  case Operation::data_read:
    return access(AccessKind::data_read, cpu.profile, state, request);
  case Operation::data_write:
    return access(AccessKind::data_write, cpu.profile, state, request);
  case Operation::io_access:
    return access(AccessKind::io, cpu.profile, state, request);
  case Operation::end_of_iteration:
  case Operation::end_of_instruction:
    return end(cpu.profile, state, request);
  case Operation::none:
  case Operation::reset:
  case Operation::init:
  case Operation::fault:
  case Operation::task_switch:
  case Operation::bus_lock:
  case Operation::rtm_abort: // outside a region nothing, as XABORT (SDM vol. 2)
  case Operation::branch:
  case Operation::pmi:
    break; // nothing can stop it
  }
  return retired();
}

// What `outcome` becomes in an RTM region or a guest, in this order.
__attribute__((noinline)) Outcome elsewhere(const CoreState& state, const Request& request,
                                            const Outcome& outcome) {
  const CoreContext& context = request.context;
  const Outcome seen = context.rtm ? in_rtm_region(state, request, outcome) : outcome;
  return context.guest ? through_exception_intercepts(context, seen) : seen;
}

Destination destination_of(const Request& request, const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::exit)
    return request.context.vmx() ? Destination::vmx_exit : Destination::svm_exit;
  return outcome.redirected ? Destination::firmware : Destination::handler;
}

PendingException pending_exception(const Request& request, const Outcome& outcome) {
  PendingException exception;
  exception.vector = outcome.vector;
  exception.from_int1 = request.operation == Operation::int1;
  exception.destination = destination_of(request, outcome);
  exception.payload = outcome.payload().value_or(0);
  return exception;
}

// The effects of an operation that completes or traps. Inline in `execute`, where most come from.
__attribute__((always_inline)) inline void commit(const CpuModel& cpu, CoreState& state,
                                                  const Request& request, const Outcome& outcome) {
  switch (request.operation) {
  case Operation::mov_to_dr:
    return commit_mov_to_dr(cpu.profile, state, request);
  case Operation::wrmsr:
  case Operation::wrmsrns:
  case Operation::wrmsrns_imm:
  case Operation::wrmsrlist_entry:
  case Operation::uwrmsr:
    return commit_wrmsr(cpu, state, request);
  case Operation::resume:
    return commit_resume(cpu.profile, state, request, outcome);
  case Operation::branch:
    return record_branch(cpu, state, request);
  case Operation::pmi:
    return commit_pmi(cpu.profile, state, request);
  case Operation::reset:
    return reset(cpu.msrs, state, request.now);
  case Operation::init:
    return init(cpu.msrs, state);
  case Operation::none:
  case Operation::mov_from_dr:
  case Operation::rdmsr:
  case Operation::rdmsr_imm:
  case Operation::rdmsrlist:
  case Operation::wrmsrlist:
  case Operation::rdmsrlist_entry:
  case Operation::urdmsr:
  case Operation::int1:
  case Operation::page_fault:
  case Operation::rtm_abort:
    return;
  case Operation::fetch:
    return commit_fetch(state, request);
  case Operation::data_read:
  case Operation::data_write:
    return commit_access(state, request, outcome, Cause::data_breakpoint);
  case Operation::io_access:
    return commit_access(state, request, outcome, Cause::io_breakpoint);
  case Operation::task_switch:
    return commit_task_switch(state, request);
  case Operation::bus_lock:
    return commit_bus_lock(cpu.profile, state, request);
  case Operation::end_of_iteration:
  case Operation::end_of_instruction:
    return commit_end(cpu.profile, state, request);
  case Operation::fault:
    return leave_instruction(cpu.authority, state, OutcomeKind::fault, Vector::none);
  }
}

// What an exception does besides its payload.
void leave_for_exception(const CpuModel& cpu, CoreState& state, const Request& request,
                         const Outcome& outcome) {
  if (request.operation == Operation::resume)
    state.redirected = Redirected{};
  if (outcome.vector == Vector::db && outcome.redirected)
    state.redirected = Redirected{
        true, outcome.cause, request.operation, request.context.mode, request.dr, request.value};
  if (outcome.vector == Vector::db && outcome.cause == Cause::rtm_abort)
    commit_rtm_abort(state);
  else
    leave_instruction(cpu.authority, state, outcome.kind, outcome.vector);
}

void deliver(const CpuModel& cpu, CoreState& state, const PendingException& exception) {
  if (exception.vector == Vector::db && exception.destination != Destination::vmx_exit)
    deliver_db(cpu, state, exception);
  if (exception.vector == Vector::pf && exception.destination == Destination::handler)
    state.cr2 = exception.payload;
}

// The exception of `outcome` is queued and delivered in one.
void raise(const CpuModel& cpu, CoreState& state, const Request& request, const Outcome& outcome) {
  leave_for_exception(cpu, state, request, outcome);
  if (outcome.payload())
    deliver(cpu, state, pending_exception(request, outcome));
}

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) void stop(const CpuModel& cpu, CoreState& state, const Request& request,
                                    const Outcome& outcome) {
  if (outcome.takes_effect())
    retire(cpu, state, request, outcome);
  if (outcome.vector != Vector::none)
    raise(cpu, state, request, outcome);
}

} // namespace

CoreState power_up(const CpuModel& cpu, const CoreIdentity& identity) {
  if (identity == cpu.at_power_up.identity)
    return cpu.at_power_up;
  CoreState state;
  state.identity = identity;
  reset(cpu.msrs, state, 0);
  return state;
}

const char* what_is_malformed(const CoreState& state, const Request& request) {
  if (request.operation == Operation::none ||
      static_cast<std::size_t>(request.operation) >= operation_rows.size())
    return "an operation that is none";
  if (request.dr > 7)
    return "a debug register beyond 7";
  if (request.gpr > 15)
    return "a general register beyond 15";
  if (!request.context.is_consistent())
    return "a privilege level that the mode has not";
  if (is_access(request.operation) && request.size == 0)
    return "an access of 0 bytes";
  if (request.operation == Operation::branch && !is_well_formed(state, request))
    return "a branch that is none";
  return is_well_formed(state, request) ? nullptr : "a resume that no instruction waits for";
}

Outcome decide(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const Outcome outcome = decide_on_bare_metal(cpu, state, request);
  const CoreContext& context = request.context;
  if (!context.rtm && !context.guest)
    return outcome;
  return elsewhere(state, request, outcome);
}

void retire(const CpuModel& cpu, CoreState& state, const Request& request, const Outcome& outcome) {
  if (outcome.aborts_rtm())
    commit_rtm_abort(state);
  else
    commit(cpu, state, request, outcome);
}

void queue_exception(const CpuModel& cpu, CoreState& state, const Request& request,
                     const Outcome& outcome) {
  state.pending = pending_exception(request, outcome);
  leave_for_exception(cpu, state, request, outcome);
}

void deliver_exception(const CpuModel& cpu, CoreState& state) {
  const PendingException exception = state.pending;
  state.pending = PendingException{};
  deliver(cpu, state, exception);
}

std::uint32_t execute(const CpuModel& cpu, CoreState& state, const Request& request,
                      Outcome& outcome) {
  outcome = decide(cpu, state, request);
  if (outcome.completes())
    commit(cpu, state, request, outcome);
  else
    stop(cpu, state, request, outcome);
  return total_cycles(cpu.cycles, request, outcome);
}

} // namespace v0_1
} // namespace icebp
