// The JSON schemas of docs/schema say what the readers do.
#include <icebp/model/rules/cpu/msr_row.h>
#include <icebp/model/rules/vocabulary/legal_names.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/vectors/vector_line.h>
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/program/formats/formats.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace icebp::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_in(const char* folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(root() / folder))
    files.push_back(entry.path());
  return files;
}

std::set<std::string> names_of_properties(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, schema] : object.at("properties").items())
    names.insert(name);
  return names;
}

// `visit(pointer, object)` for each object of a schema.
template <typename Visit>
void walk(const json& schema, const std::string& pointer, const Visit& visit) {
  if (schema.is_object())
    visit(pointer, schema);
  if (schema.is_structured())
    for (const auto& [name, inside] : schema.items())
      walk(inside, pointer + '/' + name, visit);
}

template <typename Visit>
void walk_schemas(const Visit& visit) {
  for (const Format format : {Format::vector, Format::scenario, Format::profile})
    walk(schema_of(format), "",
         [&](const std::string& pointer, const json& object) { visit(format, pointer, object); });
}

// --- every file of the repository

void expect_good(Format format, const std::string& text, const std::string& where) {
  EXPECT_EQ(refusal_by_schema(format, text), "") << where;
  EXPECT_EQ(refusal_by_reader(format, text), "") << where;
}

TEST(Schema, Takes_every_scenario) {
  const std::vector<fs::path> files = files_in("testbench/scenarios");
  EXPECT_GE(files.size(), 10u);
  for (const fs::path& file : files)
    expect_good(Format::scenario, text_of(file), file);
}

TEST(Schema, Takes_every_vector_of_the_oracle) {
  std::size_t lines = 0;
  for (const fs::path& file : files_in("testbench/oracle/vectors")) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line); ++lines)
      expect_good(Format::vector, line, file);
  }
  EXPECT_GT(lines, 1400u);
}

TEST(Schema, Takes_every_profile) {
  const std::vector<fs::path> files = files_in("testbench/profiles");
  EXPECT_GE(files.size(), 1u);
  for (const fs::path& file : files)
    expect_good(Format::profile, text_of(file), file);
}

// An editor takes the path from the file itself.
TEST(Schema, Is_named_by_every_scenario_and_profile) {
  for (const char* folder : {"testbench/scenarios", "testbench/profiles"})
    for (const fs::path& file : files_in(folder)) {
      const std::string schema = json::parse(text_of(file)).value("$schema", "none");
      EXPECT_TRUE(fs::equivalent(file.parent_path() / schema,
                                 root() / "docs/schema" /
                                     (folder == std::string("testbench/scenarios")
                                          ? "scenario.schema.json"
                                          : "profile.schema.json")))
          << file << ": " << schema;
    }
}

// --- keys

// "/gpr/no_such_key: unknown register; rax, rcx"
std::set<std::string> names_told(const std::string& message) {
  std::set<std::string> names;
  std::istringstream told(message.substr(message.rfind("; ") + 2));
  for (std::string name; std::getline(told >> std::ws, name, ',');)
    names.insert(name);
  return names;
}

TEST(Schema, Has_the_keys_of_the_reader) {
  std::set<std::pair<Format, std::string_view>> done;
  for (const Place& place : places) {
    if (!done.emplace(place.format, place.schema).second)
      continue;
    const std::string message = refusal_by_reader(place.format, place.with("no_such_key", 0));
    EXPECT_NE(message.find("/no_such_key: unknown "), std::string::npos) << place << message;
    EXPECT_EQ(names_told(message), names_of_properties(place.object_schema())) << place;
    EXPECT_NE(refusal_by_schema(place.format, place.with("no_such_key", 0)), "") << place;
  }
}

TEST(Schema, Has_no_object_whose_keys_are_not_compared) {
  walk_schemas([](Format format, const std::string& pointer, const json& object) {
    if (!object.contains("properties") || !object.contains("additionalProperties"))
      return;
    bool is_compared = false;
    for (const Place& place : places)
      is_compared |= place.format == format && place.schema == pointer;
    EXPECT_TRUE(is_compared) << pointer;
  });
}

TEST(Schema, Tells_the_meaning_of_every_key) {
  std::size_t keys = 0;
  for (const Place& place : places)
    for (const auto& [name, key] : place.object_schema().at("properties").items()) {
      ++keys;
      const std::string other = key.value("$ref", "");
      const bool is_of_a_line = other.rfind("vector.schema.json#/properties/", 0) == 0;
      const bool is_a_register = value_of<Gpr>(name).has_value();
      EXPECT_TRUE(key.contains("description") || is_of_a_line || is_a_register) << place << name;
    }
  EXPECT_GT(keys, 200u);
}

// --- names

struct Names {
  Format format;
  const char* place; // of the enum
  std::string names;
};

const std::vector<Names>& enums() {
  static const std::string profile_names = names_in(cpu_profiles);
  static const std::vector<Names> all = {
      {Format::vector, "/properties/profile/anyOf/0", profile_names},
      {Format::vector, "/properties/mode", names_of<Mode>()},
      {Format::vector, "/properties/shadow", names_of<Shadow>()},
      {Format::vector, "/definitions/expect/properties/outcome", names_of<OutcomeKind>()},
      {Format::vector, "/definitions/expect/properties/cause", names_of<Cause>()},
      {Format::vector, "/definitions/expect/properties/cost", names_of<MsrCost>()},
      {Format::scenario, "/definitions/step/properties/event", names_of<ScenarioEvent>()},
      {Format::scenario, "/definitions/step/properties/verb", names_of<ResumeVerb>()},
      {Format::scenario, "/definitions/does/properties/ending", names_of<Ending>()},
      {Format::scenario, "/definitions/does/properties/branch", names_of<Branch>()},
      {Format::profile, "/properties/name/not", profile_names},
      {Format::profile, "/properties/from/anyOf/0", profile_names},
      {Format::profile, "/properties/mov_dr_ladder/items",
       "instruction_too_long, lock_prefix, rex_r, intercept, dr45_with_de, general_detect, cpl, "
       "reserved_upper_half"},
      {Format::profile, "/properties/quirks/properties/string_granularity",
       names_of<StringGranularity>()},
      {Format::profile, "/definitions/register/properties/access", names_of<MsrAccess>()},
      {Format::profile, "/definitions/register/properties/on_init", names_of<MsrInit>()},
  };
  return all;
}

std::string names_of_enum(const json& object) {
  std::string names;
  for (const json& name : object.at("enum"))
    append_name(names, name.get<std::string>());
  return names;
}

TEST(Schema, Has_the_names_of_the_tables) {
  for (const Names& names : enums())
    EXPECT_EQ(names_of_enum(schema_of(names.format).at(json::json_pointer(names.place))),
              names.names)
        << names.place;
}

// But for those by which one key asks for another: the values of that key are listed elsewhere.
TEST(Schema, Has_no_names_that_are_not_compared) {
  walk_schemas([](Format format, const std::string& pointer, const json& object) {
    if (!object.contains("enum") || pointer.find("/dependencies/") != std::string::npos ||
        pointer.rfind("/definitions/does/anyOf/", 0) == 0 ||
        pointer.rfind("/definitions/step/allOf/", 0) == 0)
      return;
    bool is_compared = false;
    for (const Names& names : enums())
      is_compared |= names.format == format && names.place == pointer;
    EXPECT_TRUE(is_compared) << pointer;
  });
}

// In patterns the names stand as (a|b|c).
std::string alternatives(const std::string& names) {
  std::string pattern = "(";
  for (const char c : names)
    if (c != ' ')
      pattern += c == ',' ? '|' : c;
  return pattern + ')';
}

TEST(Schema, Has_the_names_of_profiles_and_features_in_patterns) {
  const std::string cpus = alternatives(names_in(cpu_profiles));
  const std::string features = alternatives(names_of<Feature>());
  const json& profile = schema_of(Format::profile).at("properties");
  EXPECT_EQ(profile.at("features").at("items").at("pattern"), "^[+-]" + features + '$');
  EXPECT_EQ(profile.at("features").at("maxItems"), name_table<Feature>.size());
  EXPECT_EQ(profile.at("from").at("anyOf").at(1).at("pattern"),
            '^' + cpus + "(,[+-]" + features + ")*$");
  EXPECT_EQ(schema_of(Format::vector).at("/properties/profile/anyOf/1/pattern"_json_pointer),
            '^' + cpus.substr(0, cpus.size() - 1) + "|[^,]*\\.json)(,[+-]" + features + ")*$");
}

// --- values

// Numbers and texts on both sides of every border that a key has, and objects and lists of all
// kinds.
const std::vector<json>& probes() {
  static const std::vector<json> all = [] {
    std::vector<json> values;
    for (const char* text :
         {"null",
          "true",
          "false",
          "-1",
          "1.5",
          "18446744073709551616",
          "[]",
          "[0]",
          "[0,0,0]",
          "[0,0,0,0]",
          "[0,0,0,\"0x1g\"]",
          "[0,0,0,{\"value\":1}]",
          "[0,0,0,0,0]",
          R"(["core"])",
          R"(["Core"])",
          R"(["core","core"])",
          R"(["0xffffffff"])",
          R"(["0x100000000"])",
          R"(["+rtm","-nx"])",
          R"(["rtm"])",
          R"(["+tsx"])",
          R"(["-rtm","-rtm"])",
          R"([{"read":1,"size":1}])",
          R"([{"read":1,"io":1,"size":1}])",
          R"([{"size":1}])",
          R"([{"code":"f1"}])",
          R"([{"name":"a"},{"name":"b"}])",
          R"(["cpl","instruction_too_long","lock_prefix","rex_r","intercept","dr45_with_de",)"
          R"("general_detect","reserved_upper_half"])",
          R"(["cpl","instruction_too_long","lock_prefix","rex_r","intercept","dr45_with_de",)"
          R"("general_detect"])",
          R"(["cpl","cpl","lock_prefix","rex_r","intercept","dr45_with_de","general_detect",)"
          R"("reserved_upper_half"])",
          "{}",
          R"({"rax":"0x1"})",
          R"({"eax":"0x1"})",
          R"({"rax":{"value":1}})",
          R"({"rax":null})",
          R"({"0x174":0})",
          R"({"0x174":"f1"})",
          R"({"0x174":{"value":1}})",
          R"({"0xffffffff":0})",
          R"({"0x00000000ffffffff":0})",
          R"({"0x100000000":0})",
          R"({"0x100000000":"00 11"})",
          R"({"174":0})",
          R"({"174":"f1"})",
          R"({"0x00000000000000174":0})",
          R"({"value":1})",
          R"({"value":1,"mask":"0xf"})",
          R"({"value":null})",
          R"({"mask":1})",
          R"({"reason":null})",
          R"({"reason":{"value":1}})",
          R"({"reason":"x"})",
          R"({"core":{"dr6":0}})",
          R"({"core":{"dr6":null}})",
          R"({"Core":{}})",
          R"({"mov_dr_exiting":true})",
          R"({"icebp":true})",
          R"({"mca_banks":33})",
          R"({"mca_banks":32})",
          R"({"gd_sets_rf":true})",
          R"({"0x40000000":{"name":"A"}})",
          R"({"0x40000000":{}})",
          R"({"x":{"name":"A"}})"})
      values.push_back(json::parse(text));
    for (const std::uint64_t border : {0x0ull, 0x4ull, 0x8ull, 0xAull, 0x20ull, 0x34ull, 0xFFull,
                                       0x1000ull, 0xFFFFull, 0xFFFFFFFFull, ~0ull})
      for (const std::uint64_t value : {border - 1, border, border + 1}) {
        std::string hex;
        append_hex(hex, value);
        values.push_back(value);
        values.push_back(hex);
        values.push_back("0x" + std::string(18 - hex.size(), '0') + hex.substr(2));
      }
    values.push_back("0x00000000000000001"); // 17 digits
    for (const std::uint64_t payload : {0xFull, 0x10ull, 0x800ull, 0x400ull, 0x1000ull, 0x2000ull,
                                        0x4000ull, 0x8000ull, 0x1D80Full, 0x20000ull, 0x1080Full}) {
      std::string hex;
      append_hex(hex, payload);
      values.push_back(hex);
    }
    for (const char* text : {"",
                             " ",
                             "x",
                             "core",
                             "Core",
                             "a b",
                             "0x",
                             "0X1",
                             "0x1g",
                             "0x-1",
                             "1",
                             "f1",
                             "F1",
                             "f",
                             "f1 f",
                             "f1 f1",
                             " f1\tf1 ",
                             "f1,f1",
                             "0f23c0",
                             "MSR_1",
                             "MSR-1",
                             "intel-skylake,-rtm",
                             "intel-skylake,-rtm,+la57",
                             "intel-skylake,rtm",
                             "intel-skylake,-tsx",
                             "intel-skylake,",
                             "i486",
                             "file.json,"})
      values.push_back(text);
    values.push_back(std::string(64, 'a'));
    values.push_back(std::string(65, 'a'));
    for (const Names& names : enums())
      values.push_back(*names_told("; " + names.names).rbegin());
    const std::set<json> different(values.begin(), values.end());
    return std::vector<json>(different.begin(), different.end());
  }();
  return all;
}

// Where the reader refuses what no schema can tell.
bool only_the_reader_knows(const Place& place, const std::string& key, const json& value) {
  if (key == "pending" && value.is_number()) // which bits a number has
    return true;
  if (key == "on" && value.is_array() && value != json{"core"}) // which cores there are
    return true;
  if (value_of<Gpr>(key) && value == "MSR_1") // which names MSRs have
    return true;
  // A register that the CPU does not have is not new.
  return place.schema == "/definitions/register" && key == "access" && value == "absent";
}

// The probes, and the names that the key has.
std::vector<json> probes_of(const json& key) {
  std::vector<json> values = probes();
  for (const json& name : key.value("enum", json::array()))
    values.push_back(name);
  return values;
}

TEST(Schema, Takes_the_values_that_the_reader_takes) {
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (const Place& place : places)
    for (const auto& [key, schema] : place.object_schema().at("properties").items()) {
      const std::string mark = json("the value").dump();
      const std::string whole = place.with(key, "the value");
      for (const json& value : probes_of(schema)) {
        const std::string text =
            std::string(whole).replace(whole.find(mark), mark.size(), value.dump());
        const std::string by_reader = refusal_by_reader(place.format, text);
        const std::string by_schema = refusal_by_schema(place.format, text);
        ++(by_reader.empty() ? taken : refused);
        if (!only_the_reader_knows(place, key, value)) {
          EXPECT_EQ(by_reader.empty(), by_schema.empty())
              << text << "\nreader: " << by_reader << "\nschema: " << by_schema;
        }
      }
    }
  EXPECT_GT(taken, 10000u);
  EXPECT_GT(refused, 80000u);
}

} // namespace
} // namespace icebp::test
