#pragma once

#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
namespace dr7 {

using l0 = field<0>; // enable breakpoint 0 until the next task switch
using g0 = field<1>;
using l1 = field<2>;
using g1 = field<3>;
using l2 = field<4>;
using g2 = field<5>;
using l3 = field<6>;
using g3 = field<7>;
using enables = field<0, 8>;
using le = field<8>;
using ge = field<9>;
using rtm = field<11>; // RTM debugging; fixed 0 without RTM
using gd = field<13>;  // general detect: any MOV DR is a #DB
using rw0 = field<16, 2>;
using len0 = field<18, 2>;
using rw1 = field<20, 2>;
using len1 = field<22, 2>;
using rw2 = field<24, 2>;
using len2 = field<26, 2>;
using rw3 = field<28, 2>;
using len3 = field<30, 2>;

// A task switch clears these bits (SDM vol. 3 17.2.4; LE: 80386 manual).
inline constexpr std::uint64_t local = l0::mask | l1::mask | l2::mask | l3::mask | le::mask;

// R/W has these values; `rw_io` watches only while CR4.DE is 1.
inline constexpr unsigned rw_execution = 0, rw_write = 1, rw_io = 2, rw_read_write = 3;

// True if breakpoint `n`, 0 to 3, is enabled locally or globally.
constexpr bool is_enabled(std::uint64_t dr7, unsigned n) { return (dr7 >> (2 * n) & 3) != 0; }
constexpr unsigned rw(std::uint64_t dr7, unsigned n) { return dr7 >> (16 + 4 * n) & 3; }
// A LEN of 00, 01, 11 and 10 stands for 1, 2, 4 and 8 bytes.
inline constexpr std::uint8_t lengths[] = {1, 2, 8, 4};
constexpr unsigned length(std::uint64_t dr7, unsigned n) {
  return lengths[dr7 >> (18 + 4 * n) & 3];
}

inline constexpr std::uint64_t fixed_1 = 0x400; // also the value after reset
inline constexpr std::uint64_t writable_always = 0xFFFF23FF;

constexpr std::uint64_t writable(const CpuProfile& profile) {
  return writable_always | (profile.has(Feature::rtm) ? rtm::mask : 0);
}

// Gives what DR7 holds after `value` was written to it (SDM vol. 3 17.2.4; bit 11: Xen
// x86_adj_dr7_rsvd).
constexpr std::uint64_t legalise(const CpuProfile& profile, std::uint64_t value) {
  return (value & writable(profile)) | fixed_1;
}

} // namespace dr7
} // namespace v0_1
} // namespace icebp
