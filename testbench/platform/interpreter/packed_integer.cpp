// Packed integers in MMX and SSE registers, bitwise logic and shuffles.
#include <icebp/testbench/platform/interpreter/sse_operands.h>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace icebp::vp {
namespace {

// first := combine(first, second), both of the register's size.
template <typename Combine>
void combine(Cpu& cpu, const Instruction& i, Combine combine_values) {
  check_packed(cpu, i);
  const unsigned size = packed_size(first(i));
  const Packed b = read_packed(cpu, i, second(i), size);
  const Packed a = read_packed(cpu, i, first(i), size);
  write_packed(cpu, i, first(i), size, combine_values(a, b, size));
  enter_mmx(cpu, i);
}

// --- lane by lane

template <typename Lane, Lane (*operation)(Lane, Lane)>
void lanes(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [](const Packed& a, const Packed& b, unsigned size) {
    Packed result;
    for (unsigned n = 0; n < size / sizeof(Lane); ++n)
      result.set_lane(n, operation(a.lane<Lane>(n), b.lane<Lane>(n)));
    return result;
  });
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using I8 = std::int8_t;
using I16 = std::int16_t;
using I32 = std::int32_t;

template <typename Lane>
Lane add(Lane a, Lane b) {
  return static_cast<Lane>(U64{a} + b);
}
template <typename Lane>
Lane sub(Lane a, Lane b) {
  return static_cast<Lane>(U64{a} - b);
}

template <typename Lane>
Lane saturated(int value) {
  constexpr int lowest = std::numeric_limits<Lane>::min();
  constexpr int highest = std::numeric_limits<Lane>::max();
  return static_cast<Lane>(std::clamp(value, lowest, highest));
}
template <typename Lane>
Lane add_saturated(Lane a, Lane b) {
  return saturated<Lane>(a + b);
}
template <typename Lane>
Lane sub_saturated(Lane a, Lane b) {
  return saturated<Lane>(a - b);
}

template <typename Lane>
Lane equal(Lane a, Lane b) {
  return a == b ? static_cast<Lane>(~Lane{0}) : Lane{0};
}
template <typename Lane>
Lane greater(Lane a, Lane b) {
  return a > b ? Lane{-1} : Lane{0};
}
template <typename Lane>
Lane lowest(Lane a, Lane b) {
  return std::min(a, b);
}
template <typename Lane>
Lane highest(Lane a, Lane b) {
  return std::max(a, b);
}
template <typename Lane>
Lane average(Lane a, Lane b) {
  return static_cast<Lane>((a + b + 1) >> 1);
}

U64 bit_and(U64 a, U64 b) { return a & b; }
U64 bit_and_not(U64 a, U64 b) { return ~a & b; }
U64 bit_or(U64 a, U64 b) { return a | b; }
U64 bit_xor(U64 a, U64 b) { return a ^ b; }

U16 product_low(U16 a, U16 b) { return static_cast<U16>(U32{a} * b); }
U16 product_high(U16 a, U16 b) { return static_cast<U16>(U32{a} * b >> 16); }
I16 signed_product_high(I16 a, I16 b) { return static_cast<I16>((a * b) >> 16); }
U32 product_low_32(U32 a, U32 b) { return static_cast<U32>(U64{a} * b); }
U64 product_of_low(U64 a, U64 b) { return (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF); }
U32 multiply_add(U32 a, U32 b) {
  const auto half = [](U32 value, unsigned n) { return I32{static_cast<I16>(value >> 16 * n)}; };
  return static_cast<U32>(half(a, 0) * half(b, 0)) + static_cast<U32>(half(a, 1) * half(b, 1));
}
U64 sum_of_differences(U64 a, U64 b) {
  U64 sum = 0;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    const U64 left = a >> shift & 0xFF;
    const U64 right = b >> shift & 0xFF;
    sum += left > right ? left - right : right - left;
  }
  return sum;
}

// --- shifts by a count that is the same for all lanes

template <typename Lane>
Lane shift_left(Lane value, unsigned count) {
  return static_cast<Lane>(U64{value} << count);
}
template <typename Lane>
Lane shift_right(Lane value, unsigned count) {
  return static_cast<Lane>(value >> count);
}

// The count is 64 bits of the second operand; beyond the lane everything is shifted out.
template <typename Lane, Lane (*operation)(Lane, unsigned)>
void shift(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const unsigned size = packed_size(first(i));
  const U64 count = second(i).kind == OperandKind::immediate
                        ? i.immediate & 0xFF
                        : read_packed(cpu, i, second(i), size).lane<U64>(0);
  const Packed value = read_packed(cpu, i, first(i), size);
  constexpr unsigned width = 8 * sizeof(Lane);
  Packed result;
  for (unsigned n = 0; n < size / sizeof(Lane); ++n) {
    if (std::is_signed_v<Lane> || count < width)
      result.set_lane(n, operation(value.lane<Lane>(n),
                                   static_cast<unsigned>(std::min<U64>(count, width - 1))));
  }
  write_packed(cpu, i, first(i), size, result);
  enter_mmx(cpu, i);
}

// PSLLDQ and PSRLDQ: by bytes.
template <int direction>
void shift_bytes(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const Packed value = read_packed(cpu, i, first(i), 16);
  const int count = static_cast<int>(std::min<U64>(i.immediate & 0xFF, 16));
  Packed result;
  for (int n = 0; n < 16; ++n)
    if (const int from = n - direction * count; from >= 0 && from < 16)
      result.set_lane(static_cast<unsigned>(n), value.lane<U8>(static_cast<unsigned>(from)));
  write_packed(cpu, i, first(i), 16, result);
}

// --- lanes that move

template <typename Lane, bool high>
void unpack(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const unsigned size = packed_size(first(i));
  // From memory the low form of MMX reads half.
  const unsigned read_size = size == 8 && !high && is_memory(second(i)) ? 4 : size;
  const Packed b = read_packed(cpu, i, second(i), read_size);
  const Packed a = read_packed(cpu, i, first(i), size);
  const unsigned pairs = size / sizeof(Lane) / 2;
  Packed result;
  for (unsigned n = 0; n < pairs; ++n) {
    result.set_lane(2 * n, a.lane<Lane>(n + (high ? pairs : 0)));
    result.set_lane(2 * n + 1, b.lane<Lane>(n + (high ? pairs : 0)));
  }
  write_packed(cpu, i, first(i), size, result);
  enter_mmx(cpu, i);
}

// PACKSSWB, PACKSSDW, PACKUSWB, PACKUSDW
template <typename From, typename To>
void pack(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [](const Packed& a, const Packed& b, unsigned size) {
    const unsigned count = size / static_cast<unsigned>(sizeof(From));
    Packed result;
    for (unsigned n = 0; n < count; ++n) {
      result.set_lane(n, saturated<To>(a.lane<From>(n)));
      result.set_lane(n + count, saturated<To>(b.lane<From>(n)));
    }
    return result;
  });
}

// PSHUFD, PSHUFW, PSHUFLW, PSHUFHW: four lanes of the source from lane `at` on; the others stay.
template <typename Lane, unsigned at>
void shuffle(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [&](const Packed&, const Packed& b, unsigned) {
    Packed result = b;
    for (unsigned n = 0; n < 4; ++n)
      result.set_lane(at + n, b.lane<Lane>(at + static_cast<unsigned>(i.immediate >> 2 * n & 3)));
    return result;
  });
}

void shufps(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [&](const Packed& a, const Packed& b, unsigned) {
    Packed result;
    for (unsigned n = 0; n < 4; ++n)
      result.set_lane(n, (n < 2 ? a : b).lane<U32>(i.immediate >> 2 * n & 3));
    return result;
  });
}

void shufpd(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [&](const Packed& a, const Packed& b, unsigned) {
    Packed result;
    result.set_lane(0, a.lane<U64>(i.immediate & 1));
    result.set_lane(1, b.lane<U64>(i.immediate >> 1 & 1));
    return result;
  });
}

void pshufb(Cpu& cpu, const Instruction& i) {
  combine(cpu, i, [](const Packed& a, const Packed& b, unsigned size) {
    Packed result;
    for (unsigned n = 0; n < size; ++n)
      if (const U8 from = b.lane<U8>(n); (from & 0x80) == 0)
        result.set_lane(n, a.lane<U8>(from & (size - 1)));
    return result;
  });
}

// --- single lanes

template <typename Lane>
unsigned selected_lane(const Instruction& i, unsigned size) {
  return static_cast<unsigned>(i.immediate & (size / sizeof(Lane) - 1));
}

template <typename Lane>
void insert(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const unsigned size = packed_size(first(i));
  const U64 lane = is_memory(second(i))
                       ? cpu.load(i.memory.segment, cpu.effective_address(i), sizeof(Lane))
                       : cpu.gpr(second(i).reg, 8);
  Packed value = read_packed(cpu, i, first(i), size);
  value.set_lane(selected_lane<Lane>(i, size), static_cast<Lane>(lane));
  write_packed(cpu, i, first(i), size, value);
  enter_mmx(cpu, i);
}

template <typename Lane>
void extract(Cpu& cpu, const Instruction& i) {
  check_packed(cpu, i);
  const unsigned size = packed_size(second(i));
  const Packed value = read_packed(cpu, i, second(i), size);
  const Lane lane = value.lane<Lane>(selected_lane<Lane>(i, size));
  if (is_memory(first(i)))
    cpu.store(i.memory.segment, cpu.effective_address(i), sizeof(Lane), lane);
  else
    cpu.set_gpr(first(i).reg, first(i).size < 4 ? 4 : first(i).size, lane);
  enter_mmx(cpu, i);
}

#define ROW(mnemonic, ...)                                                                         \
  { ZYDIS_MNEMONIC_##mnemonic, __VA_ARGS__ }
#define LANES(mnemonic, ...)                                                                       \
  { ZYDIS_MNEMONIC_##mnemonic, lanes<__VA_ARGS__> }
constexpr HandlerRow rows[] = {
    LANES(PADDB, U8, add<U8>),
    LANES(PADDW, U16, add<U16>),
    LANES(PADDD, U32, add<U32>),
    LANES(PADDQ, U64, add<U64>),
    LANES(PSUBB, U8, sub<U8>),
    LANES(PSUBW, U16, sub<U16>),
    LANES(PSUBD, U32, sub<U32>),
    LANES(PSUBQ, U64, sub<U64>),
    LANES(PADDSB, I8, add_saturated<I8>),
    LANES(PADDSW, I16, add_saturated<I16>),
    LANES(PADDUSB, U8, add_saturated<U8>),
    LANES(PADDUSW, U16, add_saturated<U16>),
    LANES(PSUBSB, I8, sub_saturated<I8>),
    LANES(PSUBSW, I16, sub_saturated<I16>),
    LANES(PSUBUSB, U8, sub_saturated<U8>),
    LANES(PSUBUSW, U16, sub_saturated<U16>),
    LANES(PCMPEQB, U8, equal<U8>),
    LANES(PCMPEQW, U16, equal<U16>),
    LANES(PCMPEQD, U32, equal<U32>),
    LANES(PCMPEQQ, U64, equal<U64>),
    LANES(PCMPGTB, I8, greater<I8>),
    LANES(PCMPGTW, I16, greater<I16>),
    LANES(PCMPGTD, I32, greater<I32>),
    LANES(PMINUB, U8, lowest<U8>),
    LANES(PMINSW, I16, lowest<I16>),
    LANES(PMINUD, U32, lowest<U32>),
    LANES(PMAXUB, U8, highest<U8>),
    LANES(PMAXSW, I16, highest<I16>),
    LANES(PMAXUD, U32, highest<U32>),
    LANES(PAVGB, U8, average<U8>),
    LANES(PAVGW, U16, average<U16>),
    LANES(PMULLW, U16, product_low),
    LANES(PMULHUW, U16, product_high),
    LANES(PMULHW, I16, signed_product_high),
    LANES(PMULLD, U32, product_low_32),
    LANES(PMULUDQ, U64, product_of_low),
    LANES(PMADDWD, U32, multiply_add),
    LANES(PSADBW, U64, sum_of_differences),
    LANES(PAND, U64, bit_and),
    LANES(ANDPS, U64, bit_and),
    LANES(ANDPD, U64, bit_and),
    LANES(PANDN, U64, bit_and_not),
    LANES(ANDNPS, U64, bit_and_not),
    LANES(ANDNPD, U64, bit_and_not),
    LANES(POR, U64, bit_or),
    LANES(ORPS, U64, bit_or),
    LANES(ORPD, U64, bit_or),
    LANES(PXOR, U64, bit_xor),
    LANES(XORPS, U64, bit_xor),
    LANES(XORPD, U64, bit_xor),
    ROW(PSLLW, shift<U16, shift_left<U16>>),
    ROW(PSLLD, shift<U32, shift_left<U32>>),
    ROW(PSLLQ, shift<U64, shift_left<U64>>),
    ROW(PSRLW, shift<U16, shift_right<U16>>),
    ROW(PSRLD, shift<U32, shift_right<U32>>),
    ROW(PSRLQ, shift<U64, shift_right<U64>>),
    ROW(PSRAW, shift<I16, shift_right<I16>>),
    ROW(PSRAD, shift<I32, shift_right<I32>>),
    ROW(PSLLDQ, shift_bytes<1>),
    ROW(PSRLDQ, shift_bytes<-1>),
    ROW(PUNPCKLBW, unpack<U8, false>),
    ROW(PUNPCKLWD, unpack<U16, false>),
    ROW(PUNPCKLDQ, unpack<U32, false>),
    ROW(PUNPCKLQDQ, unpack<U64, false>),
    ROW(PUNPCKHBW, unpack<U8, true>),
    ROW(PUNPCKHWD, unpack<U16, true>),
    ROW(PUNPCKHDQ, unpack<U32, true>),
    ROW(PUNPCKHQDQ, unpack<U64, true>),
    ROW(UNPCKLPS, unpack<U32, false>),
    ROW(UNPCKHPS, unpack<U32, true>),
    ROW(UNPCKLPD, unpack<U64, false>),
    ROW(UNPCKHPD, unpack<U64, true>),
    ROW(PACKSSWB, pack<I16, I8>),
    ROW(PACKUSWB, pack<I16, U8>),
    ROW(PACKSSDW, pack<I32, I16>),
    ROW(PACKUSDW, pack<I32, U16>),
    ROW(PSHUFD, shuffle<U32, 0>),
    ROW(PSHUFW, shuffle<U16, 0>),
    ROW(PSHUFLW, shuffle<U16, 0>),
    ROW(PSHUFHW, shuffle<U16, 4>),
    ROW(SHUFPS, shufps),
    ROW(SHUFPD, shufpd),
    ROW(PSHUFB, pshufb),
    ROW(PINSRB, insert<U8>),
    ROW(PINSRW, insert<U16>),
    ROW(PINSRD, insert<U32>),
    ROW(PINSRQ, insert<U64>),
    ROW(PEXTRB, extract<U8>),
    ROW(PEXTRW, extract<U16>),
    ROW(PEXTRD, extract<U32>),
    ROW(PEXTRQ, extract<U64>),
};
#undef LANES
#undef ROW

} // namespace

const Table<HandlerRow> packed_integer_handlers = handlers_of(rows);

} // namespace icebp::vp
