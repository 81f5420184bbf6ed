// Floating-point arithmetic, comparisons and conversions of SSE and SSE2, by the host's.
#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/sse_operands.h>

#include <cmath>
#include <limits>

namespace icebp::vp {
namespace {

// Notes exceptions in MXCSR. Where one is not masked: #XM, or #UD without CR4.OSXMMEXCPT.
void signal(Cpu& cpu, unsigned exceptions) {
  std::uint32_t& mxcsr = cpu.regs.fp.mxcsr;
  const std::uint32_t masks = mxcsr >> 7 & fp_exception::all;
  const unsigned before_result =
      fp_exception::invalid | fp_exception::denormal | fp_exception::divide_by_zero;
  const unsigned early = exceptions & before_result;
  mxcsr |= (early & ~masks) != 0 ? early : exceptions;
  if ((exceptions & ~masks) != 0)
    raise((cpu.regs.cr4 & cr4::osxmmexcpt) != 0 ? vector::xm : vector::ud);
}

// Calls `compute(n)` for each lane under MXCSR and signals what came of it.
template <typename Compute>
void under_mxcsr(Cpu& cpu, unsigned lanes, Compute compute) {
  unsigned exceptions = 0;
  {
    const HostSse host(cpu.regs.fp.mxcsr);
    for (unsigned n = 0; n < lanes; ++n)
      compute(n);
    exceptions = host.exceptions();
  }
  signal(cpu, exceptions);
}

// --- ADD, SUB, MUL, DIV, MIN, MAX, SQRT

// By the bits, which signals nothing.
bool is_nan(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits << 1 > 0xFF000000;
}
bool is_nan(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits << 1 > 0xFFE0000000000000;
}

// Of two NaNs the first is the result, whichever operand the compiler puts first.
template <typename Float>
bool both_nan(Float a, Float b) {
  return is_nan(a) && is_nan(b);
}
template <typename Float>
Float quieted(Float nan, Float other) {
  const volatile Float tells_of_other = other + other;
  static_cast<void>(tells_of_other);
  return nan + nan;
}

struct Add {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return both_nan(a, b) ? quieted(a, b) : a + b;
  }
};
struct Sub {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return a - b;
  }
};
struct Mul {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return both_nan(a, b) ? quieted(a, b) : a * b;
  }
};
struct Div {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return a / b;
  }
};
// The second operand wins unless the first is less, or greater: of two zeros and of NaNs too.
struct Min {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return a < b ? a : b;
  }
};
struct Max {
  template <typename Float>
  static Float apply(Float a, Float b) {
    return a > b ? a : b;
  }
};
struct Sqrt {
  template <typename Float>
  static Float apply(Float, Float b) {
    return std::sqrt(b);
  }
};

// All lanes, or (scalar) the lowest one while the others stay.
template <typename Operation, typename Float, bool scalar>
void arithmetic(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed b = read_packed(cpu, i, second(i), scalar ? sizeof(Float) : 16);
  Packed value = read_packed(cpu, i, first(i), 16);
  under_mxcsr(cpu, scalar ? 1 : 16 / sizeof(Float), [&](unsigned n) {
    const volatile Float left = value.lane<Float>(n);
    const volatile Float right = b.lane<Float>(n);
    const volatile Float result = Operation::template apply<Float>(left, right);
    value.set_lane(n, Float{result});
  });
  write_packed(cpu, i, first(i), 16, value);
}

// --- comparisons

// Predicates of CMPPS and the like: equal, less, less or equal, unordered, then their negations.
template <typename Float>
bool predicate_holds(unsigned predicate, volatile Float& a, volatile Float& b) {
  const Float left = a;
  const Float right = b;
  bool holds = false;
  switch (predicate & 3) {
  case 0:
    holds = left == right;
    break;
  case 1:
    holds = left < right;
    break;
  case 2:
    holds = left <= right;
    break;
  case 3:
    holds = __builtin_isunordered(left, right) != 0;
    break;
  }
  return holds != ((predicate & 4) != 0);
}

template <typename Float, typename Lane, bool scalar>
void compare_mask(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed b = read_packed(cpu, i, second(i), scalar ? sizeof(Float) : 16);
  Packed value = read_packed(cpu, i, first(i), 16);
  under_mxcsr(cpu, scalar ? 1 : 16 / sizeof(Float), [&](unsigned n) {
    volatile Float left = value.lane<Float>(n);
    volatile Float right = b.lane<Float>(n);
    const volatile bool holds =
        predicate_holds<Float>(static_cast<unsigned>(i.immediate & 7), left, right);
    value.set_lane(n, holds ? static_cast<Lane>(~Lane{0}) : Lane{0});
  });
  write_packed(cpu, i, first(i), 16, value);
}

// COMISS, COMISD, and UCOMISS, UCOMISD, which are quiet about quiet NaNs.
template <typename Float, bool quiet>
void compare_flags(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed a = read_packed(cpu, i, first(i), sizeof(Float));
  const Packed b = read_packed(cpu, i, second(i), sizeof(Float));
  std::uint64_t flags = 0;
  under_mxcsr(cpu, 1, [&](unsigned) {
    volatile Float left = a.lane<Float>(0);
    volatile Float right = b.lane<Float>(0);
    const volatile bool equal =
        quiet ? predicate_holds<Float>(0, left, right)
              : predicate_holds<Float>(2, left, right) && predicate_holds<Float>(2, right, left);
    const volatile bool unordered = predicate_holds<Float>(3, left, right);
    const volatile bool less = !unordered && predicate_holds<Float>(1, left, right);
    flags = unordered ? flag::zf | flag::pf | flag::cf : equal ? flag::zf : less ? flag::cf : 0;
  });
  replace_flags(cpu.regs.rflags, status_flags, flags);
}

// --- conversions

struct Whole {
  std::int64_t value = 0;
  unsigned exceptions = 0;
};

// What does not fit is the most negative integer of `size` bytes.
template <typename Float>
Whole whole_of(Float value, unsigned size, bool truncates, std::uint32_t mxcsr) {
  const auto limit = static_cast<Float>(sign_bit_of(size));
  const volatile Float from = value;
  const HostSse host(mxcsr);
  const volatile Float whole = truncates ? std::trunc(Float{from}) : std::rint(Float{from});
  if (!(whole >= -limit && whole < limit)) // of a NaN too
    return {static_cast<std::int64_t>(sign_extend(sign_bit_of(size), size)), fp_exception::invalid};
  return {static_cast<std::int64_t>(whole), whole == value ? 0u : fp_exception::precision};
}

// CVTSS2SI, CVTTSS2SI, CVTSD2SI, CVTTSD2SI
template <typename Float, bool truncates>
void to_register(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed from = read_packed(cpu, i, second(i), sizeof(Float));
  const Whole whole = whole_of(from.lane<Float>(0), first(i).size, truncates, cpu.regs.fp.mxcsr);
  signal(cpu, whole.exceptions);
  cpu.set_gpr(first(i).reg, first(i).size, static_cast<std::uint64_t>(whole.value));
}

// CVTPS2DQ, CVTTPS2DQ, CVTPD2DQ, CVTTPD2DQ: the rest of the register is cleared.
template <typename Float, bool truncates>
void to_packed_integers(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed from = read_packed(cpu, i, second(i), 16);
  Packed result;
  unsigned exceptions = 0;
  for (unsigned n = 0; n < 16 / sizeof(Float); ++n) {
    const Whole whole = whole_of(from.lane<Float>(n), 4, truncates, cpu.regs.fp.mxcsr);
    exceptions |= whole.exceptions;
    result.set_lane(n, static_cast<std::int32_t>(whole.value));
  }
  signal(cpu, exceptions);
  write_packed(cpu, i, first(i), 16, result);
}

// CVTSI2SS, CVTSI2SD
template <typename Float>
void from_register(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const unsigned size = second(i).size;
  const volatile auto from =
      static_cast<std::int64_t>(sign_extend(value_of(cpu, i, second(i), size), size));
  Packed value = read_packed(cpu, i, first(i), 16);
  under_mxcsr(cpu, 1, [&](unsigned) {
    const volatile Float result = static_cast<Float>(from);
    value.set_lane(0, Float{result});
  });
  write_packed(cpu, i, first(i), 16, value);
}

// `count` lanes of one type to another; a scalar keeps the rest of the register, others clear it.
template <typename From, typename To, unsigned count>
void convert(Cpu& cpu, const Instruction& i) {
  check_sse(cpu);
  const Packed from = read_packed(cpu, i, second(i), count * sizeof(From));
  Packed value = count == 1 ? read_packed(cpu, i, first(i), 16) : Packed{};
  under_mxcsr(cpu, count, [&](unsigned n) {
    const volatile From lane = from.lane<From>(n);
    const volatile To result = static_cast<To>(lane);
    value.set_lane(n, To{result});
  });
  write_packed(cpu, i, first(i), 16, value);
}

#define ROW(mnemonic, ...)                                                                         \
  { ZYDIS_MNEMONIC_##mnemonic, __VA_ARGS__ }
#define ARITHMETIC(name, operation)                                                                \
  ROW(name##PS, arithmetic<operation, float, false>),                                              \
      ROW(name##PD, arithmetic<operation, double, false>),                                         \
      ROW(name##SS, arithmetic<operation, float, true>),                                           \
      ROW(name##SD, arithmetic<operation, double, true>)
constexpr HandlerRow rows[] = {
    ARITHMETIC(ADD, Add),
    ARITHMETIC(SUB, Sub),
    ARITHMETIC(MUL, Mul),
    ARITHMETIC(DIV, Div),
    ARITHMETIC(MIN, Min),
    ARITHMETIC(MAX, Max),
    ARITHMETIC(SQRT, Sqrt),
    ROW(CMPPS, compare_mask<float, std::uint32_t, false>),
    ROW(CMPPD, compare_mask<double, std::uint64_t, false>),
    ROW(CMPSS, compare_mask<float, std::uint32_t, true>),
    ROW(CMPSD, compare_mask<double, std::uint64_t, true>),
    ROW(COMISS, compare_flags<float, false>),
    ROW(COMISD, compare_flags<double, false>),
    ROW(UCOMISS, compare_flags<float, true>),
    ROW(UCOMISD, compare_flags<double, true>),
    ROW(CVTSS2SI, to_register<float, false>),
    ROW(CVTTSS2SI, to_register<float, true>),
    ROW(CVTSD2SI, to_register<double, false>),
    ROW(CVTTSD2SI, to_register<double, true>),
    ROW(CVTPS2DQ, to_packed_integers<float, false>),
    ROW(CVTTPS2DQ, to_packed_integers<float, true>),
    ROW(CVTPD2DQ, to_packed_integers<double, false>),
    ROW(CVTTPD2DQ, to_packed_integers<double, true>),
    ROW(CVTSI2SS, from_register<float>),
    ROW(CVTSI2SD, from_register<double>),
    ROW(CVTSS2SD, convert<float, double, 1>),
    ROW(CVTSD2SS, convert<double, float, 1>),
    ROW(CVTPS2PD, convert<float, double, 2>),
    ROW(CVTPD2PS, convert<double, float, 2>),
    ROW(CVTDQ2PS, convert<std::int32_t, float, 4>),
    ROW(CVTDQ2PD, convert<std::int32_t, double, 2>),
};
#undef ARITHMETIC
#undef ROW

} // namespace

const Table<HandlerRow> sse_arithmetic_handlers = handlers_of(rows);

} // namespace icebp::vp
