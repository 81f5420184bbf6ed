#include <icebp/testbench/program/vectors/check.h>
#include <icebp/testbench/program/vectors/outcome_text.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

// The places of the conditions in DR6: SDM vol. 3 17.2.3.
TEST(OutcomeText, NamesTheBitsOfAPayload) {
  EXPECT_EQ(payload_text(0), "0");
  EXPECT_EQ(payload_text(0x2000), "2000 BD");
  EXPECT_EQ(payload_text(0x4005), "4005 B0 B2 BS");
  EXPECT_EQ(payload_text(0x1E80F), "1e80f B0 B1 B2 B3 BLD BD BS BT RTM");
}

std::string text_of(const std::string& keys) {
  Profiles profiles;
  VectorReader reader(profiles);
  VectorLine line;
  std::string text = "{\"id\":1," + keys + "}";
  reader.read(text, line);
  const CpuProfile& profile = line.profile ? *line.profile : profiles.named("intel-max");
  return outcome_text(run_line(line, profiles.model_of(profile)));
}

// Numbers and names: SDM vol. 3 appendix C, APM vol. 2 appendix C, Linux's uapi vmx.h and svm.h.
TEST(OutcomeText, NamesExits) {
  const std::string vmx = R"("vmx":{"mov_dr_exiting":true,"exception_bitmap":2,)"
                          R"("use_msr_bitmaps":true,"msr_read":["0x10"],"msr_write":["0x10"]},)";
  EXPECT_EQ(text_of(vmx + R"("code":"0f 21 c3")"), "exit 29 DR_ACCESS, qualification 310");
  EXPECT_EQ(text_of(vmx + R"("code":"0f 32","gpr":{"rcx":16})"), "exit 31 MSR_READ");
  EXPECT_EQ(text_of(vmx + R"("code":"0f 30","gpr":{"rcx":16})"), "exit 32 MSR_WRITE");
  EXPECT_EQ(text_of(vmx + R"("code":"f1")"), "exit 0 EXCEPTION_NMI, #DB, qualification 0");
  const std::string svm = R"("profile":"amd-zen5","svm":{"dr_read":1,"dr_write":128,)"
                          R"("exceptions":8192,"icebp":true,"msr_prot":true,"msr_read":["0x10"]},)";
  EXPECT_EQ(text_of(svm + R"("code":"0f 21 c3")"), "exit 20 READ_DR0");
  EXPECT_EQ(text_of(svm + R"("code":"0f 23 f8")"), "exit 37 WRITE_DR7");
  EXPECT_EQ(text_of(svm + R"("code":"0f 32","gpr":{"rcx":16})"), "exit 7c MSR");
  EXPECT_EQ(text_of(svm + R"("code":"f1")"), "exit 88 ICEBP");
  EXPECT_EQ(text_of(svm + R"("code":"0f 32","cpl":3)"), "exit 4d EXCP_BASE+13");
}

TEST(OutcomeText, TellsExceptions) {
  EXPECT_EQ(text_of(R"("code":"0f 23 f8","dr7":"0x2400","redirect_db":true)"),
            "#DB fault, payload 2000 BD, to firmware");
  EXPECT_EQ(text_of(R"("code":"0f 32","gpr":{"rcx":"0x12345"})"), "#GP(0) fault");
  EXPECT_EQ(text_of(R"("code":"f1")"), "#DB trap, payload 0");
  EXPECT_EQ(text_of(R"("code":"0f 21 c3")"), "retired");
}

} // namespace
} // namespace icebp
