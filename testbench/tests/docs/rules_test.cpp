// docs/rules.md leads from every cause to a rule, a source, a test and a scenario that are there.
#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/testbench/tests/docs/docs_text.h>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace icebp::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A Markdown link.
struct Link {
  std::string text;
  fs::path target;
};

Link link_of(const std::string& cell) {
  const std::size_t middle = cell.find("](");
  if (cell.empty() || cell.front() != '[' || cell.back() != ')' || middle == std::string::npos)
    return {};
  return {cell.substr(1, middle - 1),
          root() / "docs" / cell.substr(middle + 2, cell.size() - middle - 3)};
}

// The rows behind the table's head and rule.
std::vector<std::vector<std::string>> rows() {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(text_of(root() / "docs/rules.md"), '\n'))
    if (std::vector<std::string> cells = cells_of(line); cells.size() == 6)
      rows.push_back(std::move(cells));
  if (rows.size() > 2)
    rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

TEST(Rules, Have_a_row_for_each_cause) {
  std::vector<std::string> causes;
  for (const auto& [cause, name] : name_table<Cause>)
    if (cause != Cause::none)
      causes.push_back('`' + std::string(name) + '`');
  std::vector<std::string> told;
  for (const auto& row : rows())
    told.push_back(row[0]);
  EXPECT_EQ(told, causes);
}

TEST(Rules, Name_a_rule_that_speaks_of_the_cause) {
  for (const auto& row : rows()) {
    const Link rule = link_of(row[2]);
    const std::string cause = row[0].substr(1, row[0].size() - 2);
    EXPECT_EQ(rule.target.filename().string(), rule.text);
    EXPECT_NE(text_of(rule.target).find("Cause::" + cause), std::string::npos) << row[2];
  }
}

// The first two columns of the tables of docs/sources.md, which may hold several names.
std::set<std::string> names_of_sources() {
  std::set<std::string> names;
  for (const std::string& line : split(text_of(root() / "docs/sources.md"), '\n'))
    if (const std::vector<std::string> cells = cells_of(line); cells.size() > 1)
      for (const std::string& cell : {cells[0], cells[1]})
        for (const std::string& name : split(cell, ','))
          names.insert(name);
  return names;
}

TEST(Rules, Name_sources_of_the_list) {
  const std::set<std::string> names = names_of_sources();
  for (const auto& row : rows())
    for (const std::string& source : split(row[3], ';')) {
      bool is_listed = false;
      for (std::size_t end = source.size(); end != std::string::npos && !is_listed;
           end = source.rfind(' ', end - 1)) // whole words of its beginning
        is_listed = names.count(source.substr(0, end)) == 1;
      EXPECT_TRUE(is_listed) << source;
    }
}

TEST(Rules, Name_a_test) {
  for (const auto& row : rows()) {
    const Link test = link_of(row[4]);
    const std::size_t dot = test.text.find('.');
    ASSERT_NE(dot, std::string::npos) << row[4];
    const std::string head =
        "TEST(" + test.text.substr(0, dot) + ", " + test.text.substr(dot + 1) + ")";
    EXPECT_NE(text_of(test.target).find(head), std::string::npos) << head;
  }
}

TEST(Rules, Name_a_scenario_that_meets_the_cause_and_has_waves) {
  for (const auto& row : rows()) {
    const Link scenario = link_of(row[5]);
    const std::string cause = row[0].substr(1, row[0].size() - 2);
    EXPECT_EQ(scenario.target.stem().string(), scenario.text);
    EXPECT_NE(text_of(scenario.target).find("\"cause\": \"" + cause + '"'), std::string::npos)
        << cause << " in " << scenario.text;
    EXPECT_TRUE(fs::exists(root() / "traces" / (scenario.text + ".gtkw"))) << scenario.text;
  }
}

} // namespace
} // namespace icebp::test
