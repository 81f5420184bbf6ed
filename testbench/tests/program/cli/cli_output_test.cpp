// Output is whole or it is not there, and what is lost is told.
#include <icebp/testbench/tests/program/cli/cli.h>

#include <sys/stat.h>

namespace icebp::test {
namespace {

using Files = std::set<std::string>;

class CliOutput : public Cli {
protected:
  void SetUp() override {
    Cli::SetUp();
    write("s.json", std::string(R"({"title":"A title","steps":[)") + one_int1 + "]}");
  }
  std::string text(const char* name) const { return read_whole(folder_ / "work" / name); }
  // Long enough that a signal comes in its midst.
  void write_a_long_scenario() const {
    std::string steps = R"({"code":"0f 23 f8"})";
    for (int n = 1; n < 60000; ++n)
      steps += R"(,{"code":"0f 23 f8"})";
    write("long.json", R"({"title":"","steps":[)" + steps + "]}");
  }
};

bool is_whole_vcd(const std::string& text) {
  const std::size_t last_line = text.rfind("\n#"); // a time
  return text.find("$dumpvars") < last_line && text.find('\n', last_line + 1) == text.size() - 1;
}

TEST_F(CliOutput, WavesIntoAPipe) {
  const Ran ran = shell("mkfifo pipe; cat pipe >copy & $icebp run s.json --vcd pipe; s=$?; wait\n"
                        "test -p pipe && exit $s");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(is_whole_vcd(text("copy")));
  EXPECT_NE(ran.out.find("waves: pipe\n"), std::string::npos);
}

TEST_F(CliOutput, WavesIntoAProcess) {
  const Ran ran = shell("$icebp run s.json --vcd >(cat >copy); s=$?; wait $!; exit $s");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(is_whole_vcd(text("copy")));
}

TEST_F(CliOutput, WavesOfADevice) {
  EXPECT_EQ(icebp("run s.json --vcd /dev/null").status, 0);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_EQ(files(), Files({"s.json"}));
  const Ran full = icebp("run s.json --vcd /dev/full");
  EXPECT_EQ(full.status, 2);
  EXPECT_EQ(full.err, "icebp: /dev/full: cannot be written: No space left on device\n");
}

TEST_F(CliOutput, WavesOnStandardOutput) {
  for (const char* name : {"-", "/dev/stdout", "/dev/fd/1"}) {
    const Ran ran = icebp(std::string("run s.json --vcd ") + name);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.out.substr(0, 5), "$date");
    EXPECT_TRUE(is_whole_vcd(ran.out));
    EXPECT_EQ(ran.err.substr(0, 8), "A title\n");
    EXPECT_EQ(files(), Files({"s.json"}));
  }
}

// The file that another program has open is written, none is put in its place.
TEST_F(CliOutput, WavesIntoADescriptor) {
  const Ran ran = shell(": >copy; ln copy twin; $icebp run s.json --vcd /dev/fd/3 3>copy");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(is_whole_vcd(text("twin")));
}

TEST_F(CliOutput, WavesAndAnswersOnStandardOutput) {
  expect_refusal(icebp("run s.json --vcd - --json"),
                 "--vcd: - and --json both want standard output; a file for one of them");
}

// The link stays, and what it leads to is the file.
TEST_F(CliOutput, WavesThroughALink) {
  write("there.vcd", "as it was");
  const Ran ran =
      shell("ln -s there.vcd link.vcd; ln -s new.vcd dangling.vcd\n"
            "$icebp run s.json --vcd link.vcd && $icebp run s.json --vcd dangling.vcd &&\n"
            "test -L link.vcd && test -L dangling.vcd");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(is_whole_vcd(text("there.vcd")));
  EXPECT_TRUE(is_whole_vcd(text("new.vcd")));
}

TEST_F(CliOutput, WavesIntoAFolder) {
  const Ran ran = shell("mkdir waves; $icebp run s.json --vcd waves --quiet");
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(is_whole_vcd(text("waves/s.vcd")));
}

TEST_F(CliOutput, NoWaves) {
  const Ran ran = icebp("run s.json --no-vcd");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out.find("waves:"), std::string::npos);
  EXPECT_EQ(files(), Files({"s.json"}));
}

TEST_F(CliOutput, OutputOverAnInput) {
  const std::string before = text("s.json");
  std::filesystem::create_hard_link(folder_ / "work" / "s.json", folder_ / "work" / "twin.json");
  std::filesystem::create_symlink("s.json", folder_ / "work" / "link.json");
  for (const char* name : {"s.json", "./s.json", "twin.json", "link.json"})
    for (const char* option :
         {"run s.json --vcd ", "run s.json --no-vcd --junit ", "check s.json --junit "}) {
      const Ran ran = icebp(std::string(option) + name);
      EXPECT_EQ(ran.status, 2) << option << name;
      EXPECT_EQ(ran.err, std::string("icebp: ") + name +
                             ": is an input of the same run; name another file\n");
    }
  write("cpu.json", R"({"name":"mine","from":"amd-zen1"})");
  EXPECT_EQ(icebp("run s.json --profile cpu.json --vcd cpu.json").err,
            "icebp: cpu.json: is an input of the same run; name another file\n");
  EXPECT_EQ(text("s.json"), before);
}

TEST_F(CliOutput, AFileKeepsItsMode) {
  write("w.vcd", "as it was");
  std::filesystem::permissions(folder_ / "work" / "w.vcd", std::filesystem::perms(0600));
  EXPECT_EQ(
      shell("umask 022; $icebp run s.json --vcd w.vcd; $icebp run s.json --vcd new.vcd").status, 0);
  EXPECT_EQ(std::filesystem::status(folder_ / "work" / "w.vcd").permissions(),
            std::filesystem::perms(0600));
  EXPECT_EQ(std::filesystem::status(folder_ / "work" / "new.vcd").permissions(),
            std::filesystem::perms(0644));
}

TEST_F(CliOutput, AFileThatMayNotBeWritten) {
  if (geteuid() == 0)
    GTEST_SKIP() << "root may write it";
  write("w.vcd", "as it was");
  std::filesystem::permissions(folder_ / "work" / "w.vcd", std::filesystem::perms(0400));
  EXPECT_EQ(icebp("run s.json --vcd w.vcd").status, 2);
  EXPECT_EQ(text("w.vcd"), "as it was");
}

// A limit of 512 bytes a file stands for a disk that fills up.
TEST_F(CliOutput, WavesThatDoNotFit) {
  write("w.vcd", "as it was");
  const Ran ran = shell("trap '' XFSZ; ulimit -f 1; $icebp run s.json --quiet --vcd w.vcd");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "icebp: w.vcd: cannot be written: File too large\n");
  EXPECT_EQ(text("w.vcd"), "as it was");
  EXPECT_EQ(files(), Files({"s.json", "w.vcd"}));
}

TEST_F(CliOutput, StandardOutputThatIsFull) {
  write("v.jsonl", "{\"id\":1,\"code\":\"f1\"}\n");
  for (const char* verb :
       {"run s.json --no-vcd", "run s.json s.json --no-vcd", "run s.json --no-vcd --json",
        "run s.json --vcd -", "check v.jsonl", "msrs", "msrs --json", "profiles",
        "profiles --profile amd-zen1", "help", "--help", "run --help", "--version"}) {
    const Ran ran = shell(std::string("$icebp ") + verb + " >/dev/full");
    EXPECT_EQ(ran.status, 2) << verb;
    EXPECT_NE(ran.err.find("cannot be written"), std::string::npos) << verb << ": " << ran.err;
  }
}

// Nothing is left where it was written, nor where pipes are made.
TEST_F(CliOutput, ASignalLeavesNothing) {
  write_a_long_scenario();
  write("w.vcd", "as it was");
  for (const char* signal : {"INT", "TERM", "HUP"}) {
    const Ran ran =
        shell(std::string("export TMPDIR=$PWD; set -m\n") +
              "$icebp run long.json --quiet --vcd w.vcd &\n"
              "for i in $(seq 1000); do ls -A | grep -q '^.icebp' && break; sleep 0.01; done\n"
              "ls -A | grep -q '^.icebp' || echo 'too late'\n"
              "kill -" +
              signal + " $!; wait $!; test $? -gt 128");
    EXPECT_EQ(ran.status, 0) << signal;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(files(), Files({"long.json", "s.json", "w.vcd"})) << signal;
  }
  EXPECT_EQ(text("w.vcd"), "as it was");
}

TEST_F(CliOutput, AClosedPipeLeavesNothing) {
  write_a_long_scenario();
  const Ran ran = shell("export TMPDIR=$PWD; $icebp run long.json | head -c 1 >/dev/null\n"
                        "exit ${PIPESTATUS[0]}");
  EXPECT_EQ(ran.status, 128 + SIGPIPE);
  EXPECT_EQ(files(), Files({"long.json", "s.json"}));
}

TEST_F(CliOutput, TwoRunsAtOnce) {
  const Ran ran = shell("for i in 1 2 3 4; do $icebp run s.json --quiet --vcd w.vcd & done\n"
                        "for job in $(jobs -p); do wait $job || exit 1; done");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(is_whole_vcd(text("w.vcd")));
  EXPECT_EQ(files(), Files({".surfer", "icebp.filters", "s.json", "w.gtkw", "w.sucl", "w.vcd"}));
}

// --- several scenarios

TEST_F(CliOutput, AFolderOfScenarios) {
  const Ran ran = shell("mkdir all; cp s.json all/a.json; cp s.json all/c.json\n"
                        "sed s/0x1001/0x1000/ s.json >all/b.json; $icebp run all --quiet");
  EXPECT_EQ(ran.status, 1);
  EXPECT_LT(ran.out.find("all/a.json: 1 as"), ran.out.find("all/b.json: 0 as"));
  EXPECT_LT(ran.out.find("all/b.json: 0 as"), ran.out.find("all/c.json: 1 as"));
  EXPECT_NE(ran.out.find("\n3 scenarios: 2 as expected, 1 different\ndifferent: all/b.json\n"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(files(), Files({".surfer", "a.gtkw", "a.sucl", "a.vcd", "all", "b.gtkw", "b.sucl",
                            "b.vcd", "c.gtkw", "c.sucl", "c.vcd", "icebp.filters", "s.json"}));
}

TEST_F(CliOutput, ABadScenarioAmongOthersStopsAll) {
  write("t.json", R"({"title":"","steps":[{"code":"90"}]})");
  const Ran ran = icebp("run s.json t.json");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err.substr(0, 37), "icebp: t.json: line 1, step 1, /code:");
  EXPECT_EQ(files(), Files({"s.json", "t.json"}));
}

TEST_F(CliOutput, ScenariosThatWouldShareTheirWaves) {
  const Ran ran = shell("mkdir other; cp s.json other; $icebp run s.json other");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "icebp: other/s.json: s.vcd would get the waves of s.json too; play them one "
                     "by one, or with --no-vcd\n");
  EXPECT_EQ(icebp("run s.json s.json --vcd w.vcd").err,
            "icebp: --vcd: w.vcd would get the waves of 2 scenarios; name a folder, or --no-vcd\n");
  write("w", "a file");
  EXPECT_EQ(icebp("run s.json s.json --vcd w").err,
            "icebp: --vcd: w would get the waves of 2 scenarios; name a folder, or --no-vcd\n");
}

TEST_F(CliOutput, AFolderForTheWavesIsMade) {
  const Ran ran = shell(
      "mkdir one two; cp s.json one; cp s.json two/s.json; cp s.json two/t.json\n"
      "$icebp run s.json --quiet --vcd slash/ && $icebp run one --quiet --vcd folder &&\n"
      "$icebp run two --quiet --vcd both && $icebp run s.json two/t.json --quiet --vcd words &&\n"
      "$icebp run one --quiet --vcd file.vcd && $icebp run s.json --quiet --vcd file");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* waves : {"slash/s.vcd", "folder/s.vcd", "both/s.vcd", "both/t.vcd",
                            "words/s.vcd", "words/t.vcd", "file.vcd", "file"})
    EXPECT_TRUE(is_whole_vcd(text(waves))) << waves;
}

TEST_F(CliOutput, AFolderWithoutWavesIsNotLeftBehind) {
  const Files before = files();
  EXPECT_EQ(icebp("run s.json --vcd no/such/").err,
            "icebp: no/such/: the folder cannot be made: No such file or directory; name one in a "
            "folder that exists and can be written\n");
  EXPECT_EQ(icebp("run s.json none.json --vcd new/").status, 2);
  EXPECT_EQ(icebp("run s.json --vcd new/ --junit s.json").status, 2);
  EXPECT_EQ(shell("trap '' XFSZ; ulimit -f 1; $icebp run s.json --quiet --vcd new/").status, 2);
  EXPECT_EQ(files(), before);
}

TEST_F(CliOutput, AFolderWithoutScenarios) {
  EXPECT_EQ(shell("mkdir empty; $icebp run empty").err,
            "icebp: empty: has no *.json file; name a scenario file, or a folder of some\n");
}

// --- answers and JUnit

TEST_F(CliOutput, AnswersAreThoseOfCheck) {
  write("v.jsonl", R"({"id":1,"code":"f1"})"
                   "\n");
  const Ran run = icebp("run s.json --json --no-vcd");
  const std::string answer = icebp("check v.jsonl").out;
  const std::string until_cycles = answer.substr(1, answer.find(",\"cycles\"") - 1);
  EXPECT_EQ(run.out.substr(0, 15 + until_cycles.size()), R"({"core":"core",)" + until_cycles);
  EXPECT_EQ(run.out.find('\n'), run.out.size() - 1);
  EXPECT_EQ(run.err, "\ns.json: 1 as expected, 0 different, 0 without expectation\n");
}

TEST_F(CliOutput, JUnitOfRun) {
  write("t.json", R"({"title":"","steps":[{"code":"f1","expect":{"rip":"0x1000"}},
{"event":"handler_returns"}]})");
  const Ran ran = icebp("run s.json t.json --no-vcd --quiet --junit r.xml");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(text("r.xml"),
            R"x(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="s.json" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="s.json" name="line 1, step 1 on core: int1"/>
  </testsuite>
  <testsuite name="t.json" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="t.json" name="line 1, step 1 on core: int1"><failure message="t.json: line 1, step 1 on core: rip: expected &quot;0x1000&quot;, got &quot;0x1001&quot;"/></testcase>
    <testcase classname="t.json" name="line 2, step 2 on core: (handler_returns)"><skipped message="nothing is expected"/></testcase>
  </testsuite>
</testsuites>
)x");
}

TEST_F(CliOutput, JUnitOfCheck) {
  write("v.jsonl", R"({"id":"<1>","code":"f1","expect":{"rip":"0x1001"}}
{"id":2,"code":"f1","expect":{"rip":"0x1000"}}

{"id":3,"code":"f1"}
{"id":4,"cod":"f1"}
)");
  EXPECT_EQ(icebp("check v.jsonl --junit r.xml").status, 2);
  const std::string expected = R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="v.jsonl" tests="4" failures="1" errors="1" skipped="1">
    <testcase classname="v.jsonl" name="line 1: id &quot;&lt;1>&quot;"/>
    <testcase classname="v.jsonl" name="line 2: id 2"><failure message="v.jsonl:2: id 2: rip: expected &quot;0x1000&quot;, got &quot;0x1001&quot;"/></testcase>
    <testcase classname="v.jsonl" name="line 4: id 3"><skipped message="nothing is expected"/></testcase>
    <testcase classname="v.jsonl" name="line 5: id 4"><error message=)";
  EXPECT_EQ(text("r.xml").substr(0, expected.size()), expected);
}

// --- the timeline

TEST_F(CliOutput, ColorOnlyWhereAsked) {
  EXPECT_EQ(icebp("run s.json --no-vcd").out.find('\033'), std::string::npos);
  EXPECT_NE(icebp("run s.json --no-vcd --color always").out.find("\033["), std::string::npos);
  EXPECT_EQ(icebp("run s.json --no-vcd --color some").err,
            "icebp: --color: \"some\" is not known; auto, always, never\n");
}

} // namespace
} // namespace icebp::test
