// Every page that a text of the repository points to is in the repository, with that section.
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/docs/regex.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp::test {
namespace {

namespace fs = std::filesystem;

using Matches = std::sregex_iterator;

bool is_code(const std::string& path) {
  return path.rfind("docs/", 0) != 0 && path.rfind("traces/", 0) != 0 &&
         path.find('/') != std::string::npos;
}

// As it stands from the root or from the file itself; tests also name a table of the oracle alone.
bool is_there(const TextFile& file, const std::string& page) {
  return fs::exists(root() / page) || fs::exists((root() / file.path).parent_path() / page) ||
         (file.path.rfind("testbench/", 0) == 0 &&
          fs::exists(root() / "testbench" / "oracle" / page));
}

std::set<std::string> sections_of(const std::string& page) {
  static const std::regex heading("(?:^|\n)#+ ([0-9]+(?:\\.[0-9]+)*)");
  std::set<std::string> sections;
  for (const TextFile& file : text_files())
    if (file.path == page)
      for (Matches at(file.text.begin(), file.text.end(), heading), end; at != end; ++at)
        sections.insert((*at)[1]);
  return sections;
}

TEST(Pages, Are_there) {
  static const std::regex page(
      "(?:^|[^A-Za-z0-9_./[-])/?([A-Za-z0-9_.-][A-Za-z0-9_./-]*\\.(?:md|csv))\\b");
  std::size_t pages = 0;
  for (const TextFile& file : text_files())
    for (Matches at(file.text.begin(), file.text.end(), page), end; at != end; ++at, ++pages)
      EXPECT_TRUE(is_there(file, (*at)[1])) << file.path << ": " << (*at)[1];
  EXPECT_GT(pages, 100u);
}

TEST(Pages, Links_lead_somewhere) {
  static const std::regex link("\\]\\(([^)#: ]+)(?:#[^)]*)?\\)");
  std::size_t links = 0;
  for (const TextFile& file : text_files()) {
    if (fs::path(file.path).extension() != ".md")
      continue;
    for (Matches at(file.text.begin(), file.text.end(), link), end; at != end; ++at, ++links)
      EXPECT_TRUE(fs::exists((root() / file.path).parent_path() / (*at)[1].str()))
          << file.path << ": " << (*at)[1];
  }
  EXPECT_GT(links, 20u);
}

TEST(Pages, Have_the_section) {
  static const std::string number = "[0-9]+(?:\\.[0-9]+)*";
  static const std::regex mention("(docs/[a-z-]+\\.md) (" + number + "(?:(?:, | and | to )" +
                                  number + ")*)");
  static const std::regex one(number);
  std::size_t mentions = 0;
  for (const TextFile& file : text_files()) {
    const std::string text = std::regex_replace(file.text, std::regex("\n *(?://|#)"), "");
    for (Matches at(text.begin(), text.end(), mention), end; at != end; ++at, ++mentions) {
      const std::set<std::string> sections = sections_of((*at)[1]);
      const std::string list = (*at)[2];
      for (Matches section(list.begin(), list.end(), one); section != end; ++section)
        EXPECT_TRUE(sections.count(section->str())) << file.path << ": " << at->str();
    }
  }
  EXPECT_GT(mentions, 50u);
}

// Pages are installed, and what runs in the source tree alone is not: they say where it is.
TEST(Pages, Say_where_the_scripts_are) {
  static const std::regex script(
      "\\./run\\b|\\./test\\b|mutants\\.sh|testbench/(?:bench|tools)/[a-z_]+(?:\\.sh)?[ `\n]");
  unsigned pages = 0;
  for (const TextFile& file : text_files()) {
    if (file.path.rfind("docs/", 0) != 0 || fs::path(file.path).extension() != ".md" ||
        !std::regex_search(file.text, script))
      continue;
    ++pages;
    EXPECT_NE(file.text.find("source tree"), std::string::npos) << file.path;
  }
  EXPECT_GT(pages, 3U);
}

// Names of papers that never were in the repository.
TEST(Pages, No_paper_outside_is_named) {
  static const std::regex paper("\\bseeds? 0[0-9]{2}\\b|\\b[Ss]ource docu"
                                "ment\\b|\\bspec/|\\bfact she"
                                "et\\b");
  for (const TextFile& file : text_files()) {
    std::smatch found;
    EXPECT_FALSE(std::regex_search(file.text, found, paper)) << file.path << ": " << found.str();
  }
}

// Code cites a page by its path from the root: whoever reads it opens it.
TEST(Pages, Of_docs_are_cited_with_their_folder) {
  static const std::regex bare("[^a-zA-Z0-9/_-](?:debug-unit|msr-block|vectors|sources|"
                               "open-points|profiles|scenarios|glossary)\\.md");
  for (const TextFile& file : text_files()) {
    if (!is_code(file.path))
      continue;
    std::smatch found;
    EXPECT_FALSE(std::regex_search(file.text, found, bare)) << file.path << ": " << found.str();
  }
}

} // namespace
} // namespace icebp::test
