// The keys of a scenario's cores, and of its one machine.

#include <icebp/testbench/program/scenario/scenario_keys.h>

namespace icebp {
namespace {

bool is_core_name(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
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
    {"id", no_place}, {"code", no_place}, {"expect", no_place}};

template <const auto& own>
const Key& find_core_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  if (const Key* key = find_own_or_line_key<own, foreign_to_cores>(in, name, entry))
    return *key;
  in.fail_unknown(name, "unknown key", names_with_line_keys<foreign_to_cores>(names_in(own)));
}

void close_core(JsonEvents& in, std::uint64_t seen) {
  if ((seen & 1) == 0)
    in.fail_inside("name", "missing", legal_core_name);
}

constexpr Level core_level{false, "a core", R"({"name": "core"})", find_core_key<core_keys>,
                           close_core};

constexpr Key core_key{{}, nullptr, &core_level, [](JsonEvents& in) -> Target {
                         Scenario& scenario = in.target<Reading>().scenario;
                         ScenarioCore& core = scenario.cores.emplace_back();
                         core.place = "/cores/" + std::to_string(in.entry());
                         return core.machine;
                       }};

} // namespace

const Level machine_level{false, "a machine", R"({"mode": "long"})", find_core_key<no_keys>};

const Level cores_level{true, "a list of cores", R"([{"name": "core"}])",
                        find_in_list<core_key, max_scenario_cores>, close_list<max_scenario_cores>};

} // namespace icebp
