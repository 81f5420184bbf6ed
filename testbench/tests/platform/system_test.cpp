// What the guests and the host CPU do not judge of protection, paging and delivery.

#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

constexpr std::uint64_t page_directory = 0x3000; // of Machine::map_2_mib
constexpr std::uint64_t accessed = 1 << 5, dirty = 1 << 6;

// SDM vol. 1 19.5.2: two bytes of the bitmap are read, both within the TSS's limit.
TEST(IoBitmap, Needs_a_byte_behind_that_of_the_port) {
  for (const auto& [limit, vector] : {std::pair{104U, 13}, std::pair{105U, -1}}) {
    Machine machine;
    machine.enter_protected(3);
    machine.cpu.regs.tr.limit = limit; // the bitmap begins at 104
    machine.execute({0xE4, 0x00});     // in al, 0
    EXPECT_EQ(machine.vector(), vector) << limit;
  }
}

// SDM vol. 2 MOV: the RPL of what SS takes is CPL, else #GP(selector).
TEST(MovSs, Checks_the_rpl) {
  for (const auto& [selector, vector] : {std::pair{0x10, -1}, std::pair{0x11, 13}}) {
    Machine machine;
    machine.enter_protected();
    machine.cpu.regs.gpr[rax] = static_cast<std::uint64_t>(selector);
    machine.execute({0x8E, 0xD0});
    EXPECT_EQ(machine.vector(), vector) << selector;
    if (vector == 13) {
      EXPECT_EQ(machine.get(machine.cpu.regs.gpr[rsp], 4), 0x10U);
    }
  }
}

// SDM vol. 3 17.3.1.1: an interrupt between iterations pushes RF = 1, so the breakpoint at the REP
// is not met again when it goes on.
TEST(Repeat, Goes_on_with_rf) {
  Machine machine;
  machine.enter_64_bit();
  Request request;
  request.operation = Operation::mov_to_dr;
  request.value = Machine::code_at;
  machine.debug.put(request);
  request.dr = 7;
  request.value = 0x402; // G0, instruction
  machine.debug.put(request);
  machine.cpu.rearm();
  machine.cpu.regs.rflags |= flag::rf;
  machine.cpu.regs.gpr[rcx] = 3000;
  machine.cpu.regs.gpr[rdi] = Machine::data_at;
  machine.execute({0xF3, 0xAA});
  EXPECT_GT(machine.cpu.regs.gpr[rcx], 0U); // it is left in between
  while (machine.cpu.regs.rip == Machine::code_at)
    machine.step();
  EXPECT_EQ(machine.vector(), -1);
  EXPECT_EQ(machine.cpu.regs.gpr[rcx], 0U);
}

// SDM vol. 3 6.14.2: in 64-bit mode RSP is aligned to 16 bytes before SS, RSP, RFLAGS, CS and RIP.
TEST(Delivery, Aligns_rsp) {
  Machine machine;
  machine.enter_64_bit();
  machine.cpu.regs.gpr[rsp] = 0x6EFD;
  machine.execute({0xCC});
  EXPECT_EQ(machine.vector(), 3);
  EXPECT_EQ(machine.cpu.regs.gpr[rsp], 0x6EF0U - 5 * 8);
  EXPECT_EQ(machine.get(0x6EF0 - 2 * 8, 8), 0x6EFDU);
}

// SDM vol. 3 4.6: a supervisor writes a read-only page while CR0.WP is 0; else #PF with P and W.
TEST(PagingRights, Wp_protects_from_the_supervisor) {
  for (const bool wp : {true, false}) {
    Machine machine;
    machine.enter_64_bit();
    machine.put(page_directory + 8, 0x200000 | 0x85, 8); // present, user, large; not writable
    if (!wp)
      machine.cpu.regs.cr0 &= ~cr0::wp;
    machine.cpu.update_mode();
    machine.cpu.regs.gpr[rdi] = 0x200000;
    machine.execute({0x88, 0x07}); // mov [rdi], al
    EXPECT_EQ(machine.vector(), wp ? 14 : -1);
    if (wp) {
      EXPECT_EQ(machine.get(machine.cpu.regs.gpr[rsp], 8), 3U);
    }
  }
}

// SDM vol. 3 4.8.
TEST(PagingBits, A_read_sets_accessed_and_a_write_dirty) {
  Machine machine;
  machine.enter_64_bit();
  machine.cpu.regs.gpr[rdi] = 0x200000;
  machine.execute({0x8A, 0x07}); // mov al, [rdi]
  EXPECT_EQ(machine.get(page_directory + 8, 8) & (accessed | dirty), accessed);
  machine.execute({0x88, 0x07}); // mov [rdi], al
  EXPECT_EQ(machine.get(page_directory + 8, 8) & (accessed | dirty), accessed | dirty);
}

} // namespace
} // namespace icebp::vp::testing
