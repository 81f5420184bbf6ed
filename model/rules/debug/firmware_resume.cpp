#include <icebp/model/rules/debug/firmware_resume.h>
#include <icebp/model/rules/debug/mov_dr.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// The held MOV with the firmware's value in the place of its source register.
Request completed(const CoreState& state, const Request& request) {
  Request held;
  held.operation = state.redirected.operation;
  held.dr = state.redirected.dr;
  held.context.mode = state.redirected.mode;
  held.value = request.value;
  return held;
}

} // namespace

bool can_resume(const CoreState& state, const Request& request) {
  const Redirected& redirected = state.redirected;
  return redirected.valid &&
         (request.verb != ResumeVerb::complete || redirected.cause == Cause::general_detect);
}

Outcome resume(const CoreState& state, const Request& request) {
  switch (request.verb) {
  case ResumeVerb::reexecute:
  case ResumeVerb::skip:
    return retired();
  case ResumeVerb::inject_gp:
    return general_protection(state.redirected.cause);
  case ResumeVerb::complete:
    break;
  }
  const Request held = completed(state, request);
  if (writes_reserved_upper_half(held))
    return general_protection(Cause::reserved_upper_half);
  return held.operation == Operation::mov_from_dr ? retired(operand(held)) : retired_serializing();
}

void commit_resume(const CpuProfile& profile, CoreState& state, const Request& request,
                   const Outcome& outcome) {
  const Request held = completed(state, request);
  if (request.verb == ResumeVerb::complete && outcome.kind == OutcomeKind::retired &&
      held.operation == Operation::mov_to_dr)
    commit_mov_to_dr(profile, state, held);
  state.redirected = Redirected{};
}

} // namespace v0_1
} // namespace icebp
