#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/program/core/assembler.h>
#include <icebp/testbench/program/core/assembly.h>
#include <icebp/testbench/program/core/machine.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Zydis reads back what was written.
TEST(Assembler, IsReadBackByZydis) {
  for (const auto& [reg, name] : name_table<Gpr>)
    for (int dr = 0; dr < 8; ++dr)
      for (const std::string& text : {"mov dr" + std::to_string(dr) + ", " + std::string(name),
                                      "mov " + std::string(name) + ", dr" + std::to_string(dr)}) {
        const auto code = assemble(text);
        ASSERT_TRUE(code) << text;
        EXPECT_EQ(assembly_of(*code, Mode::long_mode, 0), text);
      }
  for (const char* text : {"int1", "rdmsr", "wrmsr", "wrmsrns", "rdmsrlist", "wrmsrlist"})
    EXPECT_EQ(assembly_of(assemble(text).value(), Mode::long_mode, 0), text);
}

// Encodings typed from SDM vol. 2, RDMSR, WRMSRNS, URDMSR and UWRMSR.
TEST(Assembler, NewerForms) {
  EXPECT_EQ(assemble("urdmsr rax, rdx"), (Bytes{0xF2, 0x0F, 0x38, 0xF8, 0xD0}));
  EXPECT_EQ(assemble("uwrmsr rdx, rax"), (Bytes{0xF3, 0x0F, 0x38, 0xF8, 0xD0}));
  EXPECT_EQ(assemble("urdmsr r9, r10"), (Bytes{0xF2, 0x45, 0x0F, 0x38, 0xF8, 0xD1}));
  EXPECT_EQ(assemble("rdmsr rbx, 0x1d9"),
            (Bytes{0xC4, 0xE7, 0x7B, 0xF6, 0xC3, 0xD9, 0x01, 0x00, 0x00}));
  EXPECT_EQ(assemble("wrmsrns 0xC0000082, r8"),
            (Bytes{0xC4, 0xC7, 0x7A, 0xF6, 0xC0, 0x82, 0x00, 0x00, 0xC0}));
  EXPECT_EQ(assemble("urdmsr rax, 0x174"),
            (Bytes{0xC4, 0xE7, 0x7B, 0xF8, 0xC0, 0x74, 0x01, 0x00, 0x00}));
  EXPECT_EQ(assemble("uwrmsr 0x174, rax"),
            (Bytes{0xC4, 0xE7, 0x7A, 0xF8, 0xC0, 0x74, 0x01, 0x00, 0x00}));
}

TEST(Assembler, TakesWhatPeopleWrite) {
  EXPECT_EQ(assemble("  MOV\tDR7 ,EAX "), (Bytes{0x0F, 0x23, 0xF8}));
  EXPECT_EQ(assemble("icebp"), (Bytes{0xF1}));
  EXPECT_EQ(assemble("mov dr8, rax"), (Bytes{0x44, 0x0F, 0x23, 0xC0})); // REX.R: #UD
  EXPECT_EQ(assemble("wrmsrns IA32_LSTAR, rax"), assemble("wrmsrns 0xc0000082, rax"));
}

TEST(Assembler, RefusesWhatIsNone) {
  for (const char* text :
       {"", "mov", "mov rax, rbx", "mov dr7", "mov dr7, rax, rbx", "mov dr16, rax", "mov dr7, ax",
        "rdmsr rax", "int1 rax", "rdmsr rax, IA32_NOTHING", "rdmsr rax, 0x100000000", "nop",
        "mov dr7 rax"})
    EXPECT_FALSE(assemble(text)) << text;
}

// Every register of a CPU is found by the name that `icebp msrs` lists.
TEST(MsrNames, OfEveryRegister) {
  for (const CpuProfile& profile : cpu_profiles) {
    const auto cpu = std::make_unique<CpuModel>(profile);
    for (const ResolvedMsr& msr : cpu->msrs)
      EXPECT_TRUE(!msr.in_catalogue || msr_index_of(full_name(msr)) == msr.index)
          << profile.name << ' ' << full_name(msr);
  }
}

} // namespace
} // namespace icebp
