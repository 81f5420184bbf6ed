// Quotients at the limits of IDIV and DIV, which random operands seldom reach.
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

struct Division {
  std::initializer_list<int> bytes; // by RBX
  std::uint64_t high, low, divisor; // of a byte: AX is `low`
  int vector;
  std::uint64_t quotient;
};

const Division divisions[] = {
    {{0xF6, 0xFB}, 0, 0xFF80, 1, -1, 0x0080},    // -128 / 1: AH is the remainder
    {{0xF6, 0xFB}, 0, 0x0080, 0xFF, -1, 0x0080}, // 128 / -1
    {{0xF6, 0xFB}, 0, 0x0080, 1, 0, 0},          // 128 / 1
    {{0xF6, 0xFB}, 0, 0xFF7F, 1, 0, 0},          // -129 / 1
    {{0x66, 0xF7, 0xFB}, 0xFFFF, 0x8000, 1, -1, 0x8000},
    {{0x66, 0xF7, 0xFB}, 0, 0x8000, 1, 0, 0},
    {{0xF7, 0xFB}, 0xFFFFFFFF, 0x80000000, 1, -1, 0x80000000},
    {{0xF7, 0xFB}, 0, 0x80000000, 1, 0, 0},
    {{0x48, 0xF7, 0xFB}, ~std::uint64_t{0}, std::uint64_t{1} << 63, 1, -1, std::uint64_t{1} << 63},
    {{0x48, 0xF7, 0xFB}, 0, std::uint64_t{1} << 63, 1, 0, 0},
    {{0x48, 0xF7, 0xFB}, std::uint64_t{1} << 63, 0, ~std::uint64_t{0}, 0, 0},
    {{0x48, 0xF7, 0xF3}, 1, 0, 2, -1, std::uint64_t{1} << 63}, // DIV
    {{0x48, 0xF7, 0xF3}, 2, 0, 2, 0, 0},
    {{0x48, 0xF7, 0xF3}, 1, ~std::uint64_t{0}, 2, -1, ~std::uint64_t{0}},
};

TEST(Division, Limits) {
  for (const Division& division : divisions) {
    SCOPED_TRACE(&division - divisions);
    Machine machine;
    machine.enter_64_bit();
    auto& gpr = machine.cpu.regs.gpr;
    gpr[rdx] = division.high;
    gpr[rax] = division.low;
    gpr[rbx] = division.divisor;
    machine.execute(division.bytes);
    EXPECT_EQ(machine.vector(), division.vector);
    EXPECT_EQ(gpr[rax], division.vector == 0 ? division.low : division.quotient);
  }
}

} // namespace
} // namespace icebp::vp::testing
