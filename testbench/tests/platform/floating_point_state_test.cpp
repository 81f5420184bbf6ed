// Images of floating-point state (SDM vol. 1 figures 8-9 to 8-12, vol. 2 "FXSAVE") and the
// exceptions of x87, MMX and SSE instructions.
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

constexpr std::uint64_t image_at = Machine::data_at;

class FloatingPointState : public ::testing::Test {
protected:
  // ST(0) = 1.0, ST(1) = 0, ST(2) = -infinity, the others empty; the last instruction at 12345678h,
  // its operand at 9ABCDEF0h.
  void load_three_registers() {
    FloatingPoint& fp = cpu.regs.fp;
    fp.status = 5 << 11;
    fp.tags = 0x03FF;
    fp.st[5] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0x3F};
    fp.st[7] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF};
    fp.instruction = 0x12345678;
    fp.data = 0x9ABCDEF0;
    fp.opcode = 0x5AB;
  }
  std::uint64_t field(unsigned offset, unsigned size) {
    return machine.get(image_at + offset, size);
  }
  // DS:[offset image_at], which outside 64-bit mode is an absolute address.
  Machine machine;
  Cpu& cpu = machine.cpu;
};

// FNSTENV and FNSAVE [20000h]
constexpr std::initializer_list<int> fnstenv = {0xD9, 0x35, 0, 0, 2, 0};
constexpr std::initializer_list<int> fnsave = {0xDD, 0x35, 0, 0, 2, 0};
constexpr std::initializer_list<int> frstor = {0xDD, 0x25, 0, 0, 2, 0};
constexpr std::initializer_list<int> fldenv = {0xD9, 0x25, 0, 0, 2, 0};

TEST_F(FloatingPointState, Environment_of_32_bits_in_protected_mode) {
  machine.enter_protected();
  load_three_registers();
  machine.execute(fnstenv);
  EXPECT_EQ(field(0, 4), 0xFFFF037Fu);
  EXPECT_EQ(field(4, 4), 0xFFFF2800u);
  EXPECT_EQ(field(8, 4), 0xFFFF93FFu); // R7 special, R6 zero, R5 valid
  EXPECT_EQ(field(12, 4), 0x12345678u);
  EXPECT_EQ(field(16, 4), 0x05AB0000u);
  EXPECT_EQ(field(20, 4), 0x9ABCDEF0u);
  EXPECT_EQ(field(24, 4), 0xFFFF0000u);
  EXPECT_EQ(field(28, 4), 0u);
}

TEST_F(FloatingPointState, Environment_masks_every_exception_behind_it) {
  machine.enter_protected();
  cpu.regs.fp.control = 0x0340;
  machine.execute(fnstenv);
  EXPECT_EQ(field(0, 2), 0x0340u);
  EXPECT_EQ(cpu.regs.fp.control, 0x037F);
}

TEST_F(FloatingPointState, Environment_of_16_bits_in_protected_mode) {
  machine.enter_protected();
  load_three_registers();
  machine.execute({0x66, 0xD9, 0x35, 0, 0, 2, 0});
  const std::uint64_t words[] = {0x037F, 0x2800, 0x93FF, 0x5678, 0, 0xDEF0, 0, 0};
  for (unsigned n = 0; n < 8; ++n)
    EXPECT_EQ(field(2 * n, 2), words[n]) << n;
}

// The offset of the image is beyond 64 KiB: 67h and a data segment without a limit.
TEST_F(FloatingPointState, Environments_in_real_mode) {
  machine.enter_real();
  cpu.regs[SegmentName::ds].limit = 0xFFFFFFFF;
  load_three_registers();
  machine.execute({0x67, 0xD9, 0x35, 0, 0, 2, 0});
  const std::uint64_t words[] = {0x037F, 0x2800, 0x93FF, 0x5678, 0x45AB, 0xDEF0, 0xC000};
  for (unsigned n = 0; n < 7; ++n)
    EXPECT_EQ(field(2 * n, 2), words[n]) << n;
  machine.execute({0x66, 0x67, 0xD9, 0x35, 0, 0, 2, 0});
  EXPECT_EQ(field(12, 4), 0xFFFF5678u);
  EXPECT_EQ(field(16, 4), 0x012345ABu);
  EXPECT_EQ(field(20, 4), 0xFFFFDEF0u);
  EXPECT_EQ(field(24, 4), 0x09ABC000u);
}

TEST_F(FloatingPointState, Fnsave_has_the_registers_in_the_order_of_the_stack) {
  machine.enter_protected();
  load_three_registers();
  machine.execute(fnsave);
  EXPECT_EQ(field(28, 8), 0x8000000000000000u);
  EXPECT_EQ(field(36, 2), 0x3FFFu);
  EXPECT_EQ(field(38, 8), 0u);
  EXPECT_EQ(field(48, 8), 0x8000000000000000u);
  EXPECT_EQ(field(56, 2), 0xFFFFu);
  const FloatingPoint& fp = cpu.regs.fp; // as FNINIT leaves it
  EXPECT_EQ(fp.control, 0x037F);
  EXPECT_EQ(fp.status, 0);
  EXPECT_EQ(fp.tags, 0xFFFF);
}

TEST_F(FloatingPointState, Frstor_takes_what_fnsave_gave) {
  machine.enter_protected();
  load_three_registers();
  const FloatingPoint before = cpu.regs.fp;
  machine.execute(fnsave);
  machine.execute(frstor);
  EXPECT_EQ(cpu.regs.fp.status, before.status);
  EXPECT_EQ(cpu.regs.fp.st, before.st);
  EXPECT_EQ(cpu.regs.fp.instruction, before.instruction);
  EXPECT_EQ(cpu.regs.fp.data, before.data);
  EXPECT_EQ(cpu.regs.fp.opcode, before.opcode);
  machine.execute(fnstenv);
  EXPECT_EQ(field(8, 2), 0x93FFu);
}

TEST_F(FloatingPointState, Fldenv_in_real_mode_joins_the_addresses) {
  machine.enter_real();
  cpu.regs[SegmentName::ds].limit = 0xFFFFFFFF;
  load_three_registers();
  machine.execute({0x66, 0x67, 0xD9, 0x35, 0, 0, 2, 0});
  cpu.regs.fp = FloatingPoint{};
  machine.execute({0x66, 0x67, 0xD9, 0x25, 0, 0, 2, 0});
  EXPECT_EQ(cpu.regs.fp.instruction, 0x12345678u);
  EXPECT_EQ(cpu.regs.fp.data, 0x9ABCDEF0u);
  EXPECT_EQ(cpu.regs.fp.opcode, 0x5AB);
}

// --- FXSAVE

// FXSAVE and FXRSTOR [RAX]; with REX.W the pointers have 64 bits.
constexpr std::initializer_list<int> fxsave = {0x0F, 0xAE, 0x00};
constexpr std::initializer_list<int> fxsave_64 = {0x48, 0x0F, 0xAE, 0x00};
constexpr std::initializer_list<int> fxrstor = {0x0F, 0xAE, 0x08};

class Fxsave : public FloatingPointState {
protected:
  void fill() {
    load_three_registers();
    for (unsigned n = 0; n < 16; ++n)
      cpu.regs.fp.xmm[n] = {0x1000 + n, 0x2000 + n};
    cpu.regs.fp.mxcsr = 0x1FA0;
    cpu.regs.gpr[rax] = image_at;
    for (unsigned offset = 0; offset < 512; offset += 8)
      machine.put(image_at + offset, 0xEEEEEEEEEEEEEEEE, 8);
  }
};

TEST_F(Fxsave, Layout) {
  machine.enter_64_bit();
  fill();
  machine.execute(fxsave);
  EXPECT_EQ(field(0, 4), 0x2800037Fu);
  EXPECT_EQ(field(4, 2), 0xE0u); // R5 to R7 are not empty
  EXPECT_EQ(field(6, 2), 0x5ABu);
  EXPECT_EQ(field(8, 8), 0x12345678u);
  EXPECT_EQ(field(16, 8), 0x9ABCDEF0u);
  EXPECT_EQ(field(24, 4), 0x1FA0u);
  EXPECT_EQ(field(28, 4), 0xFFFFu);
  EXPECT_EQ(field(32, 8), 0x8000000000000000u);
  EXPECT_EQ(field(40, 8), 0x3FFFu);
  EXPECT_EQ(field(72, 8), 0xFFFFu);
  EXPECT_EQ(field(160, 8), 0x1000u);
  EXPECT_EQ(field(168, 8), 0x2000u);
  EXPECT_EQ(field(160 + 15 * 16, 8), 0x100Fu);
  EXPECT_EQ(field(464, 8), 0xEEEEEEEEEEEEEEEEu);
}

TEST_F(Fxsave, Pointers_of_64_bits) {
  machine.enter_64_bit();
  fill();
  cpu.regs.fp.instruction = 0xFFFF800012345678;
  cpu.regs.fp.data = 0x00007FFF9ABCDEF0;
  machine.execute(fxsave_64);
  EXPECT_EQ(field(8, 8), 0xFFFF800012345678u);
  EXPECT_EQ(field(16, 8), 0x00007FFF9ABCDEF0u);
}

TEST_F(Fxsave, Outside_64_bit_mode_there_are_eight_registers) {
  machine.enter_protected();
  fill();
  machine.execute(fxsave);
  EXPECT_EQ(field(160 + 7 * 16, 8), 0x1007u);
  EXPECT_EQ(field(160 + 8 * 16, 8), 0xEEEEEEEEEEEEEEEEu);
}

TEST_F(Fxsave, Fxrstor_takes_what_fxsave_gave) {
  machine.enter_64_bit();
  fill();
  const FloatingPoint before = cpu.regs.fp;
  machine.execute(fxsave_64);
  cpu.regs.fp = FloatingPoint{};
  machine.execute({0x48, 0x0F, 0xAE, 0x08});
  const FloatingPoint& fp = cpu.regs.fp;
  EXPECT_EQ(fp.st, before.st);
  EXPECT_EQ(fp.status, before.status);
  EXPECT_EQ(fp.tags, before.tags);
  EXPECT_EQ(fp.mxcsr, before.mxcsr);
  EXPECT_EQ(fp.opcode, before.opcode);
  EXPECT_EQ(fp.instruction, before.instruction);
  EXPECT_EQ(fp.data, before.data);
  EXPECT_EQ(fp.xmm[15].high, 0x200Fu);
}

TEST_F(Fxsave, Faults_by_alignment_and_by_reserved_bits_of_mxcsr) {
  machine.enter_64_bit();
  fill();
  machine.execute(fxsave);
  machine.put(image_at + 24, 0x11F80, 4);
  machine.execute(fxrstor);
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_EQ(cpu.regs.fp.mxcsr, 0x1FA0u);
  cpu.regs.rip = Machine::code_at;
  cpu.regs.gpr[rax] = image_at + 8;
  machine.execute(fxsave);
  EXPECT_EQ(machine.vector(), 13);
}

// --- exceptions before an instruction

struct Control {
  const char* name;
  std::uint64_t cr0;       // bits besides PE, PG, NE
  std::uint64_t cr4_clear; // of OSFXSR and OSXMMEXCPT
  int fld, fwait, mmx, sse, fxsave;
};

// SDM vol. 3 tables 2-2, 12-1, 13-1: vectors, -1 for none.
TEST_F(FloatingPointState, Faults_by_control_registers) {
  constexpr Control controls[] = {
      {"", 0, 0, -1, -1, -1, -1, -1},
      {"EM", cr0::em, 0, 7, -1, 6, 6, 7},
      {"TS", cr0::ts, 0, 7, -1, 7, 7, 7},
      {"TS MP", cr0::ts | cr0::mp, 0, 7, 7, 7, 7, 7},
      {"MP", cr0::mp, 0, -1, -1, -1, -1, -1},
      {"TS EM", cr0::ts | cr0::em, 0, 7, -1, 6, 6, 7},
      {"no OSFXSR", 0, cr4::osfxsr, -1, -1, -1, 6, -1},
  };
  for (const Control& control : controls) {
    SCOPED_TRACE(control.name);
    const auto vector_of = [&](std::initializer_list<int> bytes) {
      Machine fresh;
      fresh.enter_64_bit();
      fresh.cpu.regs.cr0 |= control.cr0;
      fresh.cpu.regs.cr4 &= ~control.cr4_clear;
      fresh.cpu.regs.gpr[rax] = image_at;
      fresh.execute(bytes);
      return fresh.vector();
    };
    EXPECT_EQ(vector_of({0xD9, 0xE8}), control.fld);       // FLD1
    EXPECT_EQ(vector_of({0x9B}), control.fwait);           // FWAIT
    EXPECT_EQ(vector_of({0x0F, 0xFC, 0xC1}), control.mmx); // PADDB MM0, MM1
    EXPECT_EQ(vector_of({0x0F, 0x77}), control.mmx);       // EMMS
    EXPECT_EQ(vector_of({0x0F, 0x58, 0xC1}), control.sse); // ADDPS
    EXPECT_EQ(vector_of({0x0F, 0x28, 0xC1}), control.sse); // MOVAPS
    EXPECT_EQ(vector_of({0x0F, 0xAE, 0x18}), control.sse); // STMXCSR
    EXPECT_EQ(vector_of(fxsave), control.fxsave);
  }
}

// 1 / 0 not masked: the next instruction that waits raises #MF.
TEST_F(FloatingPointState, An_exception_that_is_not_masked_waits) {
  machine.enter_64_bit();
  cpu.regs.fp.control = 0x037B;
  machine.execute({0xD9, 0xEE});         // FLDZ
  machine.execute({0xD9, 0xE8});         // FLD1
  machine.execute({0xD8, 0xF1});         // FDIV ST(0), ST(1)
  EXPECT_EQ(cpu.regs.fp.status, 0xB084); // B, TOP 6, ES, ZE
  EXPECT_EQ(cpu.regs.fp.st[6][9], 0x3F); // still 1: there is no result
  machine.execute({0xDF, 0xE0});         // FNSTSW AX does not wait
  EXPECT_EQ(cpu.gpr(rax, 2), 0xB084u);
  machine.execute({0x0F, 0xFC, 0xC1}); // PADDB
  EXPECT_EQ(machine.vector(), 16);
  EXPECT_EQ(cpu.regs.fp.status, 0xB084);
  cpu.regs.rip = Machine::code_at;
  machine.execute({0xDB, 0xE2}); // FNCLEX
  machine.execute({0x9B});
  EXPECT_EQ(machine.vector(), -1);
  cpu.regs.fp.control = 0x037F;
  machine.execute({0xD8, 0xF1});
  machine.execute({0xD9, 0xE5}); // FXAM: infinity
  EXPECT_EQ(cpu.regs.fp.status & 0x4700, 0x0500);
}

// SDM vol. 1 8.5.1.1: C1 tells an overflow of the stack from an underflow.
TEST_F(FloatingPointState, Stack_faults) {
  machine.enter_64_bit();
  for (unsigned n = 0; n < 9; ++n)
    machine.execute({0xD9, 0xE8}); // FLD1
  EXPECT_EQ(cpu.regs.fp.status, 7 << 11 | 0x241);
  EXPECT_EQ(cpu.regs.fp.st[7],
            (std::array<std::uint8_t, 10>{0, 0, 0, 0, 0, 0, 0, 0xC0, 0xFF, 0xFF}));
  machine.execute({0xDB, 0xE3}); // FNINIT
  machine.execute({0xD9, 0xE0}); // FCHS
  EXPECT_EQ(cpu.regs.fp.status, 0x41);
}

// 32767.5 rounds up to what does not fit any more.
TEST_F(FloatingPointState, Fist_at_the_limit) {
  const auto stored = [](std::uint64_t image) {
    Machine fresh;
    fresh.enter_64_bit();
    fresh.put(image_at, image, 4);
    fresh.cpu.regs.gpr[rax] = image_at;
    fresh.execute({0xD9, 0x00});       // FLD m32
    fresh.execute({0xDF, 0x50, 0x08}); // FIST m16
    return std::pair{fresh.get(image_at + 8, 2), fresh.cpu.regs.fp.status & 0x7F};
  };
  EXPECT_EQ(stored(0x46FFFE00), (std::pair{std::uint64_t{32767}, 0})); // 32767
  EXPECT_EQ(stored(0x46FFFF00), (std::pair{std::uint64_t{0x8000}, 1}));
  EXPECT_EQ(stored(0x47000000), (std::pair{std::uint64_t{0x8000}, 1})); // 32768
  EXPECT_EQ(stored(0xC7000000), (std::pair{std::uint64_t{0x8000}, 0}));
  EXPECT_EQ(stored(0xC7000080), (std::pair{std::uint64_t{0x8000}, 0x20})); // -32768.5, to even
}

TEST_F(FloatingPointState, Fldcw_that_unmasks_lets_an_exception_wait) {
  machine.enter_64_bit();
  cpu.regs.fp.status = 4;
  machine.put(image_at, 0x037B, 2);
  cpu.regs.gpr[rax] = image_at;
  machine.execute({0xD9, 0x28});
  EXPECT_EQ(cpu.regs.fp.status, 0x8084);
}

TEST_F(FloatingPointState, Sse_exceptions_that_are_not_masked) {
  const auto outcome = [](std::uint32_t mxcsr, bool os_handles) {
    Machine fresh;
    fresh.enter_64_bit();
    fresh.cpu.regs.cr4 &= os_handles ? ~std::uint64_t{0} : ~cr4::osxmmexcpt;
    fresh.cpu.regs.fp.mxcsr = mxcsr;
    fresh.cpu.regs.fp.xmm[0] = {0x3F800000, 7}; // 1.0 / 0.0
    fresh.execute({0xF3, 0x0F, 0x5E, 0xC1});    // DIVSS XMM0, XMM1
    return std::array<std::uint64_t, 3>{static_cast<std::uint64_t>(fresh.vector()),
                                        fresh.cpu.regs.fp.mxcsr, fresh.cpu.regs.fp.xmm[0].low};
  };
  constexpr auto none = static_cast<std::uint64_t>(-1);
  EXPECT_EQ(outcome(0x1F80, true), (std::array<std::uint64_t, 3>{none, 0x1F84, 0x7F800000}));
  EXPECT_EQ(outcome(0x1D80, true), (std::array<std::uint64_t, 3>{19, 0x1D84, 0x3F800000}));
  EXPECT_EQ(outcome(0x1D80, false), (std::array<std::uint64_t, 3>{6, 0x1D84, 0x3F800000}));
}

TEST_F(FloatingPointState, Alignment_of_sse_operands) {
  const auto vector_of = [](std::initializer_list<int> bytes) {
    Machine fresh;
    fresh.enter_64_bit();
    fresh.cpu.regs.gpr[rax] = image_at + 8;
    fresh.execute(bytes);
    return fresh.vector();
  };
  EXPECT_EQ(vector_of({0x0F, 0x28, 0x00}), 13);       // MOVAPS XMM0, [RAX]
  EXPECT_EQ(vector_of({0x0F, 0x29, 0x00}), 13);       // MOVAPS [RAX], XMM0
  EXPECT_EQ(vector_of({0x66, 0x0F, 0xFC, 0x00}), 13); // PADDB
  EXPECT_EQ(vector_of({0x0F, 0x10, 0x00}), -1);       // MOVUPS
  EXPECT_EQ(vector_of({0xF3, 0x0F, 0x6F, 0x00}), -1); // MOVDQU
  EXPECT_EQ(vector_of({0x0F, 0xFC, 0x00}), -1);       // PADDB MM0, [RAX]
  EXPECT_EQ(vector_of({0xF3, 0x0F, 0x58, 0x00}), -1); // ADDSS
}

TEST_F(FloatingPointState, Ldmxcsr_refuses_reserved_bits) {
  machine.enter_64_bit();
  machine.put(image_at, 0x11F80, 4);
  machine.put(image_at + 4, 0x7F80, 4);
  cpu.regs.gpr[rax] = image_at;
  machine.execute({0x0F, 0xAE, 0x50, 0x04});
  EXPECT_EQ(cpu.regs.fp.mxcsr, 0x7F80u);
  machine.execute({0x0F, 0xAE, 0x10});
  EXPECT_EQ(machine.vector(), 13);
  EXPECT_EQ(cpu.regs.fp.mxcsr, 0x7F80u);
}

// A fault of the operand leaves MMX registers, TOP and tags.
TEST_F(FloatingPointState, Mmx_that_faults_leaves_the_stack) {
  machine.enter_64_bit();
  cpu.regs.fp.status = 3 << 11;
  cpu.regs.gpr[rax] = Machine::ram_size;
  machine.execute({0x0F, 0xFC, 0x00}); // PADDB MM0, [RAX]
  EXPECT_EQ(machine.vector(), 14);
  EXPECT_EQ(cpu.regs.fp.status, 3 << 11);
  EXPECT_EQ(cpu.regs.fp.tags, 0xFFFF);
}

TEST_F(FloatingPointState, Cmpxchg16b_and_its_alignment) {
  machine.enter_64_bit();
  cpu.regs.gpr[rdi] = image_at + 8;
  machine.execute({0x48, 0x0F, 0xC7, 0x0F});
  EXPECT_EQ(machine.vector(), 13);
}

} // namespace
} // namespace icebp::vp::testing
