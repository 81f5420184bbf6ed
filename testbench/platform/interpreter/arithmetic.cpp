#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/operands.h>

namespace icebp::vp {
namespace {

__extension__ typedef unsigned __int128 Wide;
__extension__ typedef __int128 SignedWide;

std::uint64_t carry_of(const Cpu& cpu) { return cpu.regs.rflags & flag::cf; }

// --- ADD, SUB, AND and the like

struct Add {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::add(cpu.regs.rflags, a, b, size);
  }
};
struct Adc {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::add(cpu.regs.rflags, a, b, size, carry_of(cpu));
  }
};
struct Sub {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::sub(cpu.regs.rflags, a, b, size);
  }
};
struct Sbb {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::sub(cpu.regs.rflags, a, b, size, carry_of(cpu));
  }
};
struct And {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::logic(cpu.regs.rflags, a & b, size);
  }
};
struct Or {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::logic(cpu.regs.rflags, a | b, size);
  }
};
struct Xor {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t a, std::uint64_t b, unsigned size) {
    return alu::logic(cpu.regs.rflags, a ^ b, size);
  }
};

template <typename Operation>
void binary(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t b = source(cpu, i);
  change_operand(cpu, i, first(i),
                 [&](std::uint64_t a) { return Operation::apply(cpu, a, b, size); });
}

// CMP and TEST
template <typename Operation>
void compare(Cpu& cpu, const Instruction& i) {
  const std::uint64_t a = first_value(cpu, i);
  Operation::apply(cpu, a, source(cpu, i), first(i).size);
}

// CF stays.
template <typename Operation>
void step_by_one(Cpu& cpu, const Instruction& i) {
  change_operand(cpu, i, first(i), [&](std::uint64_t a) {
    const std::uint64_t carry = carry_of(cpu);
    const std::uint64_t result = Operation::apply(cpu, a, 1, first(i).size);
    replace_flags(cpu.regs.rflags, flag::cf, carry);
    return result;
  });
}

void neg(Cpu& cpu, const Instruction& i) {
  change_operand(cpu, i, first(i),
                 [&](std::uint64_t a) { return Sub::apply(cpu, 0, a, first(i).size); });
}

void not_(Cpu& cpu, const Instruction& i) {
  change_operand(cpu, i, first(i), [&](std::uint64_t a) { return ~a & mask_of(first(i).size); });
}

// --- the same between registers, or a register and an immediate, where a constant size saves time

template <unsigned size>
std::uint64_t register_source(const Cpu& cpu, const Instruction& i) {
  return second(i).kind == OperandKind::gpr ? cpu.gpr(second(i).reg, size)
                                            : i.immediate & size_mask(size);
}

template <typename Operation, unsigned size>
void register_binary(Cpu& cpu, const Instruction& i) {
  const std::uint64_t b = register_source<size>(cpu, i);
  cpu.set_gpr(first(i).reg, size, Operation::apply(cpu, cpu.gpr(first(i).reg, size), b, size));
}

template <typename Operation, unsigned size>
void register_compare(Cpu& cpu, const Instruction& i) {
  Operation::apply(cpu, cpu.gpr(first(i).reg, size), register_source<size>(cpu, i), size);
}

template <typename Operation, unsigned size>
void register_step(Cpu& cpu, const Instruction& i) {
  const std::uint64_t carry = carry_of(cpu);
  const std::uint64_t result = Operation::apply(cpu, cpu.gpr(first(i).reg, size), 1, size);
  replace_flags(cpu.regs.rflags, flag::cf, carry);
  cpu.set_gpr(first(i).reg, size, result);
}

// ADCX and ADOX: a carry chain of its own.
template <std::uint64_t chain>
void add_with(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t a = first_value(cpu, i);
  const std::uint64_t b = source(cpu, i);
  std::uint64_t flags = 0;
  const std::uint64_t sum = alu::add(flags, a, b, size, cpu.flag(chain) ? 1 : 0);
  cpu.set_flag(chain, (flags & flag::cf) != 0);
  cpu.set_gpr(first(i).reg, size, sum);
}

// --- exchanges with arithmetic

void xadd(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t b = source(cpu, i);
  std::uint64_t old = 0;
  const auto sum = [&](std::uint64_t a) {
    old = a;
    return Add::apply(cpu, a, b, size);
  };
  if (is_memory(first(i))) {
    cpu.modify(i, first(i), sum);
    set_operand(cpu, i, second(i), old);
  } else {
    const std::uint64_t result = sum(first_value(cpu, i));
    set_operand(cpu, i, second(i), old); // first: both may be the same register
    set_operand(cpu, i, first(i), result);
  }
}

// Memory is written in both cases.
void cmpxchg(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t replacement = source(cpu, i);
  const std::uint64_t expected = cpu.gpr(rax, size);
  std::uint64_t old = 0;
  const auto exchange = [&](std::uint64_t value) {
    old = value;
    return value == expected ? replacement : value;
  };
  if (is_memory(first(i)))
    cpu.modify(i, first(i), exchange);
  else if (const std::uint64_t result = exchange(first_value(cpu, i)); old == expected)
    set_operand(cpu, i, first(i), result);
  Sub::apply(cpu, expected, old, size);
  if (old != expected)
    cpu.set_gpr(rax, size, old);
}

void cmpxchg8b(Cpu& cpu, const Instruction& i) {
  const std::uint64_t expected = cpu.gpr(rdx, 4) << 32 | cpu.gpr(rax, 4);
  const std::uint64_t replacement = cpu.gpr(rcx, 4) << 32 | cpu.gpr(rbx, 4);
  std::uint64_t old = 0;
  cpu.modify(i, first(i), [&](std::uint64_t value) {
    old = value;
    return value == expected ? replacement : value;
  });
  cpu.set_flag(flag::zf, old == expected);
  if (old != expected) {
    cpu.set_gpr(rax, 4, old);
    cpu.set_gpr(rdx, 4, old >> 32);
  }
}

// The base of FS or GS counts for the alignment.
void cmpxchg16b(Cpu& cpu, const Instruction& i) {
  const SegmentName segment = i.memory.segment;
  const std::uint64_t offset = cpu.effective_address(i);
  const std::uint64_t base = segment >= SegmentName::fs ? cpu.regs[segment].base : 0;
  if ((base + offset) % 16 != 0)
    raise_gp();
  std::uint64_t old[2];
  cpu.load_bytes(segment, offset, old, sizeof old);
  const bool equal = old[0] == cpu.regs.gpr[rax] && old[1] == cpu.regs.gpr[rdx];
  const std::uint64_t replacement[2] = {cpu.regs.gpr[rbx], cpu.regs.gpr[rcx]};
  cpu.store_bytes(segment, offset, equal ? replacement : old, sizeof old);
  cpu.set_flag(flag::zf, equal);
  if (!equal) {
    cpu.regs.gpr[rax] = old[0];
    cpu.regs.gpr[rdx] = old[1];
  }
}

// --- multiplication and division

// AX for bytes, else rDX:rAX.
void set_wide(Cpu& cpu, unsigned size, std::uint64_t low, std::uint64_t high) {
  if (size == 1) {
    cpu.set_gpr(rax, 2, (high & 0xFF) << 8 | (low & 0xFF));
  } else {
    cpu.set_gpr(rax, size, low);
    cpu.set_gpr(rdx, size, high);
  }
}
Wide wide_of(const Cpu& cpu, unsigned size) {
  if (size == 1)
    return cpu.gpr(rax, 2);
  return Wide{cpu.gpr(rdx, size)} << (8 * size) | cpu.gpr(rax, size);
}

// CF and OF tell of significant bits in the upper half. The others are undefined: Intel's cores set
// SF and PF by the lower half and clear ZF and AF.
void set_product_flags(Cpu& cpu, std::uint64_t low, unsigned size, bool overflow) {
  replace_flags(cpu.regs.rflags, status_flags,
                (result_flags(low, size) & ~flag::zf) | (overflow ? flag::cf | flag::of : 0));
}

void mul(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const Wide product = Wide{cpu.gpr(rax, size)} * first_value(cpu, i);
  const auto low = static_cast<std::uint64_t>(product) & mask_of(size);
  const auto high = static_cast<std::uint64_t>(product >> (8 * size));
  set_wide(cpu, size, low, high);
  set_product_flags(cpu, low, size, high != 0);
}

SignedWide signed_of(std::uint64_t value, unsigned size) {
  return static_cast<std::int64_t>(sign_extend(value, size));
}

// Gives the lower half and sets the flags.
std::uint64_t signed_product(Cpu& cpu, SignedWide product, unsigned size) {
  const auto low = static_cast<std::uint64_t>(product) & mask_of(size);
  set_product_flags(cpu, low, size, signed_of(low, size) != product);
  return low;
}

void imul(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  if (!has_operand(i, 1)) {
    const SignedWide product =
        signed_of(cpu.gpr(rax, size), size) * signed_of(first_value(cpu, i), size);
    const std::uint64_t low = signed_product(cpu, product, size);
    set_wide(cpu, size, low, static_cast<std::uint64_t>(product >> (8 * size)));
    return;
  }
  const std::uint64_t a = has_operand(i, 2) ? source(cpu, i) : first_value(cpu, i);
  const std::uint64_t b = has_operand(i, 2) ? i.immediate & mask_of(size) : source(cpu, i);
  const SignedWide product = signed_of(a, size) * signed_of(b, size);
  cpu.set_gpr(first(i).reg, size, signed_product(cpu, product, size));
}

// Flags are undefined: unchanged.
void div(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t divisor = first_value(cpu, i);
  const Wide dividend = wide_of(cpu, size);
  if (divisor == 0 || dividend / divisor > mask_of(size))
    raise(vector::de);
  set_wide(cpu, size, static_cast<std::uint64_t>(dividend / divisor),
           static_cast<std::uint64_t>(dividend % divisor));
}

// By magnitudes: the most negative dividend has none of its own type.
void idiv(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const SignedWide divisor = signed_of(first_value(cpu, i), size);
  const unsigned unused = 128 - 16 * size;
  const SignedWide dividend = static_cast<SignedWide>(wide_of(cpu, size) << unused) >> unused;
  if (divisor == 0)
    raise(vector::de);
  const bool negative = (dividend < 0) != (divisor < 0);
  const Wide numerator = dividend < 0 ? -static_cast<Wide>(dividend) : static_cast<Wide>(dividend);
  const Wide denominator = divisor < 0 ? -static_cast<Wide>(divisor) : static_cast<Wide>(divisor);
  const Wide quotient = numerator / denominator;
  if (quotient > sign_bit_of(size) - (negative ? 0 : 1))
    raise(vector::de);
  const auto low = static_cast<std::uint64_t>(quotient);
  const auto rest = static_cast<std::uint64_t>(numerator % denominator);
  set_wide(cpu, size, negative ? 0 - low : low, dividend < 0 ? 0 - rest : rest);
}

// --- sign extension of the accumulator

// CBW, CWDE, CDQE
template <unsigned size>
void widen(Cpu& cpu, const Instruction&) {
  cpu.set_gpr(rax, 2 * size, sign_extend(cpu.gpr(rax, size), size));
}

// CWD, CDQ, CQO
template <unsigned size>
void extend(Cpu& cpu, const Instruction&) {
  const bool negative = (cpu.gpr(rax, size) & sign_bit_of(size)) != 0;
  cpu.set_gpr(rdx, size, negative ? mask_of(size) : 0);
}

// --- decimal

bool low_digit_overflows(const Cpu& cpu, std::uint64_t al) {
  return (al & 0xF) > 9 || cpu.flag(flag::af);
}

// AAA and AAS; OF, SF, ZF and PF are undefined.
template <int direction>
void ascii_adjust(Cpu& cpu, const Instruction&) {
  const std::uint64_t ax = cpu.gpr(rax, 2);
  const bool adjusts = low_digit_overflows(cpu, ax & 0xFF);
  const std::uint64_t result = adjusts ? (direction > 0 ? ax + 0x106 : ax - 0x106) : ax;
  cpu.set_gpr(rax, 2, result & 0xFF0F);
  replace_flags(cpu.regs.rflags, status_flags,
                (adjusts ? flag::af | flag::cf : 0) | result_flags(result & 0xF, 1));
}

void aam(Cpu& cpu, const Instruction& i) {
  const std::uint64_t base = i.immediate & 0xFF;
  if (base == 0)
    raise(vector::de);
  const std::uint64_t al = cpu.gpr(rax, 1);
  cpu.set_gpr(rax, 2, al / base << 8 | al % base);
  alu::logic(cpu.regs.rflags, al % base, 1);
}

void aad(Cpu& cpu, const Instruction& i) {
  const std::uint64_t ax = cpu.gpr(rax, 2);
  const std::uint64_t result = ((ax & 0xFF) + (ax >> 8) * (i.immediate & 0xFF)) & 0xFF;
  cpu.set_gpr(rax, 2, result);
  alu::logic(cpu.regs.rflags, result, 1);
}

// DAA and DAS; OF is undefined.
template <int direction>
void decimal_adjust(Cpu& cpu, const Instruction&) {
  const std::uint64_t al = cpu.gpr(rax, 1);
  const bool adjusts_low = low_digit_overflows(cpu, al);
  const bool adjusts_high = al > 0x99 || cpu.flag(flag::cf);
  const std::uint64_t change = (adjusts_low ? 6u : 0u) + (adjusts_high ? 0x60u : 0u);
  const std::uint64_t result = (direction > 0 ? al + change : al - change) & 0xFF;
  const bool borrows = direction < 0 && adjusts_low && al < 6; // DAS: SDM vol. 2A
  cpu.set_gpr(rax, 1, result);
  replace_flags(cpu.regs.rflags, status_flags,
                (adjusts_low ? flag::af : 0) | (adjusts_high || borrows ? flag::cf : 0) |
                    result_flags(result, 1));
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    ROW(ADD, binary<Add>),
    ROW(ADC, binary<Adc>),
    ROW(SUB, binary<Sub>),
    ROW(SBB, binary<Sbb>),
    ROW(AND, binary<And>),
    ROW(OR, binary<Or>),
    ROW(XOR, binary<Xor>),
    ROW(CMP, compare<Sub>),
    ROW(TEST, compare<And>),
    ROW(INC, step_by_one<Add>),
    ROW(DEC, step_by_one<Sub>),
    ROW(NEG, neg),
    ROW(NOT, not_),
    ROW(ADCX, add_with<flag::cf>),
    ROW(ADOX, add_with<flag::of>),
    ROW(XADD, xadd),
    ROW(CMPXCHG, cmpxchg),
    ROW(CMPXCHG8B, cmpxchg8b),
    ROW(CMPXCHG16B, cmpxchg16b),
    ROW(MUL, mul),
    ROW(IMUL, imul),
    ROW(DIV, div),
    ROW(IDIV, idiv),
    ROW(CBW, widen<1>),
    ROW(CWDE, widen<2>),
    ROW(CDQE, widen<4>),
    ROW(CWD, extend<2>),
    ROW(CDQ, extend<4>),
    ROW(CQO, extend<8>),
    ROW(AAA, ascii_adjust<1>),
    ROW(AAS, ascii_adjust<-1>),
    ROW(AAM, aam),
    ROW(AAD, aad),
    ROW(DAA, decimal_adjust<1>),
    ROW(DAS, decimal_adjust<-1>),
};
#undef ROW

// By operand sizes of 4 and 8 bytes.
struct RegisterForm {
  ZydisMnemonic mnemonic;
  Handler of_4, of_8;
};
#define FORM(mnemonic, handler, operation)                                                         \
  { ZYDIS_MNEMONIC_##mnemonic, handler<operation, 4>, handler<operation, 8> }
constexpr RegisterForm register_forms[] = {
    FORM(ADD, register_binary, Add),   FORM(SUB, register_binary, Sub),
    FORM(AND, register_binary, And),   FORM(OR, register_binary, Or),
    FORM(XOR, register_binary, Xor),   FORM(CMP, register_compare, Sub),
    FORM(TEST, register_compare, And), FORM(INC, register_step, Add),
    FORM(DEC, register_step, Sub),
};
#undef FORM

bool is_register_form(const Instruction& i) {
  const Operand& to = first(i);
  const Operand& from = second(i);
  const bool has_size = to.size == 4 || to.size == 8;
  return has_size && to.kind == OperandKind::gpr && !has_operand(i, 2) &&
         (from.kind == OperandKind::none || from.kind == OperandKind::immediate ||
          (from.kind == OperandKind::gpr && from.size == to.size));
}

} // namespace

Handler faster_handler(const Instruction& i) {
  if (is_register_form(i))
    for (const RegisterForm& form : register_forms)
      if (form.mnemonic == i.mnemonic)
        return first(i).size == 4 ? form.of_4 : form.of_8;
  return i.handler;
}

const Table<HandlerRow> arithmetic_handlers = handlers_of(rows);

} // namespace icebp::vp
