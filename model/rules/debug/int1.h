#pragma once

#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/model/rules/vocabulary/check.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>

namespace icebp {
inline namespace v0_1 {

inline constexpr auto int1_checks = joined(
    encoding_checks, std::array{Check{Cause::intercept, intercepts_instruction, exit_on_instruction,
                                      "APM vol. 2 15.9; KVM svm.c", Grade::doc}});

// INT1 (F1, ICEBP): a #DB trap without a payload bit, at any CPL and in any mode, no IDT DPL check
// (SDM vol. 2 INT1), never with BS. It carries traps held over MOV SS (kvm-unit-tests debug.c;
// measured; AMD UNVERIFIED). LOCK makes it #UD. SVM's own intercept comes before the exception (KVM
// svm.c).
inline Outcome int1(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Check* check = first_failing(view_of(int1_checks), cpu, state, request))
    return check->outcome(request, check->cause);
  return debug_exception(OutcomeKind::trap, Cause::int1,
                         payload::int1 | state.boundary.held.payload, request.context.redirect_db);
}

} // namespace v0_1
} // namespace icebp
