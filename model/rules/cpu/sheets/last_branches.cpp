#include <icebp/model/rules/cpu/msr_columns.h>

#include <algorithm>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrRange stack{lbr_stack_depth, 1, &MsrCounts::lbr_entries};
constexpr MsrRange older_stack{8, 1, &MsrCounts::lbr_entries};
constexpr MsrRange amd_stack{16, 2, &MsrCounts::lbr_entries};
constexpr MsrRange architectural{arch_lbr_depth};

// ---- Architectural last branches

// As CPUID.1Ch:EAX[7:0] lists them.
bool is_legal_lbr_depth(const MsrWrite& write) {
  const std::uint64_t beyond_8 = write.value - 8; // records
  return beyond_8 % 8 == 0 && beyond_8 < arch_lbr_depth &&
         is_set(write.profile.msr_counts.lbr_depths, static_cast<unsigned>(beyond_8 / 8));
}

// Every write clears the records. (KVM 2021-03-04, which quotes the SDM)
void clear_records(CoreState& state, std::uint64_t&, const MsrWritten&) {
  std::uint64_t* const first = &state[MsrSlot::arch_lbr_from];
  std::fill(first, first + 3 * arch_lbr_depth, 0);
}

// An access to a record from LBR_DEPTH on is #GP. (SDM vol. 4 table 2-2)
bool is_within_depth(const CoreState& state, unsigned number) {
  return number < state[MsrSlot::lbr_depth];
}

// ---- The stacks

// As many bits as the number of an entry needs.
MsrMasks tos_masks(const CpuProfile& profile, unsigned, MsrMasks) {
  std::uint64_t writable = 0;
  while (writable + 1 < count_of(profile, stack))
    writable = 2 * writable + 1;
  return {writable, ~writable};
}

constexpr FeatureSet any_stack(F::lbr_stack, F::lbr_stack_core2, F::lbr_stack_core_duo);

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000040, intel, "MSR_LBR_CORE_FROM_0",             F::lbr_stack_core2,           0,                  all,                0,                  rw,  keep, "VB Core 2 X6800, SDM, LX", as(canonical, older_stack, MsrSlot::lbr_from)},
    {0x00000040, intel, "MSR_LASTBRANCH_0",                F::lbr_stack_core_duo,        0,                  all,                0,                  rw,  keep, "VB Core Duo T2600, SDM", as(older_stack, MsrSlot::lbr_from)},
    {0x00000060, intel, "MSR_LBR_CORE_TO_0",               F::lbr_stack_core2,           0,                  all,                0,                  rw,  keep, "VB Core 2 X6800, SDM, LX", as(canonical, older_stack, MsrSlot::lbr_to)},
    {0x000001C8, intel, "MSR_LBR_SELECT",                  F::lbr_stack,                 0,                  0x00000000000003FF, 0xFFFFFFFFFFFFFC00, rw,  keep, "VB i7-6700K, i7-3960X", as(MsrSlot::lbr_select)},
    {0x000001C9, intel, "MSR_LASTBRANCH_TOS",              any_stack,                    0,                  0,                  all,                rw,  keep, "VB i7-6700K, i7-3960X", as(tos_masks, MsrSlot::lbr_tos)},
    {0x000001DB, both,  "LASTBRANCHFROMIP",                F::msr,                       0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_from)},
    {0x000001DC, both,  "LASTBRANCHTOIP",                  F::msr,                       0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_to)},
    {0x000001DD, amd,   "LASTINTFROMIP",                   F::msr,                       0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_from)},
    {0x000001DD, intel, "MSR_LER_FROM_LIP",                F::msr,                       0,                  all,                0,                  rw,  keep, "VB i7-6700K, VB VBoxCpuReport.cpp", as(MsrCanonical::ler_from, MsrSlot::ler_from)},
    {0x000001DE, amd,   "LASTINTTOIP",                     F::msr,                       0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_to)},
    {0x000001DE, intel, "MSR_LER_TO_LIP",                  F::msr,                       0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, MsrSlot::ler_to)},
    {0x00000680, intel, "MSR_LASTBRANCH_0_FROM_IP",        F::lbr_stack,                 0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(MsrCanonical::lbr_from, stack, MsrSlot::lbr_from)},
    {0x000006C0, intel, "MSR_LASTBRANCH_0_TO_IP",          F::lbr_stack,                 0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, stack, MsrSlot::lbr_to)},
    {0x000001E0, intel, "IA32_LER_INFO",                   F::arch_lbr,                  0,                  0xFF0000000000FFFF, 0,                  rw,  keep, "LX, SDM", as(MsrSlot::ler_info)},
    {0x00000DC0, intel, "MSR_LBR_INFO_0",                  F::lbr_info,                  0,                  0xE00000000000FFFF, 0x1FFFFFFFFFFF0000, rw,  keep, "VB i7-6700K, SDM", as(stack, MsrSlot::lbr_info)},
    {0x00001200, intel, "IA32_LBR_0_INFO",                 F::arch_lbr,                  0,                  0xFF0000000000FFFF, 0,                  rw,  keep, "LX, SDM", as(architectural, is_within_depth, MsrSlot::arch_lbr_info)},
    {0x000014CE, intel, "IA32_LBR_CTL",                    F::arch_lbr,                  0,                  0x00000000007F000F, 0xFFFFFFFFFF80FFF0, rw,  keep, "LX", as(MsrSlot::lbr_ctl)},
    {0x000014CF, intel, "IA32_LBR_DEPTH",                  F::arch_lbr,                  0,                  0x000000000000007F, 0xFFFFFFFFFFFFFF80, rw,  keep, "LX, KVM", as(is_legal_lbr_depth, clear_records, MsrSlot::lbr_depth)},
    {0x00001500, intel, "IA32_LBR_0_FROM_IP",              F::arch_lbr,                  0,                  all,                0,                  rw,  keep, "LX, SDM", as(canonical, architectural, is_within_depth, MsrSlot::arch_lbr_from)},
    {0x00001600, intel, "IA32_LBR_0_TO_IP",                F::arch_lbr,                  0,                  all,                0,                  rw,  keep, "LX, SDM", as(canonical, architectural, is_within_depth, MsrSlot::arch_lbr_to)},
    {0xC000010E, amd,   "LBR_SELECT",                      F::lbr_v2,                    0,                  0x00000000000001FF, 0xFFFFFFFFFFFFFE00, rw,  keep, "LX", as(MsrSlot::lbr_select)},
    {0xC0010300, amd,   "SAMP_BR_FROM_0",                  F::lbr_v2,                    0,                  all,                0,                  rw,  keep, "LX", as(amd_stack, MsrSlot::lbr_from)},
    {0xC0010301, amd,   "SAMP_BR_TO_0",                    F::lbr_v2,                    0,                  all,                0,                  rw,  keep, "LX", as(amd_stack, MsrSlot::lbr_to)},
    // clang-format on
};

} // namespace

const Table<MsrRow> last_branches_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
