#pragma once
// Operands of 4, 8 or 16 bytes of MMX and SSE instructions, and the checks before them.

#include <icebp/testbench/platform/interpreter/operands.h>
#include <icebp/testbench/platform/interpreter/x87.h>

#include <cstdint>
#include <cstring>

namespace icebp::vp {

// The bytes of an operand; those behind its size are 0.
class Packed {
public:
  template <typename T>
  T lane(unsigned number) const {
    T value;
    std::memcpy(&value, bytes_ + number * sizeof(T), sizeof(T));
    return value;
  }
  template <typename T>
  void set_lane(unsigned number, T value) {
    std::memcpy(bytes_ + number * sizeof(T), &value, sizeof(T));
  }
  std::uint8_t* data() { return bytes_; }
  const std::uint8_t* data() const { return bytes_; }

private:
  alignas(16) std::uint8_t bytes_[16]{};
};

enum class Alignment : std::uint8_t { any, required };

// SSE: #UD by CR0.EM and CR4.OSFXSR, #NM by CR0.TS.
inline void check_sse(const Cpu& cpu) {
  if ((cpu.regs.cr0 & cr0::em) != 0 || (cpu.regs.cr4 & cr4::osfxsr) == 0)
    raise_ud();
  if ((cpu.regs.cr0 & cr0::ts) != 0)
    raise(vector::nm);
}

inline bool uses(const Instruction& i, OperandKind kind) {
  return first(i).kind == kind || second(i).kind == kind;
}

// The checks of an instruction by the registers that it names.
inline void check_packed(const Cpu& cpu, const Instruction& i) {
  if (uses(i, OperandKind::xmm))
    check_sse(cpu);
  if (uses(i, OperandKind::mmx))
    x87::check_mmx(cpu);
}
// Once nothing can fault any more.
inline void enter_mmx(Cpu& cpu, const Instruction& i) {
  if (uses(i, OperandKind::mmx))
    x87::enter_mmx(cpu.regs.fp);
}

// #GP if the memory operand is not at a multiple of 16, by linear address.
inline void check_16(const Cpu& cpu, const Instruction& i) {
  const bool has_base = !cpu.is_64_bit() || i.memory.segment >= SegmentName::fs;
  const std::uint64_t base = has_base ? cpu.regs[i.memory.segment].base : 0;
  if ((base + cpu.effective_address(i)) % 16 != 0)
    raise_gp();
}

Packed read_packed(Cpu& cpu, const Instruction& i, const Operand& operand, unsigned size,
                   Alignment alignment = Alignment::required);
// A register of SSE keeps its bytes behind `size`.
void write_packed(Cpu& cpu, const Instruction& i, const Operand& operand, unsigned size,
                  const Packed& value, Alignment alignment = Alignment::required);

// Bytes of a register operand: 8 of MMX, 16 of SSE.
inline unsigned packed_size(const Operand& operand) {
  return operand.kind == OperandKind::mmx ? 8 : 16;
}

} // namespace icebp::vp
