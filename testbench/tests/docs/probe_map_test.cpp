// docs/embedding.md shows the map of the probe port as it is.
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/tlm/probe_map.h>

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace icebp::test {
namespace {

// 180, 1_0000_0000.
std::string offset_of(const ProbeRow& row) {
  std::ostringstream digits;
  digits << std::hex << std::uppercase << row.offset;
  std::string text = digits.str();
  text.insert(0, text.size() < 3 ? 3 - text.size() : 0, '0');
  for (std::size_t at = text.size(); at > 4; at -= 4)
    text.insert(at - 4, "_");
  return text;
}

TEST(ProbeMap, IsInThePage) {
  std::vector<std::vector<std::string>> rows, shown;
  for (const ProbeRow& row : probe_rows)
    rows.push_back({offset_of(row), '`' + std::string(row.name) + '`', std::to_string(row.width),
                    std::string(name_of(row.access)), std::string(row.meaning)});
  for (const TextFile& file : text_files())
    if (file.path == "docs/embedding.md")
      for (const std::string& line : split(file.text, '\n'))
        if (std::vector<std::string> cells = cells_of(line);
            cells.size() == 5 && cells[1].front() == '`')
          shown.push_back(std::move(cells));
  EXPECT_EQ(shown, rows);
}

} // namespace
} // namespace icebp::test
