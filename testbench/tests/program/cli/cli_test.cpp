#include <icebp/testbench/tests/program/cli/cli.h>

namespace icebp::test {
namespace {

const std::string legal_options = "; --profile P, --vcd FILE, --quiet, --loosely-timed, --filter "
                                  "REGEX, --json, --help, --version";

TEST_F(Cli, Help) {
  const Ran ran = icebp("--help");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  for (const char* word : {"icebp run", "icebp check", "--profile", "--vcd", "--quiet"})
    EXPECT_NE(ran.out.find(word), std::string::npos) << word;
}

TEST_F(Cli, Version) {
  const Ran ran = icebp("--version");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.substr(0, 6), "icebp ");
  EXPECT_EQ(ran.out.find('\n'), ran.out.size() - 1);
}

TEST_F(Cli, NoCommand) {
  expect_refusal(icebp(""),
                 "no command is given; run, check, msrs or profiles; icebp --help tells more");
}

TEST_F(Cli, UnknownCommand) {
  expect_refusal(
      icebp("simulate x.json"),
      "\"simulate\" is not a command; run, check, msrs or profiles; icebp --help tells more");
}

TEST_F(Cli, UnknownOption) {
  expect_refusal(icebp("run s.json --vdc x.vcd"), "unrecognised option '--vdc'" + legal_options);
}

TEST_F(Cli, OptionWithoutItsValue) {
  expect_refusal(icebp("run s.json --vcd"),
                 "the required argument for option '--vcd' is missing" + legal_options);
}

TEST_F(Cli, OptionGivenTwice) {
  expect_refusal(icebp("run s.json --profile amd-zen1 --profile amd-zen5"),
                 "option '--profile' cannot be specified more than once" + legal_options);
}

TEST_F(Cli, RunTakesOneFile) {
  const std::string message = "run: takes one scenario file; icebp run SCENARIO.json";
  expect_refusal(icebp("run"), message);
  expect_refusal(icebp("run a.json b.json"), message);
}

TEST_F(Cli, OptionsOfTheOtherCommand) {
  for (const char* option : {"--vcd x.vcd", "--quiet"}) {
    const std::string name = std::string(option).substr(0, std::string(option).find(' '));
    expect_refusal(icebp(std::string("check - ") + option),
                   name + ": is an option of icebp run; leave it out");
  }
}

TEST_F(Cli, UnknownProfile) {
  write("s.json", R"({"title":"","steps":[{"code":"f1"}]})");
  for (const char* command : {"run s.json", "check -"})
    expect_refusal(icebp(std::string(command) + " --profile i486"),
                   std::string("--profile: \"i486\" is not a profile; ") + profiles);
}

TEST_F(Cli, UnknownFeature) {
  write("s.json", R"({"title":"","steps":[{"code":"f1"}]})");
  for (const char* command : {"run s.json", "check -"})
    expect_refusal(icebp(std::string(command) + " --profile amd-zen1,-tsx"),
                   std::string("--profile: \"tsx\" is not a feature; ") + features);
}

} // namespace
} // namespace icebp::test
