#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrRange banks{32, 4, &MsrCounts::mca_banks};
constexpr MsrRange cmci_banks{32, 1, &MsrCounts::mca_banks};

namespace feature_control {
constexpr unsigned lmce_on = 20;
}
namespace hwcr { // AMD's; 0 on Intel
constexpr unsigned mc_status_wr_en = 18;
}

bool is_lmce_on(const CoreState& state, unsigned) {
  return is_set(state[MsrSlot::feature_control], feature_control::lmce_on);
}

// On Intel all zeros or all ones; bits 0 and 10 may be missing (KVM set_msr_mce, kvm-unit-tests
// msr.c). On AMD each bit enables by itself (illumos ao_mca.c).
bool is_legal_mci_ctl(const MsrWrite& write) {
  return write.profile.vendor == Vendor::amd || write.value == 0 ||
         (write.value | 1u << 0 | 1u << 10) == all;
}

// 0, or anything with HWCR.McStatusWrEn.
bool is_legal_mci_status(const MsrWrite& write) {
  return write.value == 0 || is_set(write.state[MsrSlot::hwcr], hwcr::mc_status_wr_en);
}

// Count, MCG_CTL_P, MCG_CMCI_P, MCG_LMCE_P
std::uint64_t mcg_cap(const CpuProfile& profile, std::uint64_t of_row) {
  return (of_row & ~0x80005FFull) | profile.msr_counts.mca_banks | bit_if(profile, F::mcg_ctl, 8) |
         bit_if(profile, F::cmci, 10) | bit_if(profile, F::lmce, 27);
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000000, amd,   "P5_MC_ADDR",                      F::mca,                       0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon", as(MsrAlias{0x402})},
    {0x00000000, intel, "IA32_P5_MC_ADDR",                 F::mca,                       0,                  0x0000000000000FFF, 0,                  rw,  keep, "VB i7-6700K"},
    {0x00000001, amd,   "P5_MC_TYPE",                      F::mca,                       0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon", as(MsrAlias{0x401}, is_legal_mci_status)},
    {0x00000001, intel, "IA32_P5_MC_TYPE",                 F::mca,                       0,                  0,                  all,                rw,  keep, "VB 9 Intel CPUs"},
    {0x00000179, both,  "IA32_MCG_CAP",                    F::mca,                       0,                  0,                  all,                ro,  keep, "VB, KVM msrs.c", as(mcg_cap)},
    {0x0000017A, amd,   "MCG_STATUS",                      F::mca,                       0,                  0x0000000000000007, 0,                  rw,  keep, "VB all AMD"},
    {0x0000017A, intel, "IA32_MCG_STATUS",                 F::mca,                       0,                  0x000000000000000F, 0xFFFFFFFFFFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x0000017B, amd,   "MCG_CTL",                         F::mcg_ctl,                   0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFEF, 0,                  rw,  keep, "VB Ryzen 1800X"},
    {0x0000017B, intel, "IA32_MCG_CTL",                    F::mcg_ctl,                   all,                all,                0,                  rw,  keep, "KVM msrs.c, QEMU"},
    {0x00000280, intel, "IA32_MC0_CTL2",                   F::cmci,                      0,                  0x0000000040007FFF, 0xFFFFFFFFBFFF8000, rw,  keep, "VB i7-6700K, KVM msrs.c", as(cmci_banks)},
    {0x00000400, both,  "IA32_MC0_CTL",                    F::mca,                       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM set_msr_mce", as(banks, is_legal_mci_ctl)},
    {0x00000401, both,  "IA32_MC0_STATUS",                 F::mca,                       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM set_msr_mce", as(banks, is_legal_mci_status)},
    {0x00000402, both,  "IA32_MC0_ADDR",                   F::mca,                       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM", as(banks)},
    {0x00000403, both,  "IA32_MC0_MISC",                   F::mca,                       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM", as(banks)},
    {0x000004D0, intel, "IA32_MCG_EXT_CTL",                F::lmce,                      0,                  0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "KVM vmx.c", as(is_lmce_on)},
    // clang-format on
};

} // namespace

const Table<MsrRow> mca_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
