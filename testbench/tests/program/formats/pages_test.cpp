// The tables of docs/vectors.md, docs/scenarios.md and docs/profiles.md have every key, name and
// default of the schemas, which the reader has too.
#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/program/formats/formats.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace icebp::test {
namespace {

struct Table {
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;

  // Empty if there is no such column.
  std::string cell(const std::vector<std::string>& row, std::string_view column) const {
    const auto at = std::find(heading.begin(), heading.end(), column);
    return at == heading.end() ? "" : row.at(static_cast<std::size_t>(at - heading.begin()));
  }
};

const std::string& page_text(const std::string& path) {
  for (const TextFile& file : text_files())
    if (file.path == path)
      return file.text;
  static const std::string none;
  return none;
}

// The table whose first column is headed so.
Table table_of(const std::string& page, const std::string& first_heading) {
  Table table;
  std::istringstream lines(page_text(page));
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.empty() && !table.rows.empty())
      break;
    if (!cells.empty() && cells[0] == first_heading)
      table.heading = cells;
    else if (!cells.empty() && !table.heading.empty() && cells[0] != "---")
      table.rows.push_back(cells);
  }
  EXPECT_FALSE(table.rows.empty()) << page << ": " << first_heading;
  return table;
}

// What stands in a text between backticks.
std::vector<std::string> names_in_cell(const std::string& cell) {
  std::vector<std::string> parts = split(cell, '`');
  std::vector<std::string> names;
  for (std::size_t n = 1; n < parts.size(); n += 2)
    names.push_back(parts[n]);
  return names;
}

std::set<std::string> keys_of(const Table& table) {
  std::set<std::string> keys;
  for (const auto& row : table.rows)
    for (const std::string& key : names_in_cell(row[0]))
      EXPECT_TRUE(keys.insert(key).second) << key << " stands twice";
  return keys;
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, schema] : object.at("properties").items())
    keys.insert(key);
  return keys;
}

const json& part_of(Format format, const std::string& pointer) {
  return schema_of(format).at(json::json_pointer(pointer));
}

// --- types

struct Reference {
  Format format;
  const json& schema;
};

// What `$ref` names.
Reference referenced(Format format, const std::string& reference) {
  const std::size_t hash = reference.find('#');
  const Format other = hash == 0 ? format : Format::vector;
  return {other, part_of(other, reference.substr(hash + 1))};
}

std::string range_of(const json& schema) {
  return std::to_string(schema.at("minimum").get<std::uint64_t>()) + " to " +
         std::to_string(schema.at("maximum").get<std::uint64_t>());
}

std::string enum_type(const json& schema) {
  const json& names = schema.at("enum");
  if (names.size() > 10)
    return "name";
  std::string type;
  for (const json& name : names)
    type += (type.empty() ? "`" : ", `") + name.get<std::string>() + '`';
  return type;
}

std::string type_of(Format format, const json& schema);

std::string type_of_definition(const std::string& name) {
  if (name == "value64")
    return "64 bits";
  if (name == "value32")
    return "32 bits";
  if (name == "value16")
    return "16 bits";
  if (name == "bytes" || name == "masked")
    return name;
  if (name == "assembly")
    return "text";
  if (name == "msr_name")
    return "name";
  return name == "masked_or_null" ? "masked or null" : "";
}

std::string type_of_choice(Format format, const json& choices) {
  if (choices.at(0).contains("minimum"))
    return range_of(choices.at(0));
  if (choices.at(0) == json{{"type", "null"}})
    return type_of(format, choices.at(1)) + " or null";
  if (choices.at(0).contains("$ref"))
    return type_of(format, choices.at(0)) + " or " + type_of(format, choices.at(1));
  return "string"; // with names for editors
}

std::string type_of_list(Format format, const json& schema) {
  const std::string item = type_of(format, schema.at("items"));
  if (schema.value("minItems", 0) == 4)
    return "four " + std::string(item == "masked" ? "" : "of ") + item;
  return item.find(" bits") == std::string::npos ? "list" : "list of " + item;
}

// As the pages say it.
std::string type_of(Format format, const json& schema) {
  const std::string reference = schema.value("$ref", "");
  if (const std::string type = type_of_definition(reference.substr(reference.rfind('/') + 1));
      !type.empty())
    return type;
  if (!reference.empty()) {
    const Reference other = referenced(format, reference);
    return type_of(other.format, other.schema);
  }
  if (schema.contains("enum"))
    return enum_type(schema);
  if (schema.contains("anyOf") && !schema.contains("type"))
    return type_of_choice(format, schema.at("anyOf"));
  const json& type = schema.at("type");
  if (type == json{"integer", "string"})
    return "integer or string";
  if (type == json{"integer", "null"})
    return range_of(schema) + " or null";
  if (type == "integer")
    return range_of(schema);
  if (type == "boolean")
    return "true or false";
  if (type == "array")
    return type_of_list(format, schema);
  return type;
}

// --- keys

struct KeyTable {
  const char* page;
  const char* heading;
  Format format;
  const char* object;
};

constexpr const char* vectors_page = "docs/vectors.md";
constexpr const char* scenarios_page = "docs/scenarios.md";
constexpr const char* profiles_page = "docs/profiles.md";

const KeyTable key_tables[] = {
    {vectors_page, "key", Format::vector, ""},
    {vectors_page, "key of `vmx`", Format::vector, "/definitions/vmx"},
    {vectors_page, "key of `svm`", Format::vector, "/definitions/svm"},
    {vectors_page, "key of `expect`", Format::vector, "/definitions/expect"},
    {vectors_page, "key of `exit`", Format::vector, "/definitions/expect/properties/exit/anyOf/1"},
    {vectors_page, "key of a masked value", Format::vector, "/definitions/value_and_mask"},
    {scenarios_page, "key of a scenario", Format::scenario, ""},
    {scenarios_page, "key of `does`", Format::scenario, "/definitions/does"},
    {scenarios_page, "key of an access", Format::scenario, "/definitions/access"},
    {profiles_page, "key of a profile", Format::profile, ""},
    {profiles_page, "key of `counts`", Format::profile, "/properties/counts"},
    {profiles_page, "key of `quirks`", Format::profile, "/properties/quirks"},
    {profiles_page, "key of a register", Format::profile, "/definitions/register"},
};

TEST(FormatPages, Have_every_key) {
  for (const KeyTable& keys : key_tables)
    EXPECT_EQ(keys_of(table_of(keys.page, keys.heading)),
              keys_of(part_of(keys.format, keys.object)))
        << keys.page << ": " << keys.heading;
}

std::set<std::string> operator+(std::set<std::string> all, const std::set<std::string>& more) {
  all.insert(more.begin(), more.end());
  return all;
}

// A core is a machine with a name; a step has keys of its own and those of a machine.
TEST(FormatPages, Have_every_key_of_machines_and_steps) {
  const std::set<std::string> of_a_machine = keys_of(table_of(scenarios_page, "key of a machine"));
  EXPECT_EQ(of_a_machine, keys_of(part_of(Format::scenario, "/properties/machine")));
  EXPECT_EQ(of_a_machine + keys_of(table_of(scenarios_page, "key of a core")),
            keys_of(part_of(Format::scenario, "/definitions/core")));
  std::set<std::string> of_a_step =
      of_a_machine + keys_of(table_of(scenarios_page, "key of a step"));
  for (const char* of_cores_only : {"profile", "apic_id", "bsp"})
    of_a_step.erase(of_cores_only);
  EXPECT_EQ(of_a_step, keys_of(part_of(Format::scenario, "/definitions/step")));
}

TEST(FormatPages, Have_every_key_of_an_answer) {
  EXPECT_EQ(keys_of(table_of(vectors_page, "key of an answer")),
            keys_of(part_of(Format::vector, "/definitions/expect")) +
                std::set<std::string>{"error"});
}

std::string without_blanks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

bool is_required(const json& object, const std::string& key) {
  const json required = object.value("required", json::array());
  return std::find(required.begin(), required.end(), key) != required.end();
}

void expect_type_and_default(const KeyTable& keys, const Table& table,
                             const std::vector<std::string>& row, const std::string& key) {
  const json& object = part_of(keys.format, keys.object);
  const json& schema = object.at("properties").at(key);
  const std::string where = std::string(keys.page) + ": " + keys.heading + ": " + key;
  const std::string type = key == "pending"
                               ? "bits B0 to B3, BLD 800h, BS 4000h, BT 8000h, RTM 10000h"
                               : type_of(keys.format, schema);
  EXPECT_EQ(table.cell(row, "type"), type) << where;
  if (table.cell(table.heading, "default").empty())
    return;
  const std::string told = table.cell(row, "default");
  EXPECT_EQ(told == "required", is_required(object, key)) << where;
  if (schema.contains("default")) {
    EXPECT_NE(without_blanks(told).find('`' + schema.at("default").dump() + '`'), std::string::npos)
        << where << ": " << told;
  }
}

void expect_types_and_defaults(const KeyTable& keys) {
  const Table table = table_of(keys.page, keys.heading);
  EXPECT_NE(table.cell(table.heading, "type"), "") << keys.page << ": " << keys.heading;
  for (const auto& row : table.rows)
    for (const std::string& key : names_in_cell(row[0]))
      expect_type_and_default(keys, table, row, key);
}

TEST(FormatPages, Have_the_type_and_the_default_of_every_key) {
  for (const KeyTable& keys : key_tables)
    expect_types_and_defaults(keys);
  expect_types_and_defaults(
      {scenarios_page, "key of a core", Format::scenario, "/definitions/core"});
  expect_types_and_defaults(
      {scenarios_page, "key of a step", Format::scenario, "/definitions/step"});
}

// --- names

TEST(FormatPages, Have_every_cause_in_the_order_of_the_table) {
  std::vector<std::string> causes;
  for (const auto& cause : name_table<Cause>)
    causes.emplace_back(cause.name);
  std::vector<std::string> told;
  const Table table = table_of(vectors_page, "cause");
  for (const auto& row : table.rows) {
    told.push_back(names_in_cell(row[0]).at(0));
    EXPECT_NE(table.cell(row, "because"), "") << row[0];
  }
  EXPECT_EQ(told, causes);
}

TEST(FormatPages, Have_every_profile) {
  std::set<std::string> names;
  for (const json& name : part_of(Format::vector, "/properties/profile/anyOf/0/enum"))
    names.insert(name);
  EXPECT_EQ(keys_of(table_of(profiles_page, "profile")), names);
}

} // namespace
} // namespace icebp::test
