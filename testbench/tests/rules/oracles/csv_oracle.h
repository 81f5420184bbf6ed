#pragma once
// Tables of testbench/oracle.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace icebp::test {

using CsvRecord = std::map<std::string, std::string>; // by the words of the first line

// Cells may be quoted. Throws std::runtime_error if the file cannot be read.
std::vector<CsvRecord> read_csv(const std::string& name);

// "0x..."; 0 of an empty cell.
std::uint64_t hex_cell(const std::string& cell);

} // namespace icebp::test
