#pragma once
// A little debug unit, written from docs/debug-unit.md 2 to 6 alone, for comparison with the
// machine. Every debug condition has a number, and comes to one end.

#include <icebp/testbench/tests/rules/support.h>

#include <set>
#include <vector>

namespace icebp::test {

struct Condition {
  unsigned id;
  u64 payload;
  Cause cause;
};
using Conditions = std::vector<Condition>;

inline u64 payload_of(const Conditions& conditions) {
  u64 payload = 0;
  for (const Condition& condition : conditions)
    payload |= condition.payload;
  return payload;
}

// The first of the list of causes.
inline Cause cause_of(const Conditions& conditions) {
  Cause first = Cause::rtm_abort;
  for (const Condition& condition : conditions)
    if (condition.cause < first)
      first = condition.cause;
  return first;
}

class BoundaryReference {
public:
  explicit BoundaryReference(const CpuProfile& cpu)
      : profile(cpu), quirks(cpu.quirks), of_authority(cpu.authority->quirks) {}

  // What `request` comes to.
  Outcome play(const Request& request) {
    return request.context.rtm ? play_in_region(request) : play_outside(request);
  }

  const CpuProfile profile;
  const Quirks quirks;
  const AuthorityQuirks of_authority;
  u64 dr[8] = {0, 0, 0, 0, 0, 0, 0xFFFF0FF0, 0x400};
  u64 debugctl = 0;
  Shadow shadow = Shadow::none;
  bool steps = false;
  Conditions raised, held, due; // 5.3: of this instruction, of MOV SS before it, at this boundary
  bool waits = false;           // something else came first
  bool is_late() const { return late_ != 0; }

  unsigned conditions() const { return next_; }
  // Those that are neither delivered nor dropped.
  std::size_t alive() const { return alive_.size(); }
  bool every_end_was_one() const { return ok_; }

private:
  Outcome play_in_region(const Request& request);
  Outcome play_outside(const Request& request);
  void raise(u64 payload, Cause cause) {
    alive_.insert(next_);
    raised.push_back({next_++, payload, cause});
  }
  void settle(Conditions& conditions) { // delivered, intercepted or dropped
    for (const Condition& condition : conditions)
      ok_ = alive_.erase(condition.id) == 1 && ok_;
    conditions.clear();
  }
  u64 matches(unsigned rw_mask, const Request& request, std::uint32_t size) const;
  u64 on_fetch(const Request& request) const;
  Outcome db(const Request& request, OutcomeKind kind, Cause cause, u64 payload);
  Outcome fault(const Request& request, Vector vector, Cause cause);
  void leave_by_fault();
  Outcome fetch(const Request& request);
  Outcome end(const Request& request);
  Outcome traps(const Request& request);
  Outcome mov_dr(const Request& request);
  void write_dr(unsigned n, u64 value);
  u64 writable_dr6() const {
    const bool open = !quirks.bld_writable_needs_debugctl || (debugctl & 4) != 0;
    return 0xE00Fu | (profile.has(Feature::rtm) ? 0x10000u : 0u) | (open ? 0x800u : 0u);
  }
  u64 legal_dr6(u64 value) const {
    return (value & writable_dr6()) | (0xFFFF0FF0 & ~writable_dr6());
  }

  unsigned late_ = 0;              // iterations to run before the trap of a string
  unsigned in_block_ = 0;          // from the last watched one
  Cause redirected_ = Cause::none; // what brought debug firmware in
  unsigned next_ = 0;
  std::set<unsigned> alive_;
  bool ok_ = true;
};

// 4.2 and 2.4; the bytes one by one.
inline u64 BoundaryReference::matches(unsigned rw_mask, const Request& request,
                                      std::uint32_t size) const {
  constexpr unsigned bytes[] = {1, 2, 8, 4};
  u64 matching = 0, enabled = 0;
  for (unsigned n = 0; n < 4; ++n) {
    const unsigned control = static_cast<unsigned>(dr[7] >> (16 + 4 * n)) & 15;
    const unsigned length = bytes[control >> 2];
    const u64 base = dr[n] - dr[n] % length;
    for (std::uint32_t i = 0; i < size; ++i)
      if ((rw_mask >> (control & 3) & 1) != 0 && request.value + i - base < length)
        matching |= bit(n);
    if ((dr[7] >> (2 * n) & 3) != 0)
      enabled |= bit(n);
  }
  if ((matching & enabled) == 0)
    return 0;
  return quirks.disabled_breakpoints_set_b ? matching : matching & enabled;
}

inline u64 BoundaryReference::on_fetch(const Request& request) const { // 4.5
  if (request.context.rf || (shadow == Shadow::mov_ss && quirks.mov_ss_inhibits_code_breakpoint))
    return 0;
  return matches(1, request, 1);
}

inline bool comes_first(Event event, EventSet events) { // 5.1
  return (events & ((1u << static_cast<unsigned>(event)) - 1)) == 0;
}

// 5.5, 6 and the table of destinations in 10.3.
inline Outcome BoundaryReference::db(const Request& request, OutcomeKind kind, Cause cause,
                                     u64 payload) {
  const bool from_int1 = cause == Cause::int1;
  const bool vmx = request.context.vmx() && (request.context.vmx()->exceptions & 2) != 0;
  const bool svm = request.context.svm() && (request.context.svm()->exceptions & 2) != 0;
  if (!vmx) {
    u64 dr6 = dr[6];
    if (!(from_int1 && quirks.int1_keeps_b))
      dr6 &= ~u64{15};
    if (of_authority.other_db_sets_rtm)
      dr6 |= 0x10000;
    dr6 &= ~(payload & 0xFFFF0FF0);
    dr6 |= payload & ~u64{0xFFFF0FF0};
    dr[6] = legal_dr6(dr6);
    dr[7] &= ~u64{0x2000};
    debugctl &= ~u64{3};
  }
  Outcome outcome;
  outcome.kind = vmx || svm ? OutcomeKind::exit : kind;
  outcome.cause = cause;
  outcome.vector = Vector::db;
  outcome.redirected = request.context.redirect_db && !vmx && !svm;
  outcome.data = payload;
  if (outcome.redirected)
    redirected_ = cause;
  if (kind == OutcomeKind::fault && !vmx && !svm) {
    leave_by_fault();
    return outcome;
  }
  if (kind == OutcomeKind::fault || from_int1) { // carried by INT1, or gone with the exit
    settle(held);
    settle(raised);
  }
  settle(due);
  ok_ = raised.empty() && held.empty() && ok_; // a trap carries all there is
  shadow = Shadow::none;
  steps = false;
  late_ = 0;
  return outcome;
}

inline void BoundaryReference::leave_by_fault() { // 5.3, 13
  settle(raised);
  if (of_authority.fault_drops_held_traps)
    settle(held);
  due.insert(due.end(), held.begin(), held.end());
  held.clear();
  shadow = Shadow::none;
  steps = false;
  late_ = 0;
}

inline Outcome BoundaryReference::fault(const Request& request, Vector vector, Cause cause) {
  const u64 mask = bit(static_cast<unsigned>(vector));
  const bool exits = (request.context.vmx() && (request.context.vmx()->exceptions & mask) != 0) ||
                     (request.context.svm() && (request.context.svm()->exceptions & mask) != 0);
  Outcome outcome;
  outcome.kind = exits ? OutcomeKind::exit : OutcomeKind::fault;
  outcome.cause = cause;
  outcome.vector = vector;
  if (vector == Vector::pf)
    outcome.data = request.value;
  if (exits)
    settle(raised); // 10.3: "VMX other exit first": the held ones stay for the pending field
  else
    leave_by_fault();
  return outcome;
}

inline Outcome BoundaryReference::traps(const Request& request) { // 5.1, 5.2
  bool t_bit = false;
  for (const Condition& condition : due)
    t_bit = t_bit || condition.cause == Cause::task_switch;
  waits = !comes_first(t_bit ? Event::task_switch_trap : Event::debug_trap, request.events);
  if (waits)
    return retired();
  if (quirks.traps_merge_with_code_breakpoint && request.operation != Operation::end_of_iteration)
    if (const u64 b = on_fetch(request)) {
      alive_.insert(next_);
      due.push_back({next_++, b, Cause::instruction_breakpoint});
    }
  return db(request, OutcomeKind::trap, cause_of(due), payload_of(due));
}

inline Outcome BoundaryReference::fetch(const Request& request) {
  waits = false;
  if (!due.empty()) {
    const Outcome outcome = traps(request);
    if (waits)
      steps = request.context.tf;
    return outcome;
  }
  const u64 b = on_fetch(request);
  waits = b != 0 && !comes_first(Event::instruction_breakpoint, request.events);
  if (b != 0 && !waits)
    return db(request, OutcomeKind::fault, Cause::instruction_breakpoint, b);
  steps = request.context.tf;
  return retired();
}

inline Outcome BoundaryReference::end(const Request& request) { // 4.4, 5.3
  waits = false;
  const bool iterates = request.operation == Operation::end_of_iteration;
  const bool behind_mov_ss = shadow == Shadow::mov_ss;
  if (request.ending == Ending::mov_ss && !behind_mov_ss) {
    shadow = Shadow::mov_ss;
    held = raised;
    for (Condition& condition : held)
      condition.cause = Cause::held_trap;
    raised.clear();
    steps = false;
    return retired();
  }
  const bool syscall = request.ending == Ending::syscall;
  bool step = syscall ? request.context.tf : steps && request.ending != Ending::interrupt_entry;
  const bool btf = (debugctl & 2) != 0;
  if (btf)
    step = step && (syscall || request.ending == Ending::taken_branch);
  if (iterates && held.empty() && !step && !raised.empty()) {
    if (late_ != 0)
      --late_;
    else if (quirks.string_granularity == StringGranularity::one_late)
      late_ = 1;
    else if (quirks.string_granularity == StringGranularity::blocks_of_64 && request.fast_string)
      late_ = in_block_;
    if (late_ != 0) {
      shadow = Shadow::none;
      return retired();
    }
  }
  due = held;
  due.insert(due.end(), raised.begin(), raised.end());
  held.clear();
  raised.clear();
  late_ = 0;
  if (step) {
    alive_.insert(next_);
    due.push_back({next_++, 0x4000, btf ? Cause::branch_step : Cause::single_step});
  }
  shadow = request.ending == Ending::sti && shadow != Shadow::sti ? Shadow::sti : Shadow::none;
  steps = iterates && steps;
  return due.empty() ? retired() : traps(request);
}

inline void BoundaryReference::write_dr(unsigned n, u64 value) {
  if (n < 4)
    dr[n] = value;
  else if (n % 2 == 0)
    dr[6] = legal_dr6(value);
  else
    dr[7] = (value & (profile.has(Feature::rtm) ? 0xFFFF2BFF : 0xFFFF23FF)) | 0x400;
}

inline Outcome BoundaryReference::mov_dr(const Request& request) { // 10.1
  const bool alias = request.dr == 4 || request.dr == 5;
  const unsigned n = alias ? request.dr + 2u : request.dr;
  const bool gd = (dr[7] & 0x2000) != 0;
  const bool unprivileged = request.context.cpl != 0;
  if (alias && request.context.cr4_de)
    return fault(request, Vector::ud, Cause::dr45_with_de);
  if (gd && (profile.vendor == Vendor::intel || !unprivileged))
    return db(request, OutcomeKind::fault, Cause::general_detect, 0x2000);
  if (unprivileged)
    return fault(request, Vector::gp, Cause::cpl);
  if (request.operation == Operation::mov_from_dr)
    return retired(dr[n]);
  if (n >= 6 && request.value >> 32 != 0)
    return fault(request, Vector::gp, Cause::reserved_upper_half);
  write_dr(n, request.value);
  return retired();
}

// 5.8: tried outside, and taken back if it is more than a plain retirement.
inline Outcome BoundaryReference::play_in_region(const Request& request) {
  BoundaryReference trial = *this;
  Request bare = request;
  bare.context.guest = nullptr;
  const Outcome outside = trial.play_outside(bare);
  const Operation operation = request.operation;
  const bool debug_event = outside.vector == Vector::db || operation == Operation::rtm_abort;
  const bool is_listed = operation == Operation::mov_to_dr || operation == Operation::wrmsr ||
                         operation == Operation::task_switch || operation == Operation::fault;
  if (outside.kind == OutcomeKind::retired && !debug_event && !is_listed)
    return play_outside(request);
  settle(raised);
  settle(held);
  settle(due);
  shadow = Shadow::none;
  steps = false;
  late_ = 0;
  if (debug_event && (dr[7] & 0x800) != 0 && (debugctl & 0x8000) != 0)
    return db(request, OutcomeKind::fault, Cause::rtm_abort, 0x10000);
  Outcome aborted;
  aborted.cause = Cause::rtm_abort;
  aborted.data = request.context.rtm->fallback;
  aborted.code = debug_event ? 0x10 : 0; // EAX
  return aborted;
}

inline Outcome BoundaryReference::play_outside(const Request& request) {
  u64 b = 0;
  switch (request.operation) {
  case Operation::fetch:
    return fetch(request);
  case Operation::data_read:
  case Operation::data_write: {
    b = matches(request.operation == Operation::data_read ? 8 : 10, request, request.size);
    if (b != 0) {
      raise(b, Cause::data_breakpoint);
      in_block_ =
          (64 - static_cast<unsigned>((request.value + request.size - 1) % 64) - 1) / request.size;
    }
    return retired(b);
  }
  case Operation::io_access:
    b = request.context.cr4_de ? matches(4, request, request.size) : 0;
    if (b != 0)
      raise(b, Cause::io_breakpoint);
    return retired(b);
  case Operation::bus_lock:
    if (request.context.cpl != 0 && (debugctl & 4) != 0)
      raise(0x800, Cause::bus_lock);
    return retired();
  case Operation::task_switch:
    dr[7] &= ~u64{0x155};
    if (request.t_bit)
      raise(0x8000, Cause::task_switch);
    return retired();
  case Operation::end_of_iteration:
  case Operation::end_of_instruction:
    return end(request);
  case Operation::rtm_abort: // nothing is open
    return retired();
  case Operation::fault:
    leave_by_fault();
    return retired();
  case Operation::page_fault:
    return fault(request, Vector::pf, Cause::page_fault);
  case Operation::int1:
    return db(request, OutcomeKind::trap, Cause::int1, payload_of(held));
  case Operation::mov_from_dr:
  case Operation::mov_to_dr:
    return mov_dr(request);
  case Operation::wrmsr: // DEBUGCTL
    debugctl = request.value;
    return retired();
  case Operation::resume: // 5.6
    return request.verb == ResumeVerb::inject_gp ? fault(request, Vector::gp, redirected_)
                                                 : retired();
  default: // INIT
    settle(raised);
    settle(held);
    settle(due);
    for (unsigned n = 0; n < 8; ++n)
      dr[n] = n == 6 ? 0xFFFF0FF0 : n == 7 ? 0x400 : 0;
    debugctl = late_ = 0;
    shadow = Shadow::none;
    steps = false;
    return retired();
  }
}

} // namespace icebp::test
