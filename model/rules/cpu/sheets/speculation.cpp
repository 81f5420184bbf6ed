#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_48_amd[] = {
    {F::ibrs, 0x0000000000000001},
    {F::stibp, 0x0000000000000002},
    {F::ssbd, 0x0000000000000004},
    {F::psfd, 0x0000000000000080},
};
constexpr MsrBitGate bits_of_48[] = {
    {F::ibrs, 0x0000000000000001},
    {F::stibp, 0x0000000000000002},
    {F::ssbd, 0x0000000000000004},
    {F::psfd, 0x00000000000005F8}, // IPRED, RRSBA, PSFD, DDPD, BHI
};
constexpr MsrBitGate bits_of_49_amd[] = {
    {F::ibpb, 0x0000000000000001},
    {F::sbpb, 0x0000000000000080},
};

std::uint64_t arch_capabilities(const CpuProfile& profile, std::uint64_t of_row) {
  return (of_row & ~0x1080ull) | bit_if(profile, F::tsx_ctrl, 7) | bit_if(profile, F::doitm, 12);
}

// Bits 63:1 are reserved; Skylake drops them. (kvm-unit-tests 13a12056)
MsrMasks flush_cmd_masks(const CpuProfile& profile, unsigned, MsrMasks of_row) {
  return {of_row.writable, profile.quirks.flush_cmd_drops_reserved_bits ? 0 : of_row.gp};
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000048, amd,   "SPEC_CTRL",                       any_of(F::ibrs, F::stibp, F::ssbd, F::psfd),0,                  0x0000000000000087, 0xFFFFFFFFFFFFFF78, rw,  init, "KUT msr.c, LX", as(nonserializing, bits(bits_of_48_amd))},
    {0x00000048, intel, "IA32_SPEC_CTRL",                  any_of(F::ibrs, F::stibp, F::ssbd),0,                  0x00000000000005FF, 0xFFFFFFFFFFFFFA00, rw,  init, "BX, LX, KUT msr.c, lkml 2025-03-31", as(nonserializing, bits(bits_of_48))},
    {0x00000049, amd,   "PRED_CMD",                        any_of(F::ibpb, F::sbpb),     0,                  0,                  0xFFFFFFFFFFFFFF7E, wo,  init, "KVM msrs.c, LX, VB Ryzen 1800X", as(flush_command, bits(bits_of_49_amd))},
    {0x00000049, intel, "IA32_PRED_CMD",                   F::ibrs,                      0,                  0,                  0xFFFFFFFFFFFFFFFE, wo,  init, "BX, KUT msr.c, KVM msrs.c", as(flush_command)},
    {0x0000010A, intel, "IA32_ARCH_CAPABILITIES",          F::arch_capabilities,         0,                  0,                  all,                ro,  keep, "KVM msrs.c, BX", as(arch_capabilities)},
    {0x0000010B, both,  "IA32_FLUSH_CMD",                  F::flush_l1d,                 0,                  0,                  0xFFFFFFFFFFFFFFFE, wo,  init, "KUT msr.c, KVM msrs.c, BX, WP", as(flush_command, flush_cmd_masks)},
    {0x00000122, intel, "IA32_TSX_CTRL",                   F::tsx_ctrl,                  0,                  0x0000000000000003, 0xFFFFFFFFFFFFFFFC, rw,  keep, "KVM vmx.c, LX, WP", as(nonserializing)},
    {0x00000123, intel, "IA32_MCU_OPT_CTRL",               F::srbds_ctrl,                0,                  0x000000000000003B, 0xFFFFFFFFFFFFFFC4, rw,  keep, "LX"},
    {0x00001B01, intel, "IA32_UARCH_MISC_CTL",             F::doitm,                     0,                  0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "KVM msrs.c, WP", as(nonserializing)},
    {0xC001011F, amd,   "VIRT_SPEC_CTRL",                  F::virt_ssbd,                 0,                  0x0000000000000004, 0xFFFFFFFFFFFFFFFB, rw,  init, "KVM svm.c, LX"},
    // clang-format on
};

} // namespace

const Table<MsrRow> speculation_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
