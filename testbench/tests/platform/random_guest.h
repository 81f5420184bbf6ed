#pragma once

#include <icebp/testbench/tests/platform/machine.h>

#include <cstdint>
#include <random>
#include <vector>

namespace icebp::vp::testing {

using Bytes = std::vector<std::uint8_t>;

// Code that a guest is made of: encodings of SDM vol. 2, immediates are added at random.
struct Piece {
  Bytes opcode;
  unsigned random_bytes;
};

inline const std::vector<Piece>& pieces() {
  static const std::vector<Piece> all{
      {{0x0F, 0x21}, 1},                                           // mov r, dr
      {{0x0F, 0x23}, 1},                                           // mov dr, r
      {{0x0F, 0x32}, 0},                                           // rdmsr
      {{0x0F, 0x30}, 0},                                           // wrmsr
      {{0xF1}, 0},                                                 // int1
      {{0xCC}, 0},                                                 // int3
      {{0xCD}, 1},                                                 // int n
      {{0x8E, 0xD0}, 0},                                           // mov ss, ax
      {{0x16, 0x17}, 0},                                           // push ss, pop ss
      {{0x9C, 0x58, 0x0D, 0x00, 0x01, 0x00, 0x00, 0x50, 0x9D}, 0}, // pushf .. or TF .. popf
      {{0xFB}, 0},                                                 // sti
      {{0xF3, 0xA4}, 0},                                           // rep movsb
      {{0xF3, 0xAA}, 0},                                           // rep stosb
      {{0x0F, 0x20}, 1},                                           // mov r, cr
      {{0x0F, 0x22}, 1},                                           // mov cr, r
      {{0x48, 0x89}, 2},                                           // mov r/m, r
      {{0x8B}, 2},                                                 // mov r, r/m
      {{0x01}, 2},                                                 // add
      {{0x50}, 0},
      {{0x58}, 0},
      {{0xCF}, 0},
      {{0x48, 0xCF}, 0}, // push, pop, iret
      {{0xEB}, 1},       // jmp
      {{0x74}, 1},       // jz
      {{0xE8}, 4},       // call
      {{0xC3}, 0},       // ret
      {{0xB8}, 4},
      {{0xB9}, 4},
      {{0xBF}, 4}, // mov eax, ecx, edi
      {{0xE4}, 1},
      {{0xE6}, 1},       // in, out
      {{0x0F, 0x01}, 2}, // lgdt and its kin
      {{0x0F, 0xA2}, 0}, // cpuid
      {{0x0F, 0x05}, 0}, // syscall
      {{}, 3},           // anything
  };
  return all;
}

inline Bytes random_code(std::mt19937_64& random, std::size_t length) {
  Bytes code;
  while (code.size() < length) {
    const Piece& piece = pieces()[random() % pieces().size()];
    code.insert(code.end(), piece.opcode.begin(), piece.opcode.end());
    for (unsigned n = 0; n < piece.random_bytes; ++n)
      code.push_back(static_cast<std::uint8_t>(random()));
  }
  code.resize(length);
  return code;
}

// Registers that point to something, or hold bits of DR7, MSR indices and addresses.
inline std::uint64_t random_value(std::mt19937_64& random) {
  constexpr std::uint64_t known[] = {0,          1,          0x7000,     0x7010,     0x20000,
                                     0x20004,    0x1D9,      0x277,      0x2400,     0x402,
                                     0x000D0402, 0xFFFF0FF0, 0x700D0455, 0x800,      0x6F00,
                                     0x10,       0x8000,     0xC0000080, 0xC0000082, 0x1B};
  constexpr std::size_t count = sizeof known / sizeof *known;
  const std::uint64_t choice = random() % (count + 4);
  return choice < count ? known[choice] : random() >> (choice - count) * 16;
}

// Puts a guest of a few instructions into `machine`, whose mode is entered; every handler returns.
template <typename Machine>
void put_guest(Machine& machine, const Bytes& code, std::mt19937_64& random) {
  machine.put_code(Machine::code_at, code.data(), code.size());
  for (std::uint64_t vector = 0; vector < 32; ++vector) {
    const Bytes handler{0x48, 0xCF, 0xCF}; // iretq; in other modes dec eax, iret
    machine.put_code(Machine::handlers_at + 16 * vector, handler.data(), handler.size());
  }
  for (std::uint64_t& value : machine.cpu.regs.gpr)
    value = random_value(random);
  machine.cpu.regs.gpr[rsp] = Machine::stack_top - 64;
  machine.cpu.regs.rip = Machine::code_at;
  machine.cpu.forget_translations();
}

template <typename Machine>
void enter_mode(Machine& machine, unsigned mode) {
  switch (mode) {
  case 0:
    return machine.enter_real();
  case 1:
    return machine.enter_protected();
  case 2:
    return machine.enter_protected(3);
  case 3:
    return machine.enter_v86(3, false);
  default:
    return machine.enter_64_bit();
  }
}

} // namespace icebp::vp::testing
