#pragma once
// An instruction-set simulator puts an instruction's life to a core in this order. What it owes
// besides stands in docs/simulator.md.
//
// `Core` is where requests go: UntimedCore below, or an adapter of a socket. It has
//
//   Outcome put(const Request&)          carries the request out
//   const CoreState& state() const       as it is then
//   const WatchFilter& watch() const     armed for that state
//   const CpuModel& cpu() const
//
// `Simulator` has
//
//   CoreContext context() const          the mode, CPL, CR0.PG, CR4.DE, RFLAGS.TF and RF of now
//   std::uint64_t rip() const            the instruction's address until it is executed
//   void clear_rf()                      RFLAGS.RF := 0
//   Request execute_at_rip(Life& life)   executes the instruction, or one iteration of a REP; tells
//                                        `life` what it does; moves RIP on; gives the end:
//                                        request_at(end_of_instruction or end_of_iteration, RIP)
//   void take(const Delivery&)           enters the handler, the hypervisor or debug firmware, or
//                                        takes an RTM region back

#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/plain_access.h>
#include <icebp/model/rules/pushed_image.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// How an instruction ended, and with it where the simulator goes on.
enum class InstructionEnd : std::uint8_t {
  retired,    // at RIP
  fault,      // in the handler, through the IDT
  trap,       // in the handler; the instruction is done
  exit,       // in the hypervisor
  redirected, // in debug firmware, not through the IDT
  aborted,    // at the fallback address of the RTM region
  cancelled,  // at the reset vector: a RESET came
};
template <>
inline constexpr auto name_table<InstructionEnd> = names_in_order<InstructionEnd>(
    "retired", "fault", "trap", "exit", "redirected", "aborted", "cancelled");

constexpr InstructionEnd end_of(const Outcome& outcome) {
  switch (outcome.kind) {
  case OutcomeKind::retired:
    return outcome.completes() ? InstructionEnd::retired : InstructionEnd::aborted;
  case OutcomeKind::fault:
    return outcome.redirected ? InstructionEnd::redirected : InstructionEnd::fault;
  case OutcomeKind::trap:
    return outcome.redirected ? InstructionEnd::redirected : InstructionEnd::trap;
  case OutcomeKind::exit:
    return InstructionEnd::exit;
  case OutcomeKind::cancelled:
    break;
  }
  return InstructionEnd::cancelled;
}

// What a simulator has to take: an exception, an exit, an abort of its RTM region or a RESET.
struct Delivery {
  InstructionEnd end; // any but `retired`
  Request request;    // what raised it
  Outcome outcome;
  std::uint64_t rip; // pushed, saved for the hypervisor or the firmware, or where an abort goes on
  bool rf;           // RFLAGS.RF of that image
};

// A core that answers at once: the rules on a state of the caller's.
class UntimedCore {
public:
  UntimedCore(const CpuModel& cpu, CoreState& state) : cpu_(cpu), state_(state) { arm(); }

  Outcome put(const Request& request) {
    Outcome outcome;
    put(request, outcome);
    return outcome;
  }
  void put(const Request& request, Outcome& outcome) {
    std::uint32_t cycles = 0;
    if (!plain_access::execute(cpu_, state_, request, outcome, cycles))
      return put_any(request, outcome);
    cycles_ += cycles;
    if (changes_watch(state_, request))
      arm();
  }
  // After a change of the state that was no request.
  void arm() { watch_.arm(state_); }

  const CpuModel& cpu() const { return cpu_; }
  const CoreState& state() const { return state_; }
  const WatchFilter& watch() const { return watch_; }
  // Core cycles of what was put so far, deliveries included.
  std::uint64_t cycles() const { return cycles_; }

private:
  // In a function of its own, which keeps the common case free of it.
  __attribute__((noinline)) void put_any(const Request& request, Outcome& outcome) {
    cycles_ += execute(cpu_, state_, request, outcome);
    if (may_change_watch(request))
      arm();
    else
      watch_.note(state_.boundary);
  }

  const CpuModel& cpu_;
  CoreState& state_;
  WatchFilter watch_;
  std::uint64_t cycles_ = 0;
};

// What an instruction does, as the simulator tells it while it executes.
template <typename Core, typename Simulator>
class InstructionLife {
public:
  InstructionLife(Core& core, Simulator& simulator)
      : core_(core), simulator_(simulator), rf_(simulator.context().rf) {}

  // An access to memory or a port; what it meets is a trap at the end. `address` is linear.
  void access(Operation operation, std::uint64_t address, std::uint32_t size) {
    if (core_.watch().may_meet(operation, address, size))
      put(request_at(operation, address, size));
  }
  // A branch that was taken.
  void branch(Branch branch, std::uint64_t from, std::uint64_t to, bool mispredicted = false) {
    if (records_branches(core_.state()))
      put(branch_of(branch, from, to, mispredicted));
  }
  // Anything else: an instruction of the model (RIP is still there), a #PF, a task switch, a bus
  // lock, a PMI, INT3 in an RTM region. If the life is over then, the simulator has taken the
  // outcome.
  Outcome put(Request request) {
    request.context = simulator_.context();
    if (!is_end(request.operation))
      request.context.rf = rf_;
    const Outcome outcome = core_.put(request);
    end_ = end_of(outcome);
    if (is_over())
      deliver(request, outcome);
    return outcome;
  }
  // An exception that the simulator raised itself: the instruction is over, and what it met is
  // dropped. In an RTM region its abort instead, whatever the reason, which the simulator has
  // taken.
  void fault() {
    put(request_at(Operation::fault, simulator_.rip()));
    if (!is_over())
      end_ = InstructionEnd::fault;
  }

  bool is_over() const { return end_ != InstructionEnd::retired; }
  InstructionEnd end() const { return end_; }

  // Nothing can come of the fetch: no trap waits, TF is 0, and no breakpoint may be there.
  bool can_leave_out_fetch() const {
    const WatchFilter& watch = core_.watch();
    if (simulator_.context().tf)
      return false;
    return !watch.fetches_matter() ||
           (!watch.boundary_waits() && !watch.may_fetch(simulator_.rip()));
  }
  // Nothing can come of such an end.
  bool can_leave_out(const Request& end) const {
    return is_end(end.operation) && !core_.watch().boundary_waits() && !simulator_.context().tf &&
           end.ending != Ending::sti && end.ending != Ending::mov_ss;
  }

private:
  // In a function of its own, which keeps the common case free of it.
  __attribute__((noinline, cold)) void deliver(const Request& request, const Outcome& outcome) {
    const std::uint64_t rip = takes_no_time(request.operation) ? request.value : simulator_.rip();
    const Delivery delivery{end_, request, outcome, rip_after(request, outcome, rip),
                            pushed_rf(core_.cpu().authority, request, outcome)};
    simulator_.take(delivery);
    if (outcome.aborts_rtm() && records_branches(core_.state())) {
      Request abort = branch_of(Branch::rtm_abort, rip, delivery.rip);
      abort.context = simulator_.context();
      core_.put(abort);
    }
  }

  Core& core_;
  Simulator& simulator_;
  bool rf_; // RFLAGS.RF as the instruction began: a fault pushes it
  InstructionEnd end_ = InstructionEnd::retired;
};

// Runs one instruction of `simulator` on `core`.
template <typename Core, typename Simulator>
InstructionEnd run_instruction(Core& core, Simulator& simulator) {
  InstructionLife<Core, Simulator> life(core, simulator);
  if (!life.can_leave_out_fetch())
    life.put(request_at(Operation::fetch, simulator.rip()));
  if (life.is_over())
    return life.end();
  simulator.clear_rf();
  for (;;) { // once, or for each iteration of a REP instruction
    const Request end = simulator.execute_at_rip(life);
    if (!life.is_over() && __builtin_expect(!life.can_leave_out(end), 0))
      life.put(end);
    if (life.is_over() || end.operation != Operation::end_of_iteration)
      return life.end();
  }
}

} // namespace v0_1
} // namespace icebp
