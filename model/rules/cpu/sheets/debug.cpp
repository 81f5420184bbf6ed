#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_1d9[] = {
    {F::bus_lock_detect, 0x0000000000000004}, // BUS_LOCK_DETECT
    {F::ds, 0x0000000000000780},              // BTS, BTINT, BTS_OFF_OS, BTS_OFF_USR
    {F::pdcm, 0x0000000000005800},            // the FREEZE bits
    {F::perfmon_v2, 0x0000000000001800},      // the two of them on PMI
    {F::rtm, 0x0000000000008000},             // RTM_DEBUG
};
constexpr MsrBitGate bits_of_1d9_amd[] = {
    {F::lbr_freeze, 0x0000000000000800, drop}, // FREEZE_LBRS_ON_PMI
};
constexpr MsrBitGate bits_of_c0011027[] = {
    {F::dbext, 0x00000000FFFFF000, drop},
};

bool is_locked_by_bit_30(const CoreState&, std::uint64_t own) { return is_set(own, 30); }

// With architectural last branches alone LBR is dropped. (Xen 3edca52ce7, reviewed by Intel)
MsrMasks debugctl_masks(const CpuProfile& profile, unsigned, MsrMasks of_row) {
  const bool architectural_alone =
      profile.has(F::arch_lbr) &&
      !profile.features.has_any(any_of(F::lbr_stack, F::lbr_stack_core2, F::lbr_stack_core_duo));
  return {of_row.writable & ~std::uint64_t{architectural_alone}, of_row.gp};
}

// A copy of DR6. (VB Core 2 X6800)
std::uint64_t read_dr6(const CoreState& state, std::uint64_t, std::uint64_t) {
  return state.dr[6] & 0xFFFF;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000001D9, amd,   "DEBUG_CTL",                       F::msr,                       0,                  0x000000000000083F, 0x0000000000000040, rw,  init, "VB 6 AMD + Hygon, LX", as(MsrSlot::debugctl, bits(bits_of_1d9_amd))},
    {0x000001D9, intel, "IA32_DEBUGCTL",                   F::msr,                       0,                  0x000000000000FFC7, 0xFFFFFFFFFFFF0038, rw,  init, "VB i7-6700K, SDM 17.4.1", as(MsrSlot::debugctl, debugctl_masks, bits(bits_of_1d9))},
    {0x000001E0, intel, "MSR_ROB_CR_BKUPTMPDR6",           F::lbr_stack_core2,           0xFF0,              0,                  all,                ro,  keep, "VB Core 2 X6800", as(read_dr6)},
    {0x00000C80, intel, "IA32_DEBUG_INTERFACE",            F::sdbg,                      0,                  0x0000000040000001, 0xFFFFFFFF3FFFFFFE, rw,  keep, "VB i7-6700K, i7-5600U, coreboot", as(is_locked_by_bit_30, package_wide)},
    {0xC000010F, amd,   "DBG_EXTN_CFG",                    F::lbr_v2,                    0,                  0x0000000000000040, 0xFFFFFFFFFFFFFFBF, rw,  keep, "LX", as(MsrSlot::dbg_extn_cfg)},
    {0xC0011019, amd,   "DR1_ADDR_MASK",                   F::dbext,                     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr1_addr_mask)},
    {0xC001101A, amd,   "DR2_ADDR_MASK",                   F::dbext,                     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr2_addr_mask)},
    {0xC001101B, amd,   "DR3_ADDR_MASK",                   F::dbext,                     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr3_addr_mask)},
    {0xC0011024, amd,   "DEBUG_CTL2",                      F::msr,                       0,                  0x0000000000000003, 0,                  rw,  keep, "VB"},
    {0xC0011025, amd,   "DR0_DATA_MATCH",                  F::msr,                       0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon"},
    {0xC0011026, amd,   "DR0_DATA_MASK",                   F::msr,                       0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon"},
    {0xC0011027, amd,   "DR0_ADDR_MASK",                   F::msr,                       0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr0_addr_mask, bits(bits_of_c0011027))},
    // clang-format on
};

} // namespace

const Table<MsrRow> debug_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
