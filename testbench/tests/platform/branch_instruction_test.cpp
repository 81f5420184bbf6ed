// Jcc, LOOP, JCXZ and BOUND (SDM vol. 2).
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

class BranchInstruction : public ::testing::Test {
protected:
  // Whether a branch of `bytes` to 20h bytes behind it is taken.
  bool is_taken(std::initializer_list<int> bytes) {
    cpu.regs.rip = Machine::code_at;
    machine.execute(bytes);
    const std::uint64_t next = Machine::code_at + bytes.size();
    EXPECT_TRUE(cpu.regs.rip == next || cpu.regs.rip == next + 0x20) << std::hex << cpu.regs.rip;
    return cpu.regs.rip != next;
  }
  Machine machine;
  Cpu& cpu = machine.cpu;
};

// The words behind the mnemonics of SDM vol. 2 "Jcc": above is CF = 0 and ZF = 0 and so on.
TEST_F(BranchInstruction, Conditions) {
  machine.enter_64_bit();
  for (unsigned bits = 0; bits < 32; ++bits) {
    const bool of = bits & 1, cf = bits & 2, zf = bits & 4, sf = bits & 8, pf = bits & 16;
    cpu.regs.rflags = flag::fixed | (of ? flag::of : 0) | (cf ? flag::cf : 0) |
                      (zf ? flag::zf : 0) | (sf ? flag::sf : 0) | (pf ? flag::pf : 0);
    const bool below_or_equal = cf || zf;
    const bool less = sf != of;
    const bool holds[] = {of, !of, cf, !cf, zf,   !zf,   below_or_equal, !below_or_equal,
                          sf, !sf, pf, !pf, less, !less, zf || less,     !zf && !less};
    for (int code = 0; code < 16; ++code) {
      EXPECT_EQ(is_taken({0x70 + code, 0x20}), holds[code]) << code << " " << bits;
      EXPECT_EQ(is_taken({0x0F, 0x80 + code, 0x20, 0, 0, 0}), holds[code]) << code << " " << bits;
    }
  }
}

struct Count {
  bool wide; // 64-bit mode
  bool prefix;
  std::uint64_t before;
  std::uint64_t after; // of LOOP
  bool is_zero;        // for JCXZ
};

// 64-bit mode: RCX, or ECX with 67h. 32-bit code: ECX, or CX.
TEST_F(BranchInstruction, The_address_size_chooses_the_counter) {
  const Count counts[] = {
      {true, false, 0, 0xFFFFFFFFFFFFFFFF, true},  {true, false, 0x100000000, 0xFFFFFFFF, false},
      {true, true, 0x500000000, 0xFFFFFFFF, true}, {true, true, 0x500000002, 1, false},
      {false, false, 0x10000, 0xFFFF, false},      {false, true, 0x10000, 0x1FFFF, true},
      {false, true, 0x10002, 0x10001, false},
  };
  for (const Count& count : counts) {
    Machine fresh;
    count.wide ? fresh.enter_64_bit() : fresh.enter_protected();
    Registers& regs = fresh.cpu.regs;
    const auto execute = [&](int opcode) {
      regs.rip = Machine::code_at;
      regs.gpr[rcx] = count.before;
      count.prefix ? fresh.execute({0x67, opcode, 0x20}) : fresh.execute({opcode, 0x20});
      return regs.rip != Machine::code_at + (count.prefix ? 3 : 2);
    };
    EXPECT_EQ(execute(0xE3), count.is_zero) << std::hex << count.before;
    EXPECT_EQ(regs.gpr[rcx], count.before);
    EXPECT_TRUE(execute(0xE2)) << std::hex << count.before;
    EXPECT_EQ(regs.gpr[rcx], count.after);
  }
}

TEST_F(BranchInstruction, Loop_of_32_bits_ends_whatever_is_above) {
  machine.enter_64_bit();
  cpu.regs.gpr[rcx] = 0x500000001;
  EXPECT_FALSE(is_taken({0x67, 0xE2, 0x20}));
  EXPECT_EQ(cpu.regs.gpr[rcx], 0u);
}

TEST_F(BranchInstruction, Loop_ends_at_0_and_by_zf) {
  machine.enter_64_bit();
  const auto loops = [&](int opcode, std::uint64_t count, bool zf) {
    cpu.regs.gpr[rcx] = count;
    cpu.set_flag(flag::zf, zf);
    const bool taken = is_taken({opcode, 0x20});
    EXPECT_EQ(cpu.regs.gpr[rcx], count - 1);
    EXPECT_EQ(cpu.flag(flag::zf), zf);
    return taken;
  };
  EXPECT_FALSE(loops(0xE2, 1, true));
  EXPECT_TRUE(loops(0xE2, 2, false));
  EXPECT_TRUE(loops(0xE1, 2, true)); // LOOPE
  EXPECT_FALSE(loops(0xE1, 2, false));
  EXPECT_FALSE(loops(0xE1, 1, true));
  EXPECT_TRUE(loops(0xE0, 2, false)); // LOOPNE
  EXPECT_FALSE(loops(0xE0, 2, true));
  EXPECT_FALSE(loops(0xE0, 1, false));
}

TEST_F(BranchInstruction, Loop_beyond_the_segment_leaves_the_counter) {
  machine.enter_protected();
  cpu.regs[SegmentName::cs].limit = Machine::code_at + 0x10;
  cpu.regs.gpr[rcx] = 5;
  machine.execute({0xE2, 0x20});
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_EQ(cpu.regs.gpr[rcx], 5u);
}

TEST_F(BranchInstruction, Bound_takes_both_bounds_as_signed) {
  const auto vector_of = [](std::uint64_t index) {
    Machine fresh;
    fresh.enter_protected();
    fresh.put(Machine::data_at, 0xFFFFFFFE, 4); // -2 to 5
    fresh.put(Machine::data_at + 4, 5, 4);
    fresh.cpu.regs.gpr[rax] = index;
    fresh.cpu.regs.gpr[rbx] = Machine::data_at;
    fresh.execute({0x62, 0x03});
    return fresh.vector();
  };
  EXPECT_EQ(vector_of(0xFFFFFFFE), -1);
  EXPECT_EQ(vector_of(5), -1);
  EXPECT_EQ(vector_of(6), 5);
  EXPECT_EQ(vector_of(0xFFFFFFFD), 5);
}

} // namespace
} // namespace icebp::vp::testing
