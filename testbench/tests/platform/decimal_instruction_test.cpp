// BCD instructions, which the host has not in 64-bit mode: by what they are for.
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

class DecimalInstruction : public ::testing::Test {
protected:
  void SetUp() override { machine.enter_protected(); }
  // AX behind ADD or SUB AL, BL and then `adjust`.
  unsigned ax_behind(int operation, int adjust, unsigned ax, unsigned bl) {
    cpu.regs.gpr[rax] = ax;
    cpu.regs.gpr[rbx] = bl;
    cpu.regs.rip = Machine::code_at;
    machine.execute({operation, 0xD8});
    machine.execute({adjust});
    return static_cast<unsigned>(cpu.gpr(rax, 2));
  }
  Machine machine;
  Cpu& cpu = machine.cpu;
};

constexpr int add_al_bl = 0x00, sub_al_bl = 0x28;

unsigned packed(unsigned number) { return number / 10 << 4 | number % 10; }

TEST_F(DecimalInstruction, Daa_and_das_keep_two_digits) {
  for (unsigned a = 0; a < 100; ++a)
    for (unsigned b = 0; b < 100; ++b) {
      EXPECT_EQ(ax_behind(add_al_bl, 0x27, packed(a), packed(b)), packed((a + b) % 100));
      EXPECT_EQ(cpu.flag(flag::cf), a + b >= 100) << a << " + " << b;
      EXPECT_EQ(cpu.flag(flag::af), a % 10 + b % 10 >= 10) << a << " + " << b;
      EXPECT_EQ(ax_behind(sub_al_bl, 0x2F, packed(a), packed(b)), packed((100 + a - b) % 100));
      EXPECT_EQ(cpu.flag(flag::cf), a < b) << a << " - " << b;
      EXPECT_EQ(cpu.flag(flag::af), a % 10 < b % 10) << a << " - " << b;
    }
}

// What is no decimal number (SDM vol. 2, the operation of DAA and DAS).
TEST_F(DecimalInstruction, Das_borrows_where_al_is_below_6) {
  cpu.regs.gpr[rax] = 0x03;
  cpu.regs.rflags = flag::fixed | flag::af;
  machine.execute({0x2F});
  EXPECT_EQ(cpu.gpr(rax, 1), 0xFDu);
  EXPECT_TRUE(cpu.flag(flag::cf));
  EXPECT_TRUE(cpu.flag(flag::sf));
}

TEST_F(DecimalInstruction, Daa_sets_the_flags_of_the_result) {
  cpu.regs.gpr[rax] = 0x9A;
  machine.execute({0x27});
  EXPECT_EQ(cpu.gpr(rax, 1), 0u);
  EXPECT_EQ(cpu.regs.rflags, flag::fixed | flag::cf | flag::af | flag::zf | flag::pf);
}

// One digit in AL, the tens in AH.
TEST_F(DecimalInstruction, Aaa_and_aas_carry_into_ah) {
  for (unsigned a = 0; a < 10; ++a)
    for (unsigned b = 0; b < 10; ++b) {
      const unsigned sum = a + b;
      EXPECT_EQ(ax_behind(add_al_bl, 0x37, 0x300 | a, b), 0x300 + (sum / 10 << 8) + sum % 10);
      EXPECT_EQ(cpu.flag(flag::cf), sum >= 10);
      EXPECT_EQ(cpu.flag(flag::af), sum >= 10);
      const unsigned difference = 10 + a - b;
      EXPECT_EQ(ax_behind(sub_al_bl, 0x3F, 0x300 | a, b),
                0x300 - (a < b ? 0x100 : 0) + difference % 10);
      EXPECT_EQ(cpu.flag(flag::cf), a < b);
      EXPECT_EQ(cpu.flag(flag::af), a < b);
    }
}

TEST_F(DecimalInstruction, Aam_splits_and_aad_joins_digits) {
  for (unsigned number = 0; number < 100; ++number) {
    cpu.regs.rip = Machine::code_at;
    cpu.regs.gpr[rax] = 0xAB00 | number;
    machine.execute({0xD4, 0x0A});
    EXPECT_EQ(cpu.gpr(rax, 2), number / 10 << 8 | number % 10);
    EXPECT_EQ(cpu.flag(flag::zf), number % 10 == 0); // of AL
    machine.execute({0xD5, 0x0A});
    EXPECT_EQ(cpu.gpr(rax, 2), number);
    EXPECT_EQ(cpu.flag(flag::zf), number == 0);
  }
}

TEST_F(DecimalInstruction, Aam_by_another_base_and_by_0) {
  cpu.regs.gpr[rax] = 0x7F;
  machine.execute({0xD4, 0x10});
  EXPECT_EQ(cpu.gpr(rax, 2), 0x070Fu);
  machine.execute({0xD4, 0x00});
  EXPECT_EQ(machine.vector(), 0);
  EXPECT_EQ(cpu.gpr(rax, 2), 0x070Fu);
}

TEST_F(DecimalInstruction, Salc_spreads_cf) {
  cpu.regs.gpr[rax] = 0x1234;
  cpu.regs.rflags = flag::fixed | flag::cf;
  machine.execute({0xD6});
  EXPECT_EQ(cpu.gpr(rax, 2), 0x12FFu);
  cpu.regs.rflags = flag::fixed;
  machine.execute({0xD6});
  EXPECT_EQ(cpu.gpr(rax, 2), 0x1200u);
  EXPECT_EQ(cpu.regs.rflags, flag::fixed);
}

} // namespace
} // namespace icebp::vp::testing
