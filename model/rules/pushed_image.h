#pragma once
// What an exception pushes: the return address and RF.

#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>

namespace icebp {

// A fault and an instruction exit return to the instruction, a trap to the one behind it, which is
// also where a retired instruction goes on. `length` in bytes. Outside 64-bit mode EIP wraps at
// 32 bits.
constexpr std::uint64_t return_address(OutcomeKind kind, std::uint64_t rip, unsigned length,
                                       bool is_64_bit) {
  const bool behind = kind == OutcomeKind::retired || kind == OutcomeKind::trap;
  const std::uint64_t next = rip + (behind ? length : 0);
  return is_64_bit ? next : next & low_half;
}

// RF in the pushed RFLAGS: 1 for every fault but #DB, and for a trap between the iterations of a
// REP instruction; general detect keeps RF (KVM x86.c) unless the profile's quirk says otherwise; 0
// for other traps and instruction breakpoints (SDM vol. 3 17.3.1.1). An exit saves what its
// exception would have pushed, and of an intercepted instruction 0 (SDM vol. 3 27.3.3; SVM: the
// same, UNVERIFIED).
constexpr bool pushed_rf(const CpuProfile& profile, const Request& request,
                         const Outcome& outcome) {
  switch (outcome.vector) {
  case Vector::none:
    return false;
  case Vector::db:
    if (outcome.cause == Cause::general_detect)
      return request.context.rf || profile.quirks.gd_sets_rf;
    return request.operation == Operation::end_of_iteration;
  case Vector::ud:
  case Vector::gp:
  case Vector::pf:
    break;
  }
  return true;
}

// What FRED pushes as event data: of #DB its payload, so that the handler need not read DR6; of #PF
// the address; else 0 (Linux traps.c DEFINE_FREDENTRY_DEBUG).
constexpr std::uint64_t fred_event_data(const Outcome& outcome) {
  return outcome.payload().value_or(0);
}

} // namespace icebp
