#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/operands.h>

namespace icebp::vp {
namespace {

std::uint64_t reversed(std::uint64_t value, unsigned size) {
  return __builtin_bswap64(value) >> (64 - 8 * size);
}

// --- moves

void mov(Cpu& cpu, const Instruction& i) { set_operand(cpu, i, first(i), source(cpu, i)); }

void movzx(Cpu& cpu, const Instruction& i) {
  cpu.set_gpr(first(i).reg, first(i).size, value_of(cpu, i, second(i), second(i).size));
}

// MOVSX and MOVSXD
void movsx(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = value_of(cpu, i, second(i), second(i).size);
  cpu.set_gpr(first(i).reg, first(i).size, sign_extend(value, second(i).size));
}

void movbe(Cpu& cpu, const Instruction& i) {
  set_operand(cpu, i, first(i), reversed(source(cpu, i), first(i).size));
}

// Of 16 bits the result is undefined: 0.
void bswap(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  cpu.set_gpr(first(i).reg, size, size == 2 ? 0 : reversed(first_value(cpu, i), size));
}

void lea(Cpu& cpu, const Instruction& i) {
  cpu.set_gpr(first(i).reg, first(i).size, cpu.effective_address(i));
}

void xchg(Cpu& cpu, const Instruction& i) {
  const bool memory_is_first = is_memory(first(i));
  const Operand& a = memory_is_first || !is_memory(second(i)) ? first(i) : second(i);
  const Operand& b = &a == &first(i) ? second(i) : first(i);
  const std::uint64_t b_value = value_of(cpu, i, b, b.size);
  std::uint64_t a_value = 0;
  change_operand(cpu, i, a, [&](std::uint64_t value) {
    a_value = value;
    return b_value;
  });
  set_operand(cpu, i, b, a_value);
}

void xlat(Cpu& cpu, const Instruction& i) {
  const std::uint64_t offset =
      (cpu.gpr(rbx, i.address_size) + cpu.gpr(rax, 1)) & mask_of(i.address_size);
  cpu.set_gpr(rax, 1, cpu.load(i.memory.segment, offset, 1));
}

// The source is read, and bits 63:32 of a 32-bit register are cleared, whatever the condition.
template <unsigned code>
void cmov(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = source(cpu, i);
  const std::uint64_t old = first_value(cpu, i);
  cpu.set_gpr(first(i).reg, first(i).size, condition<code>(cpu.regs.rflags) ? value : old);
}

template <unsigned code>
void set(Cpu& cpu, const Instruction& i) {
  set_operand(cpu, i, first(i), condition<code>(cpu.regs.rflags) ? 1 : 0);
}

// --- stack

void push(Cpu& cpu, const Instruction& i) {
  cpu.push(value_of(cpu, i, first(i), i.operand_size), i.operand_size);
}

// The address of a memory operand with RSP is that after the increment.
void pop(Cpu& cpu, const Instruction& i) {
  restoring_rsp(cpu, [&] {
    const std::uint64_t value = cpu.pop(i.operand_size);
    set_operand(cpu, i, first(i), value);
  });
}

constexpr Gpr pushed_by_pusha[] = {rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi};

// SP goes to the stack as it was before.
template <unsigned size>
void pusha(Cpu& cpu, const Instruction&) {
  std::int64_t displacement = 0;
  for (const Gpr reg : pushed_by_pusha) {
    displacement -= size;
    cpu.store(SegmentName::ss, cpu.stack_offset(displacement), size, cpu.gpr(reg, size));
  }
  cpu.set_stack_offset(cpu.stack_offset(displacement));
}

// What was pushed of SP is not read.
template <unsigned size>
void popa(Cpu& cpu, const Instruction&) {
  std::uint64_t values[8] = {};
  for (unsigned place = 0; place < 8; ++place)
    if (const Gpr reg = pushed_by_pusha[7 - place]; reg != rsp)
      values[reg] = cpu.load(SegmentName::ss, cpu.stack_offset(place * size), size);
  for (const Gpr reg : pushed_by_pusha)
    if (reg != rsp)
      cpu.set_gpr(reg, size, values[reg]);
  cpu.set_stack_offset(cpu.stack_offset(8 * size));
}

// --- the rest

void nop(Cpu&, const Instruction&) {}

// Faults as a load of a byte does.
void clwb(Cpu& cpu, const Instruction& i) {
  cpu.load(i.memory.segment, cpu.effective_address(i), 1);
}

// Polynomial 11EDC6F41h, bits reflected.
void crc32(Cpu& cpu, const Instruction& i) {
  std::uint64_t value = value_of(cpu, i, second(i), second(i).size);
  std::uint64_t crc = cpu.gpr(first(i).reg, 4);
  for (unsigned bit = 0; bit < 8u * second(i).size; ++bit, value >>= 1)
    crc = crc >> 1 ^ (((crc ^ value) & 1) != 0 ? 0x82F63B78u : 0u);
  cpu.set_gpr(first(i).reg, first(i).size, crc);
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
#define CONDITIONS(prefix, handler)                                                                \
  ROW(prefix##O, handler<0>), ROW(prefix##NO, handler<1>), ROW(prefix##B, handler<2>),             \
      ROW(prefix##NB, handler<3>), ROW(prefix##Z, handler<4>), ROW(prefix##NZ, handler<5>),        \
      ROW(prefix##BE, handler<6>), ROW(prefix##NBE, handler<7>), ROW(prefix##S, handler<8>),       \
      ROW(prefix##NS, handler<9>), ROW(prefix##P, handler<10>), ROW(prefix##NP, handler<11>),      \
      ROW(prefix##L, handler<12>), ROW(prefix##NL, handler<13>), ROW(prefix##LE, handler<14>),     \
      ROW(prefix##NLE, handler<15>)
constexpr HandlerRow rows[] = {
    ROW(MOV, mov),         ROW(MOVZX, movzx),    ROW(MOVSX, movsx),      ROW(MOVSXD, movsx),
    ROW(MOVNTI, mov),      ROW(MOVBE, movbe),    ROW(BSWAP, bswap),      ROW(LEA, lea),
    ROW(XCHG, xchg),       ROW(XLAT, xlat),      CONDITIONS(CMOV, cmov), CONDITIONS(SET, set),
    ROW(PUSH, push),       ROW(POP, pop),        ROW(PUSHA, pusha<2>),   ROW(PUSHAD, pusha<4>),
    ROW(POPA, popa<2>),    ROW(POPAD, popa<4>),  ROW(NOP, nop),          ROW(ENDBR32, nop),
    ROW(ENDBR64, nop),     ROW(PAUSE, nop),      ROW(PREFETCH, nop),     ROW(PREFETCHNTA, nop),
    ROW(PREFETCHT0, nop),  ROW(PREFETCHT1, nop), ROW(PREFETCHT2, nop),   ROW(PREFETCHW, nop),
    ROW(PREFETCHWT1, nop), ROW(LFENCE, nop),     ROW(MFENCE, nop),       ROW(CLFLUSH, clwb),
    ROW(CLFLUSHOPT, clwb), ROW(CLWB, clwb),      ROW(CRC32, crc32),
};
#undef CONDITIONS
#undef ROW

} // namespace

const Table<HandlerRow> data_transfer_handlers = handlers_of(rows);

} // namespace icebp::vp
