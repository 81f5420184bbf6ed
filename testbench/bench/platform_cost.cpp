// Instructions of a guest in the engine of the virtual platform, N of them:
//   platform_cost CASE N
// A case is a loop, of registers or with 8 of 24 instructions at memory, and what is armed:
// `engine`: nothing is put to the debug unit but what an access in a watched page would be.

#include <icebp/testbench/bench/cases.h>
#include <icebp/testbench/tests/platform/machine.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace icebp;
using namespace icebp::vp;

enum class Armed { engine, nothing, data_elsewhere, code_elsewhere };

struct Case {
  const char* name;
  bool memory;
  Armed armed;
};

constexpr Case cases[] = {
    {"register_engine", false, Armed::engine},
    {"register_unarmed", false, Armed::nothing},
    {"register_data_watch", false, Armed::data_elsewhere},
    {"register_code_breakpoint", false, Armed::code_elsewhere},
    {"memory_engine", true, Armed::engine},
    {"memory_unarmed", true, Armed::nothing},
    {"memory_data_watch", true, Armed::data_elsewhere},
    {"memory_code_breakpoint", true, Armed::code_elsewhere},
};

// add rax, rcx; xor rdx, rax; lea rbx, [rax + rdx]; dec rcx; jnz
const std::vector<std::uint8_t> register_loop{0x48, 0x01, 0xC8, 0x48, 0x31, 0xC2, 0x48, 0x8D,
                                              0x1C, 0x10, 0x48, 0xFF, 0xC9, 0x75, 0xF1};
// push rax; call over ret; mov [rdi], rax; mov rax, [rdi]; add [rdi], rcx; pop rax; 5 of registers;
// dec rcx; jnz
const std::vector<std::uint8_t> memory_loop{0x50,                         // push rax
                                            0xE8, 0x02, 0x00, 0x00, 0x00, // call +2
                                            0xEB, 0x01,                   // jmp over the ret
                                            0xC3,                         // ret
                                            0x48, 0x89, 0x07,             // mov [rdi], rax
                                            0x48, 0x8B, 0x07,             // mov rax, [rdi]
                                            0x48, 0x01, 0x0F,             // add [rdi], rcx
                                            0x58,                         // pop rax
                                            0x48, 0x01, 0xC8, 0x48, 0x31, 0xC2, 0x48, 0x01, 0xD3,
                                            0x48, 0x31, 0xDA, 0x48, 0xFF, 0xC9, 0x75, 0xDC};

void arm(testing::Machine& machine, Armed armed) {
  constexpr std::uint64_t elsewhere = 0x100000;
  if (armed != Armed::data_elsewhere && armed != Armed::code_elsewhere)
    return;
  Request request;
  request.operation = Operation::mov_to_dr;
  request.value = elsewhere;
  machine.debug.put(request);
  request.dr = 7;
  request.value = armed == Armed::data_elsewhere ? 0x000D0402 : 0x402; // G0, writes of 4 bytes
  machine.debug.put(request);
  machine.cpu.rearm();
}

int run(const Case& chosen, std::size_t count) {
  testing::Machine machine;
  machine.enter_64_bit();
  const std::vector<std::uint8_t>& code = chosen.memory ? memory_loop : register_loop;
  machine.put_code(machine.code_at, code.data(), code.size());
  machine.cpu.regs.gpr[rcx] = ~std::uint64_t{0};
  machine.cpu.regs.gpr[rdi] = machine.data_at;
  arm(machine, chosen.armed);
  if (chosen.armed == Armed::engine) {
    Life life(machine.debug, machine.cpu);
    for (std::size_t n = 0; n < count; ++n)
      machine.cpu.execute_at_rip(life);
  } else {
    for (std::size_t n = 0; n < count; ++n)
      run_instruction(static_cast<DebugUnit&>(machine.debug), machine.cpu);
  }
  std::cout << "rax " << machine.cpu.regs.gpr[rax] << '\n';
  return 0;
}

} // namespace

int main(int argc, char** argv) { return run_case(argc, argv, cases, run); }
