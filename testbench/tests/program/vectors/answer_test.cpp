#include <icebp/testbench/program/vectors/line_to_core.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

using nlohmann::json;

TEST(Answer, OfAGeneralDetectFault) {
  EXPECT_EQ(json_of(run(R"({"id":7,"code":"0f 23 f8","cpl":3,"dr7":"0x2400","dr":[1,2,3,4]})")),
            json::parse(R"({"id":7,"outcome":"fault","vector":1,"error_code":null,
      "cause":"general_detect","payload":"0x2000","exit":null,"redirected":false,"rip":"0x1000",
      "rf":0,"gpr":{},"msr":{},"mem":{},"dr":["0x1","0x2","0x3","0x4"],"dr6":"0xffff2ff0",
      "dr7":"0x400","serializing":false,"cost":"none","cycles":12})"));
}

TEST(Answer, OfARead) {
  EXPECT_EQ(json_of(run(R"({"id":"a","code":"0f 32","gpr":{"rcx":"0xc0000082","rax":7},
                            "msr":{"0xc0000082":"0xfedcba9876543210"}})")),
            json::parse(R"({"id":"a","outcome":"retired","vector":null,"error_code":null,
      "cause":"none","payload":null,"exit":null,"redirected":false,"rip":"0x1002","rf":null,
      "gpr":{"rax":"0x76543210","rdx":"0xfedcba98"},"msr":{},"mem":{},
      "dr":["0x0","0x0","0x0","0x0"],"dr6":"0xffff0ff0","dr7":"0x400","serializing":false,"cost":"fast_read","cycles":30})"));
}

TEST(Answer, NamesAChangedMsrOnce) {
  const json answer = json_of(run(R"({"id":1,"code":"0f 30","gpr":{"rcx":"0x174","rax":8}})"));
  EXPECT_EQ(answer["msr"], json::parse(R"({"0x174":"0x8"})"));
  EXPECT_EQ(answer["gpr"], json::object());
  EXPECT_EQ(json_of(run(R"({"id":1,"code":"0f 30","gpr":{"rcx":"0x174"}})"))["msr"],
            json::object());
}

TEST(Answer, OfAnOrdinaryFault) {
  const json answer = json_of(run(R"({"id":1,"code":"0f 30","cpl":3,"rip":"0x2000"})"));
  EXPECT_EQ(answer["vector"], 13);
  EXPECT_EQ(answer["error_code"], 0);
  EXPECT_EQ(answer["payload"], nullptr);
  EXPECT_EQ(answer["rf"], 1);
  EXPECT_EQ(answer["rip"], "0x2000");
}

json answer_to_page_fault(const char* profile, const char* more) {
  const Core before = core_of(read_with(more), cpu_named(profile));
  Request request;
  request.operation = Operation::page_fault;
  request.context = context_of(before.machine);
  request.value = 0xFFFF800000000010;
  request.error_code = 2;
  Answer answer(before);
  const Execution execution = execute(*before.cpu, answer.after.state, request);
  complete(answer.after.machine, request, execution.outcome);
  complete(answer, before, {request, execution.outcome}, execution.cycles);
  return json_of(answer);
}

TEST(Answer, OfAPageFault) {
  const json answer = answer_to_page_fault("intel-skylake", R"("rip":"0x2000")");
  EXPECT_EQ(answer["outcome"], "fault");
  EXPECT_EQ(answer["vector"], 14);
  EXPECT_EQ(answer["error_code"], 2);
  EXPECT_EQ(answer["payload"], "0xffff800000000010");
  EXPECT_EQ(answer["cr2"], "0xffff800000000010");
  EXPECT_EQ(answer["rip"], "0x2000");
  EXPECT_EQ(answer["rf"], 1);
}

TEST(Answer, OfAnInterceptedPageFaultHasNoCr2) {
  const json intel =
      answer_to_page_fault("intel-skylake", R"("vmx":{"exception_bitmap":"0x4000"})");
  EXPECT_FALSE(intel.contains("cr2"));
  EXPECT_EQ(intel["exit"], json::parse(R"({"reason":"0x0","qualification":"0xffff800000000010",
      "intr_info":"0x80000b0e","error_code":"0x2"})"));
  const json amd = answer_to_page_fault("amd-zen1", R"("svm":{"exceptions":"0x4000"})");
  EXPECT_FALSE(amd.contains("cr2"));
  EXPECT_EQ(amd["exit"],
            json::parse(R"({"code":"0x4e","info1":"0x2","info2":"0xffff800000000010"})"));
}

TEST(Answer, OfATrap) {
  const json answer = json_of(run(R"({"id":1,"code":"f1","redirect_db":true,"dr7":"0x2400"})"));
  EXPECT_EQ(answer["outcome"], "trap");
  EXPECT_EQ(answer["payload"], "0x0");
  EXPECT_EQ(answer["rf"], 0);
  EXPECT_EQ(answer["rip"], "0x1001");
  EXPECT_EQ(answer["redirected"], true);
  EXPECT_EQ(answer["dr7"], "0x400");
}

TEST(Answer, KeepsRfOfAGeneralDetectFault) {
  EXPECT_EQ(json_of(run(R"({"id":1,"code":"0f21c0","dr7":"0x2400","rflags":"0x10002"})"))["rf"], 1);
}

TEST(Answer, WithoutAnId) {
  Answer answer = run(R"({"id":1,"code":"f1"})");
  answer.id.clear();
  EXPECT_FALSE(json_of(answer).contains("id"));
}

TEST(Answer, OfEachAddressRegister) { // MOV DR0 to DR3, RAX
  const char* const codes[] = {"0f23c0", "0f23c8", "0f23d0", "0f23d8"};
  for (std::size_t n = 0; n < std::size(codes); ++n) {
    json expected = {"0x1", "0x2", "0x3", "0x4"};
    expected[n] = "0x9";
    EXPECT_EQ(json_of(run(R"({"id":1,"dr":[1,2,3,4],"gpr":{"rax":9},"code":")" +
                          std::string(codes[n]) + "\"}"))["dr"],
              expected);
  }
}

// RDMSRLIST of IA32_SYSENTER_EIP, 176h, into bytes that are there: runs of what changed.
TEST(Answer, OfChangedMemory) {
  const auto memory = [](const char* data) {
    return json_of(
        run(R"({"id":1,"profile":"intel-max","code":"f20f01c6","msr":{"0x176":"0xa00000b00"},)"
            R"("gpr":{"rcx":1,"rsi":"0x4000","rdi":"0x5000"},)"
            R"("mem":{"0x4000":"7601000000000000","0x5000":")" +
            std::string(data) + R"("}})"))["mem"];
  };
  EXPECT_EQ(memory("0000000000000000"), json::parse(R"({"0x5001":"0b","0x5004":"0a"})"));
  EXPECT_EQ(memory("000b00000a000000"), json::object());
  EXPECT_EQ(memory("ffffffffffffffff"), json::parse(R"({"0x5000":"000b00000a000000"})"));
  EXPECT_EQ(memory("00000000000000ff"),
            json::parse(R"({"0x5001":"0b","0x5004":"0a","0x5007":"00"})"));
}

TEST(Answer, OfAnotherProcessor) { // x2APIC ID 21h; not the bootstrap processor
  const auto read = [](const char* ecx) {
    return json_of(run(R"({"id":1,"code":"0f32","apic_id":33,"bsp":false,)"
                       R"("msr":{"0x1b":"0xfee00c00"},"gpr":{"rcx":")" +
                       std::string(ecx) + R"("}})"))["gpr"]["rax"];
  };
  EXPECT_EQ(read("0x802"), "0x21");
  EXPECT_EQ(read("0x80d"), "0x20002");
  EXPECT_EQ(
      json_of(run(R"({"id":1,"code":"0f32","bsp":false,"gpr":{"rcx":"0x1b"}})"))["gpr"]["rax"],
      "0xfee00800");
}

TEST(Answer, OfAWriteThatSerializes) {
  const json answer = json_of(run(R"({"id":1,"code":"0f30","gpr":{"rcx":"0x174"}})"));
  EXPECT_EQ(answer["serializing"], true);
  EXPECT_EQ(answer["cost"], "serializing_write");
}

TEST(Answer, OfAWriteThatSingleSteps) { // it retired, and then came the trap
  const json answer =
      json_of(run(R"({"id":1,"code":"0f30","rflags":"0x102","gpr":{"rcx":"0x174"}})"));
  EXPECT_EQ(answer["cause"], "single_step");
  EXPECT_EQ(answer["serializing"], true);
  EXPECT_EQ(answer["cost"], "serializing_write");
}

TEST(Answer, PutsEveryRegisterOut) {
  Answer answer = run(R"({"id":1,"code":"f1"})");
  answer.gpr_changed = 0xFFFF;
  answer.msr_changed.set();
  const json out = json_of(answer);
  const MsrTable& msrs = answer.after.cpu->msrs;
  EXPECT_EQ(out["gpr"].size(), 16u);
  EXPECT_EQ(out["msr"].size(), static_cast<std::size_t>(std::distance(msrs.begin(), msrs.end())));
  EXPECT_EQ(out["msr"]["0xc0000080"], "0xd01");
}

} // namespace
} // namespace icebp
