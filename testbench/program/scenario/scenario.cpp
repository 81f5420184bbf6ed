#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/json_events.h>
#include <icebp/testbench/program/json/json_text.h>
#include <icebp/testbench/program/json/json_value.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace icebp {
namespace {

using nlohmann::json;

const Names scenario_keys{"title", "source", "note", "machine", "cores", "steps"};
const Names event_keys{"event", "verb", "value", "address", "error_code", "rf",
                       "id",    "note", "on",    "expect",  "expect_on"};
const Names does_keys{"accesses", "repeats", "fast_string", "bus_lock", "task_switch", "rtm_abort",
                      "ending",   "branch",  "to",          "rflags",   "interrupt"};

const ObjectKeys core_keys{{"name"}, {"id", "code", "expect"}};
const ObjectKeys machine_keys{{}, {"id", "code", "expect"}};
// `expect` is read for each core, on its own.
const ObjectKeys instruction_keys{{"does", "note", "on", "expect", "expect_on"},
                                  {"profile", "apic_id", "bsp", "expect"}};

constexpr const char* one_of_two = "one of the two";

// --- cores

bool is_core_name(const std::string& name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

std::optional<std::size_t> find_core(const Scenario& scenario, const std::string& name) {
  for (std::size_t i = 0; i < scenario.cores.size(); ++i)
    if (scenario.cores[i].name == name)
      return i;
  return std::nullopt;
}

std::string core_names(const Scenario& scenario, const std::vector<std::size_t>& cores) {
  Names names;
  for (const std::size_t core : cores)
    names.push_back(scenario.cores[core].name);
  return joined(names);
}

std::string read_core_name(const json& core, const std::string& at, const Scenario& scenario) {
  constexpr const char* legal = "a letter a-z, then a-z, 0-9 and _; no two alike";
  const json& value = required(core, "name", at, legal);
  const std::string place = pointer_to(at, "name");
  if (!value.is_string() || !is_core_name(value.get_ref<const std::string&>()))
    refuse(value, place, "a core's name", legal);
  const auto name = value.get<std::string>();
  if (find_core(scenario, name))
    throw InputError(place, "there is a core " + name + " already", legal);
  return name;
}

void read_cores(const json& cores, Scenario& scenario) {
  require_list(cores, "/cores", "a list of cores", max_scenario_cores);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    ScenarioCore core;
    core.place = pointer_to("/cores", std::to_string(i));
    require_object(cores[i], core.place, "a core");
    core.name = read_core_name(cores[i], core.place, scenario);
    read_machine(cores[i], core_keys, core.place, core.machine);
    scenario.cores.push_back(std::move(core));
  }
}

void read_machines(const json& document, Scenario& scenario) {
  if (document.contains("cores") && document.contains("machine"))
    throw InputError("/machine", "cores and machine in one scenario", one_of_two);
  if (document.contains("cores"))
    return read_cores(document["cores"], scenario);
  ScenarioCore core;
  core.name = "core";
  if (document.contains("machine")) {
    core.place = "/machine";
    read_machine(document["machine"], machine_keys, core.place, core.machine);
  }
  scenario.cores.push_back(std::move(core));
}

// --- steps

std::vector<std::size_t> read_on(const json& step, const std::string& at,
                                 const Scenario& scenario) {
  std::vector<std::size_t> all(scenario.cores.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  if (!step.contains("on"))
    return all;
  const std::string place = pointer_to(at, "on");
  const json& names = step["on"];
  require_list(names, place, "a list of cores", all.size());
  std::vector<std::size_t> cores;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string entry = pointer_to(place, std::to_string(i));
    const auto core = names[i].is_string()
                          ? find_core(scenario, names[i].get_ref<const std::string&>())
                          : std::nullopt;
    if (!core)
      refuse(names[i], entry, "a core", core_names(scenario, all));
    if (std::find(cores.begin(), cores.end(), *core) != cores.end())
      throw InputError(entry, "given twice", "once");
    cores.push_back(*core);
  }
  std::sort(cores.begin(), cores.end());
  return cores;
}

void read_expect_on(const json& expectations, const std::string& at, const Scenario& scenario,
                    ScenarioStep& step) {
  require_object(expectations, at, "an object of expectations by core");
  for (const auto& [name, expect] : expectations.items()) {
    const auto core = find_core(scenario, name);
    const auto found =
        core ? std::find(step.cores.begin(), step.cores.end(), *core) : step.cores.end();
    if (found == step.cores.end())
      throw InputError(pointer_to(at, name), "not a core of this step",
                       core_names(scenario, step.cores));
    read_expectation(expect, pointer_to(at, name),
                     step.expect[static_cast<std::size_t>(found - step.cores.begin())]);
  }
}

void read_expectations(const json& object, const std::string& at, const Scenario& scenario,
                       ScenarioStep& step) {
  if (!object.contains("expect") && !object.contains("expect_on"))
    return;
  Expectation common;
  if (object.contains("expect"))
    read_expectation(object["expect"], pointer_to(at, "expect"), common);
  step.expect.assign(step.cores.size(), common);
  if (object.contains("expect_on"))
    read_expect_on(object["expect_on"], pointer_to(at, "expect_on"), scenario, step);
}

// `key` belongs to a step if `wanted`, and only then.
bool goes_with(const json& object, const char* key, bool wanted, const std::string& at,
               const char* with, const std::string& legal) {
  if (wanted)
    required(object, key, at, legal);
  else if (object.contains(key))
    throw InputError(pointer_to(at, key), std::string("goes with ") + with + " only",
                     "leave it out");
  return wanted;
}

constexpr const char* legal_error_code = "0 to 65535";

std::uint16_t read_error_code(const json& value, const std::string& at) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 0xFFFF)
    refuse(value, at, "an error code", legal_error_code);
  return value.get<std::uint16_t>();
}

void read_event(const json& object, const std::string& at, ScenarioStep& step) {
  require_keys(object, at, event_keys);
  if (object.contains("id"))
    read_machine({{"id", object["id"]}}, {}, at, step.line);
  step.event = named<ScenarioEvent>(object["event"], pointer_to(at, "event"), "an event");
  if (goes_with(object, "verb", step.event == ScenarioEvent::firmware_resumes, at,
                "firmware_resumes", names_of<ResumeVerb>()))
    step.verb = named<ResumeVerb>(object["verb"], pointer_to(at, "verb"), "a verb");
  const bool completes =
      step.event == ScenarioEvent::firmware_resumes && step.verb == ResumeVerb::complete;
  if (goes_with(object, "value", completes, at, "the verb complete", "the value of the MOV"))
    step.value = read_value(object["value"], pointer_to(at, "value"));
  const bool faults = step.event == ScenarioEvent::page_fault;
  if (goes_with(object, "address", faults, at, "page_fault", "the address of the access"))
    step.address = read_value(object["address"], pointer_to(at, "address"));
  if (goes_with(object, "error_code", faults, at, "page_fault", legal_error_code))
    step.error_code = read_error_code(object["error_code"], pointer_to(at, "error_code"));
  if (object.contains("rf")) {
    const bool returns = step.event == ScenarioEvent::handler_returns ||
                         step.event == ScenarioEvent::firmware_resumes;
    goes_with(object, "rf", returns, at, "handler_returns and firmware_resumes", "true, false");
    step.rf = read_truth(object["rf"], pointer_to(at, "rf"));
  }
}

// --- what other instructions do

Request read_access(const json& object, const std::string& at) {
  constexpr struct {
    const char* key;
    Operation operation;
  } kinds[] = {{"read", Operation::data_read},
               {"write", Operation::data_write},
               {"io", Operation::io_access}};
  constexpr std::uint64_t most_bytes = 4096;
  require_object(object, at, "an access");
  for (const auto& kind : kinds)
    if (object.contains(kind.key)) {
      require_keys(object, at, {kind.key, "size"});
      const std::uint64_t address = read_value(object[kind.key], pointer_to(at, kind.key));
      const json& size = required(object, "size", at, "bytes");
      return request_at(
          kind.operation, address,
          static_cast<std::uint32_t>(read_number(size, pointer_to(at, "size"), 1, most_bytes)));
    }
  throw InputError(at, "no address", "read, write or io with an address, and size");
}

std::vector<Request> read_accesses(const json& list, const std::string& at) {
  require_list(list, at, "a list of accesses", 16);
  std::vector<Request> accesses;
  for (std::size_t i = 0; i < list.size(); ++i)
    accesses.push_back(read_access(list[i], pointer_to(at, std::to_string(i))));
  return accesses;
}

OtherInstruction read_does(const json& object, const std::string& at) {
  require_object(object, at, "what an instruction does");
  require_keys(object, at, does_keys);
  OtherInstruction does;
  const auto given = [&](const char* key, const auto& read) {
    if (object.contains(key))
      read(object[key], pointer_to(at, key));
  };
  using Place = const std::string&;
  given("accesses", [&](const json& v, Place p) { does.accesses = read_accesses(v, p); });
  given("repeats", [&](const json& v, Place p) { does.repeats = read_truth(v, p); });
  given("fast_string", [&](const json& v, Place p) { does.fast_string = read_truth(v, p); });
  given("bus_lock", [&](const json& v, Place p) { does.bus_lock = read_truth(v, p); });
  given("task_switch", [&](const json& v, Place p) { does.task_switch = read_truth(v, p); });
  given("rtm_abort", [&](const json& v, Place p) { does.rtm_abort = read_value(v, p); });
  given("ending", [&](const json& v, Place p) { does.ending = named<Ending>(v, p, "an ending"); });
  if (does.ending == Ending::taken_branch || does.ending == Ending::syscall)
    does.branch = does.ending == Ending::taken_branch ? Branch::near_rel_jmp : Branch::far_branch;
  given("branch", [&](const json& v, Place p) {
    if (does.ending != Ending::taken_branch)
      throw InputError(p, "goes with ending taken_branch only", "leave it out");
    does.branch = named<Branch>(v, p, "a branch");
  });
  given("to", [&](const json& v, Place p) { does.to = read_value(v, p); });
  given("rflags", [&](const json& v, Place p) { does.rflags = read_value(v, p); });
  given("interrupt", [&](const json& v, Place p) {
    if (object.contains("ending"))
      throw InputError(p, "interrupt and ending in one instruction", one_of_two);
    does.vector = static_cast<std::uint8_t>(read_number(v, p, 0, 255));
    does.ending = Ending::interrupt_entry;
  });
  if (does.fast_string && !does.repeats)
    throw InputError(pointer_to(at, "fast_string"), "goes with repeats only", "leave it out");
  return does;
}

ScenarioStep read_step(const json& object, const std::string& at, const Scenario& scenario) {
  require_object(object, at, "a step");
  if (object.contains("code") == object.contains("event"))
    throw InputError(
        at, object.contains("code") ? "code and event in one step" : "neither code nor event",
        one_of_two);
  if (object.contains("profile"))
    throw InputError(pointer_to(at, "profile"), "a core keeps its profile", "leave it out");
  ScenarioStep step;
  step.note = text_in(object, "note", at);
  step.cores = read_on(object, at, scenario);
  if (object.contains("event"))
    read_event(object, at, step);
  else
    read_machine(object, instruction_keys, at, step.line);
  if (object.contains("does"))
    step.does = read_does(object["does"], pointer_to(at, "does"));
  read_expectations(object, at, scenario, step);
  return step;
}

} // namespace

std::string step_place(std::size_t step) { return "/steps/" + std::to_string(step); }

Scenario read_scenario(std::string_view text) {
  const json document = read_json(text);
  require_object(document, "", "a scenario");
  require_keys(document, "", scenario_keys);
  Scenario scenario;
  required(document, "title", "", "a string");
  scenario.title = text_in(document, "title", "");
  scenario.source = text_in(document, "source", "");
  scenario.note = text_in(document, "note", "");
  read_machines(document, scenario);
  const json& steps = required(document, "steps", "", "a list of steps");
  require_list(steps, "/steps", "a list of steps", max_scenario_steps);
  scenario.steps.reserve(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i)
    scenario.steps.push_back(read_step(steps[i], step_place(i), scenario));
  return scenario;
}

} // namespace icebp
