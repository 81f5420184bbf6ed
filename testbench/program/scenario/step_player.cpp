#include <icebp/model/json/input_error.h>
#include <icebp/model/rules/debug/firmware_resume.h>
#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/debug/pmi.h>
#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/core/assembly.h>
#include <icebp/testbench/program/scenario/step_player.h>
#include <icebp/testbench/program/vectors/line_to_core.h>

#include <utility>

namespace icebp {
namespace {

constexpr std::uint64_t handler_base = 0x100000;
constexpr std::uint64_t firmware_entry = 0xF0000;
constexpr std::uint64_t max_iterations = 1000000;

Mode handler_mode(Mode interrupted) {
  switch (interrupted) {
  case Mode::v86:
    return Mode::protected_mode;
  case Mode::compatibility:
    return Mode::long_mode;
  case Mode::real:
  case Mode::protected_mode:
  case Mode::long_mode:
    break;
  }
  return interrupted;
}

// Of the instruction of `step`, which `does` tells about.
unsigned length_of_other(const ScenarioStep& step, const Machine& machine,
                         const std::string& place) {
  const std::vector<std::uint8_t>& code = step.line.code;
  if (decode(code.data(), code.size(), machine.mode).status == DecodeStatus::ok)
    throw InputError(place + "/does", "the model executes this instruction itself", "leave it out");
  const unsigned length = length_of(code, machine.mode);
  if (length == 0)
    throw InputError(place + "/code", "not one instruction", "exactly one, as Zydis knows it");
  if (step.does->repeats && machine[Gpr::rcx] > max_iterations)
    throw InputError(place + "/does/repeats", "too many iterations in RCX",
                     "0 to " + std::to_string(max_iterations));
  return length;
}

} // namespace

StepPlayer::StepPlayer(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu,
                       CorePort& port)
    : name_(core.name), port_(port), core_(core_of(core.machine, std::move(cpu), core.place)) {
  port_.restore(core_.state);
}

// The whole core at this moment.
Core StepPlayer::now() const {
  Core core = core_;
  core.state = port_.state();
  return core;
}

const Core& StepPlayer::begin(const ScenarioStep& step, const std::string& place,
                              std::uint64_t now) {
  core_.now = now;
  core_.state = port_.state();
  apply(step.line, core_, place);
  port_.poke(core_.state);
  return core_;
}

PlayedStep StepPlayer::play(const ScenarioStep& step, const std::string& place) {
  PlayedStep played;
  played.before = core_;
  played.played = step.event ? play_event(step, place) : play_code(step, place);
  played.completed = completed_;
  return played;
}

Played StepPlayer::play_code(const ScenarioStep& step, const std::string& place) {
  const std::uint64_t instruction = core_.machine.rip;
  const Played played = play_instruction_of(step, place);
  finish(instruction, step.line.code.size(), played);
  return played;
}

Played StepPlayer::play_instruction_of(const ScenarioStep& step, const std::string& place) {
  if (!step.does)
    return play_instruction(port_, core_, instruction_of(step.line, core_, place));
  const unsigned length = length_of_other(step, core_.machine, place);
  const std::uint64_t instruction = core_.machine.rip;
  return play_other(port_, core_.machine, *step.does, length, [&](std::uint8_t vector) {
    enter_handler(vector, Frame{core_.machine, instruction, 0, {}, false});
  });
}

// The core as the step leaves it, and then in the handler of the exception, if there is one.
void StepPlayer::finish(std::uint64_t instruction, std::size_t length, const Played& played) {
  completed_ = now();
  const Outcome& outcome = played.outcome;
  if (outcome.kind == OutcomeKind::exit || outcome.vector == Vector::none)
    return;
  Machine pushed = core_.machine;
  const bool rf = pushed_rf(core_.cpu->authority, played.request, outcome);
  pushed.rflags = (pushed.rflags & ~rflags_rf) | (rf ? rflags_rf : 0);
  const bool at_xbegin = outcome.cause == Cause::rtm_abort;
  const bool between = takes_no_time(played.request.operation) || at_xbegin; // two instructions
  const bool ended = between && (outcome.kind == OutcomeKind::trap || at_xbegin);
  Frame frame{pushed, between ? pushed.rip : instruction, 0, played.request, outcome.redirected};
  frame.behind =
      return_address(OutcomeKind::retired, frame.again, ended ? 0 : static_cast<unsigned>(length),
                     played.request.context.is_64_bit());
  enter_handler(static_cast<std::uint8_t>(outcome.vector), frame);
  completed_.state = port_.state();
}

void StepPlayer::enter_handler(std::uint8_t vector, const Frame& frame) {
  frames_.push_back(frame);
  Machine& machine = core_.machine;
  machine.mode = handler_mode(machine.mode);
  machine.cpl = 0;
  machine.rflags &= ~(rflags_tf | rflags_rf | rflags_vm);
  machine.rip = frame.firmware ? firmware_entry : handler_base + 0x10ULL * vector;
  put_branch(Branch::exception, frame.again);
}

Played StepPlayer::play_event(const ScenarioStep& step, const std::string& place) {
  switch (*step.event) {
  case ScenarioEvent::handler_returns:
    return return_from_handler(step, place);
  case ScenarioEvent::firmware_resumes:
    return resume_from_firmware(step, place);
  case ScenarioEvent::page_fault:
    return play_page_fault(step);
  case ScenarioEvent::reset:
    return restart(Operation::reset);
  case ScenarioEvent::pmi:
    return play_pmi(step);
  case ScenarioEvent::init:
    break;
  }
  return restart(Operation::init);
}

Played StepPlayer::play_page_fault(const ScenarioStep& step) {
  Request request = request_at(Operation::page_fault, step.address);
  request.context = context_of(core_.machine);
  request.error_code = step.error_code;
  const Played played{request, port_.put(request)};
  if (played.outcome.aborts_rtm()) {
    const std::uint64_t rip = core_.machine.rip;
    abort_region(core_.machine, played.outcome.data, played.outcome);
    put_branch(Branch::rtm_abort, rip);
  }
  finish(core_.machine.rip, 0, played);
  return played;
}

Played StepPlayer::play_pmi(const ScenarioStep& step) {
  Request request = pmi_of(step.overflowed);
  request.context = context_of(core_.machine);
  const Played played{request, port_.put(request)};
  completed_ = now();
  return played;
}

Played StepPlayer::restart(Operation operation) {
  frames_.clear();
  const Request request = at_rip(core_.machine, operation);
  const Outcome outcome = put(request);
  core_.machine = make_core(core_.cpu, Mode::real).machine;
  completed_ = now();
  return {request, outcome};
}

Played StepPlayer::return_from_handler(const ScenarioStep& step, const std::string& place) {
  const std::uint64_t handler = core_.machine.rip;
  return_to(pop_frame(false, place).pushed, step.rf);
  put_branch(Branch::far_branch, handler); // IRET
  completed_ = now();
  return {Request{}, retired()};
}

// IRET takes back what was pushed, with RF set if the handler set it there; the rest stays as the
// handler left it.
void StepPlayer::return_to(const Machine& pushed, bool rf) {
  core_.machine.mode = pushed.mode;
  core_.machine.cpl = pushed.cpl;
  core_.machine.rip = pushed.rip;
  core_.machine.rflags = pushed.rflags | (rf ? rflags_rf : 0);
}

Played StepPlayer::resume_from_firmware(const ScenarioStep& step, const std::string& place) {
  const Frame frame = pop_frame(true, place);
  Request request = request_at(Operation::resume, step.value);
  request.verb = step.verb;
  if (!can_resume(port_.state(), request))
    throw InputError(place, "the core refused it",
                     "\"complete\" ends a MOV DR only, the other verbs anything");
  const Outcome outcome = put(request);

  return_to(frame.pushed, step.rf);
  const bool goes_on = outcome.kind == OutcomeKind::retired && step.verb != ResumeVerb::reexecute;
  core_.machine.rip = goes_on ? frame.behind : frame.again;
  if (goes_on && step.verb == ResumeVerb::complete &&
      frame.request.operation == Operation::mov_from_dr)
    core_.machine.gpr[frame.request.gpr] = outcome.value();
  // An exception that firmware injects is the held instruction's.
  const Played played{frame.request, outcome};
  finish(frame.again, static_cast<std::size_t>(frame.behind - frame.again), played);
  return played;
}

Outcome StepPlayer::put(Request request) {
  request.context = context_of(core_.machine);
  return port_.put(request);
}

// A branch that the core has taken, from `from` to RIP.
void StepPlayer::put_branch(Branch branch, std::uint64_t from) {
  if (records_branches(port_.state()))
    put(branch_of(branch, from, core_.machine.rip));
}

StepPlayer::Frame StepPlayer::pop_frame(bool firmware, const std::string& place) {
  if (frames_.empty() || frames_.back().firmware != firmware)
    throw InputError(place + "/event",
                     std::string(firmware ? "debug firmware" : "a handler") +
                         " is not running on core \"" + name_ + "\"",
                     "such an event follows the exception that it ends");
  Frame frame = frames_.back();
  frames_.pop_back();
  return frame;
}

} // namespace icebp
