#include <icebp/model/rules/msr_catalogue.h>

namespace icebp {
namespace {

constexpr std::uint64_t all = ~std::uint64_t{0};
constexpr std::uint64_t low = 0xFFFFFFFF;
constexpr std::uint64_t high = 0xFFFFFFFF00000000;

constexpr auto intel = MsrVendor::intel;
constexpr auto amd = MsrVendor::amd;
constexpr auto both = MsrVendor::both;
constexpr auto canonical = MsrCanonical::checked;
constexpr auto unchecked = MsrCanonical::unchecked;
constexpr auto any = MsrValueRule::any;
constexpr auto init = MsrInit::reset;
constexpr auto keep = MsrInit::keep;
constexpr auto rw = MsrAccess::read_write;
constexpr auto plain = MsrSlot::first_unnamed;

// Sources: VB = masks probed on silicon (VirtualBox CPU database), KUT = kvm-unit-tests,
// KT = KVM selftest msrs_test, SDM = Intel SDM vol. 4, INIT behaviour from Bochs init.cc.
constexpr FeatureSet sep{Feature::sep};
constexpr FeatureSet msr{Feature::msr};
constexpr FeatureSet pat{Feature::pat};
constexpr FeatureSet ds{Feature::ds};
constexpr FeatureSet syscall{Feature::syscall};
constexpr FeatureSet lm{Feature::lm};
constexpr FeatureSet nx_or_lm{Feature::nx, Feature::lm};
constexpr FeatureSet rdtscp{Feature::rdtscp};
constexpr FeatureSet dbext{Feature::dbext};

constexpr MsrRow rows[] = {
    // clang-format off
  // index       name                 vendor gate              reset               writable            gp                  canonical  rule                on INIT access slot               source
    {0x00000174, "IA32_SYSENTER_CS",  both,  sep,              0,                  low,                0,                  unchecked, any,                keep,   rw,    plain,             "VB, KT, KUT msr.c"},
    {0x00000175, "IA32_SYSENTER_ESP", intel, sep,              0,                  all,                0,                  canonical, any,                keep,   rw,    plain,             "SDM WRMSR, VB"},
    {0x00000175, "SYSENTER_ESP",      amd,   sep,              0,                  low,                0,                  unchecked, any,                keep,   rw,    plain,             "VB, KT fixup_rdmsr_val"},
    {0x00000176, "IA32_SYSENTER_EIP", intel, sep,              0,                  all,                0,                  canonical, any,                keep,   rw,    plain,             "SDM WRMSR, VB"},
    {0x00000176, "SYSENTER_EIP",      amd,   sep,              0,                  low,                0,                  unchecked, any,                keep,   rw,    plain,             "VB, KT fixup_rdmsr_val"},
    {0x000001D9, "IA32_DEBUGCTL",     intel, msr,              0,                  0x000000000000FFC7, 0xFFFFFFFFFFFF0038, unchecked, any,                init,   rw,    MsrSlot::debugctl, "VB i7-6700K, SDM 17.4.1"},
    {0x000001D9, "DEBUG_CTL",         amd,   msr,              0,                  0x000000000000003F, 0x0000000000000040, unchecked, any,                init,   rw,    MsrSlot::debugctl, "VB 6 AMD + Hygon"},
    {0x00000277, "IA32_PAT",          both,  pat,              0x0007040600070406, 0x0707070707070707, 0xF8F8F8F8F8F8F8F8, unchecked, MsrValueRule::pat,  keep,   rw,    plain,             "SDM 11.12.2, KT"},
    {0x00000600, "IA32_DS_AREA",      intel, ds,               0,                  all,                0,                  canonical, any,                init,   rw,    plain,             "SDM WRMSR, lkml 2024-08-21"},
    {0xC0000080, "IA32_EFER",         intel, nx_or_lm,         0,                  0x0000000000000901, 0xFFFFFFFFFFFFF2FE, unchecked, MsrValueRule::efer, init,   rw,    MsrSlot::efer,     "VB 12 Intel CPUs"},
    {0xC0000080, "EFER",              amd,   nx_or_lm,         0,                  0x000000000000F901, 0xFFFFFFFFFFFF0200, unchecked, MsrValueRule::efer, init,   rw,    MsrSlot::efer,     "VB Ryzen 1800X"},
    {0xC0000081, "STAR",              both,  syscall,          0,                  all,                0,                  unchecked, any,                init,   rw,    plain,             "VB, KT"},
    {0xC0000082, "LSTAR",             both,  lm,               0,                  all,                0,                  canonical, any,                keep,   rw,    plain,             "SDM WRMSR, KUT msr.c, VB"},
    {0xC0000083, "CSTAR",             both,  lm,               0,                  all,                0,                  canonical, any,                keep,   rw,    plain,             "KUT msr.c, VB"},
    {0xC0000084, "FMASK",             both,  lm,               0,                  low,                0,                  unchecked, any,                init,   rw,    plain,             "VB 19 CPUs, KT"},
    {0xC0000100, "FS_BASE",           both,  lm,               0,                  all,                0,                  canonical, any,                init,   rw,    plain,             "SDM WRMSR, KUT msr.c"},
    {0xC0000101, "GS_BASE",           both,  lm,               0,                  all,                0,                  canonical, any,                init,   rw,    plain,             "SDM WRMSR, KUT msr.c"},
    {0xC0000102, "KERNEL_GS_BASE",    both,  lm,               0,                  all,                0,                  canonical, any,                init,   rw,    plain,             "SDM WRMSR, KUT msr.c"},
    {0xC0000103, "IA32_TSC_AUX",      intel, rdtscp,           0,                  low,                high,               unchecked, any,                keep,   rw,    plain,             "VB 7 Intel CPUs, KT"},
    {0xC0000103, "TSC_AUX",           amd,   rdtscp,           0,                  low,                0,                  unchecked, any,                keep,   rw,    plain,             "VB 5 AMD + Hygon, KT"},
    {0xC0011019, "DR1_ADDR_MASK",    amd,   dbext,            0,                  low,                0,                  unchecked, any,                init,   rw,    MsrSlot::dr1_addr_mask, "VB Ryzen 1800X, Linux msr-index.h"},
    {0xC001101A, "DR2_ADDR_MASK",    amd,   dbext,            0,                  low,                0,                  unchecked, any,                init,   rw,    MsrSlot::dr2_addr_mask, "VB Ryzen 1800X, Linux msr-index.h"},
    {0xC001101B, "DR3_ADDR_MASK",    amd,   dbext,            0,                  low,                0,                  unchecked, any,                init,   rw,    MsrSlot::dr3_addr_mask, "VB Ryzen 1800X, Linux msr-index.h"},
    {0xC0011027, "DR0_ADDR_MASK",    amd,   dbext,            0,                  low,                0,                  unchecked, any,                init,   rw,    MsrSlot::dr0_addr_mask, "VB Ryzen 1800X, Linux msr-index.h"},
    // clang-format on
};

constexpr MsrBitGate bit_gates[] = {
    {0x000001D9, intel, Feature::bus_lock_detect, 0x0004}, // BUS_LOCK_DETECT
    {0x000001D9, intel, Feature::ds, 0x0780},              // BTS, BTINT, BTS_OFF_OS, BTS_OFF_USR
    {0x000001D9, intel, Feature::pdcm, 0x5800},            // the FREEZE bits
    {0x000001D9, intel, Feature::rtm, 0x8000},             // RTM_DEBUG
    {0xC0000080, both, Feature::syscall, 0x0001},          // SCE
    {0xC0000080, both, Feature::nx, 0x0800},               // NXE
};

} // namespace

const Table<MsrRow> msr_catalogue{rows, std::size(rows)};
const Table<MsrBitGate> msr_bit_gates{bit_gates, std::size(bit_gates)};

} // namespace icebp
