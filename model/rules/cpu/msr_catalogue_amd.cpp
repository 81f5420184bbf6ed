#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
namespace {

using namespace msr_columns;

constexpr auto every = any_of(F::msr);
constexpr auto sep = any_of(F::sep);
constexpr auto mca = any_of(F::mca);
constexpr auto svm = any_of(F::svm);
constexpr auto lbr_v2 = any_of(F::lbr_v2);
constexpr auto osvw = any_of(F::osvw);
constexpr auto dbext = any_of(F::dbext);
constexpr auto ibs = any_of(F::ibs);
constexpr auto perfmon_v2 = any_of(F::perfmon_v2);

constexpr auto checked = as(canonical);
constexpr auto smm_lock = as(MsrLock::hwcr_smm_lock);
constexpr auto smm_lock_physical = as(MsrLock::hwcr_smm_lock, physical);

constexpr MsrRow rows[] = {
    // clang-format off
  // index       name                      gate        reset               writable            gp                  use  INIT  source
    {0x0000001B, "APIC_BASE",       any_of(F::apic),   0xFEE00900,         0x000FFFFFFFFFFD00, 0xFFF00000000002FF, rw,  keep, "VB Ryzen 1800X", as(MsrSlot::apic_base, MsrValueRule::apic_base, MsrReset::apic_base, physical)},
    {0x00000048, "SPEC_CTRL", any_of(F::ibrs, F::stibp, F::ssbd, F::psfd), 0, 0x0000000000000087, 0xFFFFFFFFFFFFFF78, rw, init, "KUT msr.c, LX", as(nonserializing)},
    {0x00000049, "PRED_CMD",  any_of(F::ibpb, F::sbpb), 0,                 0,                  0xFFFFFFFFFFFFFF7E, wo,  init, "KVM msrs.c, LX, VB Ryzen 1800X", as(flush_command)},
    {0x0000008B, "PATCH_LEVEL",             every,     0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon"},
    {0x00000175, "SYSENTER_ESP",            sep,       0,                  low,                0,                  rw,  keep, "VB, KT fixup_rdmsr_val"},
    {0x00000176, "SYSENTER_EIP",            sep,       0,                  low,                0,                  rw,  keep, "VB, KT fixup_rdmsr_val"},
    {0x0000017A, "MCG_STATUS",              mca,       0,                  0x0000000000000007, 0,                  rw,  keep, "VB all AMD"},
    {0x0000017B, "MCG_CTL",         any_of(F::mcg_ctl), 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFEF, 0,                 rw,  keep, "VB Ryzen 1800X"},
    {0x000001D9, "DEBUG_CTL",               every,     0,                  0x000000000000003F, 0x0000000000000040, rw,  init, "VB 6 AMD + Hygon", as(MsrSlot::debugctl)},
    {0x000001DD, "LASTINTFROMIP",           every,     0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_from)},
    {0x000001DE, "LASTINTTOIP",             every,     0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon", as(MsrSlot::ler_to)},
    {0x00000DA0, "XSS",             any_of(F::xsaves), 0,                  0x0000000000001800, 0xFFFFFFFFFFFFE7FF, rw,  init, "VB Ryzen 1800X"},
    {0xC0000080, "EFER",      any_of(F::nx, F::lm),    0,                  0x000000000000F901, 0xFFFFFFFFFFFF0200, rw,  init, "VB Ryzen 1800X", as(MsrSlot::efer, MsrValueRule::efer)},
    {0xC0000103, "TSC_AUX",         any_of(F::rdtscp), 0,                  low,                0,                  rw,  keep, "VB 5 AMD + Hygon, KT"},
    {0xC0000104, "TSC_RATIO",               svm,       0x0000000100000000, 0x000000FFFFFFFFFF, 0xFFFFFF0000000000, rw,  keep, "VB Ryzen 1800X, KVM svm.c"},
    {0xC000010E, "LBR_SELECT",              lbr_v2,    0,                  0x00000000000001FF, 0xFFFFFFFFFFFFFE00, rw,  keep, "LX"},
    {0xC000010F, "DBG_EXTN_CFG",            lbr_v2,    0,                  0x0000000000000040, 0xFFFFFFFFFFFFFFBF, rw,  keep, "LX"},
    {0xC0000300, "PERF_CNTR_GLOBAL_STATUS", perfmon_v2, 0,                 0,                  all,                ro,  keep, "LX"},
    {0xC0000301, "PERF_CNTR_GLOBAL_CTL",    perfmon_v2, 0,                 0x000000000000003F, 0xFFFFFFFFFFFFFFC0, rw,  keep, "LX"},

    // The machine's memory map and SMM
    {0xC0010010, "SYSCFG",                  every,     0,                  0x00000000007F0000, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(core_wide)},
    {0xC0010015, "HWCR",                    every,     0,                  0x0000000076FF9FFF, 0,                  {MsrAccess::read_write, MsrOnWrite::hwcr}, keep, "VB Ryzen 1800X, KVM msrs.c", as(MsrSlot::hwcr)},
    {0xC0010016, "IORR_BASE0",              every,     0,                  0x000FFFFFFFFFF018, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, MsrRange::two, core_wide)},
    {0xC001001A, "TOP_MEM",                 every,     0,                  0x000FFFFFFF800000, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, core_wide)},
    {0xC001001D, "TOP_MEM2",                every,     0,                  0x000FFFFFFF800000, 0,                  rw,  keep, "VB Ryzen 1800X", as(physical, core_wide)},
    {0xC0010020, "PATCH_LOADER",            every,     0,                  0,                  0,                  wo,  init, "LX, KVM msrs.c"},
    {0xC0010111, "SMM_BASE",                every,     0x30000,            low,                0,                  rw,  keep, "VB Ryzen 1800X", smm_lock},
    {0xC0010112, "SMM_ADDR",                every,     0,                  0x000FFFFFFFFE0000, 0,                  rw,  keep, "VB Ryzen 1800X", smm_lock_physical},
    {0xC0010113, "SMM_MASK",                every,     0,                  0x0000FFFFFFFE773F, 0,                  rw,  keep, "VB Ryzen 1800X", smm_lock_physical},

    // SVM
    {0xC0010114, "VM_CR",                   svm,       0,                  0x000000000000001A, 0x00000000FFFFFFE0, {MsrAccess::read_write, MsrOnWrite::vm_cr}, init, "VB Ryzen 1800X, KVM svm_set_vm_cr, BX", as(MsrSlot::vm_cr, MsrValueRule::vm_cr)},
    {0xC0010115, "IGNNE",                   svm,       0,                  0x0000000000000001, 0x00000000FFFFFFFE, rw,  keep, "VB Ryzen 1800X"},
    {0xC0010117, "VM_HSAVE_PA",             svm,       0,                  0x000FFFFFFFFFF000, 0xFFF0000000000FFF, rw,  init, "VB Ryzen 1800X, KVM svm.c, QEMU, BX", as(physical)},
    {0xC001011B, "AVIC_DOORBELL",   any_of(F::avic),   0,                  0,                  0,                  wo,  init, "VB Ryzen 1800X, LX, WP", as(nonserializing)},
    {0xC001011F, "VIRT_SPEC_CTRL",  any_of(F::virt_ssbd), 0,               0x0000000000000004, 0xFFFFFFFFFFFFFFFB, rw,  init, "KVM svm.c, LX"},
    {0xC0010140, "OSVW_ID_LENGTH",          osvw,      0,                  all,                0,                  rw,  keep, "VB, KVM msrs.c"},
    {0xC0010141, "OSVW_STATUS",             osvw,      0,                  all,                0,                  rw,  keep, "KVM msrs.c"},

    // Breakpoints and tracing
    {0xC0011019, "DR1_ADDR_MASK",           dbext,     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr1_addr_mask)},
    {0xC001101A, "DR2_ADDR_MASK",           dbext,     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr2_addr_mask)},
    {0xC001101B, "DR3_ADDR_MASK",           dbext,     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr3_addr_mask)},
    {0xC0011024, "DEBUG_CTL2",              every,     0,                  0x0000000000000003, 0,                  rw,  keep, "VB"},
    {0xC0011025, "DR0_DATA_MATCH",          every,     0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon"},
    {0xC0011026, "DR0_DATA_MASK",           every,     0,                  all,                0,                  rw,  keep, "VB 6 AMD + Hygon"},
    {0xC0011027, "DR0_ADDR_MASK",           every,     0,                  low,                0,                  rw,  keep, "VB Ryzen 1800X, LX", as(MsrSlot::dr0_addr_mask)},
    {0xC0011029, "DE_CFG",                  every,     0,                  0xFFFFFFFFFFFE7FFE, 0,                  rw,  keep, "VB Ryzen 1800X, LX"},
    {0xC0011034, "IBS_OP_RIP",              ibs,       0,                  all,                0,                  rw,  keep, "VB VBoxCpuReport.cpp", checked},
    {0xC0011038, "IBS_DC_LIN_AD",           ibs,       0,                  all,                0,                  rw,  keep, "VB", checked},
    {0xC001103B, "IBS_BR_TARGET",           ibs,       0,                  all,                0,                  rw,  keep, "VB", checked},
    // clang-format on
};

} // namespace

const Table<MsrRow> msr_rows_amd{rows, std::size(rows)};

} // namespace icebp
