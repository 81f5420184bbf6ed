#pragma once

#include <icebp/testbench/platform/interpreter/registers.h>

#include <array>
#include <cstdint>

namespace icebp::vp {

class Cpu;
struct Instruction;

// Executes one instruction, or one iteration of a REP: reads and checks everything that may fault
// before it writes a register, so that a fault leaves the registers as they were. It throws Fault.
// RIP is already behind the instruction (Cpu::start has the instruction's address), unless a jump,
// call or return sets it.
using Handler = void (*)(Cpu& cpu, const Instruction& instruction);

enum class OperandKind : std::uint8_t {
  none,
  gpr,
  high_byte, // AH, CH, DH, BH: `reg` is 0 to 3
  memory,    // at the instruction's `memory`
  immediate, // the instruction's `immediate`
  segment,   // a segment register, by SegmentName
  control,   // CR0 to CR8
  st,        // x87, relative to TOP
  mmx,
  xmm,
};

struct Operand {
  OperandKind kind = OperandKind::none;
  std::uint8_t reg = 0;
  std::uint8_t size = 0; // bytes
};

inline constexpr std::uint8_t no_register = 0xFF;
inline constexpr std::uint8_t rip_register = 0x10; // base of a RIP-relative operand

struct MemoryOperand {
  SegmentName segment = SegmentName::ds;
  std::uint8_t base = no_register; // a Gpr or rip_register
  std::uint8_t index = no_register;
  std::uint8_t scale = 1;
  std::int64_t displacement = 0;
};

enum class Repeat : std::uint8_t { none, rep, repne }; // F3 (REP, REPE), F2

// A decoded instruction. Only explicit operands are listed.
struct Instruction {
  Handler handler = nullptr;
  std::uint16_t mnemonic = 0; // ZydisMnemonic
  std::uint8_t length = 0;
  std::uint8_t operand_size =
      0; // bytes: 2, 4, 8, of the instruction (8 for near branches and stack in 64-bit mode)
  std::uint8_t address_size = 0; // bytes: 2, 4, 8
  std::uint8_t opcode = 0;       // last opcode byte
  bool lock = false;
  Repeat repeat = Repeat::none;
  std::array<Operand, 3> operands{};
  MemoryOperand memory;
  std::uint64_t immediate =
      0; // sign-extended as the instruction has it; a near branch's displacement
  std::uint16_t selector = 0; // of a far pointer; the second immediate of ENTER
};

} // namespace icebp::vp
