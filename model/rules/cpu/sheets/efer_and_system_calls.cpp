#include <icebp/model/rules/cpu/msr_columns.h>
#include <icebp/model/rules/registers/efer.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_c0000080_amd[] = {
    {F::syscall, 0x0000000000000001},   // SCE
    {F::lm, 0x0000000000000100},        // LME
    {F::nx, 0x0000000000000800},        // NXE
    {F::svm, 0x0000000000001000},       // SVME
    {F::auto_ibrs, 0x0000000000200000}, // automatic IBRS
};
constexpr MsrBitGate bits_of_c0000080[] = {
    {F::syscall, 0x0000000000000001}, // SCE
    {F::lm, 0x0000000000000100},      // LME
    {F::nx, 0x0000000000000800},      // NXE
};

namespace misc_enable { // Intel's; 0 on AMD
constexpr unsigned xd_disable = 34;
}
namespace vm_cr { // AMD's
constexpr unsigned svmdis = 4;
}

// LME is fixed while CR0.PG=1, NXE is 0 under MISC_ENABLE[34] and SVME under VM_CR.SVMDIS; a flip
// of LMA faults by the quirk. (SDM vol. 4 C000_0080h; docs/msr-block.md 2.5)
bool is_legal_efer(const MsrWrite& write) {
  const CoreState& state = write.state;
  const std::uint64_t flipped = state[MsrSlot::efer] ^ write.value;
  if (write.paging && (flipped & efer::lme::mask) != 0)
    return false;
  if (efer::nxe::get(write.value) != 0 &&
      is_set(state[MsrSlot::misc_enable], misc_enable::xd_disable))
    return false;
  if (efer::svme::get(write.value) != 0 && is_set(state[MsrSlot::vm_cr], vm_cr::svmdis))
    return false;
  return !(write.profile.quirks.efer_lma_flip_faults && (flipped & efer::lma::mask) != 0);
}

// CPUs that tell so have no LMSLE. (APM vol. 2 4.12)
MsrMasks efer_masks(const CpuProfile& profile, unsigned, MsrMasks of_row) {
  const std::uint64_t gone = bit_if(profile, F::no_lmsle, 13);
  return {of_row.writable & ~gone, of_row.gp | gone};
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000174, both,  "IA32_SYSENTER_CS",                F::sep,                       0,                  low,                0,                  rw,  keep, "VB, KT, KUT msr.c"},
    {0x00000175, amd,   "SYSENTER_ESP",                    F::sep,                       0,                  low,                0,                  rw,  keep, "VB, KT fixup_rdmsr_val"},
    {0x00000175, intel, "IA32_SYSENTER_ESP",               F::sep,                       0,                  all,                0,                  rw,  keep, "SDM WRMSR, VB", as(canonical)},
    {0x00000176, amd,   "SYSENTER_EIP",                    F::sep,                       0,                  low,                0,                  rw,  keep, "VB, KT fixup_rdmsr_val"},
    {0x00000176, intel, "IA32_SYSENTER_EIP",               F::sep,                       0,                  all,                0,                  rw,  keep, "SDM WRMSR, VB", as(canonical)},
    {0xC0000080, amd,   "EFER",                            any_of(F::nx, F::lm),         0,                  0x000000000020F901, 0xFFFFFFFFFFDF0200, rw,  init, "VB Ryzen 1800X, LX, APM", as(MsrSlot::efer, is_legal_efer, efer_masks, bits(bits_of_c0000080_amd))},
    {0xC0000080, intel, "IA32_EFER",                       any_of(F::nx, F::lm),         0,                  0x0000000000000901, 0xFFFFFFFFFFFFF2FE, rw,  init, "VB 12 Intel CPUs", as(MsrSlot::efer, is_legal_efer, bits(bits_of_c0000080))},
    {0xC0000081, both,  "STAR",                            F::syscall,                   0,                  all,                0,                  rw,  init, "VB, KT"},
    {0xC0000082, both,  "LSTAR",                           F::lm,                        0,                  all,                0,                  rw,  keep, "SDM WRMSR, KUT msr.c, VB", as(canonical)},
    {0xC0000083, both,  "CSTAR",                           F::lm,                        0,                  all,                0,                  rw,  keep, "KUT msr.c, VB", as(canonical)},
    {0xC0000084, both,  "FMASK",                           F::lm,                        0,                  low,                0,                  rw,  init, "VB 19 CPUs, KT"},
    {0xC0000100, both,  "FS_BASE",                         F::lm,                        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", as(canonical, MsrOrder::nonserializing_by_feature)},
    {0xC0000101, both,  "GS_BASE",                         F::lm,                        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", as(canonical, MsrOrder::nonserializing_by_feature)},
    {0xC0000102, both,  "KERNEL_GS_BASE",                  F::lm,                        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", as(canonical, MsrOrder::nonserializing_by_feature)},
    // clang-format on
};

} // namespace

const Table<MsrRow> efer_and_system_calls_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
