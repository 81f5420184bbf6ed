#include <icebp/testbench/tests/program/program_test.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace icebp {
namespace {

struct Checked {
  int status;
  std::string out;
  std::string err;
};

Checked check_files(const std::vector<std::string>& files, const std::string& input = {},
                    const char* profile = "intel-skylake") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const int status = check({files, find_cpu_profile(profile), ""}, profiles(), in, out, err);
  return {status, out.str(), err.str()};
}

Checked check_text(const std::string& input) { return check_files({"-"}, input); }

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// A file that goes away with the test.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string& text) : name_(testing::TempDir() + "check_test.jsonl") {
    std::ofstream(name_) << text;
  }
  ~TemporaryFile() { std::remove(name_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& name() const { return name_; }

private:
  std::string name_;
};

TEST(Check, AllWell) {
  const Checked result = check_text(R"({"id":1,"code":"f1","expect":{"vector":1}})"
                                    "\n\n  \t\r\n"
                                    R"({"id":2,"code":"f1"})"
                                    "\r\n");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(count_lines(result.out), 2u);
  EXPECT_EQ(result.err, "2 lines, 1 matched, 0 different, 1 without expectation, 0 in error\n");
}

TEST(Check, NothingAtAll) {
  const Checked result = check_text("");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "icebp: -: has no vector; a JSON object a line\n"
                        "0 lines, 0 matched, 0 different, 0 without expectation, 0 in error\n");
}

TEST(Check, ADifference) {
  const Checked result =
      check_text("\n"
                 R"({"id":"a\"b","code":"f1","expect":{"vector":13,"rip":"0x1000"}})");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "-:2: id \"a\\\"b\": vector: expected 13, got 1\n"
                        "-:2: id \"a\\\"b\": rip: expected \"0x1000\", got \"0x1001\"\n"
                        "1 lines, 0 matched, 1 different, 0 without expectation, 0 in error\n");
}

TEST(Check, AnErrorStopsNoOtherLine) {
  const Checked result = check_text(R"({"id":1,"code":"f1","cpl":5})"
                                    "\n"
                                    R"({"id":2,"code":"f1","expect":{"vector":6}})"
                                    "\n"
                                    R"({"id":3,"code":"f1","expect":{"vector":1}})");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(count_lines(result.out), 3u);
  EXPECT_EQ(result.out.substr(0, result.out.find('\n')),
            R"({"id":1,"error":"/cpl: 5 is not a privilege level; 0 to 3"})");
  EXPECT_EQ(result.err, "-:1: /cpl: 5 is not a privilege level; 0 to 3\n"
                        "-:2: id 2: vector: expected 6, got 1\n"
                        "3 lines, 1 matched, 1 different, 0 without expectation, 1 in error\n");
}

TEST(Check, FindsTheIdOfALineInError) {
  const auto id = [](const std::string& text) {
    return nlohmann::json::parse(check_text(text).out)["id"];
  };
  EXPECT_EQ(id(R"({"cpl":5,"code":"f1","id":"late"})"), "late");
  EXPECT_EQ(id(R"({"cpl":5,"code":"f1","id":-3})"), -3);
  EXPECT_EQ(id(R"({"id":7,"code":"f1")"), 7);
  EXPECT_EQ(id(R"({"cpl":5,"id":{}})"), nullptr);
  EXPECT_EQ(id(R"({"cpl":5})"), nullptr);
  EXPECT_EQ(id("rubbish"), nullptr);
  EXPECT_EQ(id(R"({"cpl":5,"x":[{"id":1}],"id":2})"), 2);
  EXPECT_EQ(id(R"({"cpl":5,"id":1})" + std::string("\0", 1)), nullptr);
  EXPECT_EQ(id(R"({"cpl":5,"id":1,"x":)" + std::string(1000000, '[')), nullptr);
  EXPECT_EQ(id("\"\xFF\""), nullptr);
}

TEST(Check, ErrorsOfEveryStageAreReported) {
  const Checked result = check_text(R"({"id":1,"code":"f1","efer":0})"
                                    "\n"
                                    R"({"id":2,"code":"90"})"
                                    "\n{\n");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err.substr(0, 39), "-:1: /efer: EFER.LMA contradicts the mo");
  EXPECT_NE(result.err.find("-:2: /code: no instruction that is supported"), std::string::npos);
  EXPECT_NE(result.err.find("-:3: column 2: syntax error"), std::string::npos);
  EXPECT_NE(result.err.find("3 lines, 0 matched, 0 different, 0 without expectation, 3 in error"),
            std::string::npos);
}

TEST(Check, FilesAndStandardInput) {
  const TemporaryFile file(R"({"id":"file","code":"f1","expect":{"vector":2}})");
  const Checked result = check_files({file.name(), "-"}, R"({"id":"in","code":"f1"})");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, file.name() + ":1: id \"file\": vector: expected 2, got 1\n" +
                            "2 lines, 0 matched, 1 different, 1 without expectation, 0 in error\n");
}

TEST(Check, AFileThatCannotBeRead) {
  const Checked result = check_files({"/nowhere/x.jsonl", "-"}, R"({"id":1,"code":"f1"})");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(count_lines(result.out), 1u);
  EXPECT_EQ(result.err, "icebp: /nowhere/x.jsonl: cannot be read: No such file or directory; name "
                        "a file of vectors, or - for standard input\n"
                        "1 lines, 0 matched, 0 different, 1 without expectation, 0 in error\n");
  EXPECT_EQ(check_files({"/"}).status, 2);
  EXPECT_EQ(check_files({"/"}).err.substr(0, 39), "icebp: /: cannot be read: Is a director");
}

TEST(Check, AnOutputThatCannotBeWritten) {
  std::istringstream in(R"({"id":1,"code":"f1"})");
  std::ostream out(nullptr);
  std::ostringstream err;
  EXPECT_EQ(check({{"-"}, nullptr, ""}, profiles(), in, out, err), 2);
  EXPECT_EQ(err.str().substr(0, 39), "icebp: the answers cannot be written\n1 ");
}

TEST(Check, TheLinesProfileBeatsTheDefault) {
  const std::string amd = R"("code":"0f 23 c0","cpl":3,"dr7":"0x2400","expect":{"vector":13}})";
  EXPECT_EQ(check_files({"-"}, R"({"id":1,)" + amd, "amd-zen1").status, 0);
  EXPECT_EQ(check_files({"-"}, R"({"id":1,)" + amd, "intel-skylake").status, 1);
  EXPECT_EQ(check_files({"-"}, R"({"id":1,"profile":"amd-zen1",)" + amd, "intel-skylake").status,
            0);
}

TEST(Check, AnEmptyExpectationMatches) {
  EXPECT_EQ(check_text(R"({"id":1,"code":"f1","expect":{}})").err,
            "1 lines, 1 matched, 0 different, 0 without expectation, 0 in error\n");
}

TEST(Check, MakesAModelOncePerProfile) {
  Profiles profiles;
  const CpuProfile& intel = *find_cpu_profile("intel-skylake");
  EXPECT_EQ(profiles.model_of(intel), profiles.model_of(intel));
  EXPECT_NE(profiles.model_of(intel), profiles.model_of(*find_cpu_profile("amd-zen1")));
}

// The lock of x2APIC mode (Linux b8d1d163604b) as lines, by name and by index.
TEST(Check, TheLockOfX2apicMode) {
  const std::string head = R"({"profile":"intel-emerald-rapids","code":"0f 30","gpr":)"
                           R"({"rcx":"0x1b","rax":"0xfee00100"},"id":)";
  const std::string locked =
      R"(1,"msr":{"IA32_APIC_BASE":"0xfee00d00","IA32_XAPIC_DISABLE_STATUS":1},"expect":)"
      R"({"vector":13,"error_code":0,"cause":"msr_locked","msr":{"0x1b":"0xfee00d00"}}})";
  const std::string open = R"(2,"msr":{"0x1b":"0xfee00d00","0xbd":0},"expect":)"
                           R"({"vector":null,"msr":{"0x1b":"0xfee00100"}}})";
  const Checked checked = check_text(head + locked + '\n' + head + open + '\n');
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_EQ(count_lines(checked.out), 2u) << checked.out;
}

} // namespace
} // namespace icebp
