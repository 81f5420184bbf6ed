#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/vectors/vector_keys.h>

#include <algorithm>
#include <iterator>

namespace icebp {
namespace {

// --- what is being read

struct NamedExpectation {
  std::string core;
  Expectation expect;
};

// The cores that a step names: they may come behind it.
struct CoresOfStep {
  std::optional<std::vector<std::string>> on;
  std::vector<NamedExpectation> expect_on;
};

struct Reading {
  Scenario scenario;
  std::vector<CoresOfStep> cores_of_steps;

  ScenarioCore& core() { return scenario.cores.back(); }
  ScenarioStep& step() { return scenario.steps.back(); }
  CoresOfStep& cores_of_step() { return cores_of_steps.back(); }
};

// A core or a step is read into its VectorLine; this is around it.
Reading& around(JsonEvents& in) { return in.outer<Reading>(); }

constexpr const char* one_of_two = "one of the two";
constexpr const char* leave_it_out = "leave it out";

template <const auto& key, std::size_t most>
const Key& find_in_list(JsonEvents& in, std::string_view, std::size_t& entry) {
  if (entry == most)
    in.fail("one entry too many", "1 to " + std::to_string(most));
  return key;
}

template <std::size_t most>
void close_list(JsonEvents& in, std::uint64_t length) {
  if (length == 0)
    in.fail("0 entries", "1 to " + std::to_string(most));
}

// --- an object with keys of a vector line among its own

struct ForeignKey {
  std::string_view name;
  const char* problem;
  const char* legal;
};
constexpr const char* no_place = "has no place here";

template <const auto& table>
bool has_name(std::string_view name) {
  return std::any_of(std::begin(table), std::end(table),
                     [&](const auto& entry) { return entry.name == name; });
}

// Those of the line that are not `foreign`.
template <const auto& foreign>
std::string names_with_line_keys(std::string names) {
  for (const std::string_view name : names_of_line_keys())
    if (!has_name<foreign>(name))
      append_name(names, name);
  return names;
}

// The keys of the line are numbered behind the own ones.
template <const auto& own, const auto& foreign>
const Key* find_own_or_line_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(own); ++entry)
    if (is_named(own[entry], name))
      return &own[entry];
  for (const ForeignKey& key : foreign)
    if (key.name == name)
      in.fail_at(name, key.problem, key.legal);
  const Key* const key = find_line_key(name, entry);
  entry += std::size(own);
  return key;
}

// --- cores

bool is_core_name(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

std::optional<std::size_t> find_core(const Scenario& scenario, std::string_view name) {
  for (std::size_t i = 0; i < scenario.cores.size(); ++i)
    if (scenario.cores[i].name == name)
      return i;
  return std::nullopt;
}

constexpr const char* legal_core_name = "a letter a-z, then a-z, 0-9 and _; no two alike";

void take_core_name(JsonEvents& in, const Scalar& scalar) {
  constexpr const char* what = "a core's name";
  const std::string_view name = in.text_of(scalar, what, legal_core_name);
  if (!is_core_name(name))
    in.fail(describe(scalar) + " is not " + what, legal_core_name);
  Reading& reading = around(in);
  if (find_core(reading.scenario, name))
    in.fail("there is a core " + std::string(name) + " already", legal_core_name);
  reading.core().name = name;
}

constexpr Key core_keys[] = {{"name", take_core_name}};
constexpr std::array<Key, 0> no_keys{};
constexpr ForeignKey foreign_to_cores[] = {
    {"id", no_place, ""}, {"code", no_place, ""}, {"expect", no_place, ""}};

template <const auto& own>
const Key& find_core_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  if (const Key* key = find_own_or_line_key<own, foreign_to_cores>(in, name, entry))
    return *key;
  in.fail_at(name, "unknown key", names_with_line_keys<foreign_to_cores>(names_in(own)));
}

void close_core(JsonEvents& in, std::uint64_t seen) {
  if ((seen & 1) == 0)
    in.fail_inside("name", "missing", legal_core_name);
}

constexpr Level core_level{false, "a core", find_core_key<core_keys>, close_core, "an object"};
constexpr Level machine_level{false, "an object", find_core_key<no_keys>};

constexpr Key core_key{{}, nullptr, &core_level, [](JsonEvents& in) -> Target {
                         Scenario& scenario = in.target<Reading>().scenario;
                         ScenarioCore& core = scenario.cores.emplace_back();
                         core.place = "/cores/" + std::to_string(in.entry());
                         return core.machine;
                       }};

constexpr Level cores_level{true, "a list of cores", find_in_list<core_key, max_scenario_cores>,
                            close_list<max_scenario_cores>};

Target open_machine(JsonEvents& in) {
  ScenarioCore& core = in.target<Reading>().scenario.cores.emplace_back();
  core.name = "core";
  core.place = "/machine";
  return core.machine;
}

// --- what other instructions do

template <auto member>
void take_does_truth(JsonEvents& in, const Scalar& scalar) {
  in.target<OtherInstruction>().*member = in.truth(scalar);
}

template <auto member>
void take_does_value(JsonEvents& in, const Scalar& scalar) {
  in.target<OtherInstruction>().*member = in.value64(scalar);
}

template <Operation operation>
void take_address(JsonEvents& in, const Scalar& scalar) {
  Request& access = in.target<Request>();
  if (access.operation != Operation::none)
    in.fail("a second address in one access", one_of_two);
  access = request_at(operation, in.value64(scalar), access.size);
}

constexpr Key access_keys[] = {
    {"read", take_address<Operation::data_read>},
    {"write", take_address<Operation::data_write>},
    {"io", take_address<Operation::io_access>},
    {"size",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Request>().size = static_cast<std::uint32_t>(in.value_from(1, 4096, s));
     }},
};

void close_access(JsonEvents& in, std::uint64_t) {
  const Request& access = in.target<Request>();
  if (access.operation == Operation::none)
    in.fail("no address", "read, write or io with an address, and size");
  if (access.size == 0)
    in.fail_inside("size", "missing", "bytes");
}

constexpr Level access_level{false, "an access", find_key<access_keys>, close_access, "an object"};

constexpr Key access_key{{}, nullptr, &access_level, [](JsonEvents& in) -> Target {
                           return in.target<OtherInstruction>().accesses.emplace_back();
                         }};

constexpr std::size_t most_accesses = 16;
constexpr Level accesses_level{true, "a list of accesses", find_in_list<access_key, most_accesses>,
                               close_list<most_accesses>};

constexpr Key does_keys[] = {
    {"accesses", nullptr, &accesses_level},
    {"repeats", take_does_truth<&OtherInstruction::repeats>},
    {"fast_string", take_does_truth<&OtherInstruction::fast_string>},
    {"bus_lock", take_does_truth<&OtherInstruction::bus_lock>},
    {"task_switch", take_does_truth<&OtherInstruction::task_switch>},
    {"rtm_abort", take_does_value<&OtherInstruction::rtm_abort>},
    {"ending",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().ending = in.named<Ending>(s, "an ending");
     }},
    {"branch",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().branch = in.named<Branch>(s, "a branch");
     }},
    {"to", take_does_value<&OtherInstruction::to>},
    {"rflags", take_does_value<&OtherInstruction::rflags>},
    {"interrupt",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().vector = static_cast<std::uint8_t>(in.value_from(0, 255, s));
     }},
};
constexpr std::size_t ending_key = 6;
static_assert(does_keys[ending_key].name == "ending");

void close_does(JsonEvents& in, std::uint64_t seen) {
  OtherInstruction& does = in.target<OtherInstruction>();
  if (does.branch && does.ending != Ending::taken_branch)
    in.fail_inside("branch", "goes with ending taken_branch only", leave_it_out);
  if (does.vector && (seen >> ending_key & 1) != 0)
    in.fail_inside("interrupt", "interrupt and ending in one instruction", one_of_two);
  if (does.fast_string && !does.repeats)
    in.fail_inside("fast_string", "goes with repeats only", leave_it_out);
  if (does.ending == Ending::taken_branch && !does.branch)
    does.branch = Branch::near_rel_jmp;
  if (does.ending == Ending::syscall)
    does.branch = Branch::far_branch;
  if (does.vector)
    does.ending = Ending::interrupt_entry;
}

constexpr Level does_level{false, "what an instruction does", find_key<does_keys>, close_does,
                           "an object"};

// --- the cores of a step

constexpr Key on_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                       in.target<CoresOfStep>().on->emplace_back(
                           in.text_of(scalar, "a core", "a core's name"));
                     }};
constexpr Level on_level{true, "a list of cores", find_in_list<on_key, max_scenario_cores>,
                         close_list<max_scenario_cores>};

constexpr Key expect_on_key{{}, nullptr, &expect_level, [](JsonEvents& in) -> Target {
                              return in.target<CoresOfStep>().expect_on.back().expect;
                            }};

const Key& find_expect_on(JsonEvents& in, std::string_view name, std::size_t& entry) {
  auto& expectations = in.target<CoresOfStep>().expect_on;
  for (const NamedExpectation& other : expectations)
    if (other.core == name)
      in.fail_at(name, "given twice", "once");
  if (expectations.size() == max_scenario_cores)
    in.fail_at(name, "one entry too many", "at most " + std::to_string(max_scenario_cores));
  expectations.push_back({std::string(name), {}});
  entry = counts_itself;
  return expect_on_key;
}

constexpr Level expect_on_level{false, "an object of expectations by core", find_expect_on, nullptr,
                                "an object"};

// --- steps

constexpr const char* legal_error_code = "0 to 65535";

constexpr Key step_keys[] = {
    // of code
    {"does", nullptr, &does_level,
     [](JsonEvents& in) -> Target { return around(in).step().does.emplace(); }},
    // of both
    {"note", [](JsonEvents& in,
                const Scalar& s) { around(in).step().note = in.text_of(s, "text", "a string"); }},
    {"on", nullptr, &on_level,
     [](JsonEvents& in) -> Target {
       CoresOfStep& cores = around(in).cores_of_step();
       cores.on.emplace();
       return cores;
     }},
    {"expect_on", nullptr, &expect_on_level,
     [](JsonEvents& in) -> Target { return around(in).cores_of_step(); }},
    // of an event
    {"event",
     [](JsonEvents& in, const Scalar& s) {
       around(in).step().event = in.named<ScenarioEvent>(s, "an event");
     }},
    {"verb", [](JsonEvents& in,
                const Scalar& s) { around(in).step().verb = in.named<ResumeVerb>(s, "a verb"); }},
    {"value", [](JsonEvents& in, const Scalar& s) { around(in).step().value = in.value64(s); }},
    {"address", [](JsonEvents& in, const Scalar& s) { around(in).step().address = in.value64(s); }},
    {"error_code",
     [](JsonEvents& in, const Scalar& s) {
       around(in).step().error_code =
           static_cast<std::uint16_t>(in.integer_up_to(0xFFFF, s, "an error code"));
     }},
    {"rf", [](JsonEvents& in, const Scalar& s) { around(in).step().rf = in.truth(s); }},
};
constexpr ForeignKey foreign_to_steps[] = {{"profile", "a core keeps its profile", leave_it_out},
                                           {"apic_id", no_place, ""},
                                           {"bsp", no_place, ""}};

constexpr std::string_view keys_of_code[] = {"does", "note", "on", "expect_on"};
constexpr std::string_view keys_of_events[] = {"event",      "verb",   "value",    "address",
                                               "error_code", "rf",     "id",       "note",
                                               "on",         "expect", "expect_on"};

template <typename Entries, typename Entry>
bool is_among(const Entries& entries, const Entry& entry) {
  return std::find(std::begin(entries), std::end(entries), entry) != std::end(entries);
}

std::string legal_step_keys(bool of_event) {
  return of_event ? joined(keys_of_events)
                  : names_with_line_keys<foreign_to_steps>(joined(keys_of_code));
}

const Key& find_step_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  if (const Key* key = find_own_or_line_key<step_keys, foreign_to_steps>(in, name, entry))
    return *key;
  const ScenarioStep& step = around(in).step();
  const bool is_either = !step.event && step.line.code.empty(); // so far
  in.fail_at(name, "unknown key",
             is_either ? names_with_line_keys<foreign_to_steps>(names_in(step_keys))
                       : legal_step_keys(step.event.has_value()));
}

// The keys of a step by its `seen`.
class StepKeys {
public:
  explicit StepKeys(std::uint64_t seen) : seen_(seen) {}

  bool has(std::string_view name) const {
    for (std::size_t n = 0; n < std::size(step_keys); ++n)
      if (step_keys[n].name == name)
        return has(n);
    return false;
  }
  bool has_code() const { return has(std::size(step_keys) + code_key); }

  // Names of those that are there and that `is_legal` does not take.
  template <typename IsLegal>
  std::vector<std::string_view> without(IsLegal is_legal) const {
    std::vector<std::string_view> names;
    for (const Key& key : step_keys)
      names.push_back(key.name);
    for (const std::string_view name : names_of_line_keys())
      names.push_back(name);
    std::vector<std::string_view> found;
    for (std::size_t n = 0; n < names.size(); ++n)
      if (has(n) && !is_legal(names[n]))
        found.push_back(names[n]);
    return found;
  }

private:
  bool has(std::size_t position) const { return (seen_ >> position & 1) != 0; }

  std::uint64_t seen_;
};

void require_keys_of_kind(JsonEvents& in, const StepKeys& keys, bool is_event) {
  const auto is_legal = [&](std::string_view name) {
    return is_event ? is_among(keys_of_events, name)
                    : is_among(keys_of_code, name) || !has_name<step_keys>(name);
  };
  if (const auto illegal = keys.without(is_legal); !illegal.empty())
    in.fail_inside(illegal.front(), "unknown key", legal_step_keys(is_event));
}

// A key that some events have.
struct EventKey {
  const char* name;
  bool (*wanted)(const ScenarioStep&);
  const char* with; // what it goes with
  std::string (*legal)();
  bool is_required;
};

bool is_page_fault(const ScenarioStep& step) { return step.event == ScenarioEvent::page_fault; }
bool resumes(const ScenarioStep& step) { return step.event == ScenarioEvent::firmware_resumes; }

constexpr EventKey event_keys[] = {
    {"verb", resumes, "firmware_resumes", names_of<ResumeVerb>, true},
    {"value",
     [](const ScenarioStep& step) { return resumes(step) && step.verb == ResumeVerb::complete; },
     "the verb complete", [] { return std::string("the value of the MOV"); }, true},
    {"address", is_page_fault, "page_fault",
     [] { return std::string("the address of the access"); }, true},
    {"error_code", is_page_fault, "page_fault", [] { return std::string(legal_error_code); }, true},
    {"rf",
     [](const ScenarioStep& step) {
       return resumes(step) || step.event == ScenarioEvent::handler_returns;
     },
     "handler_returns and firmware_resumes", [] { return std::string("true, false"); }, false},
};

void close_step(JsonEvents& in, std::uint64_t seen) {
  const StepKeys keys(seen);
  const ScenarioStep& step = around(in).step();
  const bool is_event = step.event.has_value();
  if (is_event == keys.has_code())
    in.fail(is_event ? "code and event in one step" : "neither code nor event", one_of_two);
  require_keys_of_kind(in, keys, is_event);
  if (!is_event)
    return;
  for (const EventKey& key : event_keys) {
    const bool wanted = key.wanted(step);
    if (wanted && key.is_required && !keys.has(key.name))
      in.fail_inside(key.name, "missing", key.legal());
    if (!wanted && keys.has(key.name))
      in.fail_inside(key.name, std::string("goes with ") + key.with + " only", leave_it_out);
  }
}

constexpr Level step_level{false, "a step", find_step_key, close_step, "an object"};

constexpr Key step_key{{}, nullptr, &step_level, [](JsonEvents& in) -> Target {
                         Reading& reading = in.target<Reading>();
                         reading.cores_of_steps.emplace_back();
                         return reading.scenario.steps.emplace_back().line;
                       }};

constexpr Level steps_level{true, "a list of steps", find_in_list<step_key, max_scenario_steps>,
                            close_list<max_scenario_steps>};

// --- the scenario

template <auto member>
void take_text(JsonEvents& in, const Scalar& scalar) {
  in.target<Reading>().scenario.*member = in.text_of(scalar, "text", "a string");
}

constexpr Key scenario_keys[] = {
    {"title", take_text<&Scenario::title>}, {"source", take_text<&Scenario::source>},
    {"note", take_text<&Scenario::note>},   {"machine", nullptr, &machine_level, open_machine},
    {"cores", nullptr, &cores_level},       {"steps", nullptr, &steps_level},
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

constexpr Level scenario_level{false, "a scenario", find_key<scenario_keys>, close_scenario,
                               "an object"};

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
