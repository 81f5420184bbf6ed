#pragma once

#include <icebp/model/core_waves.h>
#include <icebp/testbench/program/core/core_port.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/scenario/step_player.h>
#include <icebp/testbench/program/scenario/timeline.h>
#include <icebp/testbench/program/vectors/answer.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <memory>
#include <string>
#include <vector>

namespace icebp {

// What one core did in one step.
struct StepResult {
  TimelineRow row;
  bool has_expectation = false;
  std::vector<Difference> differences;
};

// A core of a scenario behind its instruction socket.
class BenchCore final : public CorePort {
public:
  BenchCore(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Timing timing);

  void trace(sc_core::sc_trace_file* file);

  // Plays one step, from a thread process. `expect` may be null.
  StepResult play(const ScenarioStep& step, const std::string& place, const Expectation* expect);

  const CpuModel& cpu() const override { return target_.cpu(); }
  const CoreState& state() const override { return target_.state(); }
  const WatchFilter& watch() const override { return target_.watch(); }
  Outcome put(const Request& request) override;
  void restore(const CoreState& state) override { target_.restore(state); }
  void poke(const CoreState& wanted) override;

private:
  void take_a_cycle();

  std::string name_;
  InstructionInitiator initiator_;
  DebugCoreTarget target_;
  StepPlayer player_;
  std::unique_ptr<InstructionWaves> waves_;
  std::uint64_t started_ = 0; // the step in play: its cycle
};

} // namespace icebp
