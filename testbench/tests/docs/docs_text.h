#pragma once
// The texts of the repository, as the tests of its words read them.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace icebp::test {

struct TextFile {
  std::string path; // from the root
  std::string text;
};

std::filesystem::path root();

// Every text file that the repository holds below its folders, and those of the root itself.
const std::vector<TextFile>& text_files();

// The comments of C++ code, one after the other; lines of one comment are joined by a blank.
std::vector<std::string> comments_of(const std::string& code);

// `text` at each `separator`, without the blanks around the parts.
std::vector<std::string> split(std::string_view text, char separator);

// The cells of a line of a Markdown table; none if the line is not of a table.
std::vector<std::string> cells_of(std::string_view line);

} // namespace icebp::test
