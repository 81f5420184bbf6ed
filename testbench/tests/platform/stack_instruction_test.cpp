// PUSH, POP, CALL, RET, ENTER and LEAVE by the width of stack and operand (SDM vol. 2).
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

class StackInstruction : public ::testing::Test {
protected:
  std::uint64_t top(unsigned size, unsigned place = 0) {
    return machine.get(cpu.regs.gpr[rsp] + place * size, size);
  }
  Machine machine;
  Cpu& cpu = machine.cpu;
  std::uint64_t& sp = cpu.regs.gpr[rsp];
};

TEST_F(StackInstruction, Pusha_has_sp_as_it_was_and_popa_leaves_it) {
  machine.enter_real();
  for (unsigned reg = 0; reg < 8; ++reg)
    if (reg != rsp)
      cpu.regs.gpr[reg] = 0xABCD0000 + 0x101 * (reg + 1);
  sp = 0x9990600;
  machine.execute({0x60});
  EXPECT_EQ(sp, 0x99905F0u);
  const std::uint64_t pushed[] = {0x808, 0x707, 0x606, 0x600, 0x404, 0x303, 0x202, 0x101};
  for (unsigned place = 0; place < 8; ++place)
    EXPECT_EQ(machine.get(0x5F0 + 2 * place, 2), pushed[place]) << place;
  machine.put(0x5F6, 0x1234, 2); // SP's
  machine.put(0x5FE, 0x7777, 2); // AX's
  machine.execute({0x61});
  EXPECT_EQ(sp, 0x9990600u);
  EXPECT_EQ(cpu.regs.gpr[rax], 0xABCD7777u);
  EXPECT_EQ(cpu.regs.gpr[rdi], 0xABCD0808u);
}

TEST_F(StackInstruction, Pushad_has_32_bits_each) {
  machine.enter_protected();
  cpu.regs.gpr[rax] = 0x11111111;
  cpu.regs.gpr[rdi] = 0x88888888;
  machine.execute({0x60});
  EXPECT_EQ(sp, Machine::stack_top - 32);
  EXPECT_EQ(top(4, 0), 0x88888888u);
  EXPECT_EQ(top(4, 3), Machine::stack_top);
  EXPECT_EQ(top(4, 7), 0x11111111u);
}

TEST_F(StackInstruction, Push_of_rsp_is_the_value_before) {
  machine.enter_64_bit();
  machine.execute({0x54});
  EXPECT_EQ(sp, Machine::stack_top - 8);
  EXPECT_EQ(top(8), Machine::stack_top);
  machine.execute({0x5C}); // POP RSP
  EXPECT_EQ(sp, Machine::stack_top);
}

TEST_F(StackInstruction, Immediates_are_sign_extended_to_the_operand_size) {
  machine.enter_64_bit();
  machine.execute({0x6A, 0x80});
  EXPECT_EQ(top(8), 0xFFFFFFFFFFFFFF80u);
  machine.execute({0x68, 0x00, 0x00, 0x00, 0x80});
  EXPECT_EQ(top(8), 0xFFFFFFFF80000000u);
  machine.execute({0x66, 0x6A, 0x80});
  EXPECT_EQ(sp, Machine::stack_top - 18);
  EXPECT_EQ(top(2), 0xFF80u);
}

// The address of the operand is that after the increment.
TEST_F(StackInstruction, Pop_to_memory_by_rsp) {
  machine.enter_64_bit();
  sp = Machine::data_at;
  machine.put(Machine::data_at, 0x1234, 8);
  machine.execute({0x8F, 0x44, 0x24, 0x10}); // POP [RSP + 10h]
  EXPECT_EQ(sp, Machine::data_at + 8);
  EXPECT_EQ(machine.get(Machine::data_at + 0x18, 8), 0x1234u);
}

TEST_F(StackInstruction, Pop_that_cannot_write_leaves_rsp) {
  machine.enter_64_bit();
  cpu.regs.gpr[rax] = Machine::ram_size;
  machine.execute({0x8F, 0x00}); // POP [RAX], which is not mapped
  EXPECT_EQ(machine.vector(), 14);
  EXPECT_EQ(machine.get(sp + 32, 8), Machine::stack_top); // pushed RSP
}

TEST_F(StackInstruction, Ret_to_nowhere_leaves_rsp) {
  machine.enter_64_bit();
  sp = Machine::data_at;
  machine.put(Machine::data_at, std::uint64_t{1} << 63, 8);
  machine.execute({0xC3});
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_EQ(machine.get(sp + 32, 8), Machine::data_at);
}

TEST_F(StackInstruction, Call_to_nowhere_leaves_rsp) {
  machine.enter_64_bit();
  cpu.regs.gpr[rax] = std::uint64_t{1} << 63;
  machine.execute({0xFF, 0xD0});
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_EQ(machine.get(sp + 32, 8), Machine::stack_top);
}

TEST_F(StackInstruction, Call_and_ret_release) {
  machine.enter_protected();
  machine.execute({0xE8, 0xFB, 0x0F, 0x00, 0x00}); // CALL 8000h
  EXPECT_EQ(cpu.regs.rip, 0x8000u);
  EXPECT_EQ(top(4), Machine::code_at + 5);
  machine.execute({0xC2, 0x10, 0x00}); // RET 10h
  EXPECT_EQ(cpu.regs.rip, Machine::code_at + 5);
  EXPECT_EQ(sp, Machine::stack_top + 0x10);
}

TEST_F(StackInstruction, Call_of_16_bits_cuts_the_target) {
  machine.enter_protected();
  machine.execute({0x66, 0xE8, 0xFC, 0x8F}); // to 7000h + 4 + 8FFCh = 10000h
  EXPECT_EQ(cpu.regs.rip, 0u);
  EXPECT_EQ(sp, Machine::stack_top - 2);
}

// --- frames

TEST_F(StackInstruction, Enter_of_level_0_and_leave) {
  machine.enter_64_bit();
  cpu.regs.gpr[rbp] = 0xB0B0;
  machine.execute({0xC8, 0x20, 0x00, 0x00});
  EXPECT_EQ(cpu.regs.gpr[rbp], Machine::stack_top - 8);
  EXPECT_EQ(sp, Machine::stack_top - 8 - 0x20);
  EXPECT_EQ(machine.get(Machine::stack_top - 8, 8), 0xB0B0u);
  machine.execute({0xC9});
  EXPECT_EQ(sp, Machine::stack_top);
  EXPECT_EQ(cpu.regs.gpr[rbp], 0xB0B0u);
}

// Level 3 copies two pointers from below the old frame pointer, then pushes the new one.
TEST_F(StackInstruction, Enter_copies_the_pointers_of_the_outer_frames) {
  machine.enter_protected();
  cpu.regs.gpr[rbp] = Machine::data_at;
  machine.put(Machine::data_at - 4, 0xAAAA, 4);
  machine.put(Machine::data_at - 8, 0xBBBB, 4);
  machine.execute({0xC8, 0x08, 0x00, 0x23}); // level 23h modulo 32
  const std::uint64_t frame = Machine::stack_top - 4;
  EXPECT_EQ(machine.get(frame, 4), Machine::data_at);
  EXPECT_EQ(machine.get(frame - 4, 4), 0xAAAAu);
  EXPECT_EQ(machine.get(frame - 8, 4), 0xBBBBu);
  EXPECT_EQ(machine.get(frame - 12, 4), frame);
  EXPECT_EQ(sp, frame - 12 - 8);
  EXPECT_EQ(cpu.regs.gpr[rbp], frame);
}

TEST_F(StackInstruction, Enter_of_level_1_pushes_the_frame_pointer_alone) {
  machine.enter_real();
  sp = 0x600;
  cpu.regs.gpr[rbp] = 0xDEAD1234;
  machine.execute({0xC8, 0x00, 0x00, 0x01});
  EXPECT_EQ(machine.get(0x5FE, 2), 0x1234u);
  EXPECT_EQ(machine.get(0x5FC, 2), 0x5FEu);
  EXPECT_EQ(sp, 0x5FCu);
  EXPECT_EQ(cpu.regs.gpr[rbp], 0xDEAD05FEu);
}

TEST_F(StackInstruction, Leave_of_16_bits_on_a_32_bit_stack) {
  machine.enter_protected();
  cpu.regs.gpr[rbp] = Machine::data_at;
  machine.put(Machine::data_at, 0x5566, 2);
  machine.execute({0x66, 0xC9});
  EXPECT_EQ(sp, Machine::data_at + 2);
  EXPECT_EQ(cpu.regs.gpr[rbp], (Machine::data_at & 0xFFFF0000) | 0x5566);
}

} // namespace
} // namespace icebp::vp::testing
