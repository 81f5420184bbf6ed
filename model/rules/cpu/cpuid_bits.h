#pragma once
// The table says where CPUID tells each feature. (SDM vol. 2 CPUID, APM vol. 3 appendix E, Linux
// cpufeatures.h)

#include <icebp/model/rules/cpu/cpuid.h>

namespace icebp {
inline namespace v0_1 {
namespace cpuid_bits {

using F = Feature;
using R = CpuidResult;

// The CPUs of these vendors tell the feature there.
enum class On : std::uint8_t { intel, amd, both };

struct FeatureBits {
  CpuidLeaf place;
  std::uint32_t CpuidResult::*reg;
  std::uint32_t bits;
  Feature feature;
  On on;
};

constexpr std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }

inline constexpr FeatureBits rows[] = {
    // clang-format off
    {{0x00000001, 0}, &R::ecx, bit(5),            F::vmx,               On::intel},
    {{0x00000001, 0}, &R::ecx, bit(11),           F::sdbg,              On::intel},
    {{0x00000001, 0}, &R::ecx, bit(15),           F::pdcm,              On::intel},
    {{0x00000001, 0}, &R::ecx, bit(21),           F::x2apic,            On::both},
    {{0x00000001, 0}, &R::ecx, bit(24),           F::tsc_deadline,      On::intel},
    {{0x00000001, 0}, &R::edx, bit(4) | bit(5),   F::msr,               On::both}, // TSC, MSR
    {{0x00000001, 0}, &R::edx, bit(9),            F::apic,              On::both},
    {{0x00000001, 0}, &R::edx, bit(11),           F::sep,               On::both},
    {{0x00000001, 0}, &R::edx, bit(12),           F::mtrr,              On::both},
    {{0x00000001, 0}, &R::edx, bit(14),           F::mca,               On::both},
    {{0x00000001, 0}, &R::edx, bit(16),           F::pat,               On::both},
    {{0x00000001, 0}, &R::edx, bit(21),           F::ds,                On::intel},

    {{0x00000006, 0}, &R::ecx, bit(0),            F::aperfmperf,        On::both},

    {{0x00000007, 0}, &R::ebx, bit(1),            F::tsc_adjust,        On::both},
    {{0x00000007, 0}, &R::ebx, bit(2),            F::sgx,               On::intel},
    {{0x00000007, 0}, &R::ebx, bit(11),           F::rtm,               On::both},
    {{0x00000007, 0}, &R::ebx, bit(14),           F::mpx,               On::intel},
    {{0x00000007, 0}, &R::ebx, bit(25),           F::intel_pt,          On::intel},
    {{0x00000007, 0}, &R::ecx, bit(5),            F::waitpkg,           On::intel},
    {{0x00000007, 0}, &R::ecx, bit(7),            F::shstk,             On::both},
    {{0x00000007, 0}, &R::ecx, bit(16),           F::la57,              On::both},
    {{0x00000007, 0}, &R::ecx, bit(24),           F::bus_lock_detect,   On::both},
    {{0x00000007, 0}, &R::ecx, bit(29),           F::enqcmd,            On::intel},
    {{0x00000007, 0}, &R::ecx, bit(31),           F::pks,               On::intel},
    {{0x00000007, 0}, &R::edx, bit(5),            F::uintr,             On::intel},
    {{0x00000007, 0}, &R::edx, bit(9),            F::srbds_ctrl,        On::intel},
    {{0x00000007, 0}, &R::edx, bit(19),           F::arch_lbr,          On::intel},
    {{0x00000007, 0}, &R::edx, bit(20),           F::ibt,               On::both},
    {{0x00000007, 0}, &R::edx, bit(26),           F::ibrs,              On::intel},
    {{0x00000007, 0}, &R::edx, bit(27),           F::stibp,             On::intel},
    {{0x00000007, 0}, &R::edx, bit(28),           F::flush_l1d,         On::both},
    {{0x00000007, 0}, &R::edx, bit(29),           F::arch_capabilities, On::intel},
    {{0x00000007, 0}, &R::edx, bit(30),           F::core_capabilities, On::intel},
    {{0x00000007, 0}, &R::edx, bit(31),           F::ssbd,              On::intel},
    {{0x00000007, 1}, &R::eax, bit(17),           F::fred,              On::both},
    {{0x00000007, 1}, &R::eax, bit(19),           F::wrmsrns,           On::both},
    {{0x00000007, 1}, &R::eax, bit(27),           F::msrlist,           On::both},
    {{0x00000007, 1}, &R::ecx, bit(5),            F::msr_imm,           On::both},
    {{0x00000007, 1}, &R::edx, bit(15),           F::user_msr,          On::intel},
    {{0x00000007, 2}, &R::edx, 0x1F,              F::psfd,              On::intel}, // PSFD, IPRED, RRSBA, DDPD_U, BHI

    {{0x0000000D, 1}, &R::eax, bit(3),            F::xsaves,            On::both},
    {{0x0000000D, 1}, &R::eax, bit(4),            F::xfd,               On::intel},

    {{0x80000001, 0}, &R::ecx, bit(2),            F::svm,               On::amd},
    {{0x80000001, 0}, &R::ecx, bit(9),            F::osvw,              On::amd},
    {{0x80000001, 0}, &R::ecx, bit(10),           F::ibs,               On::amd},
    {{0x80000001, 0}, &R::ecx, bit(23),           F::perfctr_core,      On::amd},
    {{0x80000001, 0}, &R::ecx, bit(26),           F::dbext,             On::amd},
    {{0x80000001, 0}, &R::edx, bit(4) | bit(5),   F::msr,               On::amd}, // as in leaf 1
    {{0x80000001, 0}, &R::edx, bit(9),            F::apic,              On::amd},
    {{0x80000001, 0}, &R::edx, bit(12),           F::mtrr,              On::amd},
    {{0x80000001, 0}, &R::edx, bit(14),           F::mca,               On::amd},
    {{0x80000001, 0}, &R::edx, bit(16),           F::pat,               On::amd},
    {{0x80000001, 0}, &R::edx, bit(11),           F::syscall,           On::both},
    {{0x80000001, 0}, &R::edx, bit(20),           F::nx,                On::both},
    {{0x80000001, 0}, &R::edx, bit(27),           F::rdtscp,            On::both},
    {{0x80000001, 0}, &R::edx, bit(29),           F::lm,                On::both},

    {{0x80000008, 0}, &R::ebx, bit(12),           F::ibpb,              On::amd},
    {{0x80000008, 0}, &R::ebx, bit(14),           F::ibrs,              On::amd},
    {{0x80000008, 0}, &R::ebx, bit(15),           F::stibp,             On::amd},
    {{0x80000008, 0}, &R::ebx, bit(20),           F::no_lmsle,          On::amd},
    {{0x80000008, 0}, &R::ebx, bit(24),           F::ssbd,              On::amd},
    {{0x80000008, 0}, &R::ebx, bit(25),           F::virt_ssbd,         On::amd},
    {{0x80000008, 0}, &R::ebx, bit(28),           F::psfd,              On::amd},
    {{0x8000000A, 0}, &R::eax, bit(0),            F::svm,               On::amd}, // revision 1
    {{0x8000000A, 0}, &R::edx, bit(2) | bit(4),   F::svm,               On::amd}, // VM_CR.LOCK, TSC_RATIO
    {{0x8000000A, 0}, &R::edx, bit(13),           F::avic,              On::amd},
    {{0x80000021, 0}, &R::eax, bit(1),            F::fs_gs_base_ns,     On::amd},
    {{0x8000001F, 0}, &R::eax, bit(1),            F::sev,               On::amd},
    {{0x80000021, 0}, &R::eax, bit(8),            F::auto_ibrs,         On::amd},
    {{0x80000021, 0}, &R::eax, bit(17),           F::cpuid_user_disable, On::amd},
    {{0x80000021, 0}, &R::eax, bit(27),           F::sbpb,              On::amd},
    {{0x80000022, 0}, &R::eax, bit(0),            F::perfmon_v2,        On::amd},
    {{0x80000022, 0}, &R::eax, bit(1),            F::lbr_v2,            On::amd},
    {{0x80000022, 0}, &R::eax, bit(2),            F::lbr_freeze,        On::amd},
    // clang-format on
};

} // namespace cpuid_bits
} // namespace v0_1
} // namespace icebp
