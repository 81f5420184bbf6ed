#pragma once
// Reads a decision table: CSV with a header line; `-` in a cell means any value, `a|b` one of two.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace icebp::test {

using Row = std::map<std::string, std::string>;

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);)
    parts.push_back(part);
  return parts;
}

inline std::vector<Row> read_decision_table(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> columns = split(line, ',');
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line, ',');
    if (cells.size() != columns.size()) {
      ADD_FAILURE() << path << ": a line of " << cells.size() << " cells: " << line;
      continue;
    }
    Row row;
    for (std::size_t n = 0; n < cells.size(); ++n)
      row[columns[n]] = cells[n];
    rows.push_back(row);
  }
  EXPECT_FALSE(rows.empty()) << path << " has no rows";
  return rows;
}

inline bool cell_matches(const std::string& cell, const std::string& value) {
  if (cell == "-")
    return true;
  for (const std::string& alternative : split(cell, '|'))
    if (alternative == value)
      return true;
  return false;
}

// The number of the first row whose cells match every input, or `rows.size()`.
inline std::size_t first_match(const std::vector<Row>& rows, const Row& inputs) {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    bool matches = true;
    for (const auto& [column, value] : inputs)
      matches = matches && cell_matches(rows[n].at(column), value);
    if (matches)
      return n;
  }
  return rows.size();
}

} // namespace icebp::test
