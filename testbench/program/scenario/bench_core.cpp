#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/program/core/assembly.h>
#include <icebp/testbench/program/scenario/bench_core.h>

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <stdexcept>

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

// "0F 23 F8"
std::string bytes_of(const std::vector<std::uint8_t>& code) {
  std::ostringstream text;
  text << std::hex << std::uppercase << std::setfill('0');
  for (std::size_t n = 0; n < code.size(); ++n)
    text << (n == 0 ? "" : " ") << std::setw(2) << unsigned{code[n]};
  return text.str();
}

} // namespace

BenchCore::BenchCore(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Timing timing)
    : name_(core.name), initiator_((core.name + "_initiator").c_str()),
      target_(core.name.c_str(), cpu, CoreClock(1, sc_core::SC_NS), timing),
      player_(core, cpu, *this) {
  initiator_.socket.bind(target_.instruction);
}

void BenchCore::trace(sc_core::sc_trace_file* file) {
  target_.trace(file);
  waves_ = std::make_unique<InstructionWaves>(file, target_.name(), target_.clock());
  waves_->end(player_.machine().rip);
}

StepResult BenchCore::play(const ScenarioStep& step, const std::string& place,
                           const Expectation* expect) {
  StepResult result;
  result.row.core = name_;
  result.row.cycle = started_ = target_.clock().cycle();
  result.row.time = sc_core::sc_time_stamp().to_string();

  const Machine& machine = player_.begin(step, place, started_).machine;
  result.row.instruction = text_of(step, machine);
  if (waves_)
    waves_->begin(machine.rip, bytes_of(step.line.code), result.row.instruction);
  const PlayedStep played = player_.play(step, place);
  if (is_end(played.played.request.operation)) // the loop may have left it out
    take_a_cycle();
  if (waves_)
    waves_->end(player_.machine().rip);
  const auto cycles = static_cast<std::uint32_t>(target_.clock().cycle() - result.row.cycle);
  result.row.rip = played.before.machine.rip;
  std::copy_n(played.before.state.dr.begin(), result.row.dr.size(), result.row.dr.begin());
  result.row.answer = Answer(played.completed);
  complete(result.row.answer, played.before, played.played, cycles);
  if (expect) {
    result.has_expectation = true;
    result.differences = compare(*expect, result.row.answer);
    result.row.different = !result.differences.empty();
  }
  return result;
}

// An instruction takes a cycle at least.
void BenchCore::take_a_cycle() {
  if (target_.clock().cycle() == started_)
    sc_core::wait(target_.clock().cycles(1));
}

Outcome BenchCore::put(const Request& request) {
  if (is_end(request.operation))
    take_a_cycle();
  sc_core::sc_time delay;
  if (initiator_.execute(request, delay) != ::tlm::TLM_OK_RESPONSE)
    throw std::logic_error("the core takes a request for malformed");
  if (is_access(request.operation)) // the core's own time, so that a match can be seen
    delay += target_.clock().cycles(1);
  if (delay != sc_core::SC_ZERO_TIME)
    sc_core::wait(delay);
  return initiator_.outcome();
}

void BenchCore::poke(const CoreState& wanted) {
  const CoreState now = target_.state();
  for (const ResolvedMsr& msr : cpu().msrs)
    if (wanted.msr[msr.slot] != now.msr[msr.slot])
      target_.poke(msr.index, *peek_msr(cpu(), wanted, msr.index, started_));
  for (const unsigned dr : {0U, 1U, 2U, 3U, 6U, 7U})
    if (wanted.dr[dr] != now.dr[dr])
      target_.poke_dr(dr, wanted.dr[dr]);
  if (!(wanted.boundary == now.boundary))
    target_.poke_boundary(wanted.boundary);
}

} // namespace icebp
