// x87 but for its images in memory (floating_point_images.cpp). Transcendental functions and FPREM
// are not there.
#include <icebp/testbench/platform/interpreter/floating_point_images.h>
#include <icebp/testbench/platform/interpreter/operands.h>
#include <icebp/testbench/platform/interpreter/x87.h>

namespace icebp::vp {
namespace {

using namespace x87;
namespace ex = fp_exception;

FloatingPoint& fp_of(Cpu& cpu) { return cpu.regs.fp; }

void begin(const Cpu& cpu) {
  check_available(cpu);
  check_pending(cpu);
}

void note_pointers(Cpu& cpu, const Instruction& i) {
  fp_of(cpu).instruction = cpu.start();
  if (i.operands[0].kind == OperandKind::memory)
    fp_of(cpu).data = cpu.effective_address(i);
}

// Clears C1 and adds exceptions. False if one of `blocking` is not masked: there is no result then.
bool signal(FloatingPoint& fp, unsigned exceptions,
            unsigned blocking = ex::invalid | ex::denormal | ex::divide_by_zero) {
  fp.status = static_cast<std::uint16_t>((fp.status & ~c1) | exceptions);
  update_summary(fp);
  return (exceptions & ~unsigned{fp.control} & blocking) == 0;
}

// Of an empty register that is read, or (C1 = 1) one that is not empty and pushed to.
bool signal_stack_fault(FloatingPoint& fp, bool overflow) {
  const bool masked = signal(fp, ex::invalid | stack_fault);
  if (overflow)
    fp.status |= c1;
  return masked;
}

void set_st(FloatingPoint& fp, unsigned n, const ExtendedBytes& value) {
  st(fp, n) = value;
  set_empty(fp, n, false);
}

void pop(FloatingPoint& fp) {
  set_empty(fp, 0, true);
  set_top(fp, top(fp) + 1);
}

void push(FloatingPoint& fp, const ExtendedBytes& value, unsigned exceptions = 0) {
  ExtendedBytes pushed = value;
  if (!is_empty(fp, 7)) {
    if (!signal_stack_fault(fp, true))
      return;
    pushed = indefinite();
  } else if (!signal(fp, exceptions)) {
    return;
  }
  set_top(fp, top(fp) - 1);
  set_st(fp, 0, pushed);
}

bool is_nan(const ExtendedBytes& bytes) {
  return (sign_and_exponent(bytes) & 0x7FFF) == 0x7FFF && significand(bytes) << 1 != 0;
}
bool is_signaling(const ExtendedBytes& bytes) {
  return is_nan(bytes) && (significand(bytes) >> 62 & 1) == 0;
}
// Pseudo-infinities, pseudo-NaNs and unnormals: the integer bit is missing.
bool is_unsupported(const ExtendedBytes& bytes) {
  return (sign_and_exponent(bytes) & 0x7FFF) != 0 && significand(bytes) >> 63 == 0;
}
bool is_denormal(const ExtendedBytes& bytes) {
  return (sign_and_exponent(bytes) & 0x7FFF) == 0 && significand(bytes) != 0;
}

// --- operands in memory

// A result with the exceptions on the way to it.
struct Result {
  ExtendedBytes value{};
  unsigned exceptions = 0;
};

constexpr std::uint64_t quiet_bit = std::uint64_t{1} << 62;

// A NaN that signals still does in what it gives, and is not told.
template <typename Float, typename Bits>
Result extended_from(std::uint64_t image, std::uint16_t control) {
  constexpr Bits quiet = Bits{1} << (sizeof(Bits) == 4 ? 22 : 51);
  const auto bits = static_cast<Bits>(image);
  Float number = 0;
  std::memcpy(&number, &bits, sizeof number);
  const volatile Float from = number;
  const HostX87 host(control);
  const volatile Extended value = from;
  const unsigned exceptions = host.exceptions() & ex::denormal;
  const ExtendedBytes bytes = to_bytes(value);
  if (!is_nan(bytes) || (bits & quiet) != 0)
    return {bytes, exceptions};
  return {extended_bytes(sign_and_exponent(bytes), significand(bytes) & ~quiet_bit), exceptions};
}

Result extended_from_integer(std::uint64_t value, unsigned size) {
  return {to_bytes(static_cast<Extended>(static_cast<std::int64_t>(sign_extend(value, size)))), 0};
}

// m32, m64 or m80.
Result load_real(Cpu& cpu, const Instruction& i) {
  const unsigned size = i.operands[0].size;
  const std::uint64_t offset = cpu.effective_address(i);
  if (size == 10) {
    Result result;
    cpu.load_bytes(i.memory.segment, offset, result.value.data(), size);
    return result;
  }
  const std::uint64_t image = cpu.load(i.memory.segment, offset, size);
  const std::uint16_t control = fp_of(cpu).control;
  return size == 4 ? extended_from<float, std::uint32_t>(image, control)
                   : extended_from<double, std::uint64_t>(image, control);
}

Result load_integer(Cpu& cpu, const Instruction& i) {
  return extended_from_integer(cpu.read(i, i.operands[0]), i.operands[0].size);
}

// --- loads

// A NaN of 80 bits is taken as it is; others become quiet.
void push_loaded(FloatingPoint& fp, const Result& loaded, unsigned size) {
  if (size == 10 || !is_signaling(loaded.value))
    return push(fp, loaded.value, loaded.exceptions);
  push(fp, extended_bytes(sign_and_exponent(loaded.value), significand(loaded.value) | quiet_bit),
       ex::invalid);
}

void fld(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  if (i.operands[0].kind == OperandKind::memory) {
    push_loaded(fp, load_real(cpu, i), i.operands[0].size);
  } else if (is_empty(fp, i.operands[0].reg)) {
    if (signal_stack_fault(fp, false))
      push(fp, indefinite());
  } else {
    push(fp, st(fp, i.operands[0].reg));
  }
  note_pointers(cpu, i);
}

void fild(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  push(fp_of(cpu), load_integer(cpu, i).value);
  note_pointers(cpu, i);
}

// Constants that are not exact are rounded to nearest here, whatever the control word says.
template <unsigned exponent, std::uint64_t digits>
void fld_constant(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  push(fp_of(cpu), extended_bytes(exponent, digits));
  note_pointers(cpu, i);
}

// --- stores

// An image for memory with the exceptions on the way to it.
struct Image {
  std::uint64_t bits = 0;
  unsigned exceptions = 0;
};

template <typename Float, typename Bits>
Image image_of(const ExtendedBytes& value, std::uint16_t control) {
  const volatile Extended from = to_extended(value);
  const HostX87 host(control);
  const volatile Float rounded = static_cast<Float>(from);
  const unsigned exceptions = host.exceptions();
  const Float number = rounded;
  Bits bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  return {bits, exceptions};
}

Image image_of_real(const ExtendedBytes& value, unsigned size, std::uint16_t control) {
  return size == 4 ? image_of<float, std::uint32_t>(value, control)
                   : image_of<double, std::uint64_t>(value, control);
}

Extended rounded_by(const ExtendedBytes& value, std::uint16_t control) {
  const volatile Extended from = to_extended(value);
  const HostX87 host(control);
  const volatile Extended rounded = std::rint(Extended{from});
  return rounded;
}

constexpr std::uint16_t round_to_zero = 0xC00;

// The most negative integer stands for what does not fit.
Image image_of_integer(const ExtendedBytes& value, unsigned size, std::uint16_t control) {
  const Image does_not_fit{sign_bit_of(size), ex::invalid};
  if (is_nan(value) || is_unsupported(value))
    return does_not_fit;
  const Extended rounded = rounded_by(value, control);
  const auto limit = static_cast<Extended>(sign_bit_of(size));
  if (rounded < -limit || rounded >= limit)
    return does_not_fit;
  const bool exact = rounded == to_extended(value);
  return {static_cast<std::uint64_t>(static_cast<std::int64_t>(rounded)) & mask_of(size),
          exact ? 0u : ex::precision};
}

std::uint64_t indefinite_real(unsigned size) { return size == 4 ? 0xFFC00000 : 0xFFF8000000000000; }

// Stores what is not extended precision, unless an exception of it is not masked; then pops.
template <bool pops, typename Convert>
void store_image(Cpu& cpu, const Instruction& i, std::uint64_t of_empty, Convert convert) {
  FloatingPoint& fp = fp_of(cpu);
  const bool empty = is_empty(fp, 0);
  const Image image =
      empty ? Image{of_empty, ex::invalid | stack_fault} : convert(ExtendedBytes{st(fp, 0)});
  const unsigned blocking = ex::all & ~ex::precision;
  const bool stores = (image.exceptions & ~unsigned{fp.control} & blocking) == 0;
  if (stores)
    cpu.write(i, i.operands[0], image.bits);
  signal(fp, image.exceptions);
  if (stores && pops)
    pop(fp);
  note_pointers(cpu, i);
}

template <bool pops>
void store_to_register(Cpu& cpu, const Instruction& i) {
  FloatingPoint& fp = fp_of(cpu);
  const bool empty = is_empty(fp, 0);
  if (empty ? signal_stack_fault(fp, false) : signal(fp, 0)) {
    set_st(fp, i.operands[0].reg, empty ? indefinite() : st(fp, 0));
    if (pops)
      pop(fp);
  }
  note_pointers(cpu, i);
}

void store_extended(Cpu& cpu, const Instruction& i) {
  FloatingPoint& fp = fp_of(cpu);
  const bool empty = is_empty(fp, 0);
  const ExtendedBytes value = empty ? indefinite() : st(fp, 0);
  if (!empty || (fp.control & ex::invalid) != 0)
    cpu.store_bytes(i.memory.segment, cpu.effective_address(i), value.data(), 10);
  if (empty ? signal_stack_fault(fp, false) : signal(fp, 0))
    pop(fp);
  note_pointers(cpu, i);
}

template <bool pops>
void fst(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  const unsigned size = i.operands[0].size;
  if (i.operands[0].kind == OperandKind::st)
    return store_to_register<pops>(cpu, i);
  if (size == 10)
    return store_extended(cpu, i);
  store_image<pops>(cpu, i, indefinite_real(size), [&](const ExtendedBytes& value) {
    return image_of_real(value, size, fp_of(cpu).control);
  });
}

template <bool pops, bool truncates>
void fist(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  const unsigned size = i.operands[0].size;
  const std::uint16_t control = fp_of(cpu).control | (truncates ? round_to_zero : 0);
  store_image<pops>(cpu, i, sign_bit_of(size), [&](const ExtendedBytes& value) {
    return image_of_integer(value, size, control);
  });
}

// --- arithmetic

struct Add {
  static Extended apply(Extended a, Extended b) { return a + b; }
};
struct Subtract {
  static Extended apply(Extended a, Extended b) { return a - b; }
};
struct SubtractReversed {
  static Extended apply(Extended a, Extended b) { return b - a; }
};
struct Multiply {
  static Extended apply(Extended a, Extended b) { return a * b; }
};
struct Divide {
  static Extended apply(Extended a, Extended b) { return a / b; }
};
struct DivideReversed {
  static Extended apply(Extended a, Extended b) { return b / a; }
};

template <typename Operation>
Result evaluate(const ExtendedBytes& a, const ExtendedBytes& b, std::uint16_t control) {
  const volatile Extended left = to_extended(a);
  const volatile Extended right = to_extended(b);
  const HostX87 host(control);
  const volatile Extended value = Operation::apply(left, right);
  const std::uint16_t exceptions = host.exceptions();
  return {to_bytes(value), exceptions};
}

template <typename Operation>
void apply_to(FloatingPoint& fp, unsigned to, const Result& from, bool from_empty) {
  if (is_empty(fp, to) || from_empty) {
    if (signal_stack_fault(fp, false))
      set_st(fp, to, indefinite());
    return;
  }
  const ExtendedBytes& other = st(fp, to);
  const Result result = evaluate<Operation>(other, from.value, fp.control);
  // What is told before a denormal of the memory operand hides it.
  const bool hides =
      is_nan(other) || is_unsupported(other) || (result.exceptions & ex::divide_by_zero) != 0;
  if (signal(fp, result.exceptions | (hides ? 0 : from.exceptions)))
    set_st(fp, to, result.value);
}

// FADD and the like: st, st or m32 or m64 on ST(0).
template <typename Operation, bool pops = false>
void arithmetic(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  if (i.operands[0].kind == OperandKind::memory) {
    apply_to<Operation>(fp, 0, load_real(cpu, i), false);
  } else {
    const unsigned from = i.operands[1].reg;
    apply_to<Operation>(fp, i.operands[0].reg, {st(fp, from), 0}, is_empty(fp, from));
  }
  // An exception that is not masked leaves the operands where they are.
  if (pops && (fp.status & ~fp.control & (ex::invalid | ex::denormal | ex::divide_by_zero)) == 0)
    pop(fp);
  note_pointers(cpu, i);
}

template <typename Operation>
void integer_arithmetic(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  apply_to<Operation>(fp_of(cpu), 0, load_integer(cpu, i), false);
  note_pointers(cpu, i);
}

// What works on ST(0) alone and rounds.
template <Extended (*operation)(Extended)>
void unary(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  if (is_empty(fp, 0)) {
    if (signal_stack_fault(fp, false))
      set_st(fp, 0, indefinite());
  } else {
    const volatile Extended from = to_extended(st(fp, 0));
    Result result;
    {
      const HostX87 host(fp.control);
      const volatile Extended value = operation(from);
      result = {to_bytes(value), host.exceptions()};
    }
    if (signal(fp, result.exceptions))
      set_st(fp, 0, result.value);
  }
  note_pointers(cpu, i);
}

Extended square_root(Extended value) { return std::sqrt(value); }
Extended round_to_integer(Extended value) { return std::rint(value); }

// FCHS and FABS: no exception but that of an empty register.
template <unsigned keep, unsigned flip>
void change_sign(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  if (is_empty(fp, 0)) {
    if (signal_stack_fault(fp, false))
      set_st(fp, 0, indefinite());
  } else {
    signal(fp, 0);
    st(fp, 0)[9] = static_cast<std::uint8_t>((st(fp, 0)[9] & keep) ^ flip);
  }
  note_pointers(cpu, i);
}

// --- comparisons

enum class Order { greater, less, equal, unordered };

Order order_of(const ExtendedBytes& a, const ExtendedBytes& b) {
  if (is_nan(a) || is_nan(b) || is_unsupported(a) || is_unsupported(b))
    return Order::unordered;
  const Extended left = to_extended(a);
  const Extended right = to_extended(b);
  return left > right ? Order::greater : left < right ? Order::less : Order::equal;
}

unsigned exceptions_of_comparison(const ExtendedBytes& a, const ExtendedBytes& b, bool quiet) {
  if (is_unsupported(a) || is_unsupported(b) || is_signaling(a) || is_signaling(b))
    return ex::invalid;
  if (is_nan(a) || is_nan(b))
    return quiet ? 0 : ex::invalid;
  return is_denormal(a) || is_denormal(b) ? ex::denormal : 0;
}

std::uint16_t conditions_of(Order order) {
  switch (order) {
  case Order::greater:
    return 0;
  case Order::less:
    return c0;
  case Order::equal:
    return c3;
  case Order::unordered:
    break;
  }
  return c0 | c2 | c3;
}

void set_conditions(Cpu& cpu, Order order) {
  FloatingPoint& fp = fp_of(cpu);
  fp.status = static_cast<std::uint16_t>((fp.status & ~(c0 | c2 | c3)) | conditions_of(order));
}

void set_rflags(Cpu& cpu, Order order) {
  const std::uint16_t bits = conditions_of(order);
  cpu.set_flag(flag::cf, (bits & c0) != 0);
  cpu.set_flag(flag::pf, (bits & c2) != 0);
  cpu.set_flag(flag::zf, (bits & c3) != 0);
  for (const std::uint64_t bit : {flag::of, flag::sf, flag::af})
    cpu.set_flag(bit, false);
}

// Compares ST(0), pops `pops` registers and gives the order to `tell`.
template <bool quiet, unsigned pops, void (*tell)(Cpu&, Order)>
void compare_with(Cpu& cpu, const Result& other, bool other_empty) {
  FloatingPoint& fp = fp_of(cpu);
  Order order = Order::unordered;
  bool goes_on = false;
  if (is_empty(fp, 0) || other_empty) {
    goes_on = signal_stack_fault(fp, false);
  } else {
    const ExtendedBytes& own = st(fp, 0);
    order = order_of(own, other.value);
    const unsigned exceptions = exceptions_of_comparison(own, other.value, quiet);
    const bool hides = is_nan(own) || is_unsupported(own);
    goes_on = signal(fp, exceptions | (hides ? 0 : other.exceptions));
  }
  if (!goes_on)
    return;
  tell(cpu, order);
  for (unsigned count = 0; count < pops; ++count)
    pop(fp);
}

// The register is the last operand that is listed; without one it is ST(1).
unsigned compared_register(const Instruction& i) {
  if (i.operands[1].kind == OperandKind::st)
    return i.operands[1].reg;
  return i.operands[0].kind == OperandKind::st ? i.operands[0].reg : 1;
}

template <bool quiet, unsigned pops, void (*tell)(Cpu&, Order) = set_conditions>
void compare(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  if (i.operands[0].kind == OperandKind::memory) {
    compare_with<quiet, pops, tell>(cpu, load_real(cpu, i), false);
  } else {
    const unsigned other = compared_register(i);
    compare_with<quiet, pops, tell>(cpu, {st(fp, other), 0}, is_empty(fp, other));
  }
  note_pointers(cpu, i);
}

template <unsigned pops>
void compare_integer(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  compare_with<false, pops, set_conditions>(cpu, load_integer(cpu, i), false);
  note_pointers(cpu, i);
}

void ftst(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  compare_with<false, 0, set_conditions>(cpu, {extended_bytes(0, 0), 0}, false);
  note_pointers(cpu, i);
}

// SDM vol. 2A, FXAM.
std::uint16_t class_of(const FloatingPoint& fp, const ExtendedBytes& value) {
  const unsigned exponent = sign_and_exponent(value) & 0x7FFF;
  if (is_empty(fp, 0))
    return c3 | c0;
  if (is_unsupported(value))
    return 0;
  if (is_nan(value))
    return c0;
  if (exponent == 0x7FFF)
    return c2 | c0;
  if (exponent == 0)
    return significand(value) == 0 ? c3 : c3 | c2;
  return c2;
}

void fxam(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  const ExtendedBytes& value = st(fp, 0);
  const unsigned sign = (value[9] & 0x80) != 0 ? c1 : 0;
  fp.status = static_cast<std::uint16_t>((fp.status & ~conditions) | class_of(fp, value) | sign);
  note_pointers(cpu, i);
}

// --- registers

void fxch(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  const unsigned other = i.operands[0].kind == OperandKind::st ? compared_register(i) : 1;
  const bool faults = is_empty(fp, 0) || is_empty(fp, other);
  if (faults ? signal_stack_fault(fp, false) : signal(fp, 0)) {
    const ExtendedBytes first_value = is_empty(fp, 0) ? indefinite() : st(fp, 0);
    const ExtendedBytes other_value = is_empty(fp, other) ? indefinite() : st(fp, other);
    set_st(fp, 0, other_value);
    set_st(fp, other, first_value);
  }
  note_pointers(cpu, i);
}

template <bool pops>
void ffree(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  set_empty(fp_of(cpu), i.operands[0].reg, true);
  if (pops)
    pop(fp_of(cpu));
  note_pointers(cpu, i);
}

template <unsigned change>
void move_top(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  signal(fp, 0);
  set_top(fp, top(fp) + change);
  note_pointers(cpu, i);
}

// Moves if any of `bits` is set, or with `wanted` false if none is.
template <std::uint64_t bits, bool wanted>
void fcmov(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  const unsigned from = compared_register(i);
  if (is_empty(fp, 0) || is_empty(fp, from)) {
    if (signal_stack_fault(fp, false))
      set_st(fp, 0, indefinite());
  } else {
    signal(fp, 0);
    if (cpu.flag(bits) == wanted)
      set_st(fp, 0, st(fp, from));
  }
  note_pointers(cpu, i);
}

// --- control

// MP lets TS count for FWAIT as well.
void fwait(Cpu& cpu, const Instruction&) {
  const std::uint64_t both = cr0::mp | cr0::ts;
  if ((cpu.regs.cr0 & both) == both)
    raise(vector::nm);
  check_pending(cpu);
}

void fnop(Cpu& cpu, const Instruction&) { begin(cpu); }

void fninit(Cpu& cpu, const Instruction&) {
  check_available(cpu);
  initialise_x87(fp_of(cpu));
}

void fnclex(Cpu& cpu, const Instruction&) {
  check_available(cpu);
  fp_of(cpu).status &= static_cast<std::uint16_t>(~(ex::all | stack_fault | summary | busy));
}

void fldcw(Cpu& cpu, const Instruction& i) {
  begin(cpu);
  FloatingPoint& fp = fp_of(cpu);
  fp.control = static_cast<std::uint16_t>((cpu.read(i, i.operands[0]) & 0x1F3F) | 0x40);
  update_summary(fp);
}

void fnstcw(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  cpu.write(i, i.operands[0], fp_of(cpu).control);
}

void fnstsw(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  cpu.write(i, i.operands[0], fp_of(cpu).status);
}

void emms(Cpu& cpu, const Instruction&) {
  check_mmx(cpu);
  enter_mmx(fp_of(cpu));
  fp_of(cpu).tags = 0xFFFF;
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
#define ARITHMETIC(name, operation)                                                                \
  {ZYDIS_MNEMONIC_F##name, arithmetic<operation>},                                                 \
      {ZYDIS_MNEMONIC_F##name##P, arithmetic<operation, true>}, {                                  \
    ZYDIS_MNEMONIC_FI##name, integer_arithmetic<operation>                                         \
  }
constexpr HandlerRow rows[] = {
    ROW(FLD, fld),
    ROW(FILD, fild),
    {ZYDIS_MNEMONIC_FLD1, fld_constant<0x3FFF, 0x8000000000000000>},
    {ZYDIS_MNEMONIC_FLDZ, fld_constant<0, 0>},
    {ZYDIS_MNEMONIC_FLDPI, fld_constant<0x4000, 0xC90FDAA22168C235>},
    {ZYDIS_MNEMONIC_FLDL2E, fld_constant<0x3FFF, 0xB8AA3B295C17F0BC>},
    {ZYDIS_MNEMONIC_FLDL2T, fld_constant<0x4000, 0xD49A784BCD1B8AFE>},
    {ZYDIS_MNEMONIC_FLDLG2, fld_constant<0x3FFD, 0x9A209A84FBCFF799>},
    {ZYDIS_MNEMONIC_FLDLN2, fld_constant<0x3FFE, 0xB17217F7D1CF79AC>},
    ROW(FST, fst<false>),
    ROW(FSTP, fst<true>),
    {ZYDIS_MNEMONIC_FIST, fist<false, false>},
    {ZYDIS_MNEMONIC_FISTP, fist<true, false>},
    {ZYDIS_MNEMONIC_FISTTP, fist<true, true>},
    ARITHMETIC(ADD, Add),
    ARITHMETIC(SUB, Subtract),
    ARITHMETIC(SUBR, SubtractReversed),
    ARITHMETIC(MUL, Multiply),
    ARITHMETIC(DIV, Divide),
    ARITHMETIC(DIVR, DivideReversed),
    ROW(FSQRT, unary<square_root>),
    ROW(FRNDINT, unary<round_to_integer>),
    {ZYDIS_MNEMONIC_FCHS, change_sign<0xFF, 0x80>},
    {ZYDIS_MNEMONIC_FABS, change_sign<0x7F, 0>},
    {ZYDIS_MNEMONIC_FCOM, compare<false, 0>},
    {ZYDIS_MNEMONIC_FCOMP, compare<false, 1>},
    {ZYDIS_MNEMONIC_FCOMPP, compare<false, 2>},
    {ZYDIS_MNEMONIC_FUCOM, compare<true, 0>},
    {ZYDIS_MNEMONIC_FUCOMP, compare<true, 1>},
    {ZYDIS_MNEMONIC_FUCOMPP, compare<true, 2>},
    {ZYDIS_MNEMONIC_FCOMI, compare<false, 0, set_rflags>},
    {ZYDIS_MNEMONIC_FCOMIP, compare<false, 1, set_rflags>},
    {ZYDIS_MNEMONIC_FUCOMI, compare<true, 0, set_rflags>},
    {ZYDIS_MNEMONIC_FUCOMIP, compare<true, 1, set_rflags>},
    ROW(FICOM, compare_integer<0>),
    ROW(FICOMP, compare_integer<1>),
    ROW(FTST, ftst),
    ROW(FXAM, fxam),
    ROW(FXCH, fxch),
    ROW(FFREE, ffree<false>),
    ROW(FFREEP, ffree<true>),
    ROW(FINCSTP, move_top<1>),
    ROW(FDECSTP, move_top<7>),
    {ZYDIS_MNEMONIC_FCMOVB, fcmov<flag::cf, true>},
    {ZYDIS_MNEMONIC_FCMOVE, fcmov<flag::zf, true>},
    {ZYDIS_MNEMONIC_FCMOVBE, fcmov<flag::cf | flag::zf, true>},
    {ZYDIS_MNEMONIC_FCMOVU, fcmov<flag::pf, true>},
    {ZYDIS_MNEMONIC_FCMOVNB, fcmov<flag::cf, false>},
    {ZYDIS_MNEMONIC_FCMOVNE, fcmov<flag::zf, false>},
    {ZYDIS_MNEMONIC_FCMOVNBE, fcmov<flag::cf | flag::zf, false>},
    {ZYDIS_MNEMONIC_FCMOVNU, fcmov<flag::pf, false>},
    ROW(FWAIT, fwait),
    ROW(FNOP, fnop),
    ROW(FNINIT, fninit),
    ROW(FNCLEX, fnclex),
    ROW(FLDCW, fldcw),
    ROW(FNSTCW, fnstcw),
    ROW(FNSTSW, fnstsw),
    ROW(FNSTENV, fnstenv),
    ROW(FLDENV, fldenv),
    ROW(FNSAVE, fnsave),
    ROW(FRSTOR, frstor),
    ROW(FXSAVE, fxsave),
    ROW(FXSAVE64, fxsave),
    ROW(FXRSTOR, fxrstor),
    ROW(FXRSTOR64, fxrstor),
    ROW(EMMS, emms),
};
#undef ARITHMETIC
#undef ROW

} // namespace

const Table<HandlerRow> floating_point_handlers = handlers_of(rows);

} // namespace icebp::vp
