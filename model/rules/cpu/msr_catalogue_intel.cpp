#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
namespace {

using namespace msr_columns;

constexpr auto every = any_of(F::msr);
constexpr auto sep = any_of(F::sep);
constexpr auto nehalem = any_of(F::platform_info);
constexpr auto lbr = any_of(F::lbr_stack);
constexpr auto perfmon = any_of(F::perfmon);
constexpr auto perfmon_v2 = any_of(F::perfmon_v2);
constexpr auto vmx = any_of(F::vmx);
constexpr auto pt = any_of(F::intel_pt);
constexpr auto uintr = any_of(F::uintr);
constexpr auto arch_lbr = any_of(F::arch_lbr);
constexpr auto xfd = any_of(F::xfd);

constexpr auto checked = as(canonical);
constexpr auto in_rtit_range = as(canonical, MsrRange::rtit_ranges, MsrLock::trace_en);

constexpr MsrRow rows[] = {
    // clang-format off
  // index       name                      gate        reset               writable            gp                  use  INIT  source
    {0x00000017, "IA32_PLATFORM_ID",        every,     0,                  0,                  all,                ro,  keep, "VB, BX", as(package_wide)},
    {0x0000001B, "IA32_APIC_BASE",  any_of(F::apic),   0xFEE00900,         0x000FFFFFFFFFFD00, 0xFFF00000000002FF, rw,  keep, "VB i7-6700K, KVM lapic.c, BX", as(MsrSlot::apic_base, MsrValueRule::apic_base, MsrReset::apic_base, physical)},
    {0x0000001C, "IA32_USER_MSR_CTL", any_of(F::user_msr), 0,              0xFFFFFFFFFFFFF001, 0x0000000000000FFE, rw,  init, "BX msr.cc", as(canonical, MsrSlot::user_msr_ctl)},
    {0x0000002F, "IA32_BARRIER",    any_of(F::msrlist), 0,                 0,                  all,                ro,  keep, "BX msr.cc, WP"},
    {0x00000033, "MSR_TEST_CTRL",           every,     0,                  0x00000000A0000000, 0xFFFFFFFF5FFFFFFF, rw,  keep, "VB i7-6700K, LX", as(core_wide)},
    {0x00000034, "MSR_SMI_COUNT",           nehalem,   0,                  0,                  all,                ro,  keep, "VB, KVM msrs.c"},
    {0x0000003A, "IA32_FEATURE_CONTROL", any_of(F::vmx, F::sgx, F::lmce), 0, 0x000000000016FF07, 0xFFFFFFFFFFE900F8, rw, keep, "KVM vmx.c, BX, VB, LX", as(MsrSlot::feature_control, MsrLock::own_bit_0)},
    {0x00000048, "IA32_SPEC_CTRL", any_of(F::ibrs, F::stibp, F::ssbd), 0,  0x00000000000005FF, 0xFFFFFFFFFFFFFA00, rw,  init, "BX, LX, KUT msr.c, lkml 2025-03-31", as(nonserializing)},
    {0x00000049, "IA32_PRED_CMD",   any_of(F::ibrs),   0,                  0,                  0xFFFFFFFFFFFFFFFE, wo,  init, "BX, KUT msr.c, KVM msrs.c", as(flush_command)},
    {0x00000079, "IA32_BIOS_UPDT_TRIG",     every,     0,                  0,                  0,                  wo,  init, "SDM, KVM msrs.c", as(core_wide)},
    {0x0000008B, "IA32_BIOS_SIGN_ID",       every,     0,                  high,               low,                rw,  keep, "VB i7-6700K, SDM"},
    {0x000000C1, "IA32_PMC0",               perfmon,   0,                  low,                0,                  sx32, keep, "VB i7-6700K", as(MsrRange::counters)},
    {0x000000CE, "MSR_PLATFORM_INFO",       nehalem,   0x80000000,         0,                  all,                ro,  keep, "VB, KVM msrs.c, LX", as(package_wide)},
    {0x000000CF, "IA32_CORE_CAPABILITIES", any_of(F::core_capabilities), 0x20, 0,              all,                ro,  keep, "LX, BX"},
    {0x000000E1, "IA32_UMWAIT_CONTROL", any_of(F::waitpkg), 0,             0x00000000FFFFFFFD, 0xFFFFFFFF00000002, rw,  init, "KVM vmx.c, LX"},
    {0x0000010A, "IA32_ARCH_CAPABILITIES", any_of(F::arch_capabilities), 0, 0,                 all,                ro,  keep, "KVM msrs.c, BX", as(MsrReset::arch_capabilities)},
    {0x0000010B, "IA32_FLUSH_CMD",  any_of(F::flush_l1d), 0,               0,                  0xFFFFFFFFFFFFFFFE, wo,  init, "KUT msr.c, KVM msrs.c, BX, WP", as(flush_command)},
    {0x00000122, "IA32_TSX_CTRL",   any_of(F::tsx_ctrl), 0,                0x0000000000000003, 0xFFFFFFFFFFFFFFFC, rw,  keep, "KVM vmx.c, LX, WP", as(nonserializing)},
    {0x00000123, "IA32_MCU_OPT_CTRL", any_of(F::srbds_ctrl), 0,            0x000000000000003B, 0xFFFFFFFFFFFFFFC4, rw,  keep, "LX"},
    {0x00000140, "MSR_MISC_FEATURES_ENABLES", nehalem, 0,                  0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "VB i7-6700K, KVM msrs.c"},
    {0x00000175, "IA32_SYSENTER_ESP",       sep,       0,                  all,                0,                  rw,  keep, "SDM WRMSR, VB", checked},
    {0x00000176, "IA32_SYSENTER_EIP",       sep,       0,                  all,                0,                  rw,  keep, "SDM WRMSR, VB", checked},
    {0x0000017A, "IA32_MCG_STATUS", any_of(F::mca),    0,                  0x000000000000000F, 0xFFFFFFFFFFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x0000017B, "IA32_MCG_CTL",    any_of(F::mcg_ctl), all,               all,                0,                  rw,  keep, "KVM msrs.c, QEMU"},
    {0x00000186, "IA32_PERFEVTSEL0",        perfmon,   0,                  0x00000001FFF7FFFF, 0xFFFFFFFE00080000, rw,  keep, "VB i7-6700K", as(MsrRange::counters)},
    {0x000001A0, "IA32_MISC_ENABLE",        every,     0x00850089,         0x0000004400C50009, 0xFFFFFFBBFF3AEF76, rw,  keep, "VB i7-6700K, KVM msrs.c, KUT msr.c, KT", as(MsrSlot::misc_enable)},
    {0x000001C4, "IA32_XFD",                xfd,       0,                  0x0000000000040000, 0xFFFFFFFFFFFBFFFF, rw,  keep, "KVM msrs.c, LX"},
    {0x000001C5, "IA32_XFD_ERR",            xfd,       0,                  0x0000000000040000, 0xFFFFFFFFFFFBFFFF, rw,  keep, "KVM msrs.c, LX"},
    {0x000001C8, "MSR_LBR_SELECT",          lbr,       0,                  0x00000000000003FF, 0xFFFFFFFFFFFFFC00, rw,  keep, "VB i7-6700K, i7-3960X", as(MsrSlot::lbr_select)},
    {0x000001C9, "MSR_LASTBRANCH_TOS",      lbr,       0,                  0x000000000000001F, 0xFFFFFFFFFFFFFFE0, rw,  keep, "VB i7-6700K", as(MsrSlot::lbr_tos)},
    {0x000001D9, "IA32_DEBUGCTL",           every,     0,                  0x000000000000FFC7, 0xFFFFFFFFFFFF0038, rw,  init, "VB i7-6700K, SDM 17.4.1", as(MsrSlot::debugctl)},
    {0x000001DD, "MSR_LER_FROM_LIP",        every,     0,                  all,                0,                  rw,  keep, "VB i7-6700K, VB VBoxCpuReport.cpp", as(MsrCanonical::ler_from, MsrSlot::ler_from)},
    {0x000001DE, "MSR_LER_TO_LIP",          every,     0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, MsrSlot::ler_to)},
    {0x000001F2, "IA32_SMRR_PHYSBASE", any_of(F::smrr), 0,                 0x00000000FFFFF0FF, 0xFFFFFFFF00000F00, smm, keep, "VB, SDM", as(core_wide)},
    {0x000001F3, "IA32_SMRR_PHYSMASK", any_of(F::smrr), 0,                 0x00000000FFFFF800, 0xFFFFFFFF000007FF, smm, keep, "VB, SDM", as(core_wide)},
    {0x00000280, "IA32_MC0_CTL2",   any_of(F::cmci),   0,                  0x0000000040007FFF, 0xFFFFFFFFBFFF8000, rw,  keep, "VB i7-6700K, KVM msrs.c", as(MsrRange::cmci_banks)},
    {0x00000309, "IA32_FIXED_CTR0",         perfmon,   0,                  0x0000FFFFFFFFFFFF, 0xFFFF000000000000, rw,  keep, "VB i7-6700K", as(MsrRange::fixed_counters)},
    {0x00000345, "IA32_PERF_CAPABILITIES", any_of(F::pdcm), 0x33C5,        0,                  all,                ro,  keep, "VB i7-6700K, LX, KVM msrs.c"},
    {0x0000038D, "IA32_FIXED_CTR_CTRL",     perfmon,   0,                  0x0000000000000FFF, 0xFFFFFFFFFFFFF000, rw,  keep, "VB i7-6700K"},
    {0x0000038E, "IA32_PERF_GLOBAL_STATUS", perfmon_v2, 0,                 0,                  all,                ro,  keep, "VB"},
    {0x0000038F, "IA32_PERF_GLOBAL_CTRL",   perfmon_v2, 0xF,               0x000000070000000F, 0xFFFFFFF8FFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x00000390, "IA32_PERF_GLOBAL_OVF_CTRL", perfmon_v2, 0,               0,                  0x037FFFF8FFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x000003F1, "IA32_PEBS_ENABLE", any_of(F::ds),    0,                  0x0000000F0000000F, 0xFFFFFFF0FFFFFFF0, rw,  keep, "VB i7-6700K"},

    // What VMX can do
    {0x00000480, "IA32_VMX_BASIC",          vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000481, "IA32_VMX_PINBASED_CTLS",  vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000482, "IA32_VMX_PROCBASED_CTLS", vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000483, "IA32_VMX_EXIT_CTLS",      vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000484, "IA32_VMX_ENTRY_CTLS",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000485, "IA32_VMX_MISC",           vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000486, "IA32_VMX_CR0_FIXED0",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000487, "IA32_VMX_CR0_FIXED1",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000488, "IA32_VMX_CR4_FIXED0",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000489, "IA32_VMX_CR4_FIXED1",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048A, "IA32_VMX_VMCS_ENUM",      vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048B, "IA32_VMX_PROCBASED_CTLS2", vmx,      0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048C, "IA32_VMX_EPT_VPID_CAP",   vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048D, "IA32_VMX_TRUE_PINBASED_CTLS", vmx,   0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048E, "IA32_VMX_TRUE_PROCBASED_CTLS", vmx,  0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048F, "IA32_VMX_TRUE_EXIT_CTLS", vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000490, "IA32_VMX_TRUE_ENTRY_CTLS", vmx,      0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000491, "IA32_VMX_VMFUNC",         vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000492, "IA32_VMX_PROCBASED_CTLS3", vmx,      0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000493, "IA32_VMX_EXIT_CTLS2",     vmx,       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},

    {0x000004D0, "IA32_MCG_EXT_CTL", any_of(F::lmce),  0,                  0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "KVM vmx.c", as(MsrNeeds::lmce_on)},

    // Processor trace
    {0x00000560, "IA32_RTIT_OUTPUT_BASE",   pt,        0,                  0x000FFFFFFFFFFF80, 0xFFF000000000007F, rw,  keep, "KVM vmx.c pt_output_base_valid", as(physical, MsrLock::trace_en)},
    {0x00000570, "IA32_RTIT_CTL",           pt,        0,                  0x0000003307782F8F, 0xFFFFFFCCF887D070, rw,  keep, "VB i7-6700K, KVM vmx.c, LX", as(MsrSlot::rtit_ctl, MsrValueRule::rtit_ctl)},
    {0x00000580, "IA32_RTIT_ADDR0_A",       pt,        0,                  all,                0,                  rw,  keep, "VB i7-6700K, KVM vmx.c, KUT la57.c, lkml 2024-08-21", in_rtit_range},
    {0x00000581, "IA32_RTIT_ADDR0_B",       pt,        0,                  all,                0,                  rw,  keep, "VB i7-6700K, KVM vmx.c, KUT la57.c, lkml 2024-08-21", in_rtit_range},

    {0x00000600, "IA32_DS_AREA",    any_of(F::ds),     0,                  all,                0,                  rw,  keep, "SDM WRMSR, lkml 2024-08-21", checked},
    {0x00000680, "MSR_LASTBRANCH_0_FROM_IP", lbr,      0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, MsrRange::lbr_stack, MsrSlot::lbr_from)},
    {0x000006C0, "MSR_LASTBRANCH_0_TO_IP",  lbr,       0,                  all,                0,                  rw,  keep, "VB i7-6700K", as(canonical, MsrRange::lbr_stack, MsrSlot::lbr_to)},
    {0x000006E0, "IA32_TSC_DEADLINE", any_of(F::tsc_deadline), 0,          all,                0,                  rw,  init, "KVM lapic.c, WP", as(nonserializing)},
    {0x000006E1, "IA32_PKRS",       any_of(F::pks),    0,                  low,                high,               rw,  keep, "QEMU misc_helper.c, WP", as(nonserializing)},

    // User interrupts
    {0x00000985, "IA32_UINTR_RR",           uintr,     0,                  all,                0,                  rw,  init, "BX"},
    {0x00000986, "IA32_UINTR_HANDLER",      uintr,     0,                  all,                0,                  rw,  init, "BX, SDM", checked},
    {0x00000987, "IA32_UINTR_STACKADJUST",  uintr,     0,                  all,                0,                  rw,  init, "BX", checked},
    {0x00000988, "IA32_UINTR_MISC",         uintr,     0,                  0x000000FFFFFFFFFF, 0xFFFFFF0000000000, rw,  init, "BX"},
    {0x00000989, "IA32_UINTR_PD",           uintr,     0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  init, "BX", checked},
    {0x0000098A, "IA32_UINTR_TT",           uintr,     0,                  0xFFFFFFFFFFFFFFF1, 0x000000000000000E, rw,  init, "BX", checked},

    {0x00000C80, "IA32_DEBUG_INTERFACE", any_of(F::sdbg), 0,               0x0000000040000001, 0xFFFFFFFF3FFFFFFE, rw,  keep, "VB i7-6700K, i7-5600U, coreboot", as(MsrLock::own_bit_30, package_wide)},
    {0x00000D90, "IA32_BNDCFGS",    any_of(F::mpx),    0,                  0xFFFFFFFFFFFFF003, 0x0000000000000FFC, rw,  keep, "VB i7-6700K, KVM vmx.c, LX", checked},
    {0x00000D93, "IA32_PASID",      any_of(F::enqcmd), 0,                  0x00000000800FFFFF, 0xFFFFFFFF7FF00000, rw,  keep, "LX"},
    {0x00000DA0, "IA32_XSS",        any_of(F::xsaves), 0,                  0x000000000001FD00, 0xFFFFFFFFFFFE02FF, rw,  init, "VB i7-6700K, KVM msrs.c, BX"},
    {0x000014CE, "IA32_LBR_CTL",            arch_lbr,  0,                  0x00000000007F000F, 0xFFFFFFFFFF80FFF0, rw,  keep, "LX"},
    {0x000014CF, "IA32_LBR_DEPTH",          arch_lbr,  0,                  0x000000000000007F, 0xFFFFFFFFFFFFFF80, rw,  keep, "LX", as(MsrValueRule::lbr_depth)},
    {0x00001B01, "IA32_UARCH_MISC_CTL", any_of(F::doitm), 0,               0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "KVM msrs.c, WP", as(nonserializing)},
    {0xC0000080, "IA32_EFER", any_of(F::nx, F::lm),    0,                  0x0000000000000901, 0xFFFFFFFFFFFFF2FE, rw,  init, "VB 12 Intel CPUs", as(MsrSlot::efer, MsrValueRule::efer)},
    {0xC0000103, "IA32_TSC_AUX",    any_of(F::rdtscp), 0,                  low,                high,               rw,  keep, "VB 7 Intel CPUs, KT"},
    // clang-format on
};

} // namespace

const Table<MsrRow> msr_rows_intel{rows, std::size(rows)};

} // namespace icebp
