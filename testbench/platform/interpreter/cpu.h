#pragma once

#include <icebp/testbench/platform/interpreter/bus.h>
#include <icebp/testbench/platform/interpreter/code_cache.h>
#include <icebp/testbench/platform/interpreter/debug_unit.h>
#include <icebp/testbench/platform/interpreter/fault.h>
#include <icebp/testbench/platform/interpreter/instruction.h>
#include <icebp/testbench/platform/interpreter/paging.h>

#include <icebp/model/rules/instruction_loop.h>

#include <cstdint>
#include <functional>
#include <string>

namespace icebp::vp {

class Cpu;
using Life = InstructionLife<DebugUnit, Cpu>;

// Bits that are valid in an operand of `size` bytes.
constexpr std::uint64_t mask_of(unsigned size) {
  return size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
}
constexpr std::uint64_t sign_bit_of(unsigned size) { return std::uint64_t{1} << (8 * size - 1); }
constexpr std::uint64_t sign_extend(std::uint64_t value, unsigned size) {
  const std::uint64_t sign = sign_bit_of(size);
  return ((value & mask_of(size)) ^ sign) - sign;
}

// A processor core that executes machine code: the `Simulator` of instruction_loop.h. Debug
// registers, MSRs, INT1 and everything that #DB comes of are the debug unit's.
class Cpu {
public:
  Cpu(DebugUnit& debug, Ram& ram, Bus& bus, CodeCache& code);

  Registers regs;

  // --- operands of handlers

  std::uint64_t gpr(unsigned number, unsigned size) const {
    return regs.gpr[number] & mask_of(size);
  }
  // A write of 4 bytes clears bits 63:32; one of 1 or 2 keeps the bits above.
  void set_gpr(unsigned number, unsigned size, std::uint64_t value) {
    std::uint64_t& reg = regs.gpr[number];
    reg = size >= 4 ? value & mask_of(size) : (reg & ~mask_of(size)) | (value & mask_of(size));
  }
  // An operand of 1, 2, 4 or 8 bytes: gpr, high byte, memory, immediate. The value is zero-extended
  // (an immediate cut to the operand's size).
  std::uint64_t read(const Instruction& i, const Operand& operand);
  void write(const Instruction& i, const Operand& operand, std::uint64_t value);
  // operand := change(operand); a #PF or #GP of the write comes before `change` is called.
  template <typename Change>
  void modify(const Instruction& i, const Operand& operand, Change change) {
    if (operand.kind == OperandKind::memory) {
      const std::uint64_t offset = effective_address(i);
      const std::uint64_t old = load_for_write(i.memory.segment, offset, operand.size);
      store(i.memory.segment, offset, operand.size, change(old) & mask_of(operand.size));
    } else {
      write(i, operand, change(read(i, operand)));
    }
  }
  // Offset in the segment, cut to the address size.
  std::uint64_t effective_address(const Instruction& i) const;

  // --- memory by segment and offset; 1, 2, 4 or 8 bytes. They throw #SS, #GP, #PF or #AC, and tell
  // the debug unit of the access.

  std::uint64_t load(SegmentName segment, std::uint64_t offset, unsigned size);
  std::uint64_t load_for_write(SegmentName segment, std::uint64_t offset, unsigned size);
  void store(SegmentName segment, std::uint64_t offset, unsigned size, std::uint64_t value);
  // Any number of bytes, for FXSAVE and the like: one access.
  void load_bytes(SegmentName segment, std::uint64_t offset, void* to, unsigned size);
  void store_bytes(SegmentName segment, std::uint64_t offset, const void* from, unsigned size);
  // By linear address, as a supervisor whatever CPL is: descriptor tables, TSS.
  std::uint64_t load_system(std::uint64_t linear, unsigned size);
  void store_system(std::uint64_t linear, unsigned size, std::uint64_t value);

  // --- the stack, of SS's width; `size` bytes 2, 4 or 8. RSP moves once the access succeeded.
  void push(std::uint64_t value, unsigned size);
  std::uint64_t pop(unsigned size);
  unsigned stack_size() const; // address size of the stack, bytes
  // RSP + displacement within the stack's width.
  std::uint64_t stack_offset(std::int64_t displacement) const;
  void set_stack_offset(std::uint64_t offset); // writes SP, ESP or RSP

  // --- I/O
  void check_io(std::uint16_t port, unsigned size); // #GP(0) by IOPL and the TSS's bitmap
  std::uint32_t in(std::uint16_t port, unsigned size);  // checked; tells the debug unit
  void out(std::uint16_t port, unsigned size, std::uint32_t value);

  // --- RFLAGS
  bool flag(std::uint64_t bit) const { return (regs.rflags & bit) != 0; }
  void set_flag(std::uint64_t bit, bool value) {
    regs.rflags = value ? regs.rflags | bit : regs.rflags & ~bit;
  }
  unsigned iopl() const { return static_cast<unsigned>(regs.rflags >> 12 & 3); }

  // --- modes
  Mode mode() const { return mode_; } // real, v86, protected_mode, compatibility, long_mode
  bool is_64_bit() const { return mode_ == Mode::long_mode; }
  unsigned cpl() const { return cpl_; }
  bool has(Feature feature) const; // of the profile

  // --- control flow. A near transfer checks the target (limit or canonical, #GP(0)), sets RIP cut to
  // the operand size, and tells the branch.
  std::uint64_t start() const { return start_; } // address (RIP) of the instruction in progress
  void jump_near(std::uint64_t target, unsigned operand_size, Branch kind);
  // What the end of the instruction in progress is; plain unless a handler says otherwise. jump_near
  // says taken_branch.
  void set_ending(Ending ending) { ending_ = ending; }
  // The REP of the instruction in progress has iterations left: RIP stays at the instruction.
  void repeat_instruction(bool fast_string = false);
  Life& life() { return *life_; }
  DebugUnit& debug() { return debug_; }

private:
  DebugUnit& debug_;
  Ram& ram_;
  Bus& bus_;
  CodeCache& code_;
  Mode mode_ = Mode::real;
  unsigned cpl_ = 0;
  std::uint64_t start_ = 0;
  Ending ending_ = Ending::plain;
  Life* life_ = nullptr;
};

} // namespace icebp::vp
