// String instructions where the host cannot judge: other modes, wraps, ports, faults in between.
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

using Output = std::pair<std::uint16_t, std::uint32_t>;

class StringInstruction : public ::testing::Test {
protected:
  void at(std::uint64_t si, std::uint64_t di, std::uint64_t cx = 0) {
    cpu.regs.gpr[rsi] = si;
    cpu.regs.gpr[rdi] = di;
    cpu.regs.gpr[rcx] = cx;
  }
  Machine machine;
  Cpu& cpu = machine.cpu;
};

TEST_F(StringInstruction, Sixteen_bit_addresses_wrap_and_keep_the_upper_halves) {
  machine.enter_real();
  at(0xAAAA0000FFFF, 0xBBBB0000FFFE, 0xCCCC00000003);
  machine.put(0xFFFF, 0x11, 1);
  cpu.regs[SegmentName::es].base = 0x10000;
  cpu.regs[SegmentName::es].selector = 0x1000;
  machine.put(0, 0x3322, 2);
  machine.execute({0xF3, 0xA4}); // REP MOVSB
  EXPECT_EQ(machine.get(0x1FFFE, 2), 0x2211u);
  EXPECT_EQ(machine.get(0x10000, 1), 0x33u);
  EXPECT_EQ(cpu.regs.gpr[rsi], 0xAAAA00000002u);
  EXPECT_EQ(cpu.regs.gpr[rdi], 0xBBBB00000001u);
  EXPECT_EQ(cpu.regs.gpr[rcx], 0xCCCC00000000u);
}

TEST_F(StringInstruction, The_address_size_chooses_the_counter) {
  machine.enter_protected();
  at(0, Machine::data_at, 0x10002);
  cpu.regs.gpr[rax] = 0x55;
  machine.execute({0xF3, 0x67, 0xAA}); // REP STOSB with CX and DI
  EXPECT_EQ(cpu.regs.gpr[rcx], 0x10000u);
  EXPECT_EQ(cpu.regs.gpr[rdi], Machine::data_at + 2);
  EXPECT_EQ(machine.get(2, 1), 0u);
}

TEST_F(StringInstruction, A_count_of_0_does_nothing) {
  machine.enter_64_bit();
  at(~std::uint64_t{0} << 40, ~std::uint64_t{0} << 40, 0); // where nothing is mapped
  cpu.regs.rflags |= flag::zf;
  machine.execute({0xF2, 0xA6}); // REPNE CMPSB
  EXPECT_EQ(machine.vector(), -1);
  EXPECT_EQ(cpu.regs.rip, Machine::code_at + 2);
  EXPECT_EQ(cpu.regs.gpr[rcx], 0u);
  EXPECT_TRUE(cpu.flag(flag::zf));
}

// 4-byte elements 1 2 3 3 5; the fourth is equal to EAX.
TEST_F(StringInstruction, Repne_scas_ends_behind_the_element_that_it_finds) {
  machine.enter_64_bit();
  const std::uint32_t elements[] = {1, 2, 4, 3, 5};
  std::memcpy(machine.ram.data() + Machine::data_at, elements, sizeof elements);
  at(0, Machine::data_at, 5);
  cpu.regs.gpr[rax] = 3;
  machine.execute({0xF2, 0xAF});
  EXPECT_EQ(cpu.regs.gpr[rdi], Machine::data_at + 16);
  EXPECT_EQ(cpu.regs.gpr[rcx], 1u);
  EXPECT_TRUE(cpu.flag(flag::zf));
}

TEST_F(StringInstruction, Repe_scas_ends_behind_the_first_other_element) {
  machine.enter_64_bit();
  machine.put(Machine::data_at, 0x0707FF0707, 5);
  at(0, Machine::data_at, 5);
  cpu.regs.gpr[rax] = 7;
  machine.execute({0xF3, 0xAE});
  EXPECT_EQ(cpu.regs.gpr[rdi], Machine::data_at + 3);
  EXPECT_EQ(cpu.regs.gpr[rcx], 2u);
  EXPECT_FALSE(cpu.flag(flag::zf));
}

TEST_F(StringInstruction, The_source_takes_an_override_and_the_destination_none) {
  machine.enter_real();
  cpu.regs[SegmentName::fs].base = 0x30000;
  cpu.regs[SegmentName::es].base = 0x40000;
  machine.put(0x30010, 0xAB, 1);
  at(0x10, 0x20);
  machine.execute({0x64, 0xA4}); // MOVSB ES:[DI], FS:[SI]
  EXPECT_EQ(machine.get(0x40020, 1), 0xABu);
}

TEST_F(StringInstruction, Direction_counts_down_by_the_size) {
  machine.enter_64_bit();
  at(Machine::data_at + 8, Machine::data_at + 0x108, 2);
  machine.put(Machine::data_at, 0x1111, 8);
  machine.put(Machine::data_at + 8, 0x2222, 8);
  cpu.regs.rflags |= flag::df;
  machine.execute({0xF3, 0x48, 0xA5}); // REP MOVSQ
  EXPECT_EQ(machine.get(Machine::data_at + 0x100, 8), 0x1111u);
  EXPECT_EQ(machine.get(Machine::data_at + 0x108, 8), 0x2222u);
  EXPECT_EQ(cpu.regs.gpr[rsi], Machine::data_at - 8);
}

// The next 2-MiB page is not there: the iterations before it count.
TEST_F(StringInstruction, A_fault_keeps_the_registers_of_its_iteration) {
  machine.enter_64_bit();
  at(0, Machine::ram_size - 3, 5);
  machine.execute({0xF3, 0xAA}); // REP STOSB
  EXPECT_EQ(machine.vector(), 14);
  EXPECT_EQ(cpu.regs.gpr[rdi], Machine::ram_size);
  EXPECT_EQ(cpu.regs.gpr[rcx], 2u);
  EXPECT_EQ(machine.get(cpu.regs.gpr[rsp] + 8, 8), Machine::code_at); // pushed RIP
}

TEST_F(StringInstruction, An_element_crosses_a_page) {
  machine.enter_64_bit();
  machine.put(0x21FFD, 0x8877665544332211, 8);
  at(0x21FFD, 0x23FFB);
  machine.execute({0x48, 0xA5});
  EXPECT_EQ(machine.get(0x23FFB, 8), 0x8877665544332211u);
}

TEST_F(StringInstruction, Ins_and_outs_use_the_port_in_dx) {
  machine.enter_real();
  cpu.regs.gpr[rdx] = 0xFFFF0123;
  machine.bus.inputs[0x123] = 0x40;
  at(0x500, 0x500, 3);
  machine.execute({0xF3, 0x6C}); // REP INSB
  EXPECT_EQ(machine.get(0x500, 4), 0x424140u);
  cpu.regs.gpr[rcx] = 2;
  machine.execute({0xF3, 0x6F}); // REP OUTSW
  EXPECT_EQ(machine.bus.outputs, (std::vector<Output>{{0x123, 0x4140}, {0x123, 0x42}}));
}

// The port would lose what was read from it.
TEST_F(StringInstruction, Ins_faults_before_it_reads_the_port) {
  machine.enter_64_bit();
  at(0, Machine::ram_size);
  cpu.regs.gpr[rdx] = 0x123;
  machine.execute({0x6C});
  EXPECT_EQ(machine.vector(), 14);
  EXPECT_EQ(machine.bus.inputs.count(0x123), 0u);
}

TEST_F(StringInstruction, Ports_need_the_privilege_before_memory_is_looked_at) {
  machine.enter_protected(3);
  at(0, 0);
  machine.execute({0x6C});
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_TRUE(machine.bus.inputs.empty());
}

// Measured: of 200, watched at 100, RCX is 99; of 4,000 on Cascade Lake the watched block of 64
// ends first (debug-unit sheet 4.4).
TEST(RepStosb, Meets_a_watch_exactly_up_to_200) {
  for (const auto& [count, left] : {std::pair{200, 99}, std::pair{4000, 4000 - 128}}) {
    Machine machine;
    machine.enter_64_bit();
    Request request;
    request.operation = Operation::mov_to_dr;
    request.value = Machine::data_at + 100;
    machine.debug.put(request);
    request.dr = 7;
    request.value = 0x00010402; // G0, writes of a byte
    machine.debug.put(request);
    machine.cpu.rearm();
    machine.cpu.regs.gpr[rcx] = static_cast<std::uint64_t>(count);
    machine.cpu.regs.gpr[rdi] = Machine::data_at;
    machine.execute({0xF3, 0xAA});
    EXPECT_EQ(machine.vector(), 1);
    EXPECT_EQ(machine.cpu.regs.gpr[rcx], static_cast<std::uint64_t>(left));
  }
}

} // namespace
} // namespace icebp::vp::testing
