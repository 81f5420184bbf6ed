#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

// A GD fault on Intel.
constexpr const char* line = R"({"id":7,"code":"0f 23 f8","cpl":3,"dr7":"0x2400",)"
                             R"("rflags":"0x10002","gpr":{"rax":"0x5"},"expect":)";

std::vector<Difference> differences(const std::string& expect) {
  const std::string text = line + expect + "}";
  return compare(read(text).expect, run(text));
}

std::string difference(const std::string& expect) {
  std::string all;
  for (const Difference& difference : differences(expect))
    all += difference.key + ' ' + difference.expected + ' ' + difference.got + '\n';
  return all;
}

TEST(Expectation, MatchesEveryKey) {
  EXPECT_EQ(difference(R"({"id":7,"outcome":"fault","vector":1,"error_code":null,
      "cause":"general_detect","payload":"0x2000","exit":null,"redirected":false,"rip":"0x1000",
      "rf":1,"gpr":{"rax":5,"rbx":0},"msr":{"0x1d9":0,"0xc0000080":"0xd01"},"mem":{},
      "dr":[0,"0x0",0,0],"dr6":"0xffff2ff0","dr7":1024,"cycles":12})"),
            "");
}

TEST(Expectation, TellsEveryDifference) {
  EXPECT_EQ(difference(R"({"id":"7","outcome":"retired","vector":null,"error_code":0,
      "cause":"none","payload":null,"redirected":true,"rip":"0x1003","rf":0,"gpr":{"rcx":1},
      "msr":{"0x1d9":2,"0x1234":0},"dr":[0,1,0,0],"dr6":0,"dr7":"0x2400","cycles":22})"),
            "id \"7\" 7\n"
            "outcome \"retired\" \"fault\"\n"
            "vector null 1\n"
            "error_code 0 null\n"
            "cause \"none\" \"general_detect\"\n"
            "payload null \"0x2000\"\n"
            "redirected true false\n"
            "rip \"0x1003\" \"0x1000\"\n"
            "rf 0 1\n"
            "gpr/rcx \"0x1\" \"0x0\"\n"
            "dr/1 \"0x1\" \"0x0\"\n"
            "dr6 \"0x0\" \"0xffff2ff0\"\n"
            "dr7 \"0x2400\" \"0x400\"\n"
            "msr/0x1d9 \"0x2\" \"0x0\"\n"
            "msr/0x1234 \"0x0\" no such MSR\n"
            "cycles 22 12\n");
}

TEST(Expectation, ComparesBitsUnderAMask) {
  EXPECT_EQ(difference(R"({"dr6":{"value":"0x2000","mask":"0xe000"},
      "rip":{"value":"0x1000"},"payload":{"value":0,"mask":1},
      "gpr":{"rax":{"value":5,"mask":7}},"msr":{"0xc0000080":{"value":1,"mask":1}},
      "dr":[{"value":1,"mask":0},0,0,0]})"),
            "");
  EXPECT_EQ(difference(R"({"dr6":{"mask":"0xe000","value":"0x4000"},
      "payload":{"value":1,"mask":1}})"),
            "payload {\"value\": \"0x1\", \"mask\": \"0x1\"} \"0x2000\"\n"
            "dr6 {\"value\": \"0x4000\", \"mask\": \"0xe000\"} \"0xffff2ff0\"\n");
}

TEST(Expectation, IsStrict) {
  const auto error = [](const char* expect) {
    return error_with(std::string(R"("expect":)") + expect);
  };
  EXPECT_EQ(error(R"({"dr6":{"mask":1}})"), "/expect/dr6/value: missing; the expected value");
  EXPECT_EQ(error(R"({"dr6":{"value":1,"bits":1}})"), "/expect/dr6/bits: unknown key; value, mask");
  EXPECT_EQ(error(R"({"dr6":{"value":1,"value":1}})"), "/expect/dr6/value: given twice; once");
  EXPECT_EQ(error(R"({"gpr":{"rax":{"value":"x"}}})").substr(0, 23), "/expect/gpr/rax/value: ");
  EXPECT_EQ(error(R"({"dr":[0,{"value":[]},0,0]})").substr(0, 20), "/expect/dr/1/value: ");
  EXPECT_EQ(error(R"({"outcome":"faults"})"),
            "/expect/outcome: \"faults\" is not an outcome; retired, fault, trap, exit");
  EXPECT_EQ(error(R"({"cause":"gd"})").substr(0, 56),
            "/expect/cause: \"gd\" is not a cause; none, instruction_to");
  EXPECT_EQ(error(R"({"vector":256})"), "/expect/vector: 256 is not legal here; 0 to 255, null");
  EXPECT_EQ(error(R"({"rf":true})"), "/expect/rf: true is not legal here; 0 to 1, null");
  EXPECT_EQ(error(R"({"error_code":"0x0"})"),
            "/expect/error_code: \"0x0\" is not legal here; 0 to 4294967295, null");
  EXPECT_EQ(error(R"({"cycles":null})"),
            "/expect/cycles: null is not a number of cycles; 0 to 18446744073709551615");
}

TEST(Expectation, TakesAnAnswerBack) {
  for (
      const char* text :
      {R"({"id":1,"code":"0f 23 f8","cpl":3,"dr7":"0x2400"})",
       R"({"id":"x","code":"0f 32","gpr":{"rcx":"0xc0000082"},"msr":{"0xc0000082":"0x123456789"}})",
       R"({"id":3,"code":"0f 30","gpr":{"rcx":"0xc0000082","rax":1}})", R"({"id":4,"code":"f1"})",
       R"({"id":5,"code":"0f 30","cpl":3})"}) {
    std::string answer;
    append_json(answer, run(text));
    nlohmann::json again = nlohmann::json::parse(text);
    again["expect"] = nlohmann::json::parse(answer);
    EXPECT_TRUE(compare(read(again.dump()).expect, run(text)).empty()) << answer;
  }
}

} // namespace
} // namespace icebp
