#include <icebp/testbench/tests/program/cli/cli.h>

namespace icebp::test {
namespace {

TEST_F(Cli, RunIsWell) {
  const Ran ran = run_steps(one_int1);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.substr(0, 8), "A title\n");
  EXPECT_NE(ran.out.find("\ns.json: 1 as expected, 0 different, 0 without expectation\n"
                         "waves: s.vcd\n"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "work" / "s.vcd"));
}

// Cause and exception of each step, as a reader of the timeline finds them.
TEST_F(Cli, RunTellsWhatHappened) {
  const Ran ran = run_steps(R"({"code":"0f 30","gpr":{"rcx":"0x1d9"}},{"code":"f1"},
    {"event":"handler_returns"},{"code":"0f 32","gpr":{"rcx":"0x12345"}},
    {"event":"handler_returns"},{"code":"0f 21 c3","dr7":"0x2400"},
    {"event":"handler_returns"},{"code":"0f 21 c3","dr7":"0x2400","redirect_db":true},
    {"event":"firmware_resumes","verb":"skip"},
    {"event":"page_fault","address":"0xabc0","error_code":2})");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* row : {"wrmsr                  none                   -  ",
                          "int1                   int1                   #DB trap, payload 0  ",
                          "rdmsr                  msr_unknown            #GP(0) fault  ",
                          "mov rbx, dr0           general_detect         #DB fault, payload 2000  ",
                          "general_detect         #DB fault, payload 2000, to firmware ",
                          "page_fault             #PF(2) fault, payload abc0 "})
    EXPECT_NE(ran.out.find(row), std::string::npos) << row << '\n' << ran.out;
}

TEST_F(Cli, RunQuietly) {
  write("s.json", R"({"title":"A title","steps":[{"note":"A note","code":"f1"}]})");
  const Ran ran = icebp("run s.json --quiet --vcd w.vcd");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "\ns.json: 0 as expected, 0 different, 1 without expectation\n"
                     "waves: w.vcd\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "work" / "w.vcd"));
}

TEST_F(Cli, RunFindsADifference) {
  const Ran ran = run_steps(R"({"code":"f1","expect":{"rip":"0x1000"}})");
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.out.find("/steps/0 on core: rip: expected \"0x1000\", got \"0x1001\"\n"),
            std::string::npos);
}

TEST_F(Cli, RunOfNoFile) {
  expect_refusal(icebp("run nowhere.json"),
                 "nowhere.json: cannot be read: No such file or directory; name a scenario file");
}

TEST_F(Cli, RunOfAFolder) {
  expect_refusal(icebp("run ."), ".: is a folder; name a scenario file");
}

TEST_F(Cli, RunOfTextThatIsNoJson) {
  expect_refusal(run("{\n\"title\": \"\",\n}"),
                 "s.json: line 3, column 1: syntax error: no key in double quotes, but }");
}

TEST_F(Cli, RunOfAnUnknownKey) {
  expect_refusal(run(R"({"title":"","step":[]})"),
                 "s.json: line 1, /step: unknown key; title, source, note, machine, cores, steps, "
                 "$schema");
  expect_refusal(
      run_steps(R"({"event":"reset","cpl":0})"),
      "s.json: line 1, /steps/0/cpl: unknown key; event, verb, value, address, error_code, rf, "
      "id, note, on, expect, expect_on");
}

TEST_F(Cli, RunOfAWrongType) {
  expect_refusal(run_steps(R"({"code":"f1","cpl":"0"})"),
                 "s.json: line 1, /steps/0/cpl: \"0\" is not a privilege level; 0 to 3");
  expect_refusal(run(R"({"title":"","steps":{}})"),
                 "s.json: line 1, /steps: an object is not a list of steps");
}

TEST_F(Cli, RunTellsTheLineOfAnError) {
  expect_refusal(
      run("{\"title\":\"\",\n\"steps\":[\n{\"code\":\"f1\"},\n{\"code\":\"f1\",\n\"cpl\":5}]}"),
      "s.json: line 5, /steps/1/cpl: 5 is not a privilege level; 0 to 3");
}

TEST_F(Cli, RunOfBadHex) {
  expect_refusal(
      run_steps(R"({"code":"f1","gpr":{"rax":"0x1g"}})"),
      "s.json: line 1, /steps/0/gpr/rax: \"0x1g\" is not a 64-bit value; \"0x\" and 1 to 16 hex "
      "digits, or an integer from 0");
  expect_refusal(
      run_steps(R"({"code":"f"})"),
      "s.json: line 1, /steps/0/code: \"f\" has no byte at character 1; two hex digits a byte, "
      "blanks between bytes");
}

TEST_F(Cli, RunOfAnUnknownProfileOrFeature) {
  const auto core = [](const char* profile) {
    return std::string(R"({"title":"","machine":{"profile":")") + profile +
           R"("},"steps":[{"code":"f1"}]})";
  };
  expect_refusal(run(core("i486")),
                 std::string("s.json: line 1, /machine/profile: \"i486\" is not a profile; ") +
                     profiles);
  expect_refusal(run(core("amd-zen1,-tsx")),
                 std::string("s.json: line 1, /machine/profile: \"tsx\" is not a feature; ") +
                     features);
}

TEST_F(Cli, RunOfAContradiction) {
  expect_refusal(run(R"({"title":"","machine":{"svm":{}},"steps":[{"code":"f1"}]})"),
                 "s.json: line 1, /machine/svm: not on a CPU of this vendor; vmx");
  expect_run_error(run_steps(R"({"code":"f1"},{"code":"f1","mode":"v86","cpl":0})"),
                   "s.json: line 1, /steps/1/cpl: contradicts the mode; 0 in real, 3 in v86");
}

// The bitmap's byte for 174h is at 502Eh for reads; that for writes is not present.
TEST_F(Cli, RunOfUserMsrs) {
  write("s.json", R"({"title":"","machine":{"profile":"intel-max","cpl":3,"gpr":{"rdx":"0x174"},
    "msr":{"0x1c":"0x5001","0x174":"0x77"},"mem":{"0x502e":"10"}},"steps":[
    {"code":"f2 0f 38 f8 d0","expect":{"outcome":"retired","gpr":{"rax":"0x77"},"rip":"0x1005"}},
    {"code":"f3 0f 38 f8 d0","expect":{"vector":14,"error_code":0,"cr2":"0x582e","rip":"0x1005"}},
    {"event":"handler_returns"},
    {"code":"f3 0f 38 f8 d0","mem":{"0x582e":"10"},"gpr":{"rax":"0x78"},
     "expect":{"outcome":"retired","msr":{"0x174":"0x78"},"rip":"0x100a"}}]})");
  for (const char* timing : {"", " --loosely-timed"}) {
    const Ran ran = icebp(std::string("run s.json") + timing);
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_NE(ran.out.find("urdmsr rax, rdx"), std::string::npos);
    EXPECT_NE(ran.out.find("uwrmsr rdx, rax"), std::string::npos);
  }
}

TEST_F(Cli, RunOfNoInstruction) {
  expect_run_error(
      run_steps(R"({"code":"90"})"),
      "s.json: line 1, /steps/0/code: no instruction that is supported; exactly one of MOV to "
      "or from DR, RDMSR, WRMSR, WRMSRNS, RDMSRLIST, WRMSRLIST, URDMSR, UWRMSR, INT1");
}

TEST_F(Cli, RunOfAnotherInstruction) {
  EXPECT_EQ(
      run_steps(R"({"code":"90","does":{},"rflags":"0x102","expect":{"outcome":"trap"}})").status,
      0);
  EXPECT_NE(
      run_steps(R"({"code":"f1","does":{}})")
          .err.find("/steps/0/does: the model executes this instruction itself; leave it out"),
      std::string::npos);
  EXPECT_NE(
      run_steps(R"({"code":"9090","does":{}})").err.find("/steps/0/code: not one instruction"),
      std::string::npos);
  EXPECT_NE(run_steps(R"({"code":"f3aa","gpr":{"rcx":1000001},"does":{"repeats":true}})")
                .err.find("/steps/0/does/repeats: too many iterations in RCX; 0 to 1000000"),
            std::string::npos);
}

TEST_F(Cli, RunOfAReturnFromNoHandler) {
  expect_run_error(
      run_steps(R"({"event":"handler_returns"})"),
      "s.json: line 1, /steps/0/event: a handler is not running on core \"core\"; such an "
      "event follows the exception that it ends");
}

TEST_F(Cli, RunOfACompletedInt1) {
  expect_run_error(run_steps(R"({"code":"f1","redirect_db":true},
                   {"event":"firmware_resumes","verb":"complete","value":0})"),
                   "s.json: line 2, /steps/1: the core refused it; \"complete\" ends a MOV DR "
                   "only, the other verbs "
                   "anything");
}

// --- the wave file: refused before anything is played

TEST_F(Cli, WavesInNoFolder) {
  write("s.json", R"({"title":"","steps":[{"code":"f1"}]})");
  expect_refusal(icebp("run s.json --vcd nowhere/w.vcd"),
                 "nowhere/w.vcd: cannot be written: No such file or directory; name a file "
                 "in a folder that exists and can be written");
}

TEST_F(Cli, WavesNamingAFolder) {
  write("s.json", R"({"title":"","steps":[{"code":"f1"}]})");
  expect_refusal(icebp("run s.json --vcd ."), ".: is a folder; name a file for the waves");
}

TEST_F(Cli, WavesThatCannotBeWritten) {
  write("s.json", R"({"title":"","steps":[{"code":"f1"}]})");
  const std::string name = "s.json/w.vcd";
  expect_refusal(icebp("run s.json --vcd " + name),
                 name + ": cannot be written: Not a directory; name a file in a "
                        "folder that exists and can be written");
}

TEST_F(Cli, WavesOfBeforeStayAfterAnError) {
  write("s.vcd", "as it was");
  write("s.json", R"({"title":"","steps":[{"code":"f1"},{"code":"90"}]})");
  EXPECT_EQ(icebp("run s.json").status, 2);
  EXPECT_EQ(read_whole(folder_ / "work" / "s.vcd"), "as it was");
}

} // namespace
} // namespace icebp::test
