#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/scenario/scenario_keys.h>

namespace icebp {
namespace {

template <auto member>
void take_text(JsonEvents& in, const Scalar& scalar) {
  in.target<Reading>().scenario.*member = in.text_of(scalar, "text", "a string");
}

Target open_machine(JsonEvents& in) {
  ScenarioCore& core = in.target<Reading>().scenario.cores.emplace_back();
  core.name = "core";
  core.place = "/machine";
  return core.machine;
}

constexpr Key scenario_keys[] = {
    {"title", take_text<&Scenario::title>},
    {"source", take_text<&Scenario::source>},
    {"note", take_text<&Scenario::note>},
    {"machine", nullptr, &machine_level, open_machine},
    {"cores", nullptr, &cores_level},
    {"steps", nullptr, &steps_level},
    schema_key,
};

void close_scenario(JsonEvents& in, std::uint64_t seen) {
  const auto has = [&](std::string_view name) {
    std::size_t position = 0;
    while (scenario_keys[position].name != name)
      ++position;
    return (seen >> position & 1) != 0;
  };
  if (!has("title"))
    in.fail_inside("title", "missing", "a string");
  if (has("cores") && has("machine"))
    in.fail_inside("machine", "cores and machine in one scenario", one_of_two);
  if (!has("steps"))
    in.fail_inside("steps", "missing", "a list of steps");
}

constexpr Level scenario_level{false, "a scenario",
                               R"({"title": "A title", "steps": [{"code": "f1"}]})",
                               find_key<scenario_keys>, close_scenario};

// --- the cores that steps mean

std::string core_names(const Scenario& scenario, const std::vector<std::size_t>& cores) {
  std::string names;
  for (const std::size_t core : cores)
    append_name(names, scenario.cores[core].name);
  return names;
}

std::vector<std::size_t> all_cores(const Scenario& scenario) {
  std::vector<std::size_t> all(scenario.cores.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  return all;
}

std::vector<std::size_t> cores_named(const std::vector<std::string>& names,
                                     const Scenario& scenario, const std::string& at) {
  std::vector<std::size_t> cores;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string entry = pointer_to(at, std::to_string(i));
    const auto core = find_core(scenario, names[i]);
    if (!core)
      throw InputError(entry, describe(Scalar::string(names[i])) + " is not a core",
                       core_names(scenario, all_cores(scenario)));
    if (is_among(cores, *core))
      throw InputError(entry, "given twice", "once");
    cores.push_back(*core);
  }
  std::sort(cores.begin(), cores.end());
  return cores;
}

void expect_on_cores(std::vector<NamedExpectation>& expectations, const Scenario& scenario,
                     ScenarioStep& step, const std::string& at) {
  for (NamedExpectation& named : expectations) {
    const auto core = find_core(scenario, named.core);
    const auto found =
        core ? std::find(step.cores.begin(), step.cores.end(), *core) : step.cores.end();
    if (found == step.cores.end())
      throw InputError(pointer_to(at, named.core), "not a core of this step",
                       core_names(scenario, step.cores));
    lay_over(step.expect[static_cast<std::size_t>(found - step.cores.begin())], named.expect);
  }
}

void find_cores(CoresOfStep& cores, const Scenario& scenario, ScenarioStep& step,
                const std::string& at) {
  step.cores = cores.on ? cores_named(*cores.on, scenario, at + "/on") : all_cores(scenario);
  if (step.line.has_expectation || !cores.expect_on.empty())
    step.expect.assign(step.cores.size(), step.line.expect);
  step.line.expect = {};
  step.line.has_expectation = false;
  expect_on_cores(cores.expect_on, scenario, step, at + "/expect_on");
}

} // namespace

std::string step_place(std::size_t step) { return "/steps/" + std::to_string(step); }

Scenario read_scenario(std::string_view text, Profiles& profiles) {
  Reading reading;
  std::string buffer;
  read_json(text, buffer, JsonReader::Place::line_and_column, scenario_level, reading, profiles);
  Scenario& scenario = reading.scenario;
  if (scenario.cores.empty())
    scenario.cores.emplace_back().name = "core";
  for (std::size_t n = 0; n < scenario.steps.size(); ++n)
    find_cores(reading.cores_of_steps[n], scenario, scenario.steps[n], step_place(n));
  return std::move(scenario);
}

} // namespace icebp
