#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/input_error.h>
#include <icebp/testbench/program/line_to_core.h>
#include <icebp/testbench/program/step_player.h>

#include <utility>

namespace icebp {
namespace {

constexpr std::uint64_t handler_base = 0x100000;
constexpr std::uint64_t firmware_entry = 0xF0000;

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

} // namespace

StepPlayer::StepPlayer(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu,
                       Transact transact)
    : name_(core.name), transact_(std::move(transact)),
      core_(core_of(core.machine, std::move(cpu), core.place)) {}

PlayedStep StepPlayer::play(const ScenarioStep& step, const std::string& place) {
  apply(step.line, core_, place);
  PlayedStep played;
  played.before = core_;
  played.outcome = step.event ? play_event(step, place) : play_instruction(step, place);
  played.completed = completed_;
  return played;
}

Outcome StepPlayer::play_instruction(const ScenarioStep& step, const std::string& place) {
  return play_request(instruction_of(step.line, core_, place), place);
}

Outcome StepPlayer::play_request(const Request& request, const std::string& place) {
  const std::uint64_t instruction = core_.machine.rip;
  const Outcome outcome = transact(request, place);
  complete(core_.machine, request, outcome);
  completed_ = core_;
  if (outcome.kind != OutcomeKind::exit && outcome.vector != Vector::none)
    enter_handler(instruction, request, outcome);
  return outcome;
}

Outcome StepPlayer::play_event(const ScenarioStep& step, const std::string& place) {
  switch (*step.event) {
  case Event::handler_returns:
    return return_from_handler(place);
  case Event::firmware_resumes:
    return resume_from_firmware(step, place);
  case Event::page_fault:
    return play_page_fault(step, place);
  case Event::reset:
    return restart(Operation::reset, place);
  case Event::init:
    break;
  }
  return restart(Operation::init, place);
}

Outcome StepPlayer::play_page_fault(const ScenarioStep& step, const std::string& place) {
  Request request;
  request.operation = Operation::page_fault;
  request.context = context_of(core_.machine);
  request.value = step.address;
  request.error_code = step.error_code;
  return play_request(request, place);
}

Outcome StepPlayer::restart(Operation operation, const std::string& place) {
  frames_.clear();
  Request request;
  request.operation = operation;
  request.context = context_of(core_.machine);
  const Outcome outcome = transact(request, place);
  core_.machine = make_core(core_.cpu, Mode::real).machine;
  completed_ = core_;
  return outcome;
}

Outcome StepPlayer::return_from_handler(const std::string& place) {
  return_to(pop_frame(false, place).pushed);
  completed_ = core_;
  return retired();
}

// IRET takes back what was pushed; the rest stays as the handler left it.
void StepPlayer::return_to(const Machine& pushed) {
  core_.machine.mode = pushed.mode;
  core_.machine.cpl = pushed.cpl;
  core_.machine.rip = pushed.rip;
  core_.machine.rflags = pushed.rflags;
}

Outcome StepPlayer::resume_from_firmware(const ScenarioStep& step, const std::string& place) {
  const Frame frame = pop_frame(true, place);
  Request request;
  request.operation = Operation::resume;
  request.verb = step.verb;
  request.value = step.value;
  request.context = context_of(core_.machine);
  const Outcome outcome = transact(request, place);

  return_to(frame.pushed);
  const bool goes_on = outcome.kind == OutcomeKind::retired && step.verb != ResumeVerb::reexecute;
  core_.machine.rip =
      return_address(goes_on ? OutcomeKind::retired : OutcomeKind::fault, frame.instruction,
                     frame.request.length, frame.request.context.is_64_bit());
  if (goes_on && step.verb == ResumeVerb::complete &&
      frame.request.operation == Operation::mov_from_dr)
    core_.machine.gpr[frame.request.gpr] = outcome.value();
  completed_ = core_;
  if (outcome.kind != OutcomeKind::exit && outcome.vector != Vector::none)
    enter_handler(frame.instruction, frame.request, outcome);
  return outcome;
}

Outcome StepPlayer::transact(const Request& request, const std::string& place) {
  const std::optional<Outcome> outcome = transact_(request, core_.state);
  if (!outcome)
    throw InputError(place, "the core refused it",
                     "\"complete\" ends a MOV DR only, the other verbs anything");
  return *outcome;
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

void StepPlayer::enter_handler(std::uint64_t instruction, const Request& request,
                               const Outcome& outcome) {
  Machine& machine = core_.machine;
  const bool rf = pushed_rf(core_.cpu->profile, outcome, (machine.rflags & rflags_rf) != 0);
  machine.rflags = (machine.rflags & ~rflags_rf) | (rf ? rflags_rf : 0);
  frames_.push_back(Frame{machine, instruction, request, outcome.redirected});

  machine.mode = handler_mode(machine.mode);
  machine.cpl = 0;
  machine.rflags &= ~(rflags_tf | rflags_rf | rflags_vm);
  machine.rip = outcome.redirected
                    ? firmware_entry
                    : handler_base + 0x10 * static_cast<std::uint64_t>(outcome.vector);
}

} // namespace icebp
