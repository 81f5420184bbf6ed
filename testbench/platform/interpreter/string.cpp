#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/operands.h>

#include <type_traits>

namespace icebp::vp {
namespace {

// The destination is in ES whatever the prefixes; the source is where the decoder put the override.

std::uint64_t source_offset(const Cpu& cpu, const Instruction& i) {
  return cpu.gpr(rsi, i.address_size);
}
std::uint64_t destination_offset(const Cpu& cpu, const Instruction& i) {
  return cpu.gpr(rdi, i.address_size);
}

template <unsigned size>
void advance(Cpu& cpu, const Instruction& i, Gpr reg) {
  const std::uint64_t old = cpu.gpr(reg, i.address_size);
  cpu.set_gpr(reg, i.address_size, cpu.flag(flag::df) ? old - size : old + size);
}

template <unsigned size>
std::uint64_t load_source(Cpu& cpu, const Instruction& i) {
  return cpu.load(i.memory.segment, source_offset(cpu, i), size);
}
template <unsigned size>
std::uint64_t load_destination(Cpu& cpu, const Instruction& i) {
  return cpu.load(SegmentName::es, destination_offset(cpu, i), size);
}
template <unsigned size>
void store_destination(Cpu& cpu, const Instruction& i, std::uint64_t value) {
  cpu.store(SegmentName::es, destination_offset(cpu, i), size, value);
}

// --- one iteration each; registers change once nothing can fault

template <unsigned size>
struct Movs {
  static constexpr bool is_block = true;
  static constexpr bool compares = false;
  static void iterate(Cpu& cpu, const Instruction& i) {
    store_destination<size>(cpu, i, load_source<size>(cpu, i));
    advance<size>(cpu, i, rsi);
    advance<size>(cpu, i, rdi);
  }
};

template <unsigned size>
struct Stos {
  static constexpr bool is_block = true;
  static constexpr bool compares = false;
  static void iterate(Cpu& cpu, const Instruction& i) {
    store_destination<size>(cpu, i, cpu.gpr(rax, size));
    advance<size>(cpu, i, rdi);
  }
};

template <unsigned size>
struct Lods {
  static constexpr bool is_block = false;
  static constexpr bool compares = false;
  static void iterate(Cpu& cpu, const Instruction& i) {
    cpu.set_gpr(rax, size, load_source<size>(cpu, i));
    advance<size>(cpu, i, rsi);
  }
};

template <unsigned size>
struct Cmps {
  static constexpr bool is_block = false;
  static constexpr bool compares = true;
  static void iterate(Cpu& cpu, const Instruction& i) {
    const std::uint64_t a = load_source<size>(cpu, i);
    const std::uint64_t b = load_destination<size>(cpu, i);
    alu::sub(cpu.regs.rflags, a, b, size);
    advance<size>(cpu, i, rsi);
    advance<size>(cpu, i, rdi);
  }
};

template <unsigned size>
struct Scas {
  static constexpr bool is_block = false;
  static constexpr bool compares = true;
  static void iterate(Cpu& cpu, const Instruction& i) {
    alu::sub(cpu.regs.rflags, cpu.gpr(rax, size), load_destination<size>(cpu, i), size);
    advance<size>(cpu, i, rdi);
  }
};

std::uint16_t port_of(const Cpu& cpu) { return static_cast<std::uint16_t>(cpu.gpr(rdx, 2)); }

template <unsigned size>
struct Ins {
  static constexpr bool is_block = false;
  static constexpr bool compares = false;
  static void iterate(Cpu& cpu, const Instruction& i) {
    cpu.check_io(port_of(cpu), size);
    const std::uint64_t offset = destination_offset(cpu, i);
    cpu.load_for_write(SegmentName::es, offset, size); // faults before the port is read
    store_destination<size>(cpu, i, cpu.in(port_of(cpu), size));
    advance<size>(cpu, i, rdi);
  }
};

template <unsigned size>
struct Outs {
  static constexpr bool is_block = false;
  static constexpr bool compares = false;
  static void iterate(Cpu& cpu, const Instruction& i) {
    cpu.check_io(port_of(cpu), size);
    const auto value = static_cast<std::uint32_t>(load_source<size>(cpu, i));
    cpu.out(port_of(cpu), size, value);
    advance<size>(cpu, i, rsi);
  }
};

// REP STOSB of 200 iterations was measured exact, of 4,000 in blocks (debug-unit sheet 4.4); what
// is between is not known.
constexpr std::uint64_t most_of_exact_stosb = 200;

template <typename Operation>
bool works_in_blocks(Cpu& cpu, std::uint64_t left) {
  if (!Operation::is_block || cpu.flag(flag::df))
    return false;
  return !std::is_same_v<Operation, Stos<1>> || cpu.repeat_count(left) > most_of_exact_stosb;
}

// Executes the instruction, or an iteration of its REP, which counts in CX, ECX or RCX by the
// address size. Either prefix repeats what does not compare.
template <typename Operation>
void string(Cpu& cpu, const Instruction& i) {
  if (i.repeat == Repeat::none)
    return Operation::iterate(cpu, i);
  const std::uint64_t count = cpu.gpr(rcx, i.address_size);
  if (count == 0)
    return;
  Operation::iterate(cpu, i);
  cpu.set_gpr(rcx, i.address_size, count - 1);
  if (count == 1)
    return;
  if (Operation::compares && cpu.flag(flag::zf) != (i.repeat == Repeat::rep))
    return;
  cpu.repeat_instruction(works_in_blocks<Operation>(cpu, count));
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    ROW(MOVSB, string<Movs<1>>), ROW(MOVSW, string<Movs<2>>), ROW(MOVSD, string<Movs<4>>),
    ROW(MOVSQ, string<Movs<8>>), ROW(STOSB, string<Stos<1>>), ROW(STOSW, string<Stos<2>>),
    ROW(STOSD, string<Stos<4>>), ROW(STOSQ, string<Stos<8>>), ROW(LODSB, string<Lods<1>>),
    ROW(LODSW, string<Lods<2>>), ROW(LODSD, string<Lods<4>>), ROW(LODSQ, string<Lods<8>>),
    ROW(CMPSB, string<Cmps<1>>), ROW(CMPSW, string<Cmps<2>>), ROW(CMPSD, string<Cmps<4>>),
    ROW(CMPSQ, string<Cmps<8>>), ROW(SCASB, string<Scas<1>>), ROW(SCASW, string<Scas<2>>),
    ROW(SCASD, string<Scas<4>>), ROW(SCASQ, string<Scas<8>>), ROW(INSB, string<Ins<1>>),
    ROW(INSW, string<Ins<2>>),   ROW(INSD, string<Ins<4>>),   ROW(OUTSB, string<Outs<1>>),
    ROW(OUTSW, string<Outs<2>>), ROW(OUTSD, string<Outs<4>>),
};
#undef ROW

} // namespace

const Table<HandlerRow> string_handlers = handlers_of(rows);

} // namespace icebp::vp
