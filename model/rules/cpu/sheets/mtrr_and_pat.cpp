#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr std::uint64_t types = 0x0707070707070707;
constexpr std::uint64_t no_types = 0xF8F8F8F8F8F8F8F8;
constexpr MsrRange pairs{10, 2, &MsrCounts::mtrr_pairs};
constexpr MsrRange two{2, 2};

// ---- Memory types (SDM vol. 3 11.11, 11.12)

using TypeSet = unsigned; // a bit each
constexpr TypeSet mtrr_types = 1u << 0 | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 6;
constexpr TypeSet pat_types = mtrr_types | 1u << 7;

constexpr bool is_memory_type(TypeSet of, std::uint64_t byte) {
  return byte <= 7 && is_set(of, static_cast<unsigned>(byte));
}

constexpr bool is_memory_type_in_each_byte(TypeSet of, std::uint64_t value) {
  for (unsigned byte = 0; byte < 8; ++byte)
    if (!is_memory_type(of, value >> (8 * byte) & 0xFF))
      return false;
  return true;
}

bool is_legal_pat(const MsrWrite& write) {
  return is_memory_type_in_each_byte(pat_types, write.value);
}
// AMD's fixed MTRRs have RdMem and WrMem in bits 4:3 of each byte, as long as
// SYSCFG.MtrrFixDramModEn is 1. (APM vol. 2 7.9.1; coreboot)
constexpr unsigned fix_dram_mod_en = 19; // of SYSCFG; 0 on Intel
constexpr std::uint64_t rd_mem_wr_mem = 0x1818181818181818;

MsrMasks fixed_mtrr_masks(const CpuProfile& profile, unsigned, MsrMasks of_row) {
  const std::uint64_t more = profile.vendor == Vendor::amd ? rd_mem_wr_mem : 0;
  return {of_row.writable | more, of_row.gp & ~more};
}
bool is_legal_fixed_mtrr(const MsrWrite& write) {
  const bool modified = is_set(write.state[MsrSlot::syscfg], fix_dram_mod_en);
  return is_memory_type_in_each_byte(mtrr_types, write.value & ~(modified ? rd_mem_wr_mem : 0));
}
bool is_legal_mtrr(const MsrWrite& write) { return is_memory_type(mtrr_types, write.value & 0xFF); }

std::uint64_t mtrrcap(const CpuProfile& profile, std::uint64_t of_row) { // VCNT, SMRR
  return (of_row & ~0x8FFull) | profile.msr_counts.mtrr_pairs | bit_if(profile, F::smrr, 11);
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000000FE, both,  "IA32_MTRRCAP",                    F::mtrr,                      0x508,              0,                  all,                ro,  keep, "VB, KVM mtrr.c, BX, QEMU", as(mtrrcap)},
    {0x000001F2, intel, "IA32_SMRR_PHYSBASE",              F::smrr,                      0,                  0x00000000FFFFF0FF, 0xFFFFFFFF00000F00, smm, keep, "VB, SDM", as(core_wide)},
    {0x000001F3, intel, "IA32_SMRR_PHYSMASK",              F::smrr,                      0,                  0x00000000FFFFF800, 0xFFFFFFFF000007FF, smm, keep, "VB, SDM", as(core_wide)},
    {0x00000200, both,  "IA32_MTRR_PHYSBASE0",             F::mtrr,                      0,                  0x000FFFFFFFFFF007, 0xFFF0000000000FF8, rw,  keep, "VB, KVM mtrr.c, BX", as(pairs, is_legal_mtrr, physical)},
    {0x00000201, both,  "IA32_MTRR_PHYSMASK0",             F::mtrr,                      0,                  0x000FFFFFFFFFF800, 0xFFF00000000007FF, rw,  keep, "VB, KVM mtrr.c, BX", as(pairs, physical)},
    {0x00000250, both,  "IA32_MTRR_FIX64K_00000",          F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x00000258, both,  "IA32_MTRR_FIX16K_80000",          F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x00000259, both,  "IA32_MTRR_FIX16K_A0000",          F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x00000268, both,  "IA32_MTRR_FIX4K_C0000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x00000269, both,  "IA32_MTRR_FIX4K_C8000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026A, both,  "IA32_MTRR_FIX4K_D0000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026B, both,  "IA32_MTRR_FIX4K_D8000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026C, both,  "IA32_MTRR_FIX4K_E0000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026D, both,  "IA32_MTRR_FIX4K_E8000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026E, both,  "IA32_MTRR_FIX4K_F0000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x0000026F, both,  "IA32_MTRR_FIX4K_F8000",           F::mtrr,                      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", as(is_legal_fixed_mtrr, fixed_mtrr_masks)},
    {0x00000277, both,  "IA32_PAT",                        F::pat,                       0x0007040600070406, types,              no_types,           rw,  keep, "SDM 11.12.2, KT", as(is_legal_pat)},
    {0x000002FF, both,  "IA32_MTRR_DEF_TYPE",              F::mtrr,                      0,                  0x0000000000000C07, 0xFFFFFFFFFFFFF3F8, rw,  keep, "VB, KVM mtrr.c, BX", as(is_legal_mtrr)},
    {0xC0010010, amd,   "SYSCFG",                          F::msr,                       0,                  0x00000000007F0000, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::syscfg, core_wide)},
    {0xC0010016, amd,   "IORR_BASE0",                      F::msr,                       0,                  0x000FFFFFFFFFF018, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, two, core_wide)},
    {0xC001001A, amd,   "TOP_MEM",                         F::msr,                       0,                  0x000FFFFFFF800000, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, core_wide)},
    {0xC001001D, amd,   "TOP_MEM2",                        F::msr,                       0,                  0x000FFFFFFF800000, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, core_wide)},
    // clang-format on
};

} // namespace

const Table<MsrRow> mtrr_and_pat_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
