#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/core_waves.h>

#include <algorithm>
#include <utility>

namespace icebp {
inline namespace v0_1 {
namespace {

// The instruction has done all that it does; one whose trap is intercepted has not.
constexpr bool is_retired(Phase phase, const Request& request, const Outcome& outcome) {
  return (phase == Phase::retire && outcome.completes()) ||
         (phase == Phase::trap && outcome.kind == OutcomeKind::trap &&
          !takes_no_time(request.operation));
}

const std::string* scope_of(const WaveSignal& signal, const WaveScopes& scopes) {
  switch (signal.scope) {
  case WaveScope::scenario:
    break;
  case WaveScope::core:
    return &scopes.core;
  case WaveScope::debug_unit:
    return &scopes.debug_unit;
  case WaveScope::msr_block:
    return &scopes.msr_block;
  case WaveScope::exception_unit:
    return &scopes.exception_unit;
  }
  return nullptr;
}

// ASCII at the end of the vector, 0 in front.
void assign(sc_dt::sc_bv_base& vector, std::string_view text) {
  const auto characters = static_cast<std::size_t>(vector.length()) / 8;
  text = text.substr(0, characters);
  for (int word = 0; word < vector.size(); ++word) {
    sc_dt::sc_digit digit = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) {
      const std::size_t from_end = 4 * static_cast<std::size_t>(word) + byte;
      if (from_end < text.size())
        digit |= static_cast<sc_dt::sc_digit>(
                     static_cast<unsigned char>(text[text.size() - 1 - from_end]))
                 << 8 * byte;
    }
    vector.set_word(word, digit);
  }
}

std::string without_brackets(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (c != ']')
      plain += c == '[' ? '_' : c;
  return plain;
}

} // namespace

std::string wave_scope(std::string_view module) {
  std::string scope;
  for (std::size_t begin = 0; begin <= module.size();) {
    const std::size_t end = std::min(module.find('.', begin), module.size());
    const std::string_view name = module.substr(begin, end - begin);
    const std::string parent(module.substr(0, begin)); // with its dot
    std::string plain = without_brackets(name);
    while (plain != name && sc_core::sc_find_object((parent + plain).c_str()))
      plain += '_';
    scope += (begin == 0 ? "" : ".") + plain;
    begin = end + 1;
  }
  return scope;
}

WaveTimer::WaveTimer(std::function<void()> end) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&due_);
  const auto end_when_due = [this, act = std::move(end)] {
    if (at_ != sc_core::sc_time_stamp())
      return;
    at_.reset();
    act();
  };
  sc_core::sc_spawn(end_when_due, sc_core::sc_gen_unique_name("wave_timer"), &options);
}

void WaveTimer::start(const sc_core::sc_time& after) {
  at_ = sc_core::sc_time_stamp() + after;
  due_.cancel();
  due_.notify(after);
}

CoreWaves::CoreWaves(const WaveScopes& modules, const CoreClock& clock)
    : scopes_{wave_scope(modules.core), wave_scope(modules.debug_unit),
              wave_scope(modules.msr_block), wave_scope(modules.exception_unit)},
      clock_(clock), values_(wave_signals().count), access_timer_([this] {
        history_.access = {};
        take_values();
      }) {}

bool CoreWaves::are_in(const sc_core::sc_trace_file* file) const {
  return std::find(files_.begin(), files_.end(), file) != files_.end();
}

void CoreWaves::trace_into(sc_core::sc_trace_file* file) {
  files_.push_back(file);
  for (std::size_t n = 0; n < values_.size(); ++n) {
    const WaveSignal& signal = wave_signals().rows[n];
    if (signal.sample)
      sc_core::sc_trace(file, values_[n],
                        *scope_of(signal, scopes_) + "." + std::string(signal.name),
                        static_cast<int>(signal.width));
  }
}

void CoreWaves::sample(Phase phase, const Request& request, const Outcome& outcome,
                       const CoreState& state) {
  count(phase, request, outcome);
  end_access(phase, state);
  moment_.emplace(WaveMoment{phase, request, outcome, state, history_, clock_.cycle()});
  take_values();
}

void CoreWaves::count(Phase phase, const Request& request, const Outcome& outcome) {
  if (is_retired(phase, request, outcome))
    ++history_.retired;
  if (phase == Phase::deliver)
    ++history_.delivered;
  if (phase == Phase::exit)
    ++history_.exits;
}

void CoreWaves::note_reset(bool active) {
  history_.reset = active;
  take_values();
}

void CoreWaves::note_at_once(const PhasePlan& plan, const Request& request,
                             const Outcome& outcome) {
  if (takes_no_time(request.operation) && outcome.value() != 0)
    ++history_.matches;
  for (const PhaseStep& step : plan)
    count(step.phase, request, outcome);
}

void CoreWaves::note_event(const Request& request, const Outcome& outcome) {
  if (outcome.value() != 0)
    ++history_.matches;
  is_new_access_ =
      is_access(request.operation) || group_of(request.operation) == OperationGroup::fetch;
  if (!is_new_access_)
    return;
  history_.access = {request.operation, request.value, request.size};
  access_timer_.stop();
}

// One that met a breakpoint stays until its trap is over, another one for a cycle.
void CoreWaves::end_access(Phase phase, const CoreState& state) {
  const bool is_new = std::exchange(is_new_access_, false);
  if (phase != Phase::idle || state.boundary.raised.any())
    return;
  if (is_new)
    access_timer_.start(clock_.cycles(1));
  else if (!access_timer_.is_running())
    history_.access = {};
}

void CoreWaves::take_values() {
  for (std::size_t n = 0; n < values_.size(); ++n) {
    const WaveSignal& signal = wave_signals().rows[n];
    if (signal.sample)
      values_[n] = signal.sample(*moment_) & ~std::uint64_t{0} >> (64 - signal.width);
  }
}

InstructionWaves::InstructionWaves(sc_core::sc_trace_file* file, const std::string& core,
                                   const CoreClock& clock)
    : clock_(clock), timer_([this] {
        assign(opcode_, {});
        assign(text_, {});
      }) {
  const std::string scope = wave_scope(core);
  sc_core::sc_trace(file, text_, scope + ".instruction");
  sc_core::sc_trace(file, opcode_, scope + ".opcode");
  sc_core::sc_trace(file, rip_, scope + ".rip");
}

void InstructionWaves::begin(std::uint64_t rip, std::string_view opcode, std::string_view text) {
  timer_.stop();
  rip_ = rip;
  assign(opcode_, opcode);
  assign(text_, text);
}

void InstructionWaves::end(std::uint64_t rip) {
  rip_ = rip;
  timer_.start(clock_.cycles(2));
}

} // namespace v0_1
} // namespace icebp
