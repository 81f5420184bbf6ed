// What a page shows of an example stands in the file that it names, which is compiled and run.
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/docs/regex.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

const TextFile* file_at(const std::string& path) {
  for (const TextFile& file : text_files())
    if (file.path == path)
      return &file;
  return nullptr;
}

// Without the blanks at the beginnings of lines.
std::string unindented(const std::string& code) {
  return std::regex_replace(code, std::regex("(^|\n) +"), "$1");
}

TEST(Examples, Are_shown_as_they_are) {
  static const std::regex block("```(?:cpp|c|python|systemverilog)\n([^`]*)```");
  static const std::regex name("testbench/examples/([a-z0-9_/]+\\.(?:cpp|c|py|sv))\\b");
  std::size_t blocks = 0;
  for (const char* path :
       {"README.md", "docs/embedding.md", "docs/c-interface.md", "docs/platforms.md"}) {
    const std::string& page = file_at(path)->text;
    for (std::sregex_iterator at(page.begin(), page.end(), block), end; at != end; ++at, ++blocks) {
      const std::string before = page.substr(0, static_cast<std::size_t>(at->position()));
      std::string example;
      for (std::sregex_iterator named(before.begin(), before.end(), name); named != end; ++named)
        example = named->str();
      ASSERT_NE(file_at(example), nullptr) << path;
      EXPECT_NE(unindented(file_at(example)->text).find(unindented((*at)[1])), std::string::npos)
          << path << " does not show " << example << " as it is:\n"
          << (*at)[1];
    }
  }
  EXPECT_GT(blocks, 16u);
}

} // namespace
} // namespace icebp::test
