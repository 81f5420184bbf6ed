#pragma once
// The x87 register stack, its words and the checks before an instruction.

#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/host_float.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace icebp::vp {

using ExtendedBytes = std::array<std::uint8_t, 10>;

namespace x87 {

// Bits of the status word behind the exceptions.
inline constexpr std::uint16_t stack_fault = 0x40, summary = 0x80, c0 = 0x100, c1 = 0x200,
                               c2 = 0x400, c3 = 0x4000, busy = 0x8000;
inline constexpr std::uint16_t conditions = c0 | c1 | c2 | c3;

inline unsigned top(const FloatingPoint& fp) { return fp.status >> 11 & 7; }
inline void set_top(FloatingPoint& fp, unsigned top) {
  fp.status = static_cast<std::uint16_t>((fp.status & ~0x3800u) | (top & 7) << 11);
}
inline unsigned physical(const FloatingPoint& fp, unsigned n) { return (top(fp) + n) & 7; }
inline ExtendedBytes& st(FloatingPoint& fp, unsigned n) { return fp.st[physical(fp, n)]; }

inline bool is_empty(const FloatingPoint& fp, unsigned n) {
  return (fp.tags >> 2 * physical(fp, n) & 3) == 3;
}
inline void set_empty(FloatingPoint& fp, unsigned n, bool empty) {
  const unsigned bits = 3u << 2 * physical(fp, n);
  fp.tags = static_cast<std::uint16_t>(empty ? fp.tags | bits : fp.tags & ~bits);
}

inline std::uint64_t significand(const ExtendedBytes& bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), 8);
  return value;
}
inline unsigned sign_and_exponent(const ExtendedBytes& bytes) {
  return static_cast<unsigned>(bytes[8] | bytes[9] << 8);
}
inline ExtendedBytes extended_bytes(unsigned sign_and_exponent, std::uint64_t significand) {
  ExtendedBytes bytes{};
  std::memcpy(bytes.data(), &significand, 8);
  bytes[8] = static_cast<std::uint8_t>(sign_and_exponent);
  bytes[9] = static_cast<std::uint8_t>(sign_and_exponent >> 8);
  return bytes;
}
inline ExtendedBytes indefinite() { return extended_bytes(0xFFFF, 0xC000000000000000); }

#if __LDBL_MANT_DIG__ == 64
inline Extended to_extended(const ExtendedBytes& bytes) {
  Extended value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}
inline ExtendedBytes to_bytes(Extended value) {
  ExtendedBytes bytes;
  std::memcpy(bytes.data(), &value, bytes.size());
  return bytes;
}
#else
inline Extended to_extended(const ExtendedBytes& bytes) {
  const unsigned exponent = sign_and_exponent(bytes) & 0x7FFF;
  const std::uint64_t digits = significand(bytes);
  Extended value = std::ldexp(static_cast<Extended>(digits), static_cast<int>(exponent) - 16446);
  if (exponent == 0x7FFF)
    value = digits << 1 == 0 ? HUGE_VALL : std::nanl("");
  return (sign_and_exponent(bytes) & 0x8000) != 0 ? -value : value;
}
inline ExtendedBytes to_bytes(Extended value) {
  const unsigned sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value))
    return extended_bytes(sign | 0x7FFF, 0xC000000000000000);
  if (std::isinf(value))
    return extended_bytes(sign | 0x7FFF, 0x8000000000000000);
  if (value == 0)
    return extended_bytes(sign, 0);
  int exponent = 0;
  const Extended fraction = std::frexp(std::fabs(value), &exponent);
  const auto digits = static_cast<std::uint64_t>(std::rint(std::ldexp(fraction, 64)));
  return extended_bytes(sign | static_cast<unsigned>(exponent + 16382), digits);
}
#endif

// An exception waits that is not masked.
inline void update_summary(FloatingPoint& fp) {
  const bool waits = (fp.status & ~fp.control & fp_exception::all) != 0;
  const std::uint16_t bits = summary | busy;
  fp.status = static_cast<std::uint16_t>(waits ? fp.status | bits : fp.status & ~bits);
}

// #NM by CR0.EM and CR0.TS.
inline void check_available(const Cpu& cpu) {
  if ((cpu.regs.cr0 & (cr0::em | cr0::ts)) != 0)
    raise(vector::nm);
}
// #MF of an exception that waits. With CR0.NE = 0 it would be an interrupt of the platform, which
// is not there.
inline void check_pending(const Cpu& cpu) {
  if ((cpu.regs.fp.status & summary) != 0 && (cpu.regs.cr0 & cr0::ne) != 0)
    raise(vector::mf);
}

// Of an MMX instruction: #UD by CR0.EM, #NM by CR0.TS, #MF.
inline void check_mmx(const Cpu& cpu) {
  if ((cpu.regs.cr0 & cr0::em) != 0)
    raise_ud();
  if ((cpu.regs.cr0 & cr0::ts) != 0)
    raise(vector::nm);
  check_pending(cpu);
}
// What every MMX instruction does: TOP is 0 and no register is empty (EMMS: every one).
inline void enter_mmx(FloatingPoint& fp) {
  set_top(fp, 0);
  fp.tags = 0;
}

} // namespace x87
} // namespace icebp::vp
