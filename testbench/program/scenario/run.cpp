#include <icebp/model/json/input_error.h>
#include <icebp/model/json/scalar.h>
#include <icebp/model/json/text_file.h>
#include <icebp/testbench/program/core/untimed_port.h>
#include <icebp/testbench/program/files/junit_report.h>
#include <icebp/testbench/program/files/output_file.h>
#include <icebp/testbench/program/files/temporaries.h>
#include <icebp/testbench/program/scenario/bench.h>
#include <icebp/testbench/program/scenario/child.h>
#include <icebp/testbench/program/scenario/run.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/scenario/timeline.h>
#include <icebp/testbench/program/scenario/vcd_file.h>
#include <icebp/testbench/program/scenario/viewer_files.h>
#include <icebp/testbench/program/scenario/wave_paths.h>

#include <systemc>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace icebp {
namespace {

using Cpus = std::vector<std::shared_ptr<const CpuModel>>;

// A scenario that was read and found to be good.
struct Loaded {
  std::string file;
  Scenario scenario;
  std::vector<std::size_t> lines; // of its steps
  Cpus cpus;                      // of its cores
};

Cpus cpus_of(const Scenario& scenario, Profiles& profiles, const CpuProfile& default_profile) {
  Cpus cpus;
  for (const ScenarioCore& core : scenario.cores)
    cpus.push_back(
        profiles.model_of(core.machine.profile ? *core.machine.profile : default_profile));
  return cpus;
}

// Plays the scenario untimed, so that bad input is refused before there is a simulation or a file.
void check_steps(const Scenario& scenario, const Cpus& cpus) {
  std::vector<std::unique_ptr<UntimedPort>> ports;
  std::vector<StepPlayer> players;
  for (std::size_t n = 0; n < cpus.size(); ++n) {
    ports.push_back(std::make_unique<UntimedPort>(cpus[n]));
    players.emplace_back(scenario.cores[n], cpus[n], *ports.back());
  }
  for (std::size_t step = 0; step < scenario.steps.size(); ++step)
    for (const std::size_t core : scenario.steps[step].cores) {
      players[core].begin(scenario.steps[step], step_place(step), 0);
      players[core].play(scenario.steps[step], step_place(step));
    }
}

Loaded load(const std::string& file, Profiles& profiles, const CpuProfile& default_profile) {
  const std::string text = read_text_file(file, "name a scenario file");
  try {
    Loaded loaded{file, read_scenario(text, profiles), lines_of_entries(text, "steps"), {}};
    loaded.cpus = cpus_of(loaded.scenario, profiles, default_profile);
    check_steps(loaded.scenario, loaded.cpus);
    return loaded;
  } catch (const InputError& error) {
    throw error_in_file(file, text, error);
  }
}

bool uses_default_profile(const Loaded& loaded) {
  for (const ScenarioCore& core : loaded.scenario.cores)
    if (core.machine.profile == nullptr)
      return true;
  return false;
}

std::vector<Loaded> load_all(const RunOptions& options, Profiles& profiles) {
  const CpuProfile& default_profile =
      options.profile != nullptr ? *options.profile : profiles.named("intel-skylake");
  std::vector<Loaded> all;
  bool is_used = false;
  for (const std::string& file : scenario_files(options.scenarios)) {
    all.push_back(load(file, profiles, default_profile));
    is_used = is_used || uses_default_profile(all.back());
  }
  if (options.profile != nullptr && !is_used)
    throw InputError("--profile", "has no effect: every core names its own",
                     "leave it out, or take \"profile\" out of a core of " + all.front().file);
  return all;
}

// Where a run says what.
struct Streams {
  std::ostream& text;    // for readers
  std::ostream* answers; // for programs; null: none are asked for
};

std::size_t longest_name(const std::vector<ScenarioCore>& cores) {
  std::size_t longest = 0;
  for (const ScenarioCore& core : cores)
    longest = std::max(longest, core.name.size());
  return longest;
}

// One scenario: what it says, and what becomes of its steps.
class Player {
public:
  Player(const Loaded& loaded, const RunOptions& options, const Streams& streams)
      : loaded_(loaded), options_(options), streams_(streams),
        timeline_(streams.text, longest_name(loaded.scenario.cores), options.color),
        junit_(loaded.file) {}

  PlayedScenario play(OutputFile* waves) {
    const Timing timing = options_.loosely_timed ? Timing::loosely_timed : Timing::timed;
    std::optional<VcdFile> vcd;
    if (waves != nullptr)
      vcd.emplace(*waves);
    Bench::Cores cores; // not within a module: their scopes are at the top
    for (std::size_t n = 0; n < loaded_.cpus.size(); ++n)
      cores.push_back(
          std::make_unique<BenchCore>(loaded_.scenario.cores[n], loaded_.cpus[n], timing));
    const Bench bench(
        "scenario", loaded_.scenario, cores,
        [this](std::size_t step, std::vector<StepResult>& results) { report(step, results); });
    if (vcd)
      bench.trace(vcd->trace_file());
    begin();
    sc_core::sc_start();
    if (vcd) {
      vcd->close();
      waves->publish();
      if (waves->is_regular())
        write_viewer_files(waves->path());
    }
    finish(waves);
    return {totals_, options_.junit.empty() ? "" : junit_.xml()};
  }

private:
  bool tells_rows() const { return !options_.quiet && streams_.answers == nullptr; }

  void begin() {
    if (!tells_rows())
      return;
    streams_.text << loaded_.scenario.title << "\n\n";
    timeline_.head();
  }

  void report(std::size_t step, std::vector<StepResult>& results) {
    const ScenarioStep& played = loaded_.scenario.steps[step];
    if (tells_rows() && !played.note.empty()) {
      streams_.text << '\n';
      timeline_.note(played.note);
    }
    for (StepResult& result : results)
      report(step, result);
  }

  void report(std::size_t step, StepResult& result) {
    result.row.step = step + 1;
    result.row.line = loaded_.lines[step];
    if (tells_rows())
      timeline_.row(result.row);
    if (streams_.answers != nullptr)
      put_answer(result.row);
    const std::string place = "line " + std::to_string(result.row.line) + ", step " +
                              std::to_string(step + 1) + " on " + result.row.core;
    std::string all;
    for (const Difference& difference : result.differences) {
      const std::string text = loaded_.file + ": " + place + ": " + difference.key + ": expected " +
                               difference.expected + ", got " + difference.got;
      timeline_.difference(text);
      differences_.push_back(text);
      all += (all.empty() ? "" : "\n") + text;
    }
    count(result, place + ": " + result.row.instruction, all);
  }

  // The answer of `icebp check`, with the core and, where there are several, the scenario.
  void put_answer(TimelineRow& row) {
    std::string line = "{";
    if (options_.scenarios.size() > 1)
      append_json_string(line += "\"scenario\":", loaded_.file), line += ',';
    append_json_string(line += "\"core\":", row.core);
    row.answer.id = std::to_string(row.step);
    std::string answer;
    append_json(answer, row.answer);
    answer.front() = ',';
    *streams_.answers << line << answer << '\n';
  }

  void count(const StepResult& result, const std::string& name, const std::string& differences) {
    if (!result.has_expectation) {
      ++totals_.without_expectation;
      junit_.skipped(name);
    } else if (result.differences.empty()) {
      ++totals_.as_expected;
      junit_.passed(name);
    } else {
      ++totals_.different;
      junit_.failed(name, differences);
    }
  }

  void finish(const OutputFile* waves) {
    streams_.text << '\n';
    if (tells_rows() && !differences_.empty()) {
      for (const std::string& difference : differences_)
        timeline_.difference(difference);
      streams_.text << '\n';
    }
    streams_.text << loaded_.file << ": " << totals_.as_expected << " as expected, "
                  << totals_.different << " different, " << totals_.without_expectation
                  << " without expectation\n";
    if (waves != nullptr && !is_standard_output(waves->path()))
      streams_.text << "waves: " << waves->path() << '\n';
  }

  const Loaded& loaded_;
  const RunOptions& options_;
  const Streams& streams_;
  Timeline timeline_;
  JunitSuite junit_;
  StepTotals totals_;
  std::vector<std::string> differences_;
};

// Plays all, and tells at the end which ones are different.
class Runner {
public:
  Runner(const RunOptions& options, Profiles& profiles, const Streams& streams)
      : options_(options), streams_(streams), loaded_(load_all(options, profiles)) {
    for (const Loaded& loaded : loaded_)
      inputs_.push_back(loaded.file);
    for (std::string& file : profiles.files())
      inputs_.push_back(std::move(file));
    if (!options.junit.empty())
      junit_.emplace(options.junit, inputs_);
    if (!options.loosely_timed && !options.no_vcd)
      find_places_of_waves();
  }

  int run() {
    std::vector<std::string> different;
    std::string suites;
    for (std::size_t n = 0; n < loaded_.size(); ++n) {
      const auto play = [this, n] { return this->play(n); };
      // SystemC has one simulation in the life of a process.
      const PlayedScenario played =
          loaded_.size() == 1 ? play() : play_in_child(play, streams_.text, streams_.answers);
      if (played.totals.different != 0)
        different.push_back(loaded_[n].file);
      suites += played.junit;
    }
    if (junit_) {
      junit_->write(junit_xml(suites));
      junit_->publish();
    }
    if (loaded_.size() > 1)
      summarize(different);
    return different.empty() ? 0 : 1;
  }

private:
  std::vector<std::string> inputs_of_scenarios() const {
    return {inputs_.begin(), inputs_.begin() + static_cast<std::ptrdiff_t>(loaded_.size())};
  }

  void find_places_of_waves() {
    const WavePlaces places = wave_places(options_.scenarios, inputs_of_scenarios(), options_.vcd);
    waves_ = places.files;
    if (places.folder.empty())
      return;
    make_folder(places.folder);
    wave_folder_.emplace(places.folder);
  }

  PlayedScenario play(std::size_t n) {
    std::optional<OutputFile> waves;
    if (!waves_.empty())
      waves.emplace(waves_[n], inputs_);
    return Player(loaded_[n], options_, streams_).play(waves ? &*waves : nullptr);
  }

  void summarize(const std::vector<std::string>& different) {
    streams_.text << '\n'
                  << loaded_.size() << " scenarios: " << loaded_.size() - different.size()
                  << " as expected, " << different.size() << " different\n";
    for (const std::string& file : different)
      streams_.text << "different: " << file << '\n';
  }

  const RunOptions& options_;
  const Streams& streams_;
  std::vector<Loaded> loaded_;
  std::vector<std::string> inputs_;      // files that are read; the scenarios first
  std::vector<std::string> waves_;       // by scenario; empty: none
  std::optional<Temporary> wave_folder_; // was made for them
  std::optional<OutputFile> junit_;
};

} // namespace

int run(const RunOptions& options, Profiles& profiles, std::ostream& out, std::ostream& err) {
  const bool waves_on_out = options.vcd && is_standard_output(*options.vcd);
  if (waves_on_out && options.json)
    throw InputError("--vcd", "- and --json both want standard output", "a file for one of them");
  const Streams streams{waves_on_out || options.json ? err : out, options.json ? &out : nullptr};
  return Runner(options, profiles, streams).run();
}

} // namespace icebp
