// The program as users call it: what it prints, where, and its exit status.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

struct Ran {
  int status;
  std::string out;
  std::string err;
};

std::string read_whole(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of its own for each test, where the program runs.
class Cli : public testing::Test {
protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) /
              ("icebp_cli_" + std::string(test->name()) + '_' + std::to_string(getpid()));
    fs::create_directories(folder_ / "work");
  }
  void TearDown() override { fs::remove_all(folder_); }

  Ran icebp(const std::string& arguments) const {
    const std::string command = "cd '" + (folder_ / "work").string() +
                                "' && '" ICEBP_EXECUTABLE "' " + arguments +
                                " >../out 2>../err </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(folder_ / "out"),
            read_whole(folder_ / "err")};
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / "work" / name) << text;
  }

  // `icebp run` of a scenario of this text.
  Ran run(const std::string& scenario) const {
    write("s.json", scenario);
    return icebp("run s.json");
  }
  Ran run_steps(const std::string& steps) const {
    return run(R"({"title":"A title","steps":[)" + steps + "]}");
  }

  // `icebp check` of one line, with the keys id and code given.
  Ran check_with(const std::string& more) const {
    write("v.jsonl", R"({"id":7,"code":"f1",)" + more + "}\n");
    return icebp("check v.jsonl");
  }

  // What is there beside the input.
  bool left_waves() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "work"))
      if (entry.path().filename().string().find(".vcd") != std::string::npos)
        return true;
    return false;
  }

  void expect_run_error(const Ran& ran, const std::string& message) const {
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.err, "icebp: " + message + '\n');
    EXPECT_FALSE(left_waves());
  }

  // An error that is found before anything is played.
  void expect_refusal(const Ran& ran, const std::string& message) const {
    expect_run_error(ran, message);
    EXPECT_EQ(ran.out, "");
  }

  fs::path folder_;
};

constexpr const char* one_int1 = R"({"code":"f1","expect":{"vector":1,"rip":"0x1001"}})";
constexpr const char* profiles =
    "intel-core2, intel-sandybridge, intel-skylake, intel-sierra-forest, intel-emerald-rapids, "
    "amd-k8, amd-fam15h, amd-zen1, amd-zen5, intel-max, amd-max";
constexpr const char* features =
    "msr, sep, pat, ds, pdcm, rtm, la57, bus_lock_detect, syscall, nx, rdtscp, lm, "
    "dbext, apic, mtrr, mca, x2apic, aperfmperf, tsc_adjust, xsaves, shstk, ibt, "
    "fred, wrmsrns, msr_imm, perfmon_v2, mcg_ctl, ibrs, stibp, ssbd, psfd, vmx, sgx, lmce, "
    "cmci, smrr, platform_info, lbr_stack, perfmon, core_capabilities, "
    "arch_capabilities, flush_l1d, tsx_ctrl, srbds_ctrl, waitpkg, xfd, intel_pt, "
    "tsc_deadline, pks, uintr, user_msr, msrlist, mpx, enqcmd, arch_lbr, doitm, "
    "sdbg, svm, osvw, ibs, lbr_v2, ibpb, sbpb, avic, virt_ssbd, "
    "fs_gs_base_ns";

// --- the command line

const std::string legal_options = "; --profile P, --vcd FILE, --quiet, --loosely-timed, --filter "
                                  "REGEX, --json, --help, --version";

TEST_F(Cli, Help) {
  const Ran ran = icebp("--help");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  for (const char* word : {"icebp run", "icebp check", "--profile", "--vcd", "--quiet"})
    EXPECT_NE(ran.out.find(word), std::string::npos) << word;
}

TEST_F(Cli, Msrs) {
  const Ran ran = icebp("msrs --profile intel-skylake --filter DEBUGCTL");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(
      ran.out.substr(ran.out.find('\n') + 1),
      "0x000001d9  rw   0x000000000000ffc3  0xffffffffffff003c  0x0000000000000000  reset  64  "
      "thread   serializing_write     IA32_DEBUGCTL\n");
  EXPECT_EQ(icebp("msrs --profile amd-zen1 --filter '^0xc0011027$' --json").out,
            "{\"index\":\"0xc0011027\",\"name\":\"DR0_ADDR_MASK\",\"access\":\"rw\","
            "\"writable\":\"0x00000000ffffffff\",\"gp\":\"0x0000000000000000\","
            "\"reset\":\"0x0000000000000000\",\"on_init\":\"keep\",\"canonical_bits\":64,"
            "\"scope\":\"thread\",\"read_cost\":\"fast_read\","
            "\"write_cost\":\"serializing_write\",\"source\":\"VB Ryzen 1800X, LX\"}\n");
  EXPECT_NE(
      icebp("msrs --profile intel-max --filter PLATFORM_ID --json")
          .out.find("\"scope\":\"package\",\"read_cost\":\"slow_read\",\"write_cost\":\"none\""),
      std::string::npos);
  EXPECT_NE(icebp("msrs --profile amd-k8 --filter '^HWCR$' --json")
                .out.find("\"source\":\"VB Athlon 64 3200+\""), // this CPU's, not the row's
            std::string::npos);
  EXPECT_NE(icebp("msrs --filter MC9_CTL").out.find("0x00000424"), std::string::npos);
  EXPECT_EQ(icebp("msrs --profile intel-skylake,-ds --filter DS_AREA --json").out, "");
  expect_refusal(icebp("msrs --filter '('"),
                 "--filter: \"(\" is not a regular expression; such as 'MTRR|PAT'");
  expect_refusal(icebp("msrs x"), "msrs: takes no file; leave x out");
  expect_refusal(icebp("msrs --quiet"), "--quiet: is an option of icebp run; leave it out");
  expect_refusal(icebp("check - --json"), "--json: is an option of icebp msrs; leave it out");
}

TEST_F(Cli, Profiles) {
  const Ran ran = icebp("profiles");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 11);
  for (const char* name : {"intel-core2 ", "intel-emerald-rapids ", "amd-k8 ", "amd-max "})
    EXPECT_NE(ran.out.find(name), std::string::npos) << name;
  EXPECT_NE(icebp("profiles --json")
                .out.find("\"name\":\"amd-zen1\",\"vendor\":\"amd\","
                          "\"physical_address_bits\":48,\"features\":["),
            std::string::npos);
}

// The i7-6700K: VirtualBox CPU database, as far as the model goes.
TEST_F(Cli, OneProfile) {
  const Ran ran = icebp("profiles --profile intel-skylake");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.substr(0, 22), "intel-skylake         ");
  EXPECT_NE(ran.out.find("\nfeatures: msr sep pat ds pdcm rtm "), std::string::npos);
  EXPECT_NE(ran.out.find("\ncounts: mca_banks 10 mtrr_pairs 10 "), std::string::npos);
  EXPECT_NE(ran.out.find("\nquirks: string_granularity blocks_of_64 other_db_sets_rtm "),
            std::string::npos);
  EXPECT_NE(ran.out.find("\nCPUID 00000000.0  eax 00000014  ebx 756e6547  ecx 6c65746e  edx "
                         "49656e69\n"),
            std::string::npos);
  EXPECT_NE(ran.out.find("\nCPUID 00000014.1  eax 00000002  ebx 00000000  ecx 00000000  edx "
                         "00000000\n"),
            std::string::npos);
  EXPECT_EQ(ran.out.find("CPUID 00000007.1"), std::string::npos);
  EXPECT_EQ(ran.out.substr(ran.out.find("CPUID 80000008")),
            "CPUID 80000008.0  eax 00003027  ebx 00000000  ecx 00000000  edx 00000000\n");
  expect_refusal(icebp("profiles --profile i486"),
                 std::string("--profile: \"i486\" is not a profile; ") + profiles);
}

TEST_F(Cli, OneProfileAsJson) {
  const Ran ran = icebp("profiles --profile amd-k8,-nx --json");
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1);
  EXPECT_EQ(ran.out.substr(0, 20), "{\"name\":\"amd-k8,-nx\"");
  EXPECT_NE(ran.out.find("\"cpuid\":[{\"leaf\":\"0x00000000\",\"subleaf\":0,\"eax\":\"0x00000001\","
                         "\"ebx\":\"0x68747541\",\"ecx\":\"0x444d4163\",\"edx\":\"0x69746e65\"},"),
            std::string::npos);
  EXPECT_NE(ran.out.find("\"leaf\":\"0x80000001\",\"subleaf\":0,\"eax\":\"0x00000000\",\"ebx\":"
                         "\"0x00000000\",\"ecx\":\"0x00000000\",\"edx\":\"0x20015a34\"}"),
            std::string::npos);
  EXPECT_NE(ran.out.find("\"counts\":{\"mca_banks\":5,\"mtrr_pairs\":8,"), std::string::npos);
  EXPECT_NE(ran.out.find("\"quirks\":{\"string_granularity\":\"exact\",\"int1_keeps_b\":true,"),
            std::string::npos);
  const std::string all = icebp("profiles --json").out;
  std::size_t with_cpuid = 0;
  for (std::size_t at = 0; (at = all.find("\"cpuid\":[{", at)) != std::string::npos; ++at)
    ++with_cpuid;
  EXPECT_EQ(with_cpuid, 11u);
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

TEST_F(Cli, CheckTakesAFile) {
  expect_refusal(icebp("check"),
                 "check: takes one file or more; icebp check FILE..., - for standard input");
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

// --- a profile of one's own

TEST_F(Cli, ADerivedProfile) {
  write("my.json", R"({"name":"my-cpu","from":"intel-skylake","source":"rev B","msrs":
                       {"0x1fc":{"name":"MSR_POWER_CTL","writable":"0x2"}}})");
  EXPECT_EQ(icebp("profiles --profile my.json").out.substr(0, 28), "my-cpu                rev B\n");
  const std::string row = icebp("msrs --profile my.json --filter POWER").out;
  EXPECT_EQ(
      row.substr(row.find('\n') + 1),
      "0x000001fc  rw   0x0000000000000002  0xfffffffffffffffd  0x0000000000000000  keep   64  "
      "thread   serializing_write     MSR_POWER_CTL\n");
  const std::string line = R"("code":"0f30","gpr":{"rcx":"0x1fc","rax":4},)"
                           R"("expect":{"vector":13,"cause":"msr_)";
  write("v.jsonl", R"({"id":1,)" + line + "reserved_bits\"}}\n");
  EXPECT_EQ(icebp("check v.jsonl --profile my.json").status, 0);
  write("v.jsonl", R"({"id":1,"profile":"my.json,-rtm",)" + line + "reserved_bits\"}}\n");
  EXPECT_EQ(icebp("check v.jsonl").status, 0);
  write("v.jsonl", R"({"id":1,)" + line + "unknown\"}}\n");
  EXPECT_EQ(icebp("check v.jsonl").status, 0); // on a Skylake
  EXPECT_EQ(run(R"({"title":"","machine":{"profile":"my.json"},"steps":[{)" + line +
                "reserved_bits\"}}]}")
                .status,
            0);
}

TEST_F(Cli, ADerivedProfileWithAnError) {
  write("my.json", R"({"name":"my-cpu","from":"intel-skylake","msrs":
                       {"0x1fc":{"name":"X","writable":"0x3","gp":"0x2"}}})");
  const std::string problem = "my.json: /msrs/0x1fc/gp: 0x2 is both writable and #GP; writable "
                              "0x3, gp 0x2 without a common bit";
  for (const char* command : {"profiles", "msrs", "check -"})
    expect_refusal(icebp(std::string(command) + " --profile my.json"), "--profile: " + problem);
  expect_refusal(run(R"({"title":"","machine":{"profile":"my.json"},"steps":[{"code":"f1"}]})"),
                 "s.json: /machine/profile: " + problem);
  expect_refusal(icebp("msrs --profile none.json"),
                 "--profile: none.json: cannot be read: No such file or directory; name a "
                 "profile's file");
}

// --- check

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
            "nowhere.jsonl: cannot be read: No such file or directory");
}

TEST_F(Cli, CheckOfAFolder) {
  const Ran ran = icebp("check .");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err.substr(0, ran.err.find('\n')), ".: cannot be read: Is a directory");
}

// --- run

TEST_F(Cli, RunIsWell) {
  const Ran ran = run_steps(one_int1);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.substr(0, 8), "A title\n");
  EXPECT_NE(ran.out.find("\ns.json: 1 as expected, 0 different, 0 without expectation\n"
                         "waves: s.vcd\n"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(folder_ / "work" / "s.vcd"));
}

TEST_F(Cli, RunQuietly) {
  write("s.json", R"({"title":"A title","steps":[{"note":"A note","code":"f1"}]})");
  const Ran ran = icebp("run s.json --quiet --vcd w.vcd");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "\ns.json: 0 as expected, 0 different, 1 without expectation\n"
                     "waves: w.vcd\n");
  EXPECT_TRUE(fs::exists(folder_ / "work" / "w.vcd"));
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
                 "s.json: line 3, column 1: syntax error while parsing object key - unexpected "
                 "'}'; expected string literal");
}

TEST_F(Cli, RunOfAnUnknownKey) {
  expect_refusal(run(R"({"title":"","step":[]})"),
                 "s.json: /step: unknown key; title, source, note, machine, cores, steps");
  expect_refusal(run_steps(R"({"event":"reset","cpl":0})"),
                 "s.json: /steps/0/cpl: unknown key; event, verb, value, address, error_code, rf, "
                 "id, note, on, expect, expect_on");
}

TEST_F(Cli, RunOfAWrongType) {
  expect_refusal(run_steps(R"({"code":"f1","cpl":"0"})"),
                 "s.json: /steps/0/cpl: \"0\" is not a privilege level; 0 to 3");
  expect_refusal(run(R"({"title":"","steps":{}})"),
                 "s.json: /steps: an object is not a list of steps; a list");
}

TEST_F(Cli, RunOfBadHex) {
  expect_refusal(run_steps(R"({"code":"f1","gpr":{"rax":"0x1g"}})"),
                 "s.json: /steps/0/gpr/rax: \"0x1g\" is not a 64-bit value; \"0x\" and 1 to 16 hex "
                 "digits, or an integer from 0");
  expect_refusal(run_steps(R"({"code":"f"})"),
                 "s.json: /steps/0/code: \"f\" has no byte at character 1; two hex digits a byte, "
                 "blanks between bytes");
}

TEST_F(Cli, RunOfAnUnknownProfileOrFeature) {
  const auto core = [](const char* profile) {
    return std::string(R"({"title":"","machine":{"profile":")") + profile +
           R"("},"steps":[{"code":"f1"}]})";
  };
  expect_refusal(run(core("i486")),
                 std::string("s.json: /machine/profile: \"i486\" is not a profile; ") + profiles);
  expect_refusal(run(core("amd-zen1,-tsx")),
                 std::string("s.json: /machine/profile: \"tsx\" is not a feature; ") + features);
}

TEST_F(Cli, RunOfAContradiction) {
  expect_refusal(run(R"({"title":"","machine":{"svm":{}},"steps":[{"code":"f1"}]})"),
                 "s.json: /machine/svm: not on a CPU of this vendor; vmx");
  expect_run_error(run_steps(R"({"code":"f1"},{"code":"f1","mode":"v86","cpl":0})"),
                   "s.json: /steps/1/cpl: contradicts the mode; 0 in real, 3 in v86");
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
  expect_run_error(run_steps(R"({"code":"90"})"),
                   "s.json: /steps/0/code: no instruction that is supported; exactly one of MOV to "
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
  expect_run_error(run_steps(R"({"event":"handler_returns"})"),
                   "s.json: /steps/0/event: a handler is not running on core \"core\"; such an "
                   "event follows the exception that it ends");
}

TEST_F(Cli, RunOfACompletedInt1) {
  expect_run_error(
      run_steps(R"({"code":"f1","redirect_db":true},
                   {"event":"firmware_resumes","verb":"complete","value":0})"),
      "s.json: /steps/1: the core refused it; \"complete\" ends a MOV DR only, the other verbs "
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
