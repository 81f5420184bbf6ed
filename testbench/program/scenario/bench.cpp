#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/program/scenario/bench.h>

#include <algorithm>
#include <utility>

namespace icebp {
namespace {

// Time between the steps, so that each step's start and end can be seen.
sc_core::sc_time gap() { return {2, sc_core::SC_NS}; }

} // namespace

Bench::Bench(const sc_core::sc_module_name& name, const Scenario& scenario, const Cores& cores,
             Report report)
    : sc_module(name), scenario_(scenario), cores_(cores), report_(std::move(report)),
      start_(cores.size()) {
  SC_HAS_PROCESS(Bench);
  SC_THREAD(play);
  for (std::size_t core = 0; core < cores.size(); ++core)
    sc_core::sc_spawn([this, core] { play_on(core); });
}

void Bench::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, step_, std::string(name()) + ".step");
  for (const auto& core : cores_)
    core->trace(file);
}

void Bench::play() {
  wait(gap());
  for (const ScenarioStep& step : scenario_.steps) {
    ++step_;
    results_.assign(step.cores.size(), {});
    playing_ = step.cores.size();
    for (const std::size_t core : step.cores)
      start_[core].notify();
    if (playing_ != 0)
      wait(all_through_);
    report_(step_ - 1, results_);
    wait(gap());
  }
  sc_core::sc_stop();
}

void Bench::play_on(std::size_t core) {
  for (;;) {
    sc_core::wait(start_[core]);
    const ScenarioStep& step = scenario_.steps[step_ - 1];
    const auto n = static_cast<std::size_t>(std::find(step.cores.begin(), step.cores.end(), core) -
                                            step.cores.begin());
    const Expectation* expect = step.expect.empty() ? nullptr : &step.expect[n];
    results_[n] = cores_[core]->play(step, step_place(step_ - 1), expect);
    if (--playing_ == 0)
      all_through_.notify();
  }
}

} // namespace icebp
