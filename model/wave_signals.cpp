#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/wave_signals.h>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr std::uint64_t absent = ~std::uint64_t{0};

template <typename E>
constexpr std::uint64_t code(E value) {
  return static_cast<std::uint64_t>(value);
}

// From `check` on, the outcome is known.
constexpr bool is_decided(const WaveMoment& m) {
  return m.phase != Phase::idle && m.phase != Phase::issue;
}

// An exception is on its way, from the wait for its delivery to the end of the delivery or of the
// exit in its place.
constexpr bool is_raised(const WaveMoment& m) {
  return m.phase == Phase::fault || m.phase == Phase::trap || m.phase == Phase::deliver ||
         m.phase == Phase::exit;
}

constexpr WaveOutcome outcome_of(const Outcome& outcome) {
  switch (outcome.kind) {
  case OutcomeKind::retired:
    return WaveOutcome::retired;
  case OutcomeKind::fault:
    return outcome.redirected ? WaveOutcome::redirected : WaveOutcome::fault;
  case OutcomeKind::trap:
    return outcome.redirected ? WaveOutcome::redirected : WaveOutcome::trap;
  case OutcomeKind::exit:
    return WaveOutcome::exit;
  case OutcomeKind::cancelled: // the core is idle then
    break;
  }
  return WaveOutcome::none;
}

// What a register access moves: a write's operand from `issue` on, what a read got at `retire`.
constexpr std::uint64_t moved(const WaveMoment& m) {
  if (writes_register(m.request.operation))
    return m.request.value;
  return m.phase == Phase::retire ? m.outcome.value() : 0;
}

constexpr bool moves_dr(const WaveMoment& m) {
  return m.phase != Phase::idle && m.request.is_mov_dr();
}

constexpr bool moves_msr(const WaveMoment& m) {
  return m.phase != Phase::idle && accesses_msr(m.request.operation);
}

std::uint64_t exit_code(const WaveMoment& m) {
  if (m.phase != Phase::exit)
    return absent;
  return m.request.context.vmx() ? vmx_exit_of(m.outcome).reason : svm_exit_of(m.outcome).code;
}

std::uint64_t exit_info(const WaveMoment& m) {
  if (m.phase != Phase::exit)
    return absent;
  return (m.request.context.vmx() ? vmx_exit_of(m.outcome).qualification
                                  : svm_exit_of(m.outcome).info1)
      .value_or(absent);
}

constexpr bool shows_access(const WaveMoment& m) {
  return m.history.access.operation != Operation::none;
}

template <std::size_t number>
std::uint64_t dr(const WaveMoment& m) {
  return m.state.dr[number];
}

template <typename Field, std::size_t number>
std::uint64_t dr_field(const WaveMoment& m) {
  return Field::get(m.state.dr[number]);
}

template <MsrSlot slot>
std::uint64_t msr(const WaveMoment& m) {
  return m.state[slot];
}

template <typename Field>
std::uint64_t debugctl_field(const WaveMoment& m) {
  return Field::get(m.state[MsrSlot::debugctl]);
}

template <DebugTraps Boundary::*traps>
std::uint64_t payload(const WaveMoment& m) {
  return (m.state.boundary.*traps).payload;
}

using V = WaveValues;
constexpr auto H = WaveRank::highlighted;
constexpr auto P = WaveRank::plain;
constexpr auto D = WaveRank::detail;
constexpr auto scenario = WaveScope::scenario;
constexpr auto core = WaveScope::core;
constexpr auto debug = WaveScope::debug_unit;
constexpr auto msrs = WaveScope::msr_block;
constexpr auto exceptions = WaveScope::exception_unit;
constexpr unsigned text_width = 8 * wave_text_characters;
constexpr unsigned opcode_width = 8 * wave_opcode_characters;

// clang-format off
constexpr WaveSignal signals[] = {
    {scenario, "step", 32, V::decimal, false, P, "steps begun so far, as the timeline counts them", nullptr},

    {core, "instruction", text_width, V::text, false, H, "the instruction in Intel syntax, or the event in parentheses, for two cycles longer than it lasts; cut off behind 48 characters", nullptr},
    {core, "opcode", opcode_width, V::text, false, D, "its bytes", nullptr},
    {core, "rip", 64, V::hexadecimal, false, P, "its address; between two instructions that of the next", nullptr},
    {core, "mode", width_of<Mode>(), V::mode, false, P, "of the operation in flight, or the last",
     [](const WaveMoment& m) { return code(m.request.context.mode); }},
    {core, "cpl", 2, V::decimal, false, P, "of the operation in flight, or the last",
     [](const WaveMoment& m) { return code(m.request.context.cpl); }},
    {core, "cycle", 64, V::decimal, false, D, "clock edges before this phase",
     [](const WaveMoment& m) { return m.cycle; }},
    {core, "phase", width_of<Phase>(), V::phase, false, P, "where the operation stands",
     [](const WaveMoment& m) { return code(m.phase); }},
    {core, "operation", width_of<Operation>(), V::operation, false, P, "the operation in flight",
     [](const WaveMoment& m) { return code(m.phase == Phase::idle ? Operation::none : m.request.operation); }},
    {core, "access", width_of<Operation>(), V::operation, false, P, "fetch, data_read, data_write or io_access: for a cycle at least; one that met a breakpoint, to the end of its trap",
     [](const WaveMoment& m) { return code(m.history.access.operation); }},
    {core, "address", 64, V::hexadecimal, true, P, "linear address of that access, or its port",
     [](const WaveMoment& m) { return shows_access(m) ? m.history.access.address : absent; }},
    {core, "size", 32, V::decimal, true, P, "its bytes; none of a fetch",
     [](const WaveMoment& m) { return is_access(m.history.access.operation) ? m.history.access.size : absent; }},
    {core, "outcome", width_of<WaveOutcome>(), V::outcome, false, H, "what the operation comes to, from check on",
     [](const WaveMoment& m) { return code(is_decided(m) ? outcome_of(m.outcome) : WaveOutcome::none); }},
    {core, "cause", width_of<Cause>(), V::cause, false, H, "the check or the condition that decided, from check on",
     [](const WaveMoment& m) { return code(is_decided(m) ? m.outcome.cause : Cause::none); }},
    {core, "serializing", 1, V::bit, false, P, "what retires serializes",
     [](const WaveMoment& m) { return code(m.phase == Phase::retire && m.outcome.serializing); }},
    {core, "retired", 32, V::decimal, false, D, "operations retired so far",
     [](const WaveMoment& m) { return code(m.history.retired); }},
    {core, "reset", 1, V::bit, false, D, "the level of `reset_in` is active",
     [](const WaveMoment& m) { return code(m.history.reset); }},

    {debug, "dr0", 64, V::hexadecimal, false, P, "DR0", dr<0>},
    {debug, "dr1", 64, V::hexadecimal, false, P, "DR1", dr<1>},
    {debug, "dr2", 64, V::hexadecimal, false, P, "DR2", dr<2>},
    {debug, "dr3", 64, V::hexadecimal, false, P, "DR3", dr<3>},
    {debug, "dr6", 32, V::hexadecimal, false, H, "DR6; it changes at delivery", dr<6>},
    {debug, "b0", 1, V::bit, false, D, "DR6.B0", dr_field<dr6::b0, 6>},
    {debug, "b1", 1, V::bit, false, D, "DR6.B1", dr_field<dr6::b1, 6>},
    {debug, "b2", 1, V::bit, false, D, "DR6.B2", dr_field<dr6::b2, 6>},
    {debug, "b3", 1, V::bit, false, D, "DR6.B3", dr_field<dr6::b3, 6>},
    {debug, "bld", 1, V::bit, false, D, "DR6.BLD, active low", dr_field<dr6::bld, 6>},
    {debug, "bd", 1, V::bit, false, D, "DR6.BD", dr_field<dr6::bd, 6>},
    {debug, "bs", 1, V::bit, false, D, "DR6.BS", dr_field<dr6::bs, 6>},
    {debug, "bt", 1, V::bit, false, D, "DR6.BT", dr_field<dr6::bt, 6>},
    {debug, "rtm", 1, V::bit, false, D, "DR6.RTM, active low", dr_field<dr6::rtm, 6>},
    {debug, "dr7", 32, V::hexadecimal, false, P, "DR7; a #DB clears GD at delivery", dr<7>},
    {debug, "gd", 1, V::bit, false, P, "DR7.GD", dr_field<dr7::gd, 7>},
    {debug, "enables", 8, V::hexadecimal, false, D, "DR7.G3, L3 down to G0, L0", dr_field<dr7::enables, 7>},
    {debug, "data", 64, V::hexadecimal, false, P, "what a MOV DR moves: a write's operand from issue on, what a read got at retire",
     [](const WaveMoment& m) { return moves_dr(m) ? moved(m) : 0; }},
    {debug, "shadow", width_of<Shadow>(), V::shadow, false, P, "over the next instruction",
     [](const WaveMoment& m) { return code(m.state.boundary.shadow); }},
    {debug, "single_step", 1, V::bit, false, P, "RFLAGS.TF as the instruction began",
     [](const WaveMoment& m) { return code(m.state.boundary.single_step); }},
    {debug, "raised", 17, V::hexadecimal, false, P, "payload of the traps that this instruction raised", payload<&Boundary::raised>},
    {debug, "held", 17, V::hexadecimal, false, P, "payload of those held over the shadow of MOV SS", payload<&Boundary::held>},
    {debug, "due", 17, V::hexadecimal, false, P, "payload of those due at this boundary", payload<&Boundary::due>},
    {debug, "matches", 32, V::decimal, false, D, "accesses that met a breakpoint so far",
     [](const WaveMoment& m) { return code(m.history.matches); }},

    {msrs, "index", 32, V::msr, true, P, "the MSR that is read or written",
     [](const WaveMoment& m) { return moves_msr(m) ? m.request.msr : absent; }},
    {msrs, "data", 64, V::hexadecimal, false, P, "what the access moves: a write's operand from issue on, what a read got at retire",
     [](const WaveMoment& m) { return moves_msr(m) ? moved(m) : 0; }},
    {msrs, "cost", width_of<MsrCost>(), V::cost, false, P, "the class of its cycles, from check on",
     [](const WaveMoment& m) { return code(is_decided(m) ? m.outcome.cost : MsrCost::none); }},
    {msrs, "debugctl", 64, V::hexadecimal, false, D, "IA32_DEBUGCTL", msr<MsrSlot::debugctl>},
    {msrs, "lbr", 1, V::bit, false, P, "DEBUGCTL.LBR: last branches are recorded; a #DB clears it at delivery", debugctl_field<debugctl::lbr>},
    {msrs, "btf", 1, V::bit, false, P, "DEBUGCTL.BTF: TF steps over branches only; a #DB clears it at delivery", debugctl_field<debugctl::btf>},
    {msrs, "efer", 64, V::hexadecimal, false, P, "IA32_EFER", msr<MsrSlot::efer>},
    {msrs, "last_branch_from", 64, V::hexadecimal, false, P, "the last branch's address", msr<MsrSlot::last_branch_from>},
    {msrs, "last_branch_to", 64, V::hexadecimal, false, P, "its target", msr<MsrSlot::last_branch_to>},
    {msrs, "lbr_tos", 5, V::decimal, false, D, "top of the last-branch stack", msr<MsrSlot::lbr_tos>},

    {exceptions, "vector", width_of<Vector>(), V::vector, true, P, "of the exception on its way, to the end of its delivery or exit",
     [](const WaveMoment& m) { return code(is_raised(m) ? m.outcome.vector : Vector::none); }},
    {exceptions, "error_code", 32, V::hexadecimal, true, P, "its error code",
     [](const WaveMoment& m) { return is_raised(m) && m.outcome.error_code() ? *m.outcome.error_code() : absent; }},
    {exceptions, "pending", 1, V::bit, false, D, "an exception waits for its delivery",
     [](const WaveMoment& m) { return code(m.state.pending.is_valid()); }},
    {exceptions, "payload", 32, V::hexadecimal, true, H, "of a #DB that waits",
     [](const WaveMoment& m) { return m.state.pending.vector == Vector::db ? m.state.pending.payload : absent; }},
    {exceptions, "fault_address", 64, V::hexadecimal, true, P, "the payload of a #PF that waits",
     [](const WaveMoment& m) { return m.state.pending.vector == Vector::pf ? m.state.pending.payload : absent; }},
    {exceptions, "redirected", 1, V::bit, false, P, "the #DB goes to debug firmware",
     [](const WaveMoment& m) { return code(is_raised(m) && m.outcome.redirected); }},
    {exceptions, "cr2", 64, V::hexadecimal, false, P, "CR2; it changes at delivery",
     [](const WaveMoment& m) { return m.state.cr2; }},
    {exceptions, "delivered", 32, V::decimal, false, D, "exceptions delivered so far",
     [](const WaveMoment& m) { return code(m.history.delivered); }},
    {exceptions, "exit_code", 32, V::hexadecimal, true, P, "VM-exit reason or #VMEXIT code", exit_code},
    {exceptions, "exit_info", 64, V::hexadecimal, true, P, "its qualification, or EXITINFO1", exit_info},
    {exceptions, "exits", 32, V::decimal, false, D, "exits so far",
     [](const WaveMoment& m) { return code(m.history.exits); }},
};
// clang-format on

} // namespace

Table<WaveSignal> wave_signals() { return {signals, sizeof signals / sizeof *signals}; }

} // namespace v0_1
} // namespace icebp
