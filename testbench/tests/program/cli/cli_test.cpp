#include <icebp/testbench/tests/program/cli/cli.h>

namespace icebp::test {
namespace {

const std::string legal_options =
    "; --profile P, --vcd FILE, --no-vcd, --quiet, --loosely-timed, --json, --junit FILE, "
    "--color WHEN, --filter REGEX, --compare PROFILE, --rw-map MSR, --help, --version";

TEST_F(Cli, Help) {
  for (const char* arguments : {"--help", "-h", "help"}) {
    const Ran ran = icebp(arguments);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.err, "");
    for (const char* word : {"run ", "check ", "savefile ", "msrs ", "profiles ", "help "})
      EXPECT_NE(ran.out.find(word), std::string::npos) << word;
  }
}

// The options of a verb, and no others.
TEST_F(Cli, HelpOfAVerb) {
  struct Row {
    const char* verb;
    std::set<std::string> options;
  };
  for (const Row& row :
       {Row{"run",
            {"--profile", "--vcd", "--no-vcd", "--quiet", "--loosely-timed", "--json", "--junit",
             "--color", "--help"}},
        Row{"check", {"--profile", "--junit", "--help"}}, Row{"savefile", {"--help"}},
        Row{"msrs", {"--profile", "--json", "--filter", "--compare", "--rw-map", "--help"}},
        Row{"profiles", {"--profile", "--json", "--help"}}}) {
    const Ran ran = icebp(std::string("help ") + row.verb);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(icebp(std::string(row.verb) + " --help").out, ran.out);
    for (const char* option :
         {"--profile", "--vcd", "--no-vcd", "--quiet", "--loosely-timed", "--json", "--junit",
          "--color", "--filter", "--compare", "--rw-map", "--help"})
      EXPECT_EQ(ran.out.find(std::string(" ") + option + ' ') != std::string::npos,
                row.options.count(option) == 1)
          << row.verb << ' ' << option;
  }
  EXPECT_EQ(
      icebp("help chekc").err,
      "icebp: help: \"chekc\" is not a verb (did you mean check?); run, check, savefile, msrs, "
      "profiles, help\n");
}

TEST_F(Cli, Version) {
  for (const char* option : {"--version", "-V"}) {
    const Ran ran = icebp(option);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(ran.out.substr(0, 6), "icebp ");
    EXPECT_EQ(ran.out.find('\n'), ran.out.size() - 1);
  }
}

const std::string legal_verbs =
    "; run, check, savefile, msrs, profiles, help; icebp help tells more";

TEST_F(Cli, NoVerb) { expect_refusal(icebp(""), "no verb is given" + legal_verbs); }

TEST_F(Cli, UnknownVerb) {
  expect_refusal(icebp("simulate x.json"), "\"simulate\" is not a verb" + legal_verbs);
  expect_refusal(icebp("rnu x.json"), "\"rnu\" is not a verb (did you mean run?)" + legal_verbs);
}

TEST_F(Cli, UnknownOption) {
  expect_refusal(icebp("run s.json --vdc x.vcd"),
                 "unrecognised option '--vdc' (did you mean vcd?)" + legal_options);
  expect_refusal(icebp("run s.json --prof amd-zen1"),
                 "unrecognised option '--prof'" + legal_options);
}

TEST_F(Cli, OptionWithoutItsValue) {
  expect_refusal(icebp("run s.json --vcd"),
                 "the required argument for option '--vcd' is missing" + legal_options);
}

TEST_F(Cli, OptionGivenTwice) {
  expect_refusal(icebp("run s.json --profile amd-zen1 --profile amd-zen5"),
                 "option '--profile' cannot be specified more than once" + legal_options);
}

TEST_F(Cli, OptionsThatContradict) {
  expect_refusal(icebp("run s.json --vcd w.vcd --loosely-timed"),
                 "--vcd: loosely timed cores have no waves; leave out this or "
                 "--loosely-timed");
  expect_refusal(icebp("run s.json --vcd w.vcd --no-vcd"),
                 "--vcd: asks for waves; leave out this or --no-vcd");
}

TEST_F(Cli, RunTakesAFile) {
  expect_refusal(icebp("run"),
                 "run: takes one scenario or more; icebp run SCENARIO.json|FOLDER...");
}

TEST_F(Cli, ProfileWithoutEffect) {
  write("s.json", R"({"title":"","machine":{"profile":"amd-zen1"},"steps":[{"code":"f1"}]})");
  expect_refusal(icebp("run s.json --profile amd-zen5"),
                 "--profile: has no effect: every core names its own; leave it out, or take "
                 "\"profile\" out of a core of s.json");
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
