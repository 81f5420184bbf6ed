// Every example of docs/vectors.md, docs/scenarios.md and docs/profiles.md, put to the program: it
// says what stands below the example.
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/program/cli/cli.h>
#include <icebp/testbench/tests/program/formats/formats.h>

#include <set>
#include <sstream>

namespace icebp::test {
namespace {

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  std::ifstream in(root() / page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const bool is_fence = line.rfind("```", 0) == 0;
    if (is_fence && !inside)
      blocks.push_back({line.substr(3), ""});
    else if (inside && !is_fence)
      blocks.back().text += line + '\n';
    inside ^= is_fence;
  }
  return blocks;
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(json::parse(line));
  return lines;
}

// Without blank lines at both ends.
std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of('\n');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of('\n') + 1 - begin);
}

bool is_whole(const std::string& text) { return json::accept(text); }

class Examples : public Cli {
protected:
  void play(const std::string& page) {
    for (const Block& block : blocks_of(page)) {
      if (block.language == "text")
        expect_said(block.text);
      else if (block.language == "json" && is_answers(block.text))
        expect_answers(block.text);
      else if (block.language == "json")
        put(block.text);
    }
    EXPECT_FALSE(waits_) << example_;
  }

  std::size_t examples_ = 0;
  std::set<std::string> exit_reasons_; // of VMX, in answers
  std::set<std::string> exit_codes_;   // of SVM

private:
  static bool is_answers(const std::string& text) {
    if (is_whole(text) && json::parse(text).is_object() && text.find('\n') + 1 != text.size())
      return false; // on several lines
    const json first = lines_of(text).at(0);
    return first.contains("outcome") || first.contains("error");
  }

  // Runs an example; what it says is compared with the block behind it.
  void put(const std::string& text) {
    EXPECT_FALSE(waits_) << example_;
    example_ = text;
    waits_ = true;
    ++examples_;
    const json whole = is_whole(text) ? json::parse(text) : json();
    if (whole.contains("steps"))
      put_scenario();
    else if (whole.contains("from"))
      put_profile();
    else
      put_lines();
  }

  void put_lines() {
    write("vectors.jsonl", example_);
    ran_ = icebp("check vectors.jsonl");
    said_ = ran_.err;
    if (ran_.status != 2) {
      for (const json& line : lines_of(example_))
        EXPECT_EQ(refusal_by_schema(Format::vector, line.dump()), "");
    }
    for (const json& answer : lines_of(ran_.out)) {
      const json exit = answer.value("exit", json());
      if (exit.is_object() && exit.contains("reason"))
        exit_reasons_.insert(exit.at("reason"));
      else if (exit.is_object())
        exit_codes_.insert(exit.at("code"));
    }
  }

  void put_scenario() {
    write("scenario.json", example_);
    ran_ = icebp("run --no-vcd scenario.json");
    said_ = ran_.status == 2 ? ran_.err : ran_.out;
    EXPECT_NE(ran_.status, 1) << ran_.out;
    EXPECT_EQ(refusal_by_schema(Format::scenario, example_).empty(), ran_.status == 0) << example_;
  }

  // The file stays for the examples behind it.
  void put_profile() {
    const std::string file = json::parse(example_).at("name").get<std::string>() + ".json";
    write(file, example_);
    ran_ = icebp("profiles --profile " + file);
    said_ = ran_.status == 2 ? ran_.err : ran_.out;
    EXPECT_EQ(refusal_by_schema(Format::profile, example_), "") << example_;
  }

  void expect_answers(const std::string& text) {
    EXPECT_TRUE(waits_);
    EXPECT_EQ(lines_of(text), lines_of(ran_.out));
  }

  // Its first lines, its last ones, or all of them.
  void expect_said(const std::string& text) {
    EXPECT_TRUE(waits_) << text;
    const std::string told = '\n' + trimmed(text) + '\n';
    const std::string said = '\n' + trimmed(said_) + '\n';
    const bool is_said = said.compare(0, told.size(), told) == 0 ||
                         (said.size() > told.size() &&
                          said.compare(said.size() - told.size(), told.size(), told) == 0);
    EXPECT_TRUE(is_said && told != "\n\n") << example_ << "\nsays\n" << said << "\nnot\n" << told;
    waits_ = false;
  }

  std::string example_;
  Ran ran_;
  std::string said_;
  bool waits_ = false; // no block has told yet what the example says
};

// The first column of the table that is headed so.
std::set<std::string> first_column(const std::string& heading) {
  std::set<std::string> cells;
  std::ifstream in(root() / "docs/vectors.md");
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> row = cells_of(line);
    inside = !row.empty() && (inside || (row[0] == heading && row[1] == "exit"));
    if (inside && row[0] != heading && row[0] != "---")
      cells.insert(row[0]);
  }
  return cells;
}

std::uint64_t number(std::string text) { // 1Dh
  if (!text.empty() && text.back() == 'h')
    text.pop_back();
  return std::stoull(text, nullptr, 16);
}

TEST_F(Examples, Of_vectors) {
  play("docs/vectors.md");
  EXPECT_GE(examples_, 5u);
  // Each exit of the tables has its example.
  std::set<std::uint64_t> told;
  std::set<std::uint64_t> seen;
  for (const std::string& cell : first_column("`reason`"))
    told.insert(number(cell));
  for (const std::string& reason : exit_reasons_)
    seen.insert(std::stoull(reason, nullptr, 16));
  EXPECT_EQ(told, seen);
  EXPECT_EQ(told.size(), 10u);
  for (const std::string& cell : first_column("`code`")) {
    const std::uint64_t first = number(cell.substr(0, cell.find(' ')));
    const std::uint64_t last = number(cell.substr(cell.rfind(' ') + 1));
    bool is_seen = false;
    for (const std::string& code : exit_codes_) {
      const std::uint64_t value = std::stoull(code, nullptr, 16);
      is_seen |= first <= value && value <= last;
    }
    EXPECT_TRUE(is_seen) << cell;
  }
}

TEST_F(Examples, Of_scenarios) {
  play("docs/scenarios.md");
  EXPECT_GE(examples_, 4u);
}

TEST_F(Examples, Of_profiles) {
  play("docs/profiles.md");
  EXPECT_GE(examples_, 3u);
}

} // namespace
} // namespace icebp::test
