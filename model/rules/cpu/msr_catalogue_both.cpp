#include <icebp/model/rules/cpu/msr_columns.h>

// Sources: VB = masks probed on silicon (VirtualBox CPU database), KUT = kvm-unit-tests, KT = KVM
// selftest msrs_test, KVM = its code, BX = Bochs, LX = Linux msr-index.h, SDM, APM = the manuals'
// MSR volumes, WP = Wikipedia. INIT keeps MSRs (SDM vol. 3 9.1), but for those that Bochs init.cc
// clears, the bases of FS and GS, and the local APIC's.

namespace icebp {
namespace {

using namespace msr_columns;

constexpr auto of_msr = any_of(F::msr);
constexpr auto sep = any_of(F::sep);
constexpr auto aperfmperf = any_of(F::aperfmperf);
constexpr auto mtrr = any_of(F::mtrr);
constexpr auto pat = any_of(F::pat);
constexpr auto mca = any_of(F::mca);
constexpr auto fred = any_of(F::fred);
constexpr auto cet = any_of(F::shstk, F::ibt);
constexpr auto shstk = any_of(F::shstk);
constexpr auto x2apic = any_of(F::x2apic);
constexpr auto syscall = any_of(F::syscall);
constexpr auto lm = any_of(F::lm);

constexpr std::uint64_t types = 0x0707070707070707;
constexpr std::uint64_t no_types = 0xF8F8F8F8F8F8F8F8;
constexpr auto fixed = as(MsrValueRule::mtrr_fixed);
constexpr auto checked = as(canonical);
constexpr auto in_x2apic = as(x2apic_mode, nonserializing);
constexpr auto eight_in_x2apic = as(x2apic_mode, nonserializing, MsrRange::eight);
constexpr auto base = as(canonical, MsrOrder::nonserializing_by_feature);

constexpr MsrRow rows[] = {
    // clang-format off
  // index       name                      gate        reset               writable            gp                  use  INIT  source
    {0x00000010, "IA32_TIME_STAMP_COUNTER", of_msr,    0,                  all,                0,                  {MsrAccess::read_write, MsrOnWrite::tsc}, keep, "VB, KVM msrs.c, WP", as(MsrSlot::tsc)},
    {0x0000003B, "IA32_TSC_ADJUST",     any_of(F::tsc_adjust), 0,          all,                0,                  {MsrAccess::read_write, MsrOnWrite::tsc_adjust}, keep, "KVM msrs.c, BX, SDM", as(MsrSlot::tsc_adjust)},
    {0x000000E7, "IA32_MPERF",              aperfmperf, 0,                 all,                0,                  rw,  keep, "VB, BX"},
    {0x000000E8, "IA32_APERF",              aperfmperf, 0,                 all,                0,                  rw,  keep, "VB, BX"},
    {0x000000FE, "IA32_MTRRCAP",            mtrr,      0x508,              0,                  all,                ro,  keep, "VB, KVM mtrr.c, BX, QEMU", as(MsrReset::mtrrcap)},
    {0x00000174, "IA32_SYSENTER_CS",        sep,       0,                  low,                0,                  rw,  keep, "VB, KT, KUT msr.c"},
    {0x00000179, "IA32_MCG_CAP",            mca,       0,                  0,                  all,                ro,  keep, "VB, KVM msrs.c", as(MsrReset::mcg_cap)},

    // FRED
    {0x000001CC, "IA32_FRED_RSP0",          fred,      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001CD, "IA32_FRED_RSP1",          fred,      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001CE, "IA32_FRED_RSP2",          fred,      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001CF, "IA32_FRED_RSP3",          fred,      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001D0, "IA32_FRED_STKLVLS",       fred,      0,                  all,                0,                  rw,  keep, "BX, KVM FRED series"},
    {0x000001D1, "IA32_FRED_SSP1",          fred,      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001D2, "IA32_FRED_SSP2",          fred,      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001D3, "IA32_FRED_SSP3",          fred,      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", checked},
    {0x000001D4, "IA32_FRED_CONFIG",        fred,      0,                  0xFFFFFFFFFFFFF7CB, 0x0000000000000834, rw,  keep, "KVM FRED series, BX", checked},

    {0x000001DB, "LASTBRANCHFROMIP",        of_msr,    0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_from)},
    {0x000001DC, "LASTBRANCHTOIP",          of_msr,    0,                  0,                  all,                ro,  keep, "VB, KVM, LX", as(MsrSlot::last_branch_to)},

    // Memory types. A write flushes every TLB entry.
    {0x00000200, "IA32_MTRR_PHYSBASE0",     mtrr,      0,                  0x000FFFFFFFFFF007, 0xFFF0000000000FF8, rw,  keep, "VB, KVM mtrr.c, BX", as(MsrRange::mtrr_pairs, MsrValueRule::mtrr_type, physical)},
    {0x00000201, "IA32_MTRR_PHYSMASK0",     mtrr,      0,                  0x000FFFFFFFFFF800, 0xFFF00000000007FF, rw,  keep, "VB, KVM mtrr.c, BX", as(MsrRange::mtrr_pairs, physical)},
    {0x00000250, "IA32_MTRR_FIX64K_00000",  mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x00000258, "IA32_MTRR_FIX16K_80000",  mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x00000259, "IA32_MTRR_FIX16K_A0000",  mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x00000268, "IA32_MTRR_FIX4K_C0000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x00000269, "IA32_MTRR_FIX4K_C8000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026A, "IA32_MTRR_FIX4K_D0000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026B, "IA32_MTRR_FIX4K_D8000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026C, "IA32_MTRR_FIX4K_E0000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026D, "IA32_MTRR_FIX4K_E8000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026E, "IA32_MTRR_FIX4K_F0000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x0000026F, "IA32_MTRR_FIX4K_F8000",   mtrr,      0,                  types,              no_types,           rw,  keep, "KVM mtrr.c, BX, LX", fixed},
    {0x00000277, "IA32_PAT",                pat,       0x0007040600070406, types,              no_types,           rw,  keep, "SDM 11.12.2, KT", as(MsrValueRule::pat)},
    {0x000002FF, "IA32_MTRR_DEF_TYPE",      mtrr,      0,                  0x0000000000000C07, 0xFFFFFFFFFFFFF3F8, rw,  keep, "VB, KVM mtrr.c, BX", as(MsrValueRule::mtrr_type)},

    // Machine check banks
    {0x00000400, "IA32_MC0_CTL",            mca,       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM set_msr_mce", as(MsrRange::mca_banks, MsrValueRule::mci_ctl)},
    {0x00000401, "IA32_MC0_STATUS",         mca,       0,                  all,                0,                  clear, keep, "KUT msr.c, KVM set_msr_mce", as(MsrRange::mca_banks, MsrValueRule::mci_status)},
    {0x00000402, "IA32_MC0_ADDR",           mca,       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM", as(MsrRange::mca_banks)},
    {0x00000403, "IA32_MC0_MISC",           mca,       0,                  all,                0,                  rw,  keep, "KUT msr.c, KVM", as(MsrRange::mca_banks)},

    // CET
    {0x000006A0, "IA32_U_CET",              cet,       0,                  0xFFFFFFFFFFFFFC3F, 0x00000000000003C0, rw,  init, "KVM msrs.h, BX cet.cc, KT", as(MsrValueRule::cet, MsrCanonical::checked_on_intel)},
    {0x000006A2, "IA32_S_CET",              cet,       0,                  0xFFFFFFFFFFFFFC3F, 0x00000000000003C0, rw,  init, "KVM msrs.h, BX cet.cc, KT", as(MsrValueRule::cet, MsrCanonical::checked_on_intel)},
    {0x000006A4, "IA32_PL0_SSP",   any_of(F::shstk, F::fred),   0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", checked},
    {0x000006A5, "IA32_PL1_SSP",            shstk,     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", checked},
    {0x000006A6, "IA32_PL2_SSP",            shstk,     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", checked},
    {0x000006A7, "IA32_PL3_SSP",            shstk,     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", checked},
    {0x000006A8, "IA32_INTERRUPT_SSP_TABLE_ADDR", shstk, 0,                all,                0,                  rw,  init, "KVM msrs.c, BX", checked},

    // x2APIC: #GP in any other mode of the APIC. What is not in testbench/oracle/msr-table.csv: SDM table 10-6
    {0x00000802, "X2APIC_ID",               x2apic,    0,                  0,                  all,                ro,  init, "KUT msr.c, BX, SDM 10.12", as(x2apic_mode, nonserializing, MsrReset::x2apic_id)},
    {0x00000803, "X2APIC_VERSION",          x2apic,    0x00050014,         0,                  all,                ro,  init, "SDM 10.12", in_x2apic},
    {0x00000808, "X2APIC_TPR",              x2apic,    0,                  0x00000000000000FF, 0xFFFFFFFFFFFFFF00, rw,  init, "KUT msr.c, SDM 10.12", in_x2apic},
    {0x0000080A, "X2APIC_PPR",              x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.12", in_x2apic},
    {0x0000080B, "X2APIC_EOI",              x2apic,    0,                  0,                  all,                wo,  init, "KUT msr.c", in_x2apic},
    {0x0000080D, "X2APIC_LDR",              x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.12", as(x2apic_mode, nonserializing, MsrReset::x2apic_ldr)},
    {0x0000080F, "X2APIC_SIVR",             x2apic,    0xFF,               0x00000000000011FF, 0xFFFFFFFFFFFFEE00, rw,  init, "SDM 10.9, 10.12", in_x2apic},
    {0x00000810, "X2APIC_ISR0",             x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.12", eight_in_x2apic},
    {0x00000818, "X2APIC_TMR0",             x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.12", eight_in_x2apic},
    {0x00000820, "X2APIC_IRR0",             x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.12", eight_in_x2apic},
    {0x00000828, "X2APIC_ESR",              x2apic,    0,                  all,                all,                clear, init, "SDM 10.12", in_x2apic},
    {0x0000082F, "X2APIC_LVT_CMCI",         x2apic,    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000830, "X2APIC_ICR",              x2apic,    0,                  0xFFFFFFFF000CDFFF, 0x00000000FFF32000, rw,  init, "KVM lapic.c, KUT msr.c", in_x2apic},
    {0x00000832, "X2APIC_LVT_TIMER",        x2apic,    0x10000,            0x00000000000700FF, 0xFFFFFFFFFFF8EF00, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000833, "X2APIC_LVT_THERMAL",      x2apic,    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000834, "X2APIC_LVT_PMI",          x2apic,    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000835, "X2APIC_LVT_LINT0",        x2apic,    0x10000,            0x000000000001A7FF, 0xFFFFFFFFFFFE0800, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000836, "X2APIC_LVT_LINT1",        x2apic,    0x10000,            0x000000000001A7FF, 0xFFFFFFFFFFFE0800, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000837, "X2APIC_LVT_ERROR",        x2apic,    0x10000,            0x00000000000100FF, 0xFFFFFFFFFFFEEF00, rw,  init, "SDM 10.5.1, 10.12", in_x2apic},
    {0x00000838, "X2APIC_INITIAL_COUNT",    x2apic,    0,                  low,                high,               rw,  init, "SDM 10.5.4, 10.12", in_x2apic},
    {0x00000839, "X2APIC_CURRENT_COUNT",    x2apic,    0,                  0,                  all,                ro,  init, "SDM 10.5.4, 10.12", in_x2apic},
    {0x0000083E, "X2APIC_DIV_CONF",         x2apic,    0,                  0x000000000000000B, 0xFFFFFFFFFFFFFFF4, rw,  init, "SDM 10.5.4, 10.12", in_x2apic},
    {0x0000083F, "X2APIC_SELF_IPI",         x2apic,    0,                  0,                  0xFFFFFFFFFFFFFF00, wo,  init, "KUT msr.c", in_x2apic},

    {0x40000000, "RESERVED_4000_00xx",      of_msr,    0,                  0,                  all,                {MsrAccess::absent, MsrOnWrite::store}, init, "SDM table 35-2"},

    {0xC0000081, "STAR",                    syscall,   0,                  all,                0,                  rw,  init, "VB, KT"},
    {0xC0000082, "LSTAR",                   lm,        0,                  all,                0,                  rw,  keep, "SDM WRMSR, KUT msr.c, VB", checked},
    {0xC0000083, "CSTAR",                   lm,        0,                  all,                0,                  rw,  keep, "KUT msr.c, VB", checked},
    {0xC0000084, "FMASK",                   lm,        0,                  low,                0,                  rw,  init, "VB 19 CPUs, KT"},
    {0xC0000100, "FS_BASE",                 lm,        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", base},
    {0xC0000101, "GS_BASE",                 lm,        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", base},
    {0xC0000102, "KERNEL_GS_BASE",          lm,        0,                  all,                0,                  rw,  init, "SDM WRMSR, KUT msr.c", base},
    // clang-format on
};

} // namespace

const Table<MsrRow> msr_rows_both{rows, std::size(rows)};

} // namespace icebp
