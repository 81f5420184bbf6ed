#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_33[] = {
    {F::core_capabilities, 0x0000000020000000}, // split lock #AC
};

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000017, intel, "IA32_PLATFORM_ID",                F::msr,                       0,                  0,                  all,                ro,  keep, "VB, BX", as(package_wide)},
    {0x00000033, intel, "MSR_TEST_CTRL",                   F::msr,                       0,                  0x00000000A0000000, 0xFFFFFFFF5FFFFFFF, rw,  keep, "VB i7-6700K, LX", as(core_wide, bits(bits_of_33))},
    {0x00000079, intel, "IA32_BIOS_UPDT_TRIG",             F::msr,                       0,                  0,                  0,                  wo,  init, "SDM, KVM msrs.c", as(core_wide)},
    {0x0000008B, amd,   "PATCH_LEVEL",                     F::msr,                       0,                  0,                  all,                ro,  keep, "VB 6 AMD + Hygon"},
    {0x0000008B, intel, "IA32_BIOS_SIGN_ID",               F::msr,                       0,                  high,               low,                rw,  keep, "VB i7-6700K, SDM"},
    {0x000000CE, intel, "MSR_PLATFORM_INFO",               F::platform_info,             0x80000000,         0,                  all,                ro,  keep, "VB, KVM msrs.c, LX", as(package_wide)},
    {0x000000CF, intel, "IA32_CORE_CAPABILITIES",          F::core_capabilities,         0x20,               0,                  all,                ro,  keep, "LX, BX"},
    {0x00000140, intel, "MSR_MISC_FEATURES_ENABLES",       F::platform_info,             0,                  0x0000000000000001, 0xFFFFFFFFFFFFFFFE, rw,  keep, "VB i7-6700K, KVM msrs.c"},
    {0x00000198, intel, "IA32_PERF_STATUS",                F::msr,                       0,                  0,                  all,                ro,  keep, "VB 13 Intel CPUs"},
    {0x00000199, intel, "IA32_PERF_CTL",                   F::msr,                       0,                  all,                0,                  rw,  keep, "VB 13 Intel CPUs"},
    {0x0000019A, intel, "IA32_CLOCK_MODULATION",           F::msr,                       0,                  0x000000000000001F, 0xFFFFFFFFFFFFFFE0, rw,  keep, "VB 6 Intel CPUs"},
    {0x0000019B, intel, "IA32_THERM_INTERRUPT",            F::msr,                       0,                  0x0000000001FFFF17, 0xFFFFFFFFFE0000E8, rw,  keep, "VB 7 Intel CPUs"},
    {0x0000019C, intel, "IA32_THERM_STATUS",               F::msr,                       0,                  0,                  0xFFFFFFFF07805000, rw,  keep, "VB i7-6700K"},
    {0x000001A0, intel, "IA32_MISC_ENABLE",                F::msr,                       0x00850089,         0x0000004400C50009, 0xFFFFFFBBFF3AEF76, rw,  keep, "VB i7-6700K, KVM msrs.c, KUT msr.c, KT", as(MsrSlot::misc_enable)},
    {0x40000000, both,  "RESERVED_4000_00xx",              F::msr,                       0,                  0,                  all,                absent,init, "SDM table 35-2"},
    {0xC001001F, amd,   "NB_CFG",                          F::msr,                       0,                  all,                0,                  rw,  keep, "VB 3 AMD, LX"},
    {0xC0010020, amd,   "PATCH_LOADER",                    F::msr,                       0,                  0,                  0,                  wo,  init, "LX, KVM msrs.c"},
    {0xC0010058, amd,   "MMIO_CONF_BASE",                  F::osvw,                      0,                  0x0000FFFFFFF0003F, 0,                  rw,  keep, "VB 3 AMD + Hygon, LX"},
    {0xC0010140, amd,   "OSVW_ID_LENGTH",                  F::osvw,                      0,                  all,                0,                  rw,  keep, "VB, KVM msrs.c"},
    {0xC0010141, amd,   "OSVW_STATUS",                     F::osvw,                      0,                  all,                0,                  rw,  keep, "KVM msrs.c"},
    {0xC0011020, amd,   "LS_CFG",                          F::msr,                       0,                  0xFFFF83FFF0003FFF, 0,                  rw,  keep, "VB Ryzen 1800X, LX"},
    {0xC0011029, amd,   "DE_CFG",                          F::msr,                       0,                  0xFFFFFFFFFFFE7FFE, 0,                  rw,  keep, "VB Ryzen 1800X, LX"},
    // clang-format on
};

} // namespace

const Table<MsrRow> processor_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
