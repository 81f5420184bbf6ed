// Exits to a hypervisor, as vector lines; values of docs/debug-unit.md 5.4, 7.1, 7.2 and 10.3.

#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

using nlohmann::json;

json answer_to(const std::string& keys, const char* profile) {
  return json_of(run(R"({"id":1,)" + keys + "}", profile));
}
json on_intel(const std::string& keys) { return answer_to(keys, "intel-skylake"); }
json on_amd(const std::string& keys) { return answer_to(keys, "amd-zen1"); }

// The keys of the answer that `expected` names.
testing::AssertionResult has(const json& answer, const char* expected_keys) {
  const json expected = json::parse(expected_keys);
  for (const auto& [key, value] : expected.items())
    if (answer[key] != value)
      return testing::AssertionFailure() << key << " is " << answer[key] << ", not " << value;
  return testing::AssertionSuccess();
}

constexpr const char* mov_dr7_with_gd = R"("code":"0f 23 f8","dr7":"0x2400","rip":"0x2000",)";

// --- exceptions

TEST(Guest, VmxTakesADebugExceptionBeforeItReachesTheRegisters) {
  EXPECT_TRUE(has(on_intel(std::string(mov_dr7_with_gd) + R"("vmx":{"exception_bitmap":"0x2"})"),
                  R"({"outcome":"exit","vector":1,"error_code":null,"cause":"general_detect",
              "payload":"0x2000","redirected":false,"rip":"0x2000","rf":0,
              "dr6":"0xffff0ff0","dr7":"0x2400",
              "exit":{"reason":"0x0","qualification":"0x2000","intr_info":"0x80000301",
                      "error_code":null}})"));
}

TEST(Guest, SvmTakesADebugExceptionAfterItsDelivery) {
  EXPECT_TRUE(has(on_amd(std::string(mov_dr7_with_gd) + R"("svm":{"exceptions":"0x2"})"),
                  R"({"outcome":"exit","vector":1,"error_code":null,"cause":"general_detect",
                      "payload":"0x2000","rip":"0x2000","rf":0,"dr6":"0xffff2ff0","dr7":"0x400",
                      "exit":{"code":"0x41","info1":null,"info2":null}})"));
}

TEST(Guest, AnInterceptedGeneralProtectionHasAnErrorCode) {
  const std::string wrmsr_at_cpl_3 = R"("code":"0f 30","cpl":3,)";
  EXPECT_TRUE(has(on_intel(wrmsr_at_cpl_3 + R"("vmx":{"exception_bitmap":"0x2000"})"),
                  R"({"outcome":"exit","vector":13,"error_code":0,"cause":"cpl","payload":null,
                      "rip":"0x1000","rf":1,
                      "exit":{"reason":"0x0","qualification":null,"intr_info":"0x80000b0d",
                              "error_code":"0x0"}})"));
  EXPECT_TRUE(has(on_amd(wrmsr_at_cpl_3 + R"("svm":{"exceptions":"0x2000"})"),
                  R"({"outcome":"exit","vector":13,"error_code":0,"cause":"cpl","payload":null,
                      "rip":"0x1000","rf":1,
                      "exit":{"code":"0x4d","info1":"0x0","info2":null}})"));
}

TEST(Guest, AnInterceptedInvalidOpcodeHasNoErrorCode) {
  EXPECT_TRUE(has(on_intel(R"("code":"f0 f1","vmx":{"exception_bitmap":"0x40"})"),
                  R"({"outcome":"exit","vector":6,"error_code":null,"cause":"lock_prefix","rf":1,
                      "exit":{"reason":"0x0","qualification":null,"intr_info":"0x80000306",
                              "error_code":null}})"));
  EXPECT_TRUE(has(on_amd(R"("code":"f0 f1","svm":{"exceptions":"0x40"})"),
                  R"({"outcome":"exit","vector":6,"exit":{"code":"0x46","info1":null,
                      "info2":null}})"));
}

TEST(Guest, AnExceptionThatIsNotInterceptedIsTheGuests) {
  EXPECT_TRUE(
      has(on_intel(std::string(mov_dr7_with_gd) + R"("vmx":{"exception_bitmap":"0xfffffffd"})"),
          R"({"outcome":"fault","vector":1,"exit":null,"dr6":"0xffff2ff0","dr7":"0x400"})"));
  EXPECT_TRUE(has(on_amd(std::string(mov_dr7_with_gd) + R"("svm":{"exceptions":"0xfffffffd"})"),
                  R"({"outcome":"fault","vector":1,"exit":null,"dr6":"0xffff2ff0",
                      "dr7":"0x400"})"));
}

TEST(Guest, AnInterceptedGeneralDetectKeepsRf) {
  EXPECT_TRUE(has(on_intel(std::string(mov_dr7_with_gd) +
                           R"("rflags":"0x10002","vmx":{"exception_bitmap":"0x2"})"),
                  R"({"outcome":"exit","rf":1})"));
}

// --- INT1

TEST(Guest, VmxExitsOnAnInt1) {
  EXPECT_TRUE(has(on_intel(R"("code":"f1","dr6":"0xffff0ff5","vmx":{"exception_bitmap":"0x2"})"),
                  R"({"outcome":"exit","vector":1,"error_code":null,"cause":"int1",
                      "payload":"0x0","rip":"0x1000","rf":0,"dr6":"0xffff0ff5","dr7":"0x400",
                      "exit":{"reason":"0x0","qualification":"0x0","intr_info":"0x80000501",
                              "error_code":null}})"));
}

TEST(Guest, SvmExitsBehindAnInt1WhoseExceptionItIntercepts) {
  EXPECT_TRUE(has(on_amd(R"("code":"f1","dr6":"0xffff0ff5","dr7":"0x2400",
                            "svm":{"exceptions":"0x2"})"),
                  R"({"outcome":"exit","vector":1,"cause":"int1","payload":"0x0","rip":"0x1001",
                      "rf":0,"dr6":"0xffff0ff5","dr7":"0x400",
                      "exit":{"code":"0x41","info1":null,"info2":null}})"));
}

TEST(Guest, SvmInterceptsInt1BeforeItsException) {
  EXPECT_TRUE(has(on_amd(R"("code":"f1","dr7":"0x2400","rflags":"0x10002",
                            "svm":{"icebp":true,"exceptions":"0x2"})"),
                  R"({"outcome":"exit","vector":null,"error_code":null,"cause":"intercept",
                      "payload":null,"rip":"0x1000","rf":0,"dr6":"0xffff0ff0","dr7":"0x2400",
                      "exit":{"code":"0x88","info1":null,"info2":null}})"));
  EXPECT_TRUE(has(on_amd(R"("code":"f0 f1","svm":{"icebp":true})"),
                  R"({"outcome":"fault","vector":6,"cause":"lock_prefix","exit":null})"));
}

// --- MOV DR

TEST(Guest, VmxQualifiesAMovOfADebugRegister) {
  EXPECT_TRUE(has(on_intel(R"("code":"41 0f 21 ff","rflags":"0x10002",
                              "vmx":{"mov_dr_exiting":true})"), // mov r15, dr7
                  R"({"outcome":"exit","vector":null,"cause":"intercept","rip":"0x1000","rf":0,
                      "gpr":{},
                      "exit":{"reason":"0x1d","qualification":"0xf17","intr_info":null,
                              "error_code":null}})"));
  EXPECT_EQ(on_intel(R"("code":"0f 23 eb","vmx":{"mov_dr_exiting":true})")["exit"]["qualification"],
            "0x305"); // mov dr5, rbx
}

TEST(Guest, SvmInterceptsDebugRegistersByRawNumber) {
  EXPECT_TRUE(has(on_amd(R"("code":"0f 21 e3","svm":{"dr_read":"0x10"})"), // mov rbx, dr4
                  R"({"outcome":"exit","cause":"intercept","rip":"0x1000",
                      "exit":{"code":"0x24","info1":"0x3","info2":null}})"));
  EXPECT_TRUE(has(on_amd(R"("code":"0f 23 f8","svm":{"dr_write":"0x80"})"),
                  R"({"outcome":"exit","exit":{"code":"0x37","info1":"0x0","info2":null}})"));
  EXPECT_EQ(
      on_amd(R"("code":"0f 21 e3","svm":{"dr_read":"0xffef","dr_write":"0xffff"})")["outcome"],
      "retired");
}

TEST(Guest, SvmInterceptsAMovOfADebugRegisterAfterItsExceptions) {
  EXPECT_TRUE(has(on_amd(R"("code":"0f 23 f8","gpr":{"rax":"0x100000400"},
                            "svm":{"dr_write":"0xffff"})"),
                  R"({"outcome":"fault","vector":13,"cause":"reserved_upper_half"})"));
}

// --- MSR bitmaps

std::string access_to(const char* msr, bool write, const std::string& guest) {
  return std::string(R"("code":")") + (write ? "0f 30" : "0f 32") + R"(","gpr":{"rcx":")" + msr +
         R"("},)" + guest;
}

TEST(Guest, VmxExitsForEveryMsrWithoutBitmaps) {
  for (const char* guest : {R"("vmx":{})", R"("vmx":{"use_msr_bitmaps":false})"}) {
    EXPECT_TRUE(has(on_intel(access_to("0xc0000082", false, guest)),
                    R"({"outcome":"exit","vector":null,"cause":"intercept","rip":"0x1000",
                        "exit":{"reason":"0x1f","qualification":null,"intr_info":null,
                                "error_code":null}})"));
    EXPECT_EQ(on_intel(access_to("0xc0000082", true, guest))["exit"]["reason"], "0x20");
  }
}

TEST(Guest, VmxExitsForTheMsrsOfItsBitmaps) {
  const std::string guest = R"("vmx":{"use_msr_bitmaps":true,"msr_read":["0xc0000082"],
                                      "msr_write":["0x174"]})";
  EXPECT_EQ(on_intel(access_to("0xc0000082", false, guest))["exit"]["reason"], "0x1f");
  EXPECT_EQ(on_intel(access_to("0xc0000082", true, guest))["outcome"], "retired");
  EXPECT_EQ(on_intel(access_to("0x174", true, guest))["exit"]["reason"], "0x20");
  EXPECT_EQ(on_intel(access_to("0x174", false, guest))["outcome"], "retired");
  for (const char* outside : {"0x2000", "0x40000000", "0xbfffffff", "0xc0002000", "0xffffffff"}) {
    EXPECT_EQ(on_intel(access_to(outside, false, guest))["exit"]["reason"], "0x1f") << outside;
    EXPECT_EQ(on_intel(access_to(outside, true, guest))["exit"]["reason"], "0x20") << outside;
  }
}

TEST(Guest, SvmExitsForTheMsrsOfItsPermissionMap) {
  const std::string guest = R"("svm":{"msr_prot":true,"msr_read":["0xc0000082"],
                                      "msr_write":["0x174"]})";
  EXPECT_TRUE(has(on_amd(access_to("0xc0000082", false, guest)),
                  R"({"outcome":"exit","vector":null,"cause":"intercept","rip":"0x1000",
                      "exit":{"code":"0x7c","info1":"0x0","info2":null}})"));
  EXPECT_EQ(on_amd(access_to("0xc0000082", true, guest))["outcome"], "retired");
  EXPECT_EQ(on_amd(access_to("0x174", true, guest))["exit"]["info1"], "0x1");
  EXPECT_EQ(on_amd(access_to("0x174", false, guest))["outcome"], "retired");
}

TEST(Guest, SvmWithoutMsrProtLetsEveryMsrThrough) {
  const std::string guest = R"("svm":{"msr_read":["0xc0000082"],"msr_write":["0xc0000082"]})";
  EXPECT_EQ(on_amd(access_to("0xc0000082", false, guest))["outcome"], "retired");
  EXPECT_EQ(on_amd(access_to("0xc0000082", true, guest))["outcome"], "retired");
}

} // namespace
} // namespace icebp
