#pragma once
// Floating-point arithmetic by the host, under the rounding and precision of a guest's control
// word. On x86 hosts the unit is the same; elsewhere precision control, denormals and, where long
// double is wider, the last place of extended results are the host's.

#include <cfenv>
#include <cmath>
#include <cstdint>

namespace icebp::vp {

using Extended = long double;

// Exceptions as the x87 status word and MXCSR have them.
namespace fp_exception {
inline constexpr std::uint16_t invalid = 1, denormal = 2, divide_by_zero = 4, overflow = 8,
                               underflow = 16, precision = 32, all = 63;
}

#if defined(__x86_64__) || defined(__i386__)

// The host's x87 unit under a control word, every exception masked. Operands and results of what
// is computed meanwhile are volatile.
class HostX87 {
public:
  explicit HostX87(std::uint16_t control) {
    const std::uint16_t own = control | fp_exception::all;
    asm volatile("fnstcw %0" : "=m"(saved_));
    asm volatile("fnclex\n\tfldcw %0" : : "m"(own));
  }
  HostX87(const HostX87&) = delete;
  HostX87& operator=(const HostX87&) = delete;
  ~HostX87() { asm volatile("fnclex\n\tfldcw %0" : : "m"(saved_)); }

  std::uint16_t exceptions() const {
    std::uint16_t status = 0;
    asm volatile("fnstsw %0" : "=m"(status));
    return status & fp_exception::all;
  }

private:
  std::uint16_t saved_ = 0;
};

// The same of the host's SSE unit.
class HostSse {
public:
  explicit HostSse(std::uint32_t mxcsr) {
    const std::uint32_t own = (mxcsr & ~std::uint32_t{fp_exception::all}) | 0x1F80;
    asm volatile("stmxcsr %0" : "=m"(saved_));
    asm volatile("ldmxcsr %0" : : "m"(own));
  }
  HostSse(const HostSse&) = delete;
  HostSse& operator=(const HostSse&) = delete;
  ~HostSse() { asm volatile("ldmxcsr %0" : : "m"(saved_)); }

  std::uint16_t exceptions() const {
    std::uint32_t mxcsr = 0;
    asm volatile("stmxcsr %0" : "=m"(mxcsr));
    return static_cast<std::uint16_t>(mxcsr & fp_exception::all);
  }

private:
  std::uint32_t saved_ = 0;
};

#else

class HostFloat {
public:
  explicit HostFloat(unsigned rounding) {
    constexpr int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    std::feholdexcept(&saved_);
    std::fesetround(modes[rounding & 3]);
  }
  HostFloat(const HostFloat&) = delete;
  HostFloat& operator=(const HostFloat&) = delete;
  ~HostFloat() { std::fesetenv(&saved_); }

  std::uint16_t exceptions() const {
    const auto bit = [](int exception, unsigned value) {
      return std::fetestexcept(exception) != 0 ? value : 0;
    };
    return static_cast<std::uint16_t>(
        bit(FE_INVALID, fp_exception::invalid) | bit(FE_DIVBYZERO, fp_exception::divide_by_zero) |
        bit(FE_OVERFLOW, fp_exception::overflow) | bit(FE_UNDERFLOW, fp_exception::underflow) |
        bit(FE_INEXACT, fp_exception::precision));
  }

private:
  std::fenv_t saved_;
};

class HostX87 : public HostFloat {
public:
  explicit HostX87(std::uint16_t control) : HostFloat(control >> 10) {}
};
class HostSse : public HostFloat {
public:
  explicit HostSse(std::uint32_t mxcsr) : HostFloat(mxcsr >> 13) {}
};

#endif

} // namespace icebp::vp
