#include <icebp/testbench/program/core/assembly.h>
#include <icebp/testbench/program/scenario/bench_core.h>

#include <sstream>

namespace icebp {
namespace {

std::string text_of(const ScenarioStep& step, const Machine& machine) {
  if (!step.event)
    return assembly_of(step.line.code, machine.mode, machine.rip);
  std::ostringstream text;
  if (step.event == ScenarioEvent::firmware_resumes)
    text << "(firmware: " << step.verb << ')';
  else
    text << '(' << *step.event << ')';
  return text.str();
}

} // namespace

BenchCore::BenchCore(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Timing timing)
    : name_(core.name), initiator_((core.name + "_initiator").c_str()),
      target_(core.name.c_str(), cpu, CoreClock(1, sc_core::SC_NS), timing),
      player_(core, cpu, [this](const Request& request, CoreState& state) {
        return transact(request, state);
      }) {
  initiator_.socket.bind(target_.instruction);
  target_.restore(player_.state());
}

StepResult BenchCore::play(const ScenarioStep& step, const std::string& place,
                           const Expectation* expect) {
  StepResult result;
  result.row.core = name_;
  result.row.cycle = started_ = target_.clock().cycle();
  result.row.time = sc_core::sc_time_stamp().to_string();

  const PlayedStep played = player_.play(step, place, started_);
  const auto cycles = static_cast<std::uint32_t>(target_.clock().cycle() - result.row.cycle);
  result.row.instruction = text_of(step, played.before.machine);
  result.row.outcome = played.played.outcome;
  result.row.dr6 = played.completed.state.dr[6];
  result.row.dr7 = played.completed.state.dr[7];
  if (expect) {
    result.has_expectation = true;
    result.differences =
        compare(*expect, make_answer(played.before, played.completed, played.played, cycles));
  }
  return result;
}

std::optional<Outcome> BenchCore::transact(const Request& request, CoreState& state) {
  if (is_end(request.operation) && target_.clock().cycle() == started_)
    sc_core::wait(target_.clock().cycles(1)); // an instruction takes a cycle at least
  target_.restore(state);                     // with the step's keys
  sc_core::sc_time delay;
  if (initiator_.execute(request, delay) != ::tlm::TLM_OK_RESPONSE)
    return std::nullopt;
  if (is_access(request.operation)) // the core's own time, so that a match can be seen
    delay += target_.clock().cycles(1);
  if (delay != sc_core::SC_ZERO_TIME)
    sc_core::wait(delay);
  state = target_.state();
  return initiator_.outcome();
}

} // namespace icebp
