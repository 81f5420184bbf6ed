// The keys of a scenario's steps.

#include <icebp/testbench/program/scenario/scenario_keys.h>

namespace icebp {
namespace {

// --- the cores of a step

constexpr Key on_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                       in.target<CoresOfStep>().on->emplace_back(
                           in.text_of(scalar, "a core", "a core's name"));
                     }};
constexpr Level on_level{true, "a list of cores", R"(["core"])",
                         find_in_list<on_key, max_scenario_cores>, close_list<max_scenario_cores>};

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

constexpr Level expect_on_level{false, "an object of expectations by core",
                                R"({"core": {"outcome": "retired"}})", find_expect_on};

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
    {"overflowed",
     [](JsonEvents& in, const Scalar& s) { around(in).step().overflowed = in.value64(s); }},
};
constexpr ForeignKey foreign_to_steps[] = {
    {"profile", "a core keeps its profile"}, {"apic_id", no_place}, {"bsp", no_place}};

constexpr std::string_view keys_of_code[] = {"does", "note", "on", "expect_on"};
constexpr std::string_view keys_of_events[] = {"event",      "verb", "value",      "address",
                                               "error_code", "rf",   "overflowed", "id",
                                               "note",       "on",   "expect",     "expect_on"};

std::string legal_step_keys(bool of_event) {
  return of_event ? joined(keys_of_events)
                  : names_with_line_keys<foreign_to_steps>(joined(keys_of_code));
}

const Key& find_step_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  if (const Key* key = find_own_or_line_key<step_keys, foreign_to_steps>(in, name, entry))
    return *key;
  const ScenarioStep& step = around(in).step();
  const bool is_either = !step.event && step.line.code.empty(); // so far
  in.fail_unknown(name, "unknown key",
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
    {"overflowed", [](const ScenarioStep& step) { return step.event == ScenarioEvent::pmi; }, "pmi",
     [] { return std::string("the bits of the global status"); }, true},
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

constexpr Level step_level{false, "a step", R"({"code": "f1"})", find_step_key, close_step};

constexpr Key step_key{{}, nullptr, &step_level, [](JsonEvents& in) -> Target {
                         Reading& reading = in.target<Reading>();
                         reading.cores_of_steps.emplace_back();
                         return reading.scenario.steps.emplace_back().line;
                       }};

} // namespace

const Level steps_level{true, "a list of steps", R"([{"code": "f1"}])",
                        find_in_list<step_key, max_scenario_steps>, close_list<max_scenario_steps>};

} // namespace icebp
