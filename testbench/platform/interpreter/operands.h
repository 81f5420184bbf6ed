#pragma once
// Operands of handlers, with the common kinds inline.

#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/handlers.h>

namespace icebp::vp {

inline const Operand& first(const Instruction& i) { return i.operands[0]; }
inline const Operand& second(const Instruction& i) { return i.operands[1]; }
inline bool has_operand(const Instruction& i, std::size_t number) {
  return i.operands[number].kind != OperandKind::none;
}
inline bool is_memory(const Operand& operand) { return operand.kind == OperandKind::memory; }

// The value of an operand, an immediate sign-extended to `size` bytes.
inline std::uint64_t value_of(Cpu& cpu, const Instruction& i, const Operand& operand,
                              unsigned size) {
  if (operand.kind == OperandKind::gpr)
    return cpu.gpr(operand.reg, operand.size);
  if (operand.kind == OperandKind::immediate)
    return i.immediate & mask_of(size);
  return cpu.read(i, operand);
}
inline std::uint64_t first_value(Cpu& cpu, const Instruction& i) {
  return value_of(cpu, i, first(i), first(i).size);
}
// The second operand as one of the size of the first.
inline std::uint64_t source(Cpu& cpu, const Instruction& i) {
  return value_of(cpu, i, second(i), first(i).size);
}

inline void set_operand(Cpu& cpu, const Instruction& i, const Operand& operand,
                        std::uint64_t value) {
  if (operand.kind == OperandKind::gpr)
    cpu.set_gpr(operand.reg, operand.size, value);
  else
    cpu.write(i, operand, value);
}

// operand := change(operand)
template <typename Change>
inline void change_operand(Cpu& cpu, const Instruction& i, const Operand& operand, Change change) {
  if (operand.kind == OperandKind::gpr)
    cpu.set_gpr(operand.reg, operand.size, change(cpu.gpr(operand.reg, operand.size)));
  else
    cpu.modify(i, operand, change);
}

// Does what may fault after RSP moved, and takes RSP back if it does.
template <typename Body>
inline void restoring_rsp(Cpu& cpu, Body body) {
  const std::uint64_t before = cpu.regs.gpr[rsp];
  try {
    body();
  } catch (const Fault&) {
    cpu.regs.gpr[rsp] = before;
    throw;
  }
}

// An offset `distance` bytes behind that of the memory operand.
inline std::uint64_t effective_address_plus(Cpu& cpu, const Instruction& i,
                                            std::uint64_t distance) {
  return (cpu.effective_address(i) + distance) & mask_of(i.address_size);
}

template <std::size_t count>
constexpr Table<HandlerRow> handlers_of(const HandlerRow (&rows)[count]) {
  return {rows, count};
}

} // namespace icebp::vp
