#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/operands.h>

#include <type_traits>

namespace icebp::vp {
namespace {

unsigned bits_of(unsigned size) { return 8 * size; }

// The bits of a count that the CPU looks at.
unsigned count_mask(unsigned size) { return size == 8 ? 63 : 31; }

constexpr std::uint64_t carry_and_overflow = flag::cf | flag::of;

std::uint64_t top_bit(std::uint64_t value, unsigned size) {
  return value >> (bits_of(size) - 1) & 1;
}

void set_carry_and_overflow(Cpu& cpu, std::uint64_t carry, std::uint64_t overflow) {
  replace_flags(cpu.regs.rflags, carry_and_overflow, carry | overflow * flag::of);
}

// AF is undefined: 0. OF of counts other than 1 is undefined: as of the last of single shifts.
std::uint64_t shifted(Cpu& cpu, std::uint64_t result, unsigned size, std::uint64_t carry,
                      std::uint64_t overflow) {
  replace_flags(cpu.regs.rflags, status_flags,
                carry | overflow * flag::of | result_flags(result, size));
  return result;
}

// --- shifts and rotates by a count that is not 0; it may be beyond the operand's width

struct Shl {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const unsigned width = bits_of(size);
    const std::uint64_t result = count < width ? value << count & mask_of(size) : 0;
    const std::uint64_t carry = count <= width ? value >> (width - count) & 1 : 0;
    return shifted(cpu, result, size, carry, carry ^ top_bit(result, size));
  }
};

struct Shr {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const unsigned width = bits_of(size);
    const std::uint64_t result = count < width ? value >> count : 0;
    const std::uint64_t carry = count <= width ? value >> (count - 1) & 1 : 0;
    const std::uint64_t overflow = count == 1 ? top_bit(value, size) : 0;
    return shifted(cpu, result, size, carry, overflow);
  }
};

struct Sar {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const auto number = static_cast<std::int64_t>(sign_extend(value, size));
    const auto result = static_cast<std::uint64_t>(number >> count) & mask_of(size);
    const auto carry = static_cast<std::uint64_t>(number >> (count - 1)) & 1;
    return shifted(cpu, result, size, carry, 0);
  }
};

// `count` below the width.
std::uint64_t rotated_left(std::uint64_t value, unsigned count, unsigned size) {
  if (count == 0)
    return value;
  return (value << count | value >> (bits_of(size) - count)) & mask_of(size);
}

struct Rol {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const std::uint64_t result = rotated_left(value, count % bits_of(size), size);
    set_carry_and_overflow(cpu, result & 1, (result ^ top_bit(result, size)) & 1);
    return result;
  }
};

struct Ror {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const unsigned width = bits_of(size);
    const std::uint64_t result = rotated_left(value, (width - count % width) % width, size);
    const std::uint64_t carry = top_bit(result, size);
    set_carry_and_overflow(cpu, carry, carry ^ (result >> (width - 2) & 1));
    return result;
  }
};

// Rotates the value with CF above it to the left, by `count` of the width and CF.
std::uint64_t rotate_with_carry(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
  for (; count != 0; --count) {
    const std::uint64_t carry = cpu.regs.rflags & flag::cf;
    cpu.set_flag(flag::cf, top_bit(value, size) != 0);
    value = (value << 1 | carry) & mask_of(size);
  }
  return value;
}

struct Rcl {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const std::uint64_t result = rotate_with_carry(cpu, value, count % (bits_of(size) + 1), size);
    const std::uint64_t carry = cpu.regs.rflags & flag::cf;
    set_carry_and_overflow(cpu, carry, carry ^ top_bit(result, size));
    return result;
  }
};

struct Rcr {
  static std::uint64_t apply(Cpu& cpu, std::uint64_t value, unsigned count, unsigned size) {
    const unsigned places = bits_of(size) + 1;
    const unsigned left = (places - count % places) % places;
    const std::uint64_t result = rotate_with_carry(cpu, value, left, size);
    const std::uint64_t overflow = top_bit(result, size) ^ (result >> (bits_of(size) - 2) & 1);
    set_carry_and_overflow(cpu, cpu.regs.rflags & flag::cf, overflow);
    return result;
  }
};

// A count of 0 changes no flag; the operand is written all the same.
template <typename Operation>
void shift(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const auto count = static_cast<unsigned>(value_of(cpu, i, second(i), 1)) & count_mask(size);
  change_operand(cpu, i, first(i), [&](std::uint64_t value) {
    return count == 0 ? value : Operation::apply(cpu, value, count, size);
  });
}

// --- SHLD and SHRD

// Of 16 bits a count beyond 16 is undefined: the destination's bits follow those of the source.
std::uint64_t shld_result(std::uint64_t value, std::uint64_t filler, unsigned count,
                          unsigned size) {
  const unsigned width = bits_of(size);
  if (count > width)
    return shld_result(filler, value, count - width, size);
  if (count == width)
    return filler;
  return (value << count | filler >> (width - count)) & mask_of(size);
}
std::uint64_t shrd_result(std::uint64_t value, std::uint64_t filler, unsigned count,
                          unsigned size) {
  const unsigned width = bits_of(size);
  if (count > width)
    return shrd_result(filler, value, count - width, size);
  if (count == width)
    return filler;
  return (value >> count | filler << (width - count)) & mask_of(size);
}

template <bool left>
void double_shift(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const std::uint64_t filler = source(cpu, i);
  const auto count = static_cast<unsigned>(value_of(cpu, i, i.operands[2], 1)) & count_mask(size);
  change_operand(cpu, i, first(i), [&](std::uint64_t value) {
    if (count == 0)
      return value;
    const auto steps = [&](unsigned by) {
      return left ? shld_result(value, filler, by, size) : shrd_result(value, filler, by, size);
    };
    const std::uint64_t before = count == 1 ? value : steps(count - 1);
    const std::uint64_t carry = left ? top_bit(before, size) : before & 1;
    const std::uint64_t result = steps(count);
    return shifted(cpu, result, size, carry, top_bit(result, size) ^ top_bit(before, size));
  });
}

// --- bit tests

struct Keep {
  static std::uint64_t apply(std::uint64_t value, std::uint64_t) { return value; }
};
struct SetBit {
  static std::uint64_t apply(std::uint64_t value, std::uint64_t bit) { return value | bit; }
};
struct ResetBit {
  static std::uint64_t apply(std::uint64_t value, std::uint64_t bit) { return value & ~bit; }
};
struct ComplementBit {
  static std::uint64_t apply(std::uint64_t value, std::uint64_t bit) { return value ^ bit; }
};

// Where the operand of a bit string is: a register's offset counts in units of the operand's size
// from the memory operand, to either side.
std::uint64_t bit_string_offset(Cpu& cpu, const Instruction& i, std::uint64_t bit_offset) {
  if (second(i).kind == OperandKind::immediate)
    return cpu.effective_address(i);
  const unsigned size = first(i).size;
  const auto bits = static_cast<std::int64_t>(sign_extend(bit_offset, size));
  const std::int64_t units = bits >> (size == 2 ? 4 : size == 4 ? 5 : 6);
  return effective_address_plus(cpu, i, static_cast<std::uint64_t>(units) * size);
}

template <typename Change>
void bit_test(Cpu& cpu, const Instruction& i) {
  constexpr bool writes = !std::is_same_v<Change, Keep>;
  const unsigned size = first(i).size;
  const std::uint64_t bit_offset = source(cpu, i);
  const std::uint64_t bit = std::uint64_t{1} << (bit_offset & (bits_of(size) - 1));
  std::uint64_t value = 0;
  if (is_memory(first(i))) {
    const SegmentName segment = i.memory.segment;
    const std::uint64_t offset = bit_string_offset(cpu, i, bit_offset);
    value = writes ? cpu.load_for_write(segment, offset, size) : cpu.load(segment, offset, size);
    if (writes)
      cpu.store(segment, offset, size, Change::apply(value, bit));
  } else {
    value = first_value(cpu, i);
    if (writes)
      set_operand(cpu, i, first(i), Change::apply(value, bit));
  }
  cpu.set_flag(flag::cf, (value & bit) != 0);
}

// --- scans and counts

unsigned trailing_zeros(std::uint64_t value) {
  return static_cast<unsigned>(__builtin_ctzll(value));
}
unsigned highest_bit(std::uint64_t value) {
  return 63 - static_cast<unsigned>(__builtin_clzll(value));
}

// Of 0 the destination stays (AMD says so, Intel's cores do it). The flags but ZF are undefined.
template <unsigned (*scan)(std::uint64_t)>
void bit_scan(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = source(cpu, i);
  cpu.set_flag(flag::zf, value == 0);
  if (value != 0)
    cpu.set_gpr(first(i).reg, first(i).size, scan(value));
}

// LZCNT and TZCNT; OF, SF, PF and AF are undefined.
void set_count(Cpu& cpu, const Instruction& i, bool is_zero, unsigned count) {
  replace_flags(cpu.regs.rflags, status_flags,
                (is_zero ? flag::cf : 0) | (count == 0 ? flag::zf : 0));
  cpu.set_gpr(first(i).reg, first(i).size, count);
}

void tzcnt(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = source(cpu, i);
  set_count(cpu, i, value == 0, value == 0 ? bits_of(first(i).size) : trailing_zeros(value));
}

void lzcnt(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = source(cpu, i);
  const unsigned width = bits_of(first(i).size);
  set_count(cpu, i, value == 0, value == 0 ? width : width - 1 - highest_bit(value));
}

void popcnt(Cpu& cpu, const Instruction& i) {
  const std::uint64_t value = source(cpu, i);
  replace_flags(cpu.regs.rflags, status_flags, value == 0 ? flag::zf : 0);
  cpu.set_gpr(first(i).reg, first(i).size, static_cast<unsigned>(__builtin_popcountll(value)));
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    ROW(SHL, shift<Shl>),
    ROW(SHR, shift<Shr>),
    ROW(SAR, shift<Sar>),
    ROW(ROL, shift<Rol>),
    ROW(ROR, shift<Ror>),
    ROW(RCL, shift<Rcl>),
    ROW(RCR, shift<Rcr>),
    ROW(SHLD, double_shift<true>),
    ROW(SHRD, double_shift<false>),
    ROW(BT, bit_test<Keep>),
    ROW(BTS, bit_test<SetBit>),
    ROW(BTR, bit_test<ResetBit>),
    ROW(BTC, bit_test<ComplementBit>),
    ROW(BSF, bit_scan<trailing_zeros>),
    ROW(BSR, bit_scan<highest_bit>),
    ROW(TZCNT, tzcnt),
    ROW(LZCNT, lzcnt),
    ROW(POPCNT, popcnt),
};
#undef ROW

} // namespace

const Table<HandlerRow> shift_handlers = handlers_of(rows);

} // namespace icebp::vp
