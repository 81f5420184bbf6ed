// Every source that the code and its tables name is in docs/sources.md.
#include <icebp/model/rules/checks.h>
#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/testbench/program/profiles/listing.h>
#include <icebp/testbench/program/profiles/msr_fields.h>
#include <icebp/testbench/program/profiles/source_grade.h>
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/docs/regex.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

namespace icebp::test {
namespace {

using Matches = std::sregex_iterator;

const std::string& page(const std::string& path) {
  for (const TextFile& file : text_files())
    if (file.path == path)
      return file.text;
  static const std::string none;
  return none;
}

// The first column of each table that has `name` above it, and the second one if that is `in
// prose`; a cell may have several, separated by commas.
std::set<std::string> listed_names() {
  std::set<std::string> names;
  std::istringstream lines(page("docs/sources.md"));
  std::string line;
  bool has_names = false;
  bool has_prose = false;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 2) {
      has_names = false;
    } else if (cells[0] == "name") {
      has_names = true;
      has_prose = cells[1] == "in prose";
    } else if (has_names) {
      for (const std::string& name : split(cells[0], ','))
        names.insert(name);
      if (has_prose)
        for (const std::string& name : split(cells[1], ','))
          names.insert(name);
    }
  }
  names.erase("");
  names.erase("---");
  return names;
}

// True if `text` is a listed name or begins with one: `SDM vol. 3 17.2.4`, `VB: ...`.
bool begins_with_a_name(const std::string& text) {
  static const std::set<std::string> names = listed_names();
  for (const std::string& name : names)
    if (text.compare(0, name.size(), name) == 0 &&
        (text.size() == name.size() ||
         !std::isalnum(static_cast<unsigned char>(text[name.size()]))))
      return true;
  return false;
}

// "VB i7-6700K, i7-3960X, SDM 10.12, 10.5": each part is a source, or a section of the one before.
void expect_listed(const std::string& sources, char separator, const std::string& where) {
  for (const std::string& source : split(sources, separator))
    EXPECT_TRUE(begins_with_a_name(source) || std::isdigit(static_cast<unsigned char>(source[0])))
        << where << ": \"" << source << "\" is not in docs/sources.md";
}

// `SDM vol. 3 6.8.3`, `LE: 80386 manual`, `later AMD UNVERIFIED`, `docs/debug-unit.md 5.5`.
bool is_citation(const std::string& part) {
  static const std::string unverified = "UNVERIFIED";
  const std::size_t colon = part.rfind(": ");
  return begins_with_a_name(colon == std::string::npos ? part : part.substr(colon + 2)) ||
         part.rfind("docs/", 0) == 0 ||
         (part.size() >= unverified.size() &&
          part.compare(part.size() - unverified.size(), std::string::npos, unverified) == 0);
}

TEST(Sources, Are_listed) {
  EXPECT_GT(listed_names().size(), 40u);
  EXPECT_TRUE(begins_with_a_name("SDM vol. 3 17.2.4"));
  EXPECT_FALSE(begins_with_a_name("SDMX vol. 3"));
  EXPECT_FALSE(begins_with_a_name("lkml 2026-06-13"));
}

TEST(Sources, Of_the_msrs_of_every_profile) {
  std::size_t rows = 0;
  for (const CpuProfile& profile : cpu_profiles) {
    std::ostringstream out;
    list_msrs(profile, "", true, out);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line); ++rows) {
      const nlohmann::json msr = nlohmann::json::parse(line);
      std::string source = msr.at("source");
      source.erase(std::min(source.find(':'), source.size())); // a note behind the source
      expect_listed(source, ',',
                    std::string(profile.name) + " " + msr.at("name").get<std::string>());
    }
  }
  EXPECT_GT(rows, 1000u);
}

TEST(Sources, Of_the_fields_of_msrs) {
  for (const MsrFields& fields : msr_fields)
    expect_listed(std::string(fields.source), ',', std::string(fields.fields.begin()->name));
}

// The lists of "Grades of registers" are the table of the program; every register's source has a
// grade.
TEST(Sources, Of_the_msrs_are_graded) {
  std::set<std::string> told, graded;
  std::istringstream lines(page("docs/sources.md"));
  for (std::string line; std::getline(lines, line);)
    if (const std::vector<std::string> cells = cells_of(line); cells.size() == 2)
      if (const std::string& grade = cells[0]; value_of<Grade>(grade))
        for (const std::string& name : split(cells[1], ','))
          told.insert(grade + ' ' + name);
  for (const GradedSource& source : graded_sources)
    graded.insert(std::string(name_of(source.grade)) + ' ' + std::string(source.name));
  EXPECT_EQ(told, graded);
  for (const CpuProfile& profile : cpu_profiles)
    for (const ResolvedMsr& msr : MsrTable(profile))
      EXPECT_NE(grade_of(msr.source), Grade::unverified) << profile.name << ' ' << msr.name;
}

TEST(Sources, Of_the_table_that_the_msrs_are_compared_with) {
  std::istringstream lines(page("testbench/oracle/msr-table.csv"));
  std::string line;
  std::getline(lines, line);
  ASSERT_EQ(split(line, ',').at(11), "source");
  std::size_t rows = 0;
  for (; std::getline(lines, line); ++rows) {
    const std::vector<std::string> cells = split(line, ',');
    // Notes may have commas in quotes; from behind, the source is the fourth.
    expect_listed(cells.at(cells.size() - 4), ';', cells[0] + " " + cells[1]);
  }
  EXPECT_GT(rows, 150u);
}

TEST(Sources, Of_the_checks_and_the_authorities) {
  std::size_t sources = 0;
  for (const char* profile : {"intel-max", "amd-max"}) {
    const CpuModel cpu(*find_cpu_profile(profile));
    for (const OperationRow& row : operation_rows) {
      const CheckList checks = checks_of(cpu, row.operation);
      for (std::size_t n = 0; n < checks.size(); ++n, ++sources)
        expect_listed(std::string(checks[n].source), ';', std::string(row.name));
    }
  }
  EXPECT_GT(sources, 200u);
  for (const Authority* authority : {&intel_hardware, &amd_hardware, &intel_manuals})
    expect_listed(std::string(authority->evidence), ';', std::string(authority->name));
}

// What stands before a volume, a commit, a C file of others or a manual is the name of a source,
// and so is each part of a parenthesis that cites one.
TEST(Sources, Of_the_comments) {
  static const std::regex cited("([A-Za-z0-9][A-Za-z0-9 -]*?) (?:vol\\. [1-4]|commit [0-9a-f]{8,}|"
                                "[a-z0-9_]+\\.cc?\\b|manual\\b)");
  static const std::regex mail("lkml [0-9]{4}-[0-9]{2}-[0-9]{2}");
  static const std::regex parenthesis("\\(([^()]*)\\)");
  std::size_t citations = 0;
  for (const TextFile& file : text_files()) {
    if (file.path.rfind("model/", 0) != 0 && file.path.rfind("tlm/", 0) != 0)
      continue;
    for (const std::string& comment : comments_of(file.text)) {
      for (Matches at(comment.begin(), comment.end(), mail), end; at != end; ++at, ++citations)
        EXPECT_TRUE(begins_with_a_name(at->str())) << file.path << ": " << comment;
      for (Matches at(comment.begin(), comment.end(), cited), end; at != end; ++at, ++citations) {
        // The name is the last word or the last two or three before the place.
        const std::vector<std::string> words = split((*at)[1].str(), ' ');
        bool is_listed = begins_with_a_name(at->str());
        for (std::size_t first = 0; first < words.size() && !is_listed; ++first) {
          std::string name;
          for (std::size_t n = first; n < words.size(); ++n)
            name += (n == first ? "" : " ") + words[n];
          is_listed = begins_with_a_name(name);
        }
        EXPECT_TRUE(is_listed) << file.path << ": " << at->str() << ": " << comment;
      }
      for (Matches at(comment.begin(), comment.end(), parenthesis), end; at != end; ++at) {
        const std::vector<std::string> parts = split((*at)[1].str(), ';');
        if (!begins_with_a_name(parts[0]))
          continue;
        ++citations;
        for (const std::string& part : parts)
          EXPECT_TRUE(is_citation(part)) << file.path << ": \"" << part << "\": " << comment;
      }
    }
  }
  EXPECT_GT(citations, 60u);
}

} // namespace
} // namespace icebp::test
