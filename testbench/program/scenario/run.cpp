#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/text_file.h>
#include <icebp/testbench/program/scenario/bench_core.h>
#include <icebp/testbench/program/scenario/run.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/scenario/timeline.h>
#include <icebp/testbench/program/scenario/vcd_file.h>

#include <systemc>

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

namespace icebp {
namespace {

struct Totals {
  std::size_t as_expected = 0;
  std::size_t different = 0;
  std::size_t without_expectation = 0;
};

using Cores = std::vector<std::unique_ptr<BenchCore>>;

// The CPU of each core.
std::vector<std::shared_ptr<const CpuModel>> cpus_of(const Scenario& scenario, Profiles& profiles,
                                                     const CpuProfile* default_profile) {
  std::vector<std::shared_ptr<const CpuModel>> cpus;
  for (const ScenarioCore& core : scenario.cores)
    cpus.push_back(
        profiles.model_of(core.machine.profile ? *core.machine.profile : *default_profile));
  return cpus;
}

// A core without time.
class UntimedPort final : public CorePort {
public:
  explicit UntimedPort(std::shared_ptr<const CpuModel> cpu)
      : cpu_(std::move(cpu)), state_(power_up(*cpu_)), core_(*cpu_, state_) {}

  const CpuModel& cpu() const override { return *cpu_; }
  const CoreState& state() const override { return state_; }
  const WatchFilter& watch() const override { return core_.watch(); }
  Outcome put(const Request& request) override { return core_.put(request); }
  void restore(const CoreState& state) override { poke(state); }
  void poke(const CoreState& wanted) override {
    state_ = wanted;
    core_.arm();
  }

private:
  std::shared_ptr<const CpuModel> cpu_;
  CoreState state_;
  UntimedCore core_;
};

// Plays the scenario untimed, so that bad input is refused before there is a simulation or a file.
void check_steps(const Scenario& scenario,
                 const std::vector<std::shared_ptr<const CpuModel>>& cpus) {
  std::vector<std::unique_ptr<UntimedPort>> ports;
  std::vector<StepPlayer> players;
  for (std::size_t n = 0; n < cpus.size(); ++n) {
    ports.push_back(std::make_unique<UntimedPort>(cpus[n]));
    players.emplace_back(scenario.cores[n], cpus[n], *ports.back());
  }
  for (std::size_t step = 0; step < scenario.steps.size(); ++step)
    for (const std::size_t core : scenario.steps[step].cores)
      players[core].play(scenario.steps[step], step_place(step), 0);
}

class Bench : public sc_core::sc_module {
public:
  Bench(const sc_core::sc_module_name& name, const Scenario& scenario, const Cores& cores,
        bool quiet, std::ostream& out)
      : sc_module(name), scenario_(scenario), cores_(cores), quiet_(quiet), out_(out) {
    SC_HAS_PROCESS(Bench);
    SC_THREAD(play);
  }

  void trace(sc_core::sc_trace_file* file) {
    sc_core::sc_trace(file, step_, std::string(name()) + ".step");
    for (const auto& core : cores_)
      core->trace(file);
  }

  const Totals& totals() const { return totals_; }

private:
  // Time between the steps, so that each step's start and end can be seen.
  static sc_core::sc_time gap() { return {2, sc_core::SC_NS}; }

  void play() {
    wait(gap());
    for (const ScenarioStep& step : scenario_.steps) {
      ++step_;
      play(step);
      wait(gap());
    }
    sc_core::sc_stop();
  }

  void play(const ScenarioStep& step) {
    const std::string place = step_place(step_ - 1);
    std::vector<StepResult> results(step.cores.size());
    sc_core::sc_event_and_list all_through;
    for (std::size_t n = 0; n < step.cores.size(); ++n)
      all_through &= sc_core::sc_spawn([&, n] {
                       const Expectation* expect = step.expect.empty() ? nullptr : &step.expect[n];
                       results[n] = cores_[step.cores[n]]->play(step, place, expect);
                     }).terminated_event();
    wait(all_through);
    report(step, place, results);
  }

  void report(const ScenarioStep& step, const std::string& place,
              std::vector<StepResult>& results) {
    if (!quiet_ && !step.note.empty())
      out_ << "\n" << step.note << "\n";
    for (StepResult& result : results) {
      result.row.step = step_;
      if (!quiet_)
        print_timeline_row(out_, result.row);
      for (const Difference& difference : result.differences)
        out_ << place << " on " << result.row.core << ": " << difference.key << ": expected "
             << difference.expected << ", got " << difference.got << "\n";
      count(result);
    }
  }

  void count(const StepResult& result) {
    if (!result.has_expectation)
      ++totals_.without_expectation;
    else if (result.differences.empty())
      ++totals_.as_expected;
    else
      ++totals_.different;
  }

  const Scenario& scenario_;
  const Cores& cores_;
  bool quiet_;
  std::ostream& out_;
  std::uint32_t step_ = 0; // 1 for the first
  Totals totals_;
};

std::string vcd_path(const RunOptions& options) {
  return options.vcd.empty() ? std::filesystem::path(options.scenario).stem().string() + ".vcd"
                             : options.vcd;
}

int play(const Scenario& scenario, const RunOptions& options, Profiles& profiles,
         std::ostream& out) {
  const auto cpus = cpus_of(scenario, profiles, options.default_profile);
  check_steps(scenario, cpus);
  std::optional<VcdFile> waves;
  if (!options.loosely_timed)
    waves.emplace(vcd_path(options));
  const Timing timing = options.loosely_timed ? Timing::loosely_timed : Timing::timed;
  Cores cores; // not within a module: their scopes are at the top
  for (std::size_t n = 0; n < cpus.size(); ++n)
    cores.push_back(std::make_unique<BenchCore>(scenario.cores[n], cpus[n], timing));
  Bench bench("scenario", scenario, cores, options.quiet, out);
  if (waves)
    bench.trace(waves->trace_file());
  if (!options.quiet) {
    out << scenario.title << "\n\n";
    print_timeline_head(out);
  }
  sc_core::sc_start();
  if (waves)
    waves->publish();

  const Totals& totals = bench.totals();
  out << "\n"
      << options.scenario << ": " << totals.as_expected << " as expected, " << totals.different
      << " different, " << totals.without_expectation << " without expectation\n";
  if (waves)
    out << "waves: " << waves->path() << "\n";
  return totals.different == 0 ? 0 : 1;
}

} // namespace

int run(const RunOptions& options, Profiles& profiles, std::ostream& out) {
  const std::string text = read_text_file(options.scenario, "name a scenario file");
  try {
    return play(read_scenario(text, profiles), options, profiles, out);
  } catch (const InputError& error) {
    throw error_in_file(options.scenario, text, error);
  }
}

} // namespace icebp
