// Every single-byte mutation of a guest that uses the debug unit runs to its end.

#include <icebp/testbench/tests/platform/random_guest.h>

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace icebp::vp {
namespace {

using testing::Bytes;

// mov dr0, rdi; mov eax, 0D0402h; mov dr7, rax; mov [rdi], eax; mov ss, bx; int1; pushf; or TF;
// popf; rep stosb; mov ecx, 1D9h; wrmsr; mov rax, dr6; mov [rdi + 8], rax
const Bytes guest{0x0F, 0x23, 0xC7, 0xB8, 0x02, 0x04, 0x0D, 0x00, 0x0F, 0x23, 0xF8,
                  0x89, 0x07, 0x8E, 0xD3, 0xF1, 0x9C, 0x58, 0x0D, 0x00, 0x01, 0x00,
                  0x00, 0x50, 0x9D, 0xF3, 0xAA, 0xB9, 0xD9, 0x01, 0x00, 0x00, 0x0F,
                  0x30, 0x0F, 0x21, 0xF0, 0x48, 0x89, 0x47, 0x08};

TEST(MutatedGuest, Runs_to_its_end_in_every_mode) {
  constexpr unsigned modes = 5, instructions = 40;
  std::array<std::unique_ptr<testing::Machine>, modes> machines;
  for (auto& machine : machines)
    machine = std::make_unique<testing::Machine>();
  const Registers reset = machines.front()->cpu.regs;
  std::size_t executed = 0;
  for (unsigned at = 0; at < guest.size(); ++at)
    for (unsigned byte = 0; byte < 256; ++byte) {
      Bytes code = guest;
      code[at] = static_cast<std::uint8_t>(byte);
      std::mt19937_64 random(at);
      const unsigned mode = (at + byte) % modes;
      testing::Machine& machine = *machines[mode];
      machine.debug.power_up_again();
      machine.cpu.regs = reset;
      machine.cpu.set_activity(Activity::active);
      testing::enter_mode(machine, mode);
      testing::put_guest(machine, code, random);
      machine.cpu.regs.gpr[rbx] = 0x10;
      machine.cpu.regs.gpr[rdi] = testing::Machine::data_at;
      machine.cpu.regs.gpr[rcx] = 16;
      unsigned n = 0;
      for (; n < instructions && machine.cpu.activity() == Activity::active; ++n)
        machine.step();
      executed += n;
    }
  EXPECT_GT(executed, guest.size() * 256 * 10); // and not into a shutdown at once
}

} // namespace
} // namespace icebp::vp
