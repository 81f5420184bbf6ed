#pragma once
// These functions tell what an exception pushes: the return address and RF.

#include <icebp/model/rules/vocabulary/authority.h>
#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// Gives the address that is pushed: of a fault and an instruction exit the instruction, of a trap
// the one behind it, where a retired instruction goes on too. `length` counts bytes. Outside 64-bit
// mode EIP wraps at 32 bits.
constexpr std::uint64_t return_address(OutcomeKind kind, std::uint64_t rip, unsigned length,
                                       bool is_64_bit) {
  const bool behind = kind == OutcomeKind::retired || kind == OutcomeKind::trap;
  const std::uint64_t next = rip + (behind ? length : 0);
  return is_64_bit ? next : next & low_half;
}

// What `outcome` would be if the hypervisor intercepted no exception: an intercepted one is the
// fault or the trap. Others stay, instruction exits too.
constexpr OutcomeKind kind_without_intercept(const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::exit || outcome.vector == Vector::none)
    return outcome.kind;
  return outcome.cause == Cause::int1 ? OutcomeKind::trap : OutcomeKind::fault;
}

// Gives RIP behind the operation: where its exception or exit returns to, or the next instruction.
// `rip` is where the instruction is; of fetch and the ends, which come to their exceptions between
// two instructions, where the core goes on. An intercepted INT1 has been executed when SVM exits;
// VMX exits on the instruction (KVM vmx.c). An abort of an RTM region has both addresses of its
// own.
constexpr std::uint64_t rip_after(const Request& request, const Outcome& outcome,
                                  std::uint64_t rip) {
  if (outcome.cause == Cause::rtm_abort && request.context.rtm)
    return outcome.aborts_rtm() ? outcome.data : request.context.rtm->xbegin;
  if (takes_no_time(request.operation))
    return rip;
  const OutcomeKind kind = request.context.svm() ? kind_without_intercept(outcome) : outcome.kind;
  return return_address(kind, rip, request.length, request.context.is_64_bit());
}

// Gives RF in the pushed RFLAGS. It is 1 for every fault but #DB, and for a trap between the
// iterations of a REP instruction; 0 for other traps and instruction breakpoints (SDM vol. 3
// 17.3.1.1), and as XBEGIN found it, taken for 0, for one that aborts an RTM region. General detect
// keeps RF (KVM x86.c) unless the authority's quirk says otherwise. An exit saves what its
// exception would have pushed; the exit of an intercepted instruction saves 0 (SDM vol. 3 27.3.3;
// SVM: the same, UNVERIFIED).
constexpr bool pushed_rf(const Authority& authority, const Request& request,
                         const Outcome& outcome) {
  switch (outcome.vector) {
  case Vector::none:
    return false;
  case Vector::db:
    if (outcome.cause == Cause::general_detect)
      return request.context.rf || authority.quirks.gd_sets_rf;
    return outcome.cause != Cause::rtm_abort && request.operation == Operation::end_of_iteration;
  case Vector::ud:
  case Vector::gp:
  case Vector::pf:
    break;
  }
  return true;
}

// Gives what FRED pushes as event data: the payload of a #DB, so that its handler need not read
// DR6; the address of a #PF; else 0 (Linux traps.c DEFINE_FREDENTRY_DEBUG).
constexpr std::uint64_t fred_event_data(const Outcome& outcome) {
  return outcome.payload().value_or(0);
}

} // namespace v0_1
} // namespace icebp
