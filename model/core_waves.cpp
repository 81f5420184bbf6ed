#include <icebp/model/core_waves.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>

namespace icebp {
namespace {

constexpr std::uint32_t no_value = 0xFFFFFFFF;
constexpr std::uint64_t no_value_64 = 0xFFFFFFFFFFFFFFFF;

// From `check` on, the outcome is known.
constexpr bool is_decided(Phase phase) { return phase != Phase::idle && phase != Phase::issue; }

// An exception is on its way, from the wait for its delivery to the end of the delivery or of the
// exit in its place.
constexpr bool is_raised(Phase phase) {
  return phase == Phase::fault || phase == Phase::trap || phase == Phase::deliver ||
         phase == Phase::exit;
}

// The instruction has done all that it does; one whose trap is intercepted has not.
constexpr bool is_retired(Phase phase, const Request& request, const Outcome& outcome) {
  return phase == Phase::retire || (phase == Phase::trap && outcome.kind == OutcomeKind::trap &&
                                    !takes_no_time(request.operation));
}

std::uint32_t exit_code_of(const CoreContext& context, const Outcome& outcome) {
  return context.vmx() ? vmx_exit_of(outcome).reason : svm_exit_of(outcome).code;
}

std::uint64_t exit_info_of(const CoreContext& context, const Outcome& outcome) {
  return (context.vmx() ? vmx_exit_of(outcome).qualification : svm_exit_of(outcome).info1)
      .value_or(no_value_64);
}

// What a register access moves: a write's operand from `issue` on, what a read got at `retire`.
std::uint64_t moved(Phase phase, const Request& request, const Outcome& outcome) {
  if (writes_register(request.operation))
    return request.value;
  return phase == Phase::retire ? outcome.value() : 0;
}

// Signals of enumerations are bytes.
template <typename E>
constexpr std::uint8_t code(E value) {
  return static_cast<std::uint8_t>(value);
}

template <typename E>
constexpr int wave_width() {
  static_assert(width_of<E>() <= 8);
  return width_of<E>();
}

} // namespace

CoreWaves::CoreWaves(sc_core::sc_trace_file* file, const WaveScopes& scopes) {
  using sc_core::sc_trace;
  const auto core = scopes.core + ".";
  sc_trace(file, core_.phase, core + "phase", wave_width<Phase>());
  sc_trace(file, core_.operation, core + "operation", wave_width<Operation>());
  sc_trace(file, core_.cause, core + "cause", wave_width<Cause>());
  sc_trace(file, core_.mode, core + "mode", wave_width<Mode>());
  sc_trace(file, core_.cpl, core + "cpl", 2);
  sc_trace(file, core_.serializing, core + "serializing");
  sc_trace(file, core_.retired, core + "retired");

  const auto debug_unit = scopes.debug_unit + ".";
  for (std::size_t n = 0; n < debug_unit_.dr.size(); ++n) {
    sc_trace(file, debug_unit_.dr[n], debug_unit + "dr" + std::to_string(n));
    sc_trace(file, debug_unit_.b[n], debug_unit + "b" + std::to_string(n));
  }
  sc_trace(file, debug_unit_.dr6, debug_unit + "dr6");
  sc_trace(file, debug_unit_.bd, debug_unit + "bd");
  sc_trace(file, debug_unit_.bs, debug_unit + "bs");
  sc_trace(file, debug_unit_.bt, debug_unit + "bt");
  sc_trace(file, debug_unit_.bld, debug_unit + "bld");
  sc_trace(file, debug_unit_.rtm, debug_unit + "rtm");
  sc_trace(file, debug_unit_.dr7, debug_unit + "dr7");
  sc_trace(file, debug_unit_.gd, debug_unit + "gd");
  sc_trace(file, debug_unit_.enables, debug_unit + "enables", 8);
  sc_trace(file, debug_unit_.data, debug_unit + "data");
  sc_trace(file, debug_unit_.shadow, debug_unit + "shadow", wave_width<Shadow>());
  sc_trace(file, debug_unit_.single_step, debug_unit + "single_step");
  sc_trace(file, debug_unit_.raised, debug_unit + "raised", 17);
  sc_trace(file, debug_unit_.held, debug_unit + "held", 17);
  sc_trace(file, debug_unit_.due, debug_unit + "due", 17);
  sc_trace(file, debug_unit_.matches, debug_unit + "matches");

  const auto msr_block = scopes.msr_block + ".";
  sc_trace(file, msr_block_.index, msr_block + "index");
  sc_trace(file, msr_block_.data, msr_block + "data");
  sc_trace(file, msr_block_.cost, msr_block + "cost", wave_width<MsrCost>());
  sc_trace(file, msr_block_.last_branch_from, msr_block + "last_branch_from");
  sc_trace(file, msr_block_.last_branch_to, msr_block + "last_branch_to");
  sc_trace(file, msr_block_.lbr_tos, msr_block + "lbr_tos", 5);

  const auto exception_unit = scopes.exception_unit + ".";
  sc_trace(file, exception_unit_.vector, exception_unit + "vector", wave_width<Vector>());
  sc_trace(file, exception_unit_.error_code, exception_unit + "error_code");
  sc_trace(file, exception_unit_.payload, exception_unit + "payload");
  sc_trace(file, exception_unit_.address, exception_unit + "address");
  sc_trace(file, exception_unit_.pending, exception_unit + "pending");
  sc_trace(file, exception_unit_.redirected, exception_unit + "redirected");
  sc_trace(file, exception_unit_.cr2, exception_unit + "cr2");
  sc_trace(file, exception_unit_.delivered, exception_unit + "delivered");
  sc_trace(file, exception_unit_.exit_code, exception_unit + "exit_code");
  sc_trace(file, exception_unit_.exit_info, exception_unit + "exit_info");
  sc_trace(file, exception_unit_.exits, exception_unit + "exits");
}

void CoreWaves::sample(Phase phase, const Request& request, const Outcome& outcome,
                       const CoreState& state) {
  sample_core(phase, request, outcome);
  sample_debug_unit(phase, request, outcome, state);
  sample_msr_block(phase, request, outcome, state);
  sample_exception_unit(phase, request, outcome, state);
}

void CoreWaves::count_match() { ++debug_unit_.matches; }

void CoreWaves::sample_core(Phase phase, const Request& request, const Outcome& outcome) {
  core_.phase = code(phase);
  core_.operation = code(phase == Phase::idle ? Operation::none : request.operation);
  core_.cause = code(is_decided(phase) ? outcome.cause : Cause::none);
  core_.mode = code(request.context.mode);
  core_.cpl = request.context.cpl;
  core_.serializing = phase == Phase::retire && outcome.serializing;
  if (is_retired(phase, request, outcome))
    ++core_.retired;
}

void CoreWaves::sample_debug_unit(Phase phase, const Request& request, const Outcome& outcome,
                                  const CoreState& state) {
  for (std::size_t n = 0; n < debug_unit_.dr.size(); ++n) {
    debug_unit_.dr[n] = state.dr[n];
    debug_unit_.b[n] = (state.dr[6] >> n & 1) != 0;
  }
  debug_unit_.dr6 = static_cast<std::uint32_t>(state.dr[6]);
  debug_unit_.bd = dr6::bd::get(state.dr[6]) != 0;
  debug_unit_.bs = dr6::bs::get(state.dr[6]) != 0;
  debug_unit_.bt = dr6::bt::get(state.dr[6]) != 0;
  debug_unit_.bld = dr6::bld::get(state.dr[6]) != 0;
  debug_unit_.rtm = dr6::rtm::get(state.dr[6]) != 0;
  debug_unit_.dr7 = static_cast<std::uint32_t>(state.dr[7]);
  debug_unit_.gd = dr7::gd::get(state.dr[7]) != 0;
  debug_unit_.enables = static_cast<std::uint8_t>(dr7::enables::get(state.dr[7]));
  const bool moves = phase != Phase::idle && request.is_mov_dr();
  debug_unit_.data = moves ? moved(phase, request, outcome) : 0;
  debug_unit_.shadow = code(state.boundary.shadow);
  debug_unit_.single_step = state.boundary.single_step;
  debug_unit_.raised = static_cast<std::uint32_t>(state.boundary.raised.payload);
  debug_unit_.held = static_cast<std::uint32_t>(state.boundary.held.payload);
  debug_unit_.due = static_cast<std::uint32_t>(state.boundary.due.payload);
}

void CoreWaves::sample_msr_block(Phase phase, const Request& request, const Outcome& outcome,
                                 const CoreState& state) {
  const bool moves = phase != Phase::idle && accesses_msr(request.operation);
  msr_block_.index = moves ? request.msr : no_value;
  msr_block_.data = moves ? moved(phase, request, outcome) : 0;
  msr_block_.last_branch_from = state[MsrSlot::last_branch_from];
  msr_block_.last_branch_to = state[MsrSlot::last_branch_to];
  msr_block_.lbr_tos = static_cast<std::uint8_t>(state[MsrSlot::lbr_tos]);
  msr_block_.cost = code(is_decided(phase) ? outcome.cost : MsrCost::none);
}

void CoreWaves::sample_exception_unit(Phase phase, const Request& request, const Outcome& outcome,
                                      const CoreState& state) {
  const bool raised = is_raised(phase);
  exception_unit_.vector = code(raised ? outcome.vector : Vector::none);
  exception_unit_.error_code = raised ? outcome.error_code().value_or(no_value) : no_value;
  const Vector pending = state.pending.vector;
  exception_unit_.pending = state.pending.is_valid();
  exception_unit_.payload =
      pending == Vector::db ? static_cast<std::uint32_t>(state.pending.payload) : no_value;
  exception_unit_.address = pending == Vector::pf ? state.pending.payload : no_value_64;
  exception_unit_.redirected = raised && outcome.redirected;
  exception_unit_.cr2 = state.cr2;
  if (phase == Phase::deliver)
    ++exception_unit_.delivered;
  const bool exits = phase == Phase::exit;
  exception_unit_.exit_code = exits ? exit_code_of(request.context, outcome) : no_value;
  exception_unit_.exit_info = exits ? exit_info_of(request.context, outcome) : no_value_64;
  if (exits)
    ++exception_unit_.exits;
}

} // namespace icebp
