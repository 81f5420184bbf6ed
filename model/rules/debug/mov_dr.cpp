#include <icebp/model/rules/cpu/cpu_model.h>
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

bool is_dr45_with_de(const CpuModel&, const CoreState&, const Request& request) {
  return request.context.cr4_de && is_dr45(request.dr);
}
bool is_general_detect(const CpuModel&, const CoreState& state, const Request&) {
  return dr7::gd::get(state.dr[7]) != 0;
}
bool sets_upper_half(const CpuModel&, const CoreState&, const Request& request) {
  return writes_reserved_upper_half(request);
}

Outcome raise_general_detect(const Request& request, Cause cause) {
  return debug_exception(OutcomeKind::fault, cause, payload::general_detect,
                         request.context.redirect_db);
}

Outcome unchecked_mov_dr(const CoreState& state, const Request& request) {
  if (request.operation == Operation::mov_to_dr)
    return retired_serializing();
  const std::uint64_t image = state.dr[alias(request.dr)];
  return retired(request.context.is_64_bit() ? image : image & low_half);
}

// One of the checks may fail.
bool may_fail(const CoreState& state, const Request& request) {
  const CoreContext& context = request.context;
  return request.encoding_faults != 0 || context.cpl != 0 || context.guest != nullptr ||
         dr7::gd::get(state.dr[7]) != 0 || (context.cr4_de && is_dr45(request.dr)) ||
         writes_reserved_upper_half(request);
}

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) Outcome checked_mov_dr(const CpuModel& cpu, const CoreState& state,
                                                 const Request& request) {
  const CauseSet failing = all_failing(mov_dr_checks, cpu, state, request);
  const Cause winner = first_failing(cpu.authority.mov_dr_ladder, failing);
  for (const Check& check : mov_dr_checks)
    if (check.cause == winner)
      return check.outcome(request, winner);
  return unchecked_mov_dr(state, request);
}

constexpr std::array checks{
    encoding_checks[0],
    encoding_checks[1],
    Check{Cause::rex_r, has_encoding_fault<Cause::rex_r>, raise_ud,
          "SDM vol. 2 MOV DR; measured on Cascade Lake", Grade::hw},
    Check{Cause::intercept, intercepts_instruction, exit_on_instruction,
          "SDM vol. 3 25.1.3; APM vol. 2 15.9", Grade::doc},
    Check{Cause::dr45_with_de, is_dr45_with_de, raise_ud, "SDM vol. 2 MOV DR", Grade::doc},
    Check{Cause::general_detect, is_general_detect, raise_general_detect,
          "SDM vol. 3 17.2.4; lkml 2026-06-12", Grade::hw},
    Check{Cause::cpl, is_not_cpl_0, raise_gp, "SDM vol. 2 MOV DR; lkml 2026-06-12", Grade::hw},
    Check{Cause::reserved_upper_half, sets_upper_half, raise_gp,
          "SDM vol. 2 MOV DR; lkml 2026-06-03", Grade::hw},
};

} // namespace

const Checks mov_dr_checks = view_of(checks);

Outcome mov_dr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return may_fail(state, request) ? checked_mov_dr(cpu, state, request)
                                  : unchecked_mov_dr(state, request);
}

void poke_dr(const CpuProfile& profile, CoreState& state, unsigned dr, std::uint64_t value) {
  dr = alias(dr);
  if (dr == 6)
    state.dr[6] = dr6::legalise(profile, state[MsrSlot::debugctl], value);
  else if (dr == 7)
    state.dr[7] = dr7::legalise(profile, value);
  else
    state.dr[dr] = value;
}

void commit_mov_to_dr(const CpuProfile& profile, CoreState& state, const Request& request) {
  poke_dr(profile, state, request.dr, operand(request));
}

} // namespace icebp
