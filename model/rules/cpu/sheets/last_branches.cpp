#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
namespace {

using namespace msr_columns;

constexpr MsrRange stack{lbr_stack_depth, 1, &MsrCounts::lbr_entries};
constexpr MsrRange core2_stack{8, 1, &MsrCounts::lbr_entries};

// As CPUID.1Ch:EAX[7:0] lists them where all its bits are set.
bool is_legal_lbr_depth(const MsrWrite& write) {
  return write.value % 8 == 0 && write.value != 0 && write.value <= 64;
}

// As many bits as the number of an entry needs.
MsrMasks tos_masks(const CpuProfile& profile, unsigned, MsrMasks) {
  std::uint64_t writable = 0;
  while (writable + 1 < count_of(profile, stack))
    writable = 2 * writable + 1;
  return {writable, ~writable};
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000040, intel, "MSR_LBR_CORE_FROM_0",             F::lbr_stack_core2,           0,                  all,                0,                  rw,  keep, "VB Core 2 X6800, SDM, LX", as(canonical, core2_stack, MsrSlot::lbr_from)},
    {0x00000060, intel, "MSR_LBR_CORE_TO_0",               F::lbr_stack_core2,           0,                  all,                0,                  rw,  keep, "VB Core 2 X6800, SDM, LX", as(canonical, core2_stack, MsrSlot::lbr_to)},
    {0x000001C8, intel, "MSR_LBR_SELECT",                  F::lbr_stack,                 0,                  0x00000000000003FF, 0xFFFFFFFFFFFFFC00, rw,  keep, "VB i7-6700K, i7-3960X", as(MsrSlot::lbr_select)},
    {0x000001C9, intel, "MSR_LASTBRANCH_TOS",              any_of(F::lbr_stack, F::lbr_stack_core2),0,                  0,                  all,                rw,  keep, "VB i7-6700K, i7-3960X", as(tos_masks, MsrSlot::lbr_tos)},
    {0x000001DB, both,  "LASTBRANCHFROMIP",                F::msr,                       0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_from)},
    {0x000001DC, both,  "LASTBRANCHTOIP",                  F::msr,                       0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_to)},
    {0x000001DD, amd,   "LASTINTFROMIP",                   F::msr,                       0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_from)},
    {0x000001DD, intel, "MSR_LER_FROM_LIP",                F::msr,                       0,                  all,                0,                  rw,  keep, "VB i7-6700K, VB VBoxCpuReport.cpp", as(MsrCanonical::ler_from, MsrSlot::ler_from)},
    {0x000001DE, amd,   "LASTINTTOIP",                     F::msr,                       0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_to)},
    {0x000001DE, intel, "MSR_LER_TO_LIP",                  F::msr,                       0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, MsrSlot::ler_to)},
    {0x00000680, intel, "MSR_LASTBRANCH_0_FROM_IP",        F::lbr_stack,                 0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(MsrCanonical::lbr_from, stack, MsrSlot::lbr_from)},
    {0x000006C0, intel, "MSR_LASTBRANCH_0_TO_IP",          F::lbr_stack,                 0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, stack, MsrSlot::lbr_to)},
    {0x000014CE, intel, "IA32_LBR_CTL",                    F::arch_lbr,                  0,                  0x00000000007F000F, 0xFFFFFFFFFF80FFF0, rw,  keep, "LX"},
    {0x000014CF, intel, "IA32_LBR_DEPTH",                  F::arch_lbr,                  0,                  0x000000000000007F, 0xFFFFFFFFFFFFFF80, rw,  keep, "LX", as(is_legal_lbr_depth)},
    {0xC000010E, amd,   "LBR_SELECT",                      F::lbr_v2,                    0,                  0x00000000000001FF, 0xFFFFFFFFFFFFFE00, rw,  keep, "LX"},
    // clang-format on
};

} // namespace

const Table<MsrRow> last_branches_msrs{rows, std::size(rows)};

} // namespace icebp
