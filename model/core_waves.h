#pragma once

#include <icebp/model/core_clock.h>
#include <icebp/model/wave_signals.h>

#include <systemc>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {
inline namespace v0_1 {

// Gives the scope of the module of that hierarchical name. Brackets, of which SystemC's VCD writer
// warns and makes parentheses, are written as sc_vector names its elements: `core[0]` as `core_0`;
// with further `_` where a module beside it has that name.
std::string wave_scope(std::string_view module);

// Hierarchical names of the modules whose scopes signals go to.
struct WaveScopes {
  std::string core;
  std::string debug_unit;
  std::string msr_block;
  std::string exception_unit;
};

// Ends what a wave shows for longer than it is true, so that it can be seen.
class WaveTimer {
public:
  // Before simulation starts.
  explicit WaveTimer(std::function<void()> end);
  WaveTimer(const WaveTimer&) = delete;
  WaveTimer& operator=(const WaveTimer&) = delete;

  // `end` is called `after` from now, unless `start` or `stop` comes first, in the same instant
  // too.
  void start(const sc_core::sc_time& after);
  void stop() { at_.reset(); }
  bool is_running() const { return at_.has_value(); }

private:
  sc_core::sc_event due_;
  std::optional<sc_core::sc_time> at_;
};

// The signals of one core in trace files (wave_signals.h). `clock` must live as long.
class CoreWaves {
public:
  CoreWaves(const WaveScopes& modules, const CoreClock& clock);
  CoreWaves(const CoreWaves&) = delete;
  CoreWaves& operator=(const CoreWaves&) = delete;

  // Before simulation starts, and once for each file.
  void trace_into(sc_core::sc_trace_file* file);
  bool are_in(const sc_core::sc_trace_file* file) const;

  // Takes the values of this moment; called wherever the phase changes. The arguments must live as
  // long as the waves.
  void sample(Phase phase, const Request& request, const Outcome& outcome, const CoreState& state);
  // The state has changed within a phase.
  void take_values();

  // The level of RESET has become active, or not active.
  void note_reset(bool active);

  // An operation of a loosely timed core is over, before its `sample`.
  void note_at_once(const PhasePlan& plan, const Request& request, const Outcome& outcome);

  // An operation of an instruction's life is decided, before its `sample`.
  void note_event(const Request& request, const Outcome& outcome);

private:
  void count(Phase phase, const Request& request, const Outcome& outcome);
  void end_access(Phase phase, const CoreState& state);

  WaveScopes scopes_;
  const CoreClock& clock_;
  std::vector<const sc_core::sc_trace_file*> files_;
  std::vector<std::uint64_t> values_; // by row of `wave_signals`
  WaveHistory history_;
  std::optional<WaveMoment> moment_; // the last
  bool is_new_access_ = false;       // no `sample` since
  WaveTimer access_timer_;
};

// The signals of the instruction, which the simulator around a core knows: `instruction`, `opcode`
// and `rip`, in the scope of the core.
class InstructionWaves {
public:
  InstructionWaves(sc_core::sc_trace_file* file, const std::string& core, const CoreClock& clock);
  InstructionWaves(const InstructionWaves&) = delete;
  InstructionWaves& operator=(const InstructionWaves&) = delete;

  void begin(std::uint64_t rip, std::string_view opcode, std::string_view text);
  // The instruction is over; `rip` is that of the next one. Its text stays for two cycles, to be
  // read, unless another begins.
  void end(std::uint64_t rip);

private:
  const CoreClock& clock_;
  sc_dt::sc_bv<8 * wave_text_characters> text_;
  sc_dt::sc_bv<8 * wave_opcode_characters> opcode_;
  std::uint64_t rip_ = 0;
  WaveTimer timer_;
};

} // namespace v0_1
} // namespace icebp
