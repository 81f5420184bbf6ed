#pragma once
// A decision table: CSV with a header line; `-` in a cell means any value, `a|b` one of two. The
// first row whose input cells all match decides.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace icebp::test {

class DecisionTable {
public:
  // An input column and the values that it can have.
  struct Input {
    std::string column;
    std::vector<std::string> values;
  };
  using Row = std::map<std::string, std::string>;

  // Throws if there is no such table, or if a cell names a value that its input cannot have.
  DecisionTable(const std::string& path, const std::vector<Input>& inputs) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    const std::vector<std::string> columns = split(line, ',');
    while (std::getline(file, line)) {
      const std::vector<std::string> cells = split(line, ',');
      if (cells.size() != columns.size())
        throw std::runtime_error(path + ": a line of the wrong length: " + line);
      Row row;
      for (std::size_t n = 0; n < cells.size(); ++n)
        row[columns[n]] = cells[n];
      std::vector<std::uint32_t> matching;
      for (const Input& input : inputs)
        matching.push_back(values_matching(row.at(input.column), input));
      rows_.push_back(row);
      matching_.push_back(matching);
    }
    if (rows_.empty())
      throw std::runtime_error(path + ": no rows");
  }

  const std::vector<Row>& rows() const { return rows_; }

  // The number of the row that decides, or `rows().size()`. `values`: one place in `Input::values`
  // for each input, in the order of the inputs.
  template <typename Values>
  std::size_t first_match(const Values& values) const {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      bool matches = true;
      for (std::size_t input = 0; input < matching_[row].size() && matches; ++input)
        matches = (matching_[row][input] >> values[input] & 1) != 0;
      if (matches)
        return row;
    }
    return rows_.size();
  }

private:
  static std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
      parts.push_back(part);
    return parts;
  }

  static std::uint32_t values_matching(const std::string& cell, const Input& input) {
    if (cell == "-")
      return ~std::uint32_t{0};
    std::uint32_t matching = 0;
    for (const std::string& alternative : split(cell, '|')) {
      std::uint32_t bit = 0;
      for (std::size_t n = 0; n < input.values.size(); ++n)
        if (input.values[n] == alternative)
          bit = std::uint32_t{1} << n;
      if (bit == 0)
        throw std::runtime_error(input.column + " is never " + alternative);
      matching |= bit;
    }
    return matching;
  }

  std::vector<Row> rows_;
  std::vector<std::vector<std::uint32_t>> matching_; // by row and input: a bit for each value
};

} // namespace icebp::test
