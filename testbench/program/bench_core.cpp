#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/assembly.h>
#include <icebp/testbench/program/bench_core.h>
#include <icebp/testbench/program/input_error.h>
#include <icebp/testbench/program/line_to_core.h>

#include <sstream>
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

std::string text_of(const ScenarioStep& step, const Machine& machine) {
  if (!step.event)
    return assembly_of(step.line.code, machine.mode, machine.rip);
  std::ostringstream text;
  if (step.event == Event::firmware_resumes)
    text << "(firmware: " << step.verb << ')';
  else
    text << '(' << *step.event << ')';
  return text.str();
}

} // namespace

BenchCore::BenchCore(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Timing timing)
    : name_(core.name), initiator_((core.name + "_initiator").c_str()),
      target_(core.name.c_str(), cpu, CoreClock(1, sc_core::SC_NS), timing),
      core_(core_of(core.machine, std::move(cpu), core.place)) {
  initiator_.socket.bind(target_.instruction);
  target_.restore(core_.state);
}

StepResult BenchCore::play(const ScenarioStep& step, const std::string& place,
                           const Expectation* expect) {
  StepResult result;
  result.row.core = name_;
  result.row.cycle = target_.clock().cycle();
  result.row.time = sc_core::sc_time_stamp().to_string();

  apply(step.line, core_, place);
  target_.restore(core_.state);
  result.row.instruction = text_of(step, core_.machine);
  const Core before = core_;
  const std::uint64_t start = target_.clock().cycle();
  result.row.outcome = step.event ? play_event(step, place) : play_instruction(step, place);
  const auto cycles = static_cast<std::uint32_t>(target_.clock().cycle() - start);
  result.row.dr6 = completed_.state.dr[6];
  result.row.dr7 = completed_.state.dr[7];

  if (expect) {
    result.has_expectation = true;
    result.differences =
        compare(*expect, make_answer(before, completed_, result.row.outcome, cycles));
  }
  return result;
}

Outcome BenchCore::play_instruction(const ScenarioStep& step, const std::string& place) {
  return play_request(instruction_of(step.line, core_, place), place);
}

Outcome BenchCore::play_request(const Request& request, const std::string& place) {
  const std::uint64_t instruction = core_.machine.rip;
  const Outcome outcome = transact(request, place);
  complete(core_.machine, request, outcome);
  completed_ = core_;
  if (outcome.kind != OutcomeKind::exit && outcome.vector != Vector::none)
    enter_handler(instruction, request, outcome);
  return outcome;
}

Outcome BenchCore::play_event(const ScenarioStep& step, const std::string& place) {
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

Outcome BenchCore::play_page_fault(const ScenarioStep& step, const std::string& place) {
  Request request;
  request.operation = Operation::page_fault;
  request.context = context_of(core_.machine);
  request.value = step.address;
  request.error_code = step.error_code;
  return play_request(request, place);
}

Outcome BenchCore::restart(Operation operation, const std::string& place) {
  frames_.clear();
  Request request;
  request.operation = operation;
  request.context = context_of(core_.machine);
  const Outcome outcome = transact(request, place);
  core_.machine = make_core(core_.cpu, Mode::real).machine;
  completed_ = core_;
  return outcome;
}

Outcome BenchCore::return_from_handler(const std::string& place) {
  return_to(pop_frame(false, place).pushed);
  completed_ = core_;
  return retired();
}

// IRET takes back what was pushed; the rest stays as the handler left it.
void BenchCore::return_to(const Machine& pushed) {
  core_.machine.mode = pushed.mode;
  core_.machine.cpl = pushed.cpl;
  core_.machine.rip = pushed.rip;
  core_.machine.rflags = pushed.rflags;
}

Outcome BenchCore::resume_from_firmware(const ScenarioStep& step, const std::string& place) {
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

Outcome BenchCore::transact(const Request& request, const std::string& place) {
  sc_core::sc_time delay;
  if (initiator_.execute(request, delay) != ::tlm::TLM_OK_RESPONSE)
    throw InputError(place, "the core refused it",
                     "\"complete\" ends a MOV DR only, the other verbs anything");
  if (delay != sc_core::SC_ZERO_TIME) // of a loosely timed core
    sc_core::wait(delay);
  core_.state = target_.state();
  return initiator_.outcome();
}

BenchCore::Frame BenchCore::pop_frame(bool firmware, const std::string& place) {
  if (frames_.empty() || frames_.back().firmware != firmware)
    throw InputError(place + "/event",
                     std::string(firmware ? "debug firmware" : "a handler") +
                         " is not running on core \"" + name_ + "\"",
                     "such an event follows the exception that it ends");
  Frame frame = frames_.back();
  frames_.pop_back();
  return frame;
}

void BenchCore::enter_handler(std::uint64_t instruction, const Request& request,
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
