#pragma once

#include <icebp/testbench/program/scenario/bench_core.h>
#include <icebp/testbench/program/scenario/scenario.h>

#include <systemc>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace icebp {

// Plays a scenario on its cores, in time: a thread process a core, and one that puts the steps to
// them. Gives each step's results to `report`, and stops the simulation behind the last.
class Bench : public sc_core::sc_module {
public:
  using Cores = std::vector<std::unique_ptr<BenchCore>>;
  using Report = std::function<void(std::size_t step, std::vector<StepResult>& results)>;

  Bench(const sc_core::sc_module_name& name, const Scenario& scenario, const Cores& cores,
        Report report);

  void trace(sc_core::sc_trace_file* file) const override;

private:
  void play();
  void play_on(std::size_t core);

  const Scenario& scenario_;
  const Cores& cores_;
  Report report_;
  std::uint32_t step_ = 0;               // 1 for the first
  std::vector<StepResult> results_;      // of the step in play, in the order of its cores
  std::vector<sc_core::sc_event> start_; // by core
  sc_core::sc_event all_through_;
  std::size_t playing_ = 0; // cores
};

} // namespace icebp
