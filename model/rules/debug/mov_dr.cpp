#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/payload.h>

namespace icebp {
namespace {

constexpr bool is_dr45(unsigned dr) { return (dr & 6) == 4; }

// DR4 and DR5 are DR6 and DR7 under other names.
constexpr unsigned alias(unsigned dr) { return is_dr45(dr) ? dr + 2 : dr; }

// But for the intercept.
CauseSet failing_checks(const CoreState& state, const Request& request) {
  const CoreContext& context = request.context;
  return request.encoding_faults |
         only_if(context.cr4_de && is_dr45(request.dr), Cause::dr45_with_de) |
         only_if(dr7::gd::get(state.dr[7]) != 0, Cause::general_detect) |
         only_if(context.cpl != 0, Cause::cpl) |

         only_if(writes_reserved_upper_half(request), Cause::reserved_upper_half);
}

Outcome outcome_of(Cause failing, const Request& request) {
  if (failing == Cause::intercept)
    return instruction_exit(request);
  if (failing == Cause::general_detect)
    return debug_exception(OutcomeKind::fault, failing, payload::general_detect,
                           request.context.redirect_db);
  return fault(failing);
}

Outcome unchecked_mov_dr(const CoreState& state, const Request& request) {
  if (request.operation == Operation::mov_to_dr)
    return retired_serializing();
  const std::uint64_t image = state.dr[alias(request.dr)];
  return retired(request.context.is_64_bit() ? image : image & low_half);
}

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) Outcome checked_mov_dr(const CpuProfile& profile, const CoreState& state,
                                                 const Request& request) {
  const CauseSet failing =
      failing_checks(state, request) | only_if(is_intercepted(request), Cause::intercept);
  const Cause winner = first_failing(profile.mov_dr_ladder, failing);
  return winner == Cause::none ? unchecked_mov_dr(state, request) : outcome_of(winner, request);
}

} // namespace

Outcome mov_dr(const CpuProfile& profile, const CoreState& state, const Request& request) {
  if (failing_checks(state, request) != 0 || request.context.guest)
    return checked_mov_dr(profile, state, request);
  return unchecked_mov_dr(state, request);
}

void commit_mov_to_dr(const CpuProfile& profile, CoreState& state, const Request& request) {
  const unsigned dr = alias(request.dr);
  const std::uint64_t value = operand(request);
  if (dr == 6)
    state.dr[6] = dr6::legalise(profile, state[MsrSlot::debugctl], value);
  else if (dr == 7)
    state.dr[7] = dr7::legalise(profile, value);
  else
    state.dr[dr] = value;
}

} // namespace icebp
