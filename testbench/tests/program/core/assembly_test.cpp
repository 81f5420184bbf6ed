#include <icebp/testbench/program/core/assembly.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

struct Line {
  std::vector<std::uint8_t> code;
  const char* text;
};

TEST(Assembly, By_zydis) {
  EXPECT_EQ(assembly_of({0x0F, 0x21, 0xC3}, Mode::long_mode, 0), "mov rbx, dr0");
}

// The operands of URDMSR and UWRMSR: binutils x86-64-user_msr.s
TEST(Assembly, Newer_msr_instructions) {
  const Line lines[] = {
      {{0xF2, 0x45, 0x0F, 0x38, 0xF8, 0xF4}, "urdmsr r12, r14"},
      {{0xF3, 0x44, 0x0F, 0x38, 0xF8, 0xF0}, "uwrmsr r14, rax"},
      {{0xC4, 0xC7, 0x7B, 0xF8, 0xC4, 0x0F, 0x0F, 0x12, 0x03}, "urdmsr r12, 0x3120f0f"},
      {{0xC4, 0xE7, 0x7A, 0xF8, 0xC0, 0x7F, 0, 0, 0}, "uwrmsr 0x7f, rax"},
      {{0xC4, 0xE7, 0x7B, 0xF6, 0xC3, 0x82, 0, 0, 0xC0}, "rdmsr rbx, 0xc0000082"},
      {{0xC4, 0xC7, 0x7A, 0xF6, 0xC1, 0x74, 0x01, 0, 0}, "wrmsrns 0x174, r9"},
      {{0x0F, 0x01, 0xC6}, "wrmsrns"},
      {{0xF2, 0x0F, 0x01, 0xC6}, "rdmsrlist"},
      {{0xF3, 0x0F, 0x01, 0xC6}, "wrmsrlist"},
  };
  for (const Line& line : lines)
    EXPECT_EQ(assembly_of(line.code, Mode::long_mode, 0), line.text);
}

TEST(Assembly, Bytes_of_anything_else) {
  EXPECT_EQ(assembly_of({0xF2, 0x0F, 0x38, 0xF8, 0xD0}, Mode::protected_mode, 0),
            "db f2 0f 38 f8 d0");
  EXPECT_EQ(assembly_of({0xF0, 0xF2, 0x0F, 0x38, 0xF8, 0xD0}, Mode::long_mode, 0),
            "db f0 f2 0f 38 f8 d0");
  EXPECT_EQ(assembly_of({0x0F, 0x32, 0x90}, Mode::long_mode, 0), "db 0f 32 90");
}

} // namespace
} // namespace icebp
