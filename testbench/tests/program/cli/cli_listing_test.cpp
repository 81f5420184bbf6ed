#include <icebp/testbench/tests/program/cli/cli.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace icebp::test {
namespace {

TEST_F(Cli, Msrs) {
  const Ran ran = icebp("msrs --profile intel-skylake --filter DEBUGCTL");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(
      ran.out.substr(ran.out.find('\n') + 1),
      "0x000001d9  rw   0x000000000000ffc3  0xffffffffffff003c  0x0000000000000000  reset  64  "
      "thread   serializing_write     HW          IA32_DEBUGCTL\n");
  EXPECT_EQ(icebp("msrs --profile amd-zen1 --filter '^0xc0011027$' --json").out,
            "{\"index\":\"0xc0011027\",\"last\":\"0xc0011027\",\"name\":\"DR0_ADDR_MASK\","
            "\"in_catalogue\":true,\"access\":\"rw\","
            "\"writable\":\"0x00000000ffffffff\",\"gp\":\"0x0000000000000000\","
            "\"reset\":\"0x0000000000000000\",\"on_init\":\"keep\",\"canonical_bits\":64,"
            "\"scope\":\"thread\",\"read_cost\":\"fast_read\","
            "\"write_cost\":\"serializing_write\",\"source\":\"VB Ryzen 1800X, LX\","
            "\"grade\":\"HW\"}\n");
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
  expect_refusal(icebp("check - --json"), "--json: is an option of icebp run; leave it out");
}

// The indices of `icebp msrs`, in the order of its lines.
std::vector<std::string> indices_in(const std::string& lines) {
  std::vector<std::string> indices;
  for (std::size_t at = 0; (at = lines.find("0x", at)) != lines.npos;) {
    indices.push_back(lines.substr(at, 10));
    at = std::min(lines.find('\n', at), lines.size());
  }
  return indices;
}

// What the feature MPX brings is BNDCFGS; AMD's K8 and Zen 1 differ in HWCR (VB).
TEST_F(Cli, MsrsThatDiffer) {
  EXPECT_EQ(icebp("msrs --profile intel-skylake --compare intel-skylake,-mpx").out,
            "- 0x00000d90  rw   0xfffffffffffff003  0x0000000000000ffc  0x0000000000000000  reset  "
            "48  thread   serializing_write     HW          IA32_BNDCFGS\n");
  EXPECT_EQ(icebp("msrs --profile intel-skylake,-mpx --compare intel-skylake").out.substr(0, 14),
            "+ 0x00000d90  ");
  const Ran hwcr = icebp("msrs --profile amd-k8 --compare amd-zen1 --filter '^HWCR$'");
  EXPECT_EQ(hwcr.status, 0);
  EXPECT_EQ(hwcr.out.substr(0, 37), "- 0xc0010015  rw   0x00000000c00fffff");
  EXPECT_NE(hwcr.out.find("\n+ 0xc0010015  rw   0x0000000076ff9fff"), std::string::npos);
  EXPECT_EQ(icebp("msrs --profile amd-k8 --compare amd-k8").out, "");
  const std::string json =
      icebp("msrs --profile intel-skylake --compare intel-skylake,-mpx --json").out;
  EXPECT_EQ(json.substr(0, 45), R"({"index":"0x00000d90","profile":{"index":"0x0)");
  EXPECT_EQ(json.substr(json.size() - 14), "\"other\":null}\n") << json;
  const Ran none = icebp("msrs --compare amd-k7");
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.err.substr(0, 43), "icebp: --compare: \"amd-k7\" is not a profile");
}

TEST_F(Cli, BitsOfAnMsr) { // what they are is in rw_map_test.cpp
  const Ran ran = icebp("msrs --rw-map lstar --profile amd-zen1");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.substr(0, 31), "LSTAR 0xc0000082 rw, amd-zen1\ns");
  EXPECT_EQ(icebp("msrs --rw-map 0xc0000082 --json").out.substr(0, 47),
            "{\"profile\":\"intel-skylake\",\"index\":\"0xc0000082\"");
  expect_refusal(icebp("msrs --rw-map lstar --filter x"),
                 "--rw-map: tells of one MSR; leave out this or --filter");
  expect_refusal(icebp("msrs --rw-map lstar --compare amd-k8"),
                 "--rw-map: tells of one MSR; leave out this or --compare");
  expect_refusal(icebp("msrs --rw-map lstra"),
                 "--rw-map: \"lstra\" is not an MSR (did you mean LSTAR?); icebp msrs --profile "
                 "intel-skylake lists its MSRs: an index such as 0x1d9, or a name");
}

TEST_F(Cli, MsrsGoByIndexEachOnce) {
  for (const char* profile : {"intel-max", "amd-max"})
    for (const char* form : {"", " --json"}) {
      const auto indices = indices_in(icebp("msrs --profile " + std::string(profile) + form).out);
      EXPECT_GT(indices.size(), 100u);
      EXPECT_EQ(std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()),
                indices.end())
          << profile << form;
    }
}

// By index and by name, in any case, whole or in part; SDM vol. 4 and APM vol. 2 name them.
TEST_F(Cli, MsrsOfAFilter) {
  using Indices = std::vector<std::string>;
  const struct {
    const char* filter;
    Indices indices;
  } filters[] = {
      {"sysenter", {"0x00000174", "0x00000175", "0x00000176"}},
      {"SYSENTER_E", {"0x00000175", "0x00000176"}},
      {"^0x0000017[45]", {"0x00000174", "0x00000175"}},
      {"0XC000008[0-4]$", {"0xc0000080", "0xc0000081", "0xc0000082", "0xc0000083", "0xc0000084"}},
      {"sysenter_cs|^0x0000001b$", {"0x0000001b", "0x00000174"}},
  };
  for (const auto& [filter, indices] : filters)
    for (const char* form : {"", " --json"})
      EXPECT_EQ(indices_in(icebp("msrs --filter '" + std::string(filter) + '\'' + form).out),
                indices)
          << filter << form;
  expect_refusal(icebp("msrs --profile amd-zen1 --filter MTRRS"),
                 "--filter: no MSR of amd-zen1 matches \"MTRRS\"; icebp msrs lists their indices "
                 "and names");
}

TEST_F(Cli, Profiles) {
  const Ran ran = icebp("profiles");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 29);
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
  EXPECT_NE(ran.out.find("\nquirks: string_granularity blocks_of_64 disabled_breakpoints_set_b "),
            std::string::npos);
  EXPECT_NE(ran.out.find("\nauthority: intel-hardware other_db_sets_rtm "), std::string::npos);
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
  EXPECT_EQ(with_cpuid, 29u);
}

TEST_F(Cli, ADerivedProfile) {
  write("my.json", R"({"name":"my-cpu","from":"intel-skylake","source":"rev B","msrs":
                       {"0x1ee":{"name":"MSR_OF_MINE","writable":"0x2"}}})");
  EXPECT_EQ(icebp("profiles --profile my.json").out.substr(0, 28), "my-cpu                rev B\n");
  const std::string row = icebp("msrs --profile my.json --filter OF_MINE").out;
  EXPECT_EQ(
      row.substr(row.find('\n') + 1),
      "0x000001ee  rw   0x0000000000000002  0xfffffffffffffffd  0x0000000000000000  keep   64  "
      "thread   serializing_write     UNVERIFIED  MSR_OF_MINE ?\n");
  const std::string line = R"("code":"0f30","gpr":{"rcx":"0x1ee","rax":4},)"
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
                       {"0x1ee":{"name":"X","writable":"0x3","gp":"0x2"}}})");
  const std::string problem =
      "my.json: line 2, /msrs/0x1ee/gp: 0x2 is both writable and #GP; writable "
      "0x3, gp 0x2 without a common bit";
  for (const char* command : {"profiles", "msrs", "check -"})
    expect_refusal(icebp(std::string(command) + " --profile my.json"), "--profile: " + problem);
  expect_refusal(run(R"({"title":"","machine":{"profile":"my.json"},"steps":[{"code":"f1"}]})"),
                 "s.json: line 1, /machine/profile: " + problem);
  expect_refusal(icebp("msrs --profile none.json"),
                 "--profile: none.json: cannot be read: No such file or directory; name a "
                 "profile's file");
}

} // namespace
} // namespace icebp::test
