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

// Outcome and cause of each step as a reader of the timeline finds them, what changed and what it
// cost. MSR 277h is IA32_PAT, 12345h none.
TEST_F(Cli, RunTellsWhatHappened) {
  const Ran ran = run_steps(R"({"code":"0f 30","gpr":{"rcx":"0x1d9","rax":3}},{"code":"f1"},
    {"event":"handler_returns"},{"code":"0f 32","gpr":{"rcx":"0x12345"}},
    {"event":"handler_returns"},{"code":"0f 21 c3","dr7":"0x2400"},
    {"event":"handler_returns"},{"code":"0f 21 c3","dr7":"0x2400","redirect_db":true},
    {"event":"firmware_resumes","verb":"skip"},
    {"event":"page_fault","address":"0xabc0","error_code":2},{"event":"handler_returns"},
    {"code":"0f 21 c3","dr":[5,0,0,0],"vmx":{"mov_dr_exiting":true}},
    {"code":"0f 21 c3","vmx":null},{"code":"0f 23 c8","gpr":{"rax":"0x77"}})");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* row :
       {"wrmsr               retired                           -  ", "rip=1002 IA32_DEBUGCTL=3; ",
        ", serializing_write\n", "int1                #DB trap, payload 0               int1  ",
        "rdmsr               #GP(0) fault                      msr_unknown  ",
        "mov rbx, dr0        #DB fault, payload 2000 BD        general_detect  ",
        "#DB fault, payload 2000 BD, to firmware  general_detect  ",
        "(page_fault)        #PF(2) fault, address abc0        page_fault  ", "CR2=abc0; ",
        "mov rbx, dr0        exit 29 DR_ACCESS, qualification 310  intercept  ", "rbx=5; ",
        "DR1=77; ", " cycles, serializing\n"})
    EXPECT_NE(ran.out.find(row), std::string::npos) << row << '\n' << ran.out;
}

// However long a name is, two blanks come behind it.
TEST_F(Cli, ColumnsOfTheTimelineNeverTouch) {
  const std::string name = "a_core_whose_name_is_longer_than_any_column_of_the_timeline";
  const Ran ran = run(R"({"title":"","cores":[{"name":")" + name + R"("}],"steps":[
    {"code":"f3 0f 38 f8 d0"},{"event":"handler_returns"},{"code":"0f 21 c3"}]})");
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("  " + name + "  uwrmsr rdx, rax     #UD fault  "), std::string::npos)
      << ran.out;
}

// In its place, and again at the end.
TEST_F(Cli, RunRepeatsDifferencesAtTheEnd) {
  const Ran ran = run_steps(R"({"code":"f1","expect":{"rip":"0x1000"}},
    {"event":"handler_returns"})");
  const std::string difference =
      "\n! s.json: line 1, step 1 on core: rip: expected \"0x1000\", got \"0x1001\"\n";
  const std::size_t first = ran.out.find(difference);
  ASSERT_NE(first, std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.substr(ran.out.rfind(difference)),
            difference + "\ns.json: 0 as expected, 1 different, 1 without expectation\n"
                         "waves: s.vcd\n");
  EXPECT_LT(first, ran.out.rfind(difference));
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
  EXPECT_NE(
      ran.out.find("! s.json: line 1, step 1 on core: rip: expected \"0x1000\", got \"0x1001\"\n"),
      std::string::npos);
}

TEST_F(Cli, RunOfNoFile) {
  expect_refusal(icebp("run nowhere.json"),
                 "nowhere.json: cannot be read: No such file or directory; name a scenario file");
}

TEST_F(Cli, RunOfTextThatIsNoJson) {
  expect_refusal(run("{\n\"title\": \"\",\n}"),
                 "s.json: line 3, column 1: syntax error: no key in double quotes, but }");
}

TEST_F(Cli, RunOfAnUnknownKey) {
  expect_refusal(run(R"({"title":"","step":[]})"),
                 "s.json: line 1, /step: unknown key (did you mean steps?); title, source, note, "
                 "machine, cores, steps, "
                 "$schema");
  expect_refusal(run_steps(R"({"event":"reset","cpl":0})"),
                 "s.json: line 1, step 1, /cpl: unknown key; event, verb, value, address, "
                 "error_code, rf, overflowed, "
                 "id, note, on, expect, expect_on");
}

TEST_F(Cli, RunOfAWrongType) {
  expect_refusal(run_steps(R"({"code":"f1","cpl":"0"})"),
                 "s.json: line 1, step 1, /cpl: \"0\" is not a privilege level; 0 to 3");
  expect_refusal(run(R"({"title":"","steps":{}})"),
                 R"(s.json: line 1, /steps: an object is not a list of steps; [{"code": "f1"}])");
}

TEST_F(Cli, RunTellsTheLineOfAnError) {
  expect_refusal(
      run("{\"title\":\"\",\n\"steps\":[\n{\"code\":\"f1\"},\n{\"code\":\"f1\",\n\"cpl\":5}]}"),
      "s.json: line 5, step 2, /cpl: 5 is not a privilege level; 0 to 3");
}

TEST_F(Cli, RunOfBadHex) {
  expect_refusal(
      run_steps(R"({"code":"f1","gpr":{"rax":"0x1g"}})"),
      "s.json: line 1, step 1, /gpr/rax: \"0x1g\" is not a 64-bit value or an MSR; \"0x\" and "
      "1 to 16 hex digits, or an integer from 0, or a name that icebp msrs lists");
  expect_refusal(
      run_steps(R"({"code":"f"})"),
      "s.json: line 1, step 1, /code: \"f\" has no byte at character 1; two hex digits a byte, "
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
                   "s.json: line 1, step 2, /cpl: contradicts the mode; 0 in real, 3 in v86");
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
      "s.json: line 1, step 1, /code: no instruction that is supported; exactly one of MOV to "
      "or from DR, RDMSR, WRMSR, WRMSRNS, RDMSRLIST, WRMSRLIST, URDMSR, UWRMSR, INT1");
}

TEST_F(Cli, RunOfAnotherInstruction) {
  EXPECT_EQ(
      run_steps(R"({"code":"90","does":{},"rflags":"0x102","expect":{"outcome":"trap"}})").status,
      0);
  EXPECT_NE(
      run_steps(R"({"code":"f1","does":{}})")
          .err.find("step 1, /does: the model executes this instruction itself; leave it out"),
      std::string::npos);
  EXPECT_NE(
      run_steps(R"({"code":"9090","does":{}})").err.find("step 1, /code: not one instruction"),
      std::string::npos);
  EXPECT_NE(run_steps(R"({"code":"f3aa","gpr":{"rcx":1000001},"does":{"repeats":true}})")
                .err.find("step 1, /does/repeats: too many iterations in RCX; 0 to 1000000"),
            std::string::npos);
}

TEST_F(Cli, RunOfAReturnFromNoHandler) {
  expect_run_error(
      run_steps(R"({"event":"handler_returns"})"),
      "s.json: line 1, step 1, /event: a handler is not running on core \"core\"; such an "
      "event follows the exception that it ends");
}

TEST_F(Cli, RunOfACompletedInt1) {
  expect_run_error(run_steps(R"({"code":"f1","redirect_db":true},
                   {"event":"firmware_resumes","verb":"complete","value":0})"),
                   "s.json: line 2, step 2: the core refused it; \"complete\" ends a MOV DR "
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
