// Moves of MMX and SSE, MXCSR. Arithmetic: sse_arithmetic.cpp, packed_integer.cpp.
#include <icebp/testbench/platform/interpreter/sse_operands.h>

namespace icebp::vp {

Packed read_packed(Cpu& cpu, const Instruction& i, const Operand& operand, unsigned size,
                   Alignment alignment) {
  Packed value;
  switch (operand.kind) {
  case OperandKind::xmm:
    std::memcpy(value.data(), &cpu.regs.fp.xmm[operand.reg], size);
    return value;
  case OperandKind::mmx:
    std::memcpy(value.data(), cpu.regs.fp.st[operand.reg & 7].data(), size < 8 ? size : 8);
    return value;
  case OperandKind::memory:
    if (size == 16 && alignment == Alignment::required)
      check_16(cpu, i);
    if (size == 16)
      cpu.load_bytes(i.memory.segment, cpu.effective_address(i), value.data(), size);
    else
      value.set_lane(0, cpu.load(i.memory.segment, cpu.effective_address(i), size));
    return value;
  case OperandKind::gpr:
    value.set_lane(0, cpu.gpr(operand.reg, size < 8 ? size : 8));
    return value;
  case OperandKind::none:
  case OperandKind::high_byte:
  case OperandKind::immediate:
  case OperandKind::segment:
  case OperandKind::control:
  case OperandKind::st:
    break;
  }
  raise_ud();
}

void write_packed(Cpu& cpu, const Instruction& i, const Operand& operand, unsigned size,
                  const Packed& value, Alignment alignment) {
  switch (operand.kind) {
  case OperandKind::xmm:
    std::memcpy(&cpu.regs.fp.xmm[operand.reg], value.data(), size);
    return;
  case OperandKind::mmx: {
    ExtendedBytes& reg = cpu.regs.fp.st[operand.reg & 7];
    std::memcpy(reg.data(), value.data(), 8);
    reg[8] = reg[9] = 0xFF;
    return;
  }
  case OperandKind::memory:
    if (size == 16 && alignment == Alignment::required)
      check_16(cpu, i);
    if (size == 16)
      cpu.store_bytes(i.memory.segment, cpu.effective_address(i), value.data(), size);
    else
      cpu.store(i.memory.segment, cpu.effective_address(i), size, value.lane<std::uint64_t>(0));
    return;
  case OperandKind::gpr:
    cpu.set_gpr(operand.reg, operand.size, value.lane<std::uint64_t>(0));
    return;
  case OperandKind::none:
  case OperandKind::high_byte:
  case OperandKind::immediate:
  case OperandKind::segment:
  case OperandKind::control:
  case OperandKind::st:
    break;
  }
  raise_ud();
}

namespace {

// MOVAPS, MOVUPS and the like
template <Alignment alignment>
void mov_16(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  write_packed(cpu, i, first(i), 16, read_packed(cpu, i, second(i), 16, alignment), alignment);
}

// MOVD, MOVQ and their kin: the low bytes of the source; an XMM register is cleared above them.
template <unsigned size>
void mov_low(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const Packed value = read_packed(cpu, i, second(i), size);
  write_packed(cpu, i, first(i), first(i).kind == OperandKind::xmm ? 16 : size, value);
  enter_mmx(cpu, i);
}

// MOVSS and MOVSD: from memory they clear the rest of the register, from a register they keep it.
template <unsigned size>
void mov_scalar(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed value = read_packed(cpu, i, second(i), size);
  write_packed(cpu, i, first(i), is_memory(second(i)) ? 16 : size, value);
}

// MOVLPS, MOVHPS, MOVHLPS, MOVLHPS: 8 bytes between memory or the half `from` of a register and
// the half `to` of one.
template <unsigned to, unsigned from>
void mov_half(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const bool stores = is_memory(first(i));
  Packed half;
  half.set_lane(0,
                is_memory(second(i))
                    ? read_packed(cpu, i, second(i), 8).lane<std::uint64_t>(0)
                    : read_packed(cpu, i, second(i), 16).lane<std::uint64_t>(stores ? to : from));
  if (stores)
    return write_packed(cpu, i, first(i), 8, half);
  Packed value = read_packed(cpu, i, first(i), 16);
  value.set_lane(to, half.lane<std::uint64_t>(0));
  write_packed(cpu, i, first(i), 16, value);
}

// MOVMSKPS, MOVMSKPD, PMOVMSKB
template <typename Lane>
void sign_mask(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const unsigned size = packed_size(second(i));
  const Packed value = read_packed(cpu, i, second(i), size);
  std::uint64_t mask = 0;
  for (unsigned n = 0; n < size / sizeof(Lane); ++n)
    mask |= static_cast<std::uint64_t>(value.lane<Lane>(n) >> (8 * sizeof(Lane) - 1)) << n;
  cpu.set_gpr(first(i).reg, first(i).size, mask);
  enter_mmx(cpu, i);
}

constexpr std::uint64_t mxcsr_bits = 0xFFFF;

void ldmxcsr(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const std::uint64_t value = cpu.read(i, first(i));
  if ((value & ~mxcsr_bits) != 0)
    raise_gp();
  cpu.regs.fp.mxcsr = static_cast<std::uint32_t>(value);
}

void stmxcsr(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  cpu.write(i, first(i), cpu.regs.fp.mxcsr);
}

constexpr auto mov_aligned = mov_16<Alignment::required>;
constexpr auto mov_unaligned = mov_16<Alignment::any>;

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    ROW(MOVAPS, mov_aligned),
    ROW(MOVAPD, mov_aligned),
    ROW(MOVDQA, mov_aligned),
    ROW(MOVNTPS, mov_aligned),
    ROW(MOVNTPD, mov_aligned),
    ROW(MOVNTDQ, mov_aligned),
    ROW(MOVNTDQA, mov_aligned),
    ROW(MOVUPS, mov_unaligned),
    ROW(MOVUPD, mov_unaligned),
    ROW(MOVDQU, mov_unaligned),
    ROW(LDDQU, mov_unaligned),
    ROW(MOVD, mov_low<4>),
    ROW(MOVQ, mov_low<8>),
    ROW(MOVNTQ, mov_low<8>),
    ROW(MOVQ2DQ, mov_low<8>),
    ROW(MOVDQ2Q, mov_low<8>),
    ROW(MOVSS, mov_scalar<4>),
    ROW(MOVSD, mov_scalar<8>),
    {ZYDIS_MNEMONIC_MOVLPS, mov_half<0, 0>},
    {ZYDIS_MNEMONIC_MOVLPD, mov_half<0, 0>},
    {ZYDIS_MNEMONIC_MOVHPS, mov_half<1, 1>},
    {ZYDIS_MNEMONIC_MOVHPD, mov_half<1, 1>},
    {ZYDIS_MNEMONIC_MOVHLPS, mov_half<0, 1>},
    {ZYDIS_MNEMONIC_MOVLHPS, mov_half<1, 0>},
    ROW(MOVMSKPS, sign_mask<std::uint32_t>),
    ROW(MOVMSKPD, sign_mask<std::uint64_t>),
    ROW(PMOVMSKB, sign_mask<std::uint8_t>),
    ROW(LDMXCSR, ldmxcsr),
    ROW(STMXCSR, stmxcsr),
};
#undef ROW

} // namespace

const Table<HandlerRow> sse_handlers = handlers_of(rows);

} // namespace icebp::vp
