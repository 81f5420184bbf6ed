#include <icebp/testbench/tests/rules/oracles/csv_oracle.h>

#include <fstream>
#include <stdexcept>

namespace icebp::test {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line)
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else if (c != '\r')
      cells.back() += c;
  return cells;
}

} // namespace

std::vector<CsvRecord> read_csv(const std::string& name) {
  std::ifstream file(std::string(ICEBP_ORACLE_DIR) + "/" + name);
  std::string line;
  if (!std::getline(file, line))
    throw std::runtime_error(name + ": cannot be read");
  const std::vector<std::string> columns = cells_of(line);
  std::vector<CsvRecord> records;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = cells_of(line);
    CsvRecord& record = records.emplace_back();
    for (std::size_t n = 0; n < columns.size() && n < cells.size(); ++n)
      record[columns[n]] = cells[n];
  }
  return records;
}

std::uint64_t hex_cell(const std::string& cell) {
  return cell.empty() ? 0 : std::stoull(cell, nullptr, 16);
}

} // namespace icebp::test
