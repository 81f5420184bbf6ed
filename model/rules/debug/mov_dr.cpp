#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/payload.h>

#include <array>
#include <cstdint>

namespace icebp {
inline namespace v0_1 {
namespace {

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
  return request.operation == Operation::mov_to_dr ? retired_serializing()
                                                   : retired(read_dr(state, request));
}

// One of the checks may fail.
bool may_fail(const CoreState& state, const Request& request) {
  const CoreContext& context = request.context;
  return request.encoding_faults != 0 || context.cpl != 0 || context.guest != nullptr ||
         dr7::gd::get(state.dr[7]) != 0 || !may_move_dr4_7(request);
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

// Where the check of a cause stands in the list.
constexpr auto place_of = [] {
  std::array<std::uint8_t, name_table<Cause>.size()> places{};
  for (std::size_t n = 0; n < checks.size(); ++n)
    places[static_cast<std::size_t>(checks[n].cause)] = static_cast<std::uint8_t>(n);
  return places;
}();

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) Outcome checked_mov_dr(const CpuModel& cpu, const CoreState& state,
                                                 const Request& request) {
  const CauseSet failing = all_failing<checks>(cpu, state, request);
  const Cause winner = first_failing(cpu.authority.mov_dr_ladder, failing);
  if (winner == Cause::none)
    return unchecked_mov_dr(state, request);
  return checks[place_of[static_cast<std::size_t>(winner)]].outcome(request, winner);
}

} // namespace

const Checks mov_dr_checks = view_of(checks);

Outcome mov_dr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return may_fail(state, request) ? checked_mov_dr(cpu, state, request)
                                  : unchecked_mov_dr(state, request);
}

} // namespace v0_1
} // namespace icebp
