#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp::vp {

enum Gpr : std::uint8_t {
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15
};

// In the order of their encodings.
enum class SegmentName : std::uint8_t { es, cs, ss, ds, fs, gs };

// A segment register or system segment with what its descriptor said when it was loaded.
struct Segment {
  std::uint16_t selector = 0;
  std::uint8_t type = 3;       // descriptor bits 43:40
  bool is_code_or_data = true; // S
  std::uint8_t dpl = 0;
  bool present = true;          // false: null, unusable but for its base in 64-bit mode
  bool is_long = false;         // L
  bool is_32_bit = false;       // D/B
  std::uint32_t limit = 0xFFFF; // bytes, G applied
  std::uint64_t base = 0;

  unsigned rpl() const { return selector & 3; }
  bool is_code() const { return (type & 8) != 0; }
  bool is_conforming() const { return (type & 0xC) == 0xC; }
  bool is_expand_down() const { return (type & 0xC) == 4; }
  bool is_readable() const { return !is_code() || (type & 2) != 0; }
  bool is_writable() const { return !is_code() && (type & 2) != 0; }
};

// GDTR or IDTR.
struct TableRegister {
  std::uint64_t base = 0;
  std::uint32_t limit = 0xFFFF;
};

namespace flag { // RFLAGS
inline constexpr std::uint64_t cf = 1, fixed = 2, pf = 1 << 2, af = 1 << 4, zf = 1 << 6,
                               sf = 1 << 7, tf = 1 << 8, if_ = 1 << 9, df = 1 << 10, of = 1 << 11,
                               iopl = 3 << 12, nt = 1 << 14, rf = 1 << 16, vm = 1 << 17,
                               ac = 1 << 18, vif = 1 << 19, vip = 1 << 20, id = 1 << 21;
inline constexpr std::uint64_t status = cf | pf | af | zf | sf | of;
} // namespace flag

namespace cr0 {
inline constexpr std::uint64_t pe = 1, mp = 2, em = 4, ts = 8, et = 16, ne = 32, wp = 1 << 16,
                               am = 1 << 18, nw = 1 << 29, cd = 1 << 30, pg = 1u << 31;
}

namespace cr4 {
inline constexpr std::uint64_t vme = 1, pvi = 2, tsd = 4, de = 8, pse = 16, pae = 32, mce = 64,
                               pge = 128, pce = 256, osfxsr = 512, osxmmexcpt = 1024,
                               umip = 1 << 11, la57 = 1 << 12, vmxe = 1 << 13, smxe = 1 << 14,
                               fsgsbase = 1 << 16, pcide = 1 << 17, osxsave = 1 << 18,
                               smep = 1 << 20, smap = 1 << 21, pke = 1 << 22, cet = 1 << 23,
                               pks = 1 << 24;
}

struct alignas(16) Xmm {
  std::uint64_t low = 0, high = 0;
};

// The state of x87, MMX and SSE that moves, saves and restores see.
struct FloatingPoint {
  std::array<std::array<std::uint8_t, 10>, 8>
      st{}; // physical registers R0 to R7; MMX is bytes 0 to 7
  std::uint16_t control = 0x037F;
  std::uint16_t status = 0;
  std::uint16_t tags = 0xFFFF; // two bits a register; 3: empty
  std::uint16_t opcode = 0;
  std::uint64_t instruction = 0, data = 0;
  std::array<Xmm, 16> xmm{};
  std::uint32_t mxcsr = 0x1F80;
};

// Architectural registers but for those that icebp has: DR0 to DR7, CR2 and the MSRs.
struct Registers {
  std::array<std::uint64_t, 16> gpr{};
  std::uint64_t rip = 0;
  std::uint64_t rflags = flag::fixed; // RF is in `rf` of this word as well
  std::array<Segment, 6> segment{};
  Segment ldtr, tr;
  TableRegister gdtr, idtr;
  std::uint64_t cr0 = cr0::et, cr3 = 0, cr4 = 0, cr8 = 0;
  FloatingPoint fp;

  Segment& operator[](SegmentName name) { return segment[static_cast<std::size_t>(name)]; }
  const Segment& operator[](SegmentName name) const {
    return segment[static_cast<std::size_t>(name)];
  }
};

} // namespace icebp::vp
