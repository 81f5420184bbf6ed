#include <icebp/testbench/tests/program/cli/cli.h>

namespace icebp::test {
namespace {

TEST_F(Cli, CheckTakesAFile) {
  expect_refusal(icebp("check"),
                 "check: takes one file or more; icebp check FILE..., - for standard input");
}

TEST_F(Cli, CheckIsWell) {
  write("v.jsonl", R"({"id":1,"code":"f1","expect":{"vector":1}})"
                   "\n");
  const Ran ran = icebp("check v.jsonl --profile intel-skylake,-rtm");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out.substr(0, 25), R"({"id":1,"outcome":"trap",)");
  EXPECT_EQ(ran.err, "1 lines, 1 matched, 0 different, 0 without expectation, 0 in error\n");
}

TEST_F(Cli, CheckFindsADifference) {
  const Ran ran = check_with(R"("expect":{"rip":"0x1000"})");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "v.jsonl:1: id 7: rip: expected \"0x1000\", got \"0x1001\"\n"
                     "1 lines, 0 matched, 1 different, 0 without expectation, 0 in error\n");
}

TEST_F(Cli, CheckTellsTheFileAndLineOfAnError) {
  const auto expect_error = [](const Ran& ran, const std::string& message) {
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.err.substr(0, ran.err.find('\n')), "v.jsonl:1: " + message);
  };
  expect_error(check_with(R"("cpl":5)"), "/cpl: 5 is not a privilege level; 0 to 3");
  expect_error(check_with(R"("dr6":"0xg")"),
               "/dr6: \"0xg\" is not a 64-bit value; \"0x\" and 1 to 16 hex digits, or an integer "
               "from 0");
  expect_error(check_with(R"("profile":"i486")"),
               std::string("/profile: \"i486\" is not a profile; ") + profiles);
  expect_error(check_with(R"("profile":"amd-zen1,-tsx")"),
               std::string("/profile: \"tsx\" is not a feature; ") + features);
  expect_error(check_with(R"("svm":{})"), "/svm: not on a CPU of this vendor; vmx");
  expect_error(check_with(R"("vmx":{"icebp":true})"),
               "/vmx/icebp: unknown key; mov_dr_exiting, exception_bitmap, use_msr_bitmaps, "
               "msr_read, msr_write");
}

TEST_F(Cli, CheckOfNoFile) {
  const Ran ran = icebp("check nowhere.jsonl");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err.substr(0, ran.err.find('\n')),
            "icebp: nowhere.jsonl: cannot be read: No such file or directory; name a file of "
            "vectors, or - for standard input");
}

// One line says what a file is, and the status that nothing was done.
TEST_F(Cli, CheckOfNoVectors) {
  const std::string nothing =
      "0 lines, 0 matched, 0 different, 0 without expectation, 0 in error\n";
  struct Row {
    std::string text;
    const char* message;
  };
  using namespace std::string_literals;
  for (const Row& row :
       {Row{"", "icebp: v: has no vector; a JSON object a line\n"},
        Row{"\n \t\r\n", "icebp: v: has no vector; a JSON object a line\n"},
        Row{"\x1f\x8b\x08\0\0more"s, "v:1: is compressed; gzip -dc FILE | icebp check -\n"},
        Row{"{\n  \"title\": \"\"\n}\n",
            "v:1: is one JSON text on many lines, not an object a line; "
            "icebp run plays scenarios\n"},
        Row{"\x7f"
            "ELF\2\1\1\0\0"s,
            "v:1: is no text from here on; vectors are a JSON object a "
            "line\n"}}) {
    write("v", row.text);
    const Ran ran = icebp("check v");
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, row.message + nothing);
  }
}

// A text that becomes something else.
TEST_F(Cli, CheckStopsWhereAFileIsNoText) {
  write("v", "{\"id\":1,\"code\":\"f1\"}\n\1\2\3\n{\"id\":2,\"code\":\"f1\"}\n");
  const Ran ran = icebp("check v");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "v:2: is no text from here on; vectors are a JSON object a line\n"
                     "1 lines, 0 matched, 0 different, 1 without expectation, 0 in error\n");
}

TEST_F(Cli, CheckWithAProfileWithoutEffect) {
  write("v", R"({"id":1,"code":"f1","profile":"amd-zen1"})");
  EXPECT_EQ(icebp("check v --profile amd-zen5").err.substr(0, 57),
            "icebp: --profile has no effect: every line names its own\n");
  write("v", R"({"id":1,"code":"f1"})");
  EXPECT_EQ(icebp("check v --profile amd-zen5").err.find("no effect"), std::string::npos);
}

TEST_F(Cli, CheckOfAFolder) {
  const Ran ran = icebp("check .");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(
      ran.err.substr(0, ran.err.find('\n')),
      "icebp: .: cannot be read: Is a directory; name a file of vectors, or - for standard input");
}

} // namespace
} // namespace icebp::test
