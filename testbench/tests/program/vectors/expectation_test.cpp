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
      "dr":[0,"0x0",0,0],"dr6":"0xffff2ff0","dr7":1024,"serializing":false,"cost":"none","cycles":12})"),
            "");
}

TEST(Expectation, TellsEveryDifference) {
  EXPECT_EQ(difference(R"({"id":"7","outcome":"retired","vector":null,"error_code":0,
      "cause":"none","payload":null,"redirected":true,"rip":"0x1003","rf":0,"gpr":{"rcx":1},
      "msr":{"0x1d9":2,"0x1234":0},"dr":[0,1,0,0],"dr6":0,"dr7":"0x2400","serializing":true,"cost":"slow_read","cycles":22})"),
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
            "serializing true false\n"
            "cost \"slow_read\" \"none\"\n"
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

// #GP(0) that VMX intercepts, MOV DR that SVM intercepts.
constexpr const char* vmx_line =
    R"({"id":1,"code":"0f 30","cpl":3,"vmx":{"exception_bitmap":"0x2000"},"expect":{"exit":)";
constexpr const char* svm_line =
    R"({"id":1,"profile":"amd-zen1","code":"0f 23 fb","svm":{"dr_write":128},"expect":{"exit":)";

std::string exit_difference(const char* before, const std::string& exit) {
  const std::string text = before + exit + "}}";
  std::string all;
  for (const Difference& difference : compare(read(text).expect, run(text)))
    all += difference.key + ' ' + difference.expected + ' ' + difference.got + '\n';
  return all;
}

TEST(Expectation, ComparesNamedFieldsOfAnExit) {
  EXPECT_EQ(exit_difference(vmx_line, R"({"reason":0,"qualification":null,
      "intr_info":"0x80000b0d","error_code":"0x0"})"),
            "");
  EXPECT_EQ(exit_difference(vmx_line, R"({"intr_info":{"value":"0xd","mask":"0xff"}})"), "");
  EXPECT_EQ(exit_difference(vmx_line, "{}"), "");
  EXPECT_EQ(exit_difference(svm_line, R"({"code":55,"info1":"0x3","info2":null})"), "");
  EXPECT_EQ(exit_difference(vmx_line, R"({"reason":"0x1d","qualification":0,"error_code":null,
      "intr_info":{"value":1,"mask":255},"code":"0x4d","info2":null})"),
            "exit/reason \"0x1d\" \"0x0\"\n"
            "exit/qualification \"0x0\" null\n"
            "exit/error_code null \"0x0\"\n"
            "exit/intr_info {\"value\": \"0x1\", \"mask\": \"0xff\"} \"0x80000b0d\"\n"
            "exit/code \"0x4d\" no such field\n"
            "exit/info2 null no such field\n");
  EXPECT_EQ(exit_difference(svm_line, "null"),
            R"(exit null {"code":"0x37","info1":"0x3","info2":null})"
            "\n");
  EXPECT_EQ(difference(R"({"exit":{"reason":29,"error_code":null}})"),
            "exit {\"reason\": \"0x1d\", \"error_code\": null} null\n");
}

TEST(Expectation, ComparesCr2) {
  EXPECT_EQ(difference(R"({"cr2":null})"), "");
  EXPECT_EQ(difference(R"({"cr2":"0x5"})"), "cr2 \"0x5\" null\n");
  EXPECT_EQ(difference(R"({"cr2":{"value":0,"mask":1}})"),
            "cr2 {\"value\": \"0x0\", \"mask\": \"0x1\"} null\n");
}

// Whatever a register of a kind is compared by, each of them is.
TEST(Expectation, ComparesEachRegister) {
  std::string gpr;
  for (const auto& [reg, name] : name_table<Gpr>)
    gpr += (gpr.empty() ? "\"" : ",\"") + std::string(name) +
           "\":" + std::to_string(16 + static_cast<unsigned>(reg));
  const Answer answer = run(R"({"id":1,"code":"f1","dr":[16,17,18,19],"gpr":{)" + gpr + "}}");
  const auto keys = [&](const std::string& expect) {
    std::string all;
    for (const Difference& difference : compare(read_with(R"("expect":)" + expect).expect, answer))
      all += difference.key + ' ';
    return all;
  };
  for (const auto& [reg, name] : name_table<Gpr>)
    for (const unsigned value : {16U, 17U, 18U, 31U}) {
      const std::string key = "gpr/" + std::string(name) + ' ';
      EXPECT_EQ(keys(R"({"gpr":{")" + std::string(name) + "\":" + std::to_string(value) + "}}"),
                value == 16 + static_cast<unsigned>(reg) ? "" : key);
    }
  EXPECT_EQ(keys(R"({"dr":[16,17,18,19]})"), "");
  EXPECT_EQ(keys(R"({"dr":[0,17,18,19]})"), "dr/0 ");
  EXPECT_EQ(keys(R"({"dr":[16,0,18,19]})"), "dr/1 ");
  EXPECT_EQ(keys(R"({"dr":[16,17,0,19]})"), "dr/2 ");
  EXPECT_EQ(keys(R"({"dr":[16,17,18,0]})"), "dr/3 ");
}

// RDMSRLIST reads IA32_SYSENTER_CS, 174h, which is 8; its data are at 5000h.
const std::string list_line =
    R"({"id":1,"profile":"intel-max","code":"f2 0f 01 c6","msr":{"0x174":8},)"
    R"("gpr":{"rcx":1,"rsi":"0x4000","rdi":"0x5000"},"mem":{"0x4000":"74 01 00 00 00 00 00 00")";

// A #PF at 5000h.
const std::string page_fault_line = list_line + "}}";

TEST(Expectation, ComparesMemoryBehindTheInstruction) {
  const Answer answer = run(list_line + R"(,"0x5000":"00 11 22 33 44 55 66 77"}})");
  const auto difference = [&](const char* memory) {
    const auto all =
        compare(read_with(R"("expect":{"mem":)" + std::string(memory) + "}").expect, answer);
    return all.empty() ? "" : all.at(0).key + ' ' + all.at(0).expected + ' ' + all.at(0).got;
  };
  EXPECT_EQ(difference(R"({"0x5000":"08 00 00 00 00 00 00 00","0x4000":"74 01"})"), "");
  EXPECT_EQ(difference(R"({"0x5000":"00"})"), "mem/0x5000 \"00\" \"08\"");
  EXPECT_EQ(difference(R"({"0x5007":"77"})"), "mem/0x5007 \"77\" \"00\"");
  EXPECT_EQ(difference(R"({"0x4000":"74 02"})"), "mem/0x4000 \"7402\" \"7401\"");
  EXPECT_EQ(difference(R"({"0x5000":"08","0x4000":"75"})"), "mem/0x4000 \"75\" \"74\"");
}

// Without a mask all 64 bits are compared: bit 63 and bit 0 too, however the value is written.
TEST(Expectation, WithoutAMaskIsOfEveryBit) {
  const struct {
    const char* key;
    std::string line;
    const char* before; // the value, JSON text
    std::uint64_t value;
    const char* behind;
  } registers[] = {
      {"payload", page_fault_line, R"({"payload":)", 0x5000, "}"},
      {"cr2", page_fault_line, R"({"cr2":)", 0x5000, "}"},
      {"rip", page_fault_line, R"({"rip":)", 0x1000, "}"},
      {"dr6", page_fault_line, R"({"dr6":)", 0xFFFF0FF0, "}"},
      {"dr7", page_fault_line, R"({"dr7":)", 0x400, "}"},
      {"dr/2", page_fault_line, R"({"dr":[0,0,)", 0, ",0]}"},
      {"gpr/rsi", page_fault_line, R"({"gpr":{"rsi":)", 0x4000, "}}"},
      {"msr/0x174", page_fault_line, R"({"msr":{"0x174":)", 8, "}}"},
      {"exit/qualification", R"({"id":1,"code":"0f 23 fb","vmx":{"mov_dr_exiting":true}})",
       R"({"exit":{"qualification":)", 0x307, "}}"}, // DR7, write, RBX: SDM vol. 3 27.2.1
  };
  for (const auto& [key, of, before, value, behind] : registers) {
    const Answer answer = run(of);
    const auto difference = [&, b = before, e = behind](const std::string& expected) {
      const auto all = compare(read_with(R"("expect":)" + (b + expected + e)).expect, answer);
      return all.empty() ? "" : all.at(0).key;
    };
    for (const char* object : {"", R"({"value":)"})
      for (const std::uint64_t wrong : {std::uint64_t{1}, std::uint64_t{1} << 63}) {
        const std::string end = *object != 0 ? "}" : "";
        EXPECT_EQ(difference(object + std::to_string(value) + end), "") << key;
        EXPECT_EQ(difference(object + std::to_string(value ^ wrong) + end), key);
      }
  }
}

// Null is what is not there, and nothing else is null: not 0, nor any value.
TEST(Expectation, NullMatchesNullOnly) {
  constexpr const char* any_bits = R"({"value":0,"mask":0})";
  const struct {
    const char* key;
    std::string line; // where it is not null
    const char* value;
    const char* nothing; // the value that is most like null
  } keys[] = {
      {"vector", page_fault_line, "14", "0"},
      {"error_code", page_fault_line, "2", "0"},
      {"payload", page_fault_line, "\"0x5000\"", any_bits},
      {"rf", page_fault_line, "1", "0"},
      {"cr2", page_fault_line, "\"0x5000\"", any_bits},
      {"exit", vmx_line + std::string("null}}"), "{\"reason\":0}", "{}"},
  };
  const Answer retired = run(R"({"id":1,"code":"0f 23 c0"})");
  for (const auto& [name, of, value, nothing] : keys) {
    const auto count = [key = std::string(name)](const Answer& answer, const char* expected) {
      return compare(read_with(R"("expect":{")" + key + "\":" + expected + "}").expect, answer)
          .size();
    };
    EXPECT_EQ(count(run(of), value), 0u) << name;
    EXPECT_EQ(count(run(of), "null"), 1u) << name;
    EXPECT_EQ(count(retired, "null"), 0u) << name;
    EXPECT_EQ(count(retired, value), 1u) << name;
    EXPECT_EQ(count(retired, nothing), 1u) << name;
  }
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
            "/expect/outcome: \"faults\" is not an outcome (did you mean fault?); retired, fault, "
            "trap, exit, cancelled");
  EXPECT_EQ(error(R"({"cause":"gd"})").substr(0, 56),
            "/expect/cause: \"gd\" is not a cause; none, instruction_to");
  EXPECT_EQ(error(R"({"vector":256})"), "/expect/vector: 256 is not legal here; 0 to 255, null");
  EXPECT_EQ(error(R"({"rf":true})"), "/expect/rf: true is not legal here; 0 to 1, null");
  EXPECT_EQ(error(R"({"error_code":"0x0"})"),
            "/expect/error_code: \"0x0\" is not legal here; 0 to 4294967295, null");
  EXPECT_EQ(error(R"({"exit":{"info3":0}})"),
            "/expect/exit/info3: unknown key (did you mean info1?); reason, qualification, "
            "intr_info, error_code, code, "
            "info1, info2");
  EXPECT_EQ(error(R"({"exit":{"reason":0,"reason":0}})"), "/expect/exit/reason: given twice; once");
  EXPECT_EQ(error(R"({"exit":29})"),
            R"(/expect/exit: 29 is not an object of an exit's fields; {"reason": "0x1d"}, null)");
  EXPECT_EQ(
      error(R"({"exit":[]})"),
      R"(/expect/exit: a list is not an object of an exit's fields; {"reason": "0x1d"}, null)");
  EXPECT_EQ(error(R"({"exit":{"code":[]}})").substr(0, 27), "/expect/exit/code: a list i");
  EXPECT_EQ(error(R"({"cycles":null})"),
            "/expect/cycles: null is not a number of cycles; 0 to 18446744073709551615");
}

TEST(Expectation, TakesAnAnswerBack) {
  for (
      const char* text :
      {R"({"id":1,"code":"0f 23 f8","cpl":3,"dr7":"0x2400"})",
       R"({"id":"x","code":"0f 32","gpr":{"rcx":"0xc0000082"},"msr":{"0xc0000082":"0x123456789"}})",
       R"({"id":3,"code":"0f 30","gpr":{"rcx":"0xc0000082","rax":1}})", R"({"id":4,"code":"f1"})",
       R"({"id":5,"code":"0f 30","cpl":3})", R"({"id":6,"code":"f1","vmx":{"exception_bitmap":2}})",
       R"({"id":7,"profile":"amd-zen1","code":"f1","svm":{"icebp":true}})"}) {
    std::string answer;
    append_json(answer, run(text));
    nlohmann::json again = nlohmann::json::parse(text);
    again["expect"] = nlohmann::json::parse(answer);
    EXPECT_TRUE(compare(read(again.dump()).expect, run(text)).empty()) << answer;
  }
}

} // namespace
} // namespace icebp
