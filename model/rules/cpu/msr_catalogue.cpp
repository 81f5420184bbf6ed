#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
namespace {

using namespace msr_columns;

constexpr auto intel = MsrVendor::intel;
constexpr auto amd = MsrVendor::amd;
constexpr auto both = MsrVendor::both;
constexpr auto fault = MsrAbsentBits::fault;
constexpr auto drop = MsrAbsentBits::drop;

constexpr MsrBitGate bit_gates[] = {
    // clang-format off
  // index       vendor features                     bits                without
    {0x0000001B, both,  any_of(F::x2apic),           0x0000000000000400, fault}, // EXTD
    {0x00000033, intel, any_of(F::core_capabilities), 0x0000000020000000, fault}, // split lock #AC
    {0x0000003A, intel, any_of(F::vmx),              0x000000000000FF06, fault}, // VMX, SENTER
    {0x0000003A, intel, any_of(F::sgx),              0x0000000000060000, fault}, // launch control, SGX
    {0x0000003A, intel, any_of(F::lmce),             0x0000000000100000, fault},
    {0x00000048, both,  any_of(F::ibrs),             0x0000000000000001, fault},
    {0x00000048, both,  any_of(F::stibp),            0x0000000000000002, fault},
    {0x00000048, both,  any_of(F::ssbd),             0x0000000000000004, fault},
    {0x00000048, intel, any_of(F::psfd),             0x00000000000005F8, fault}, // IPRED, RRSBA, PSFD, DDPD, BHI
    {0x00000048, amd,   any_of(F::psfd),             0x0000000000000080, fault},
    {0x00000049, amd,   any_of(F::ibpb),             0x0000000000000001, fault},
    {0x00000049, amd,   any_of(F::sbpb),             0x0000000000000080, fault},
    {0x00000186, intel, any_of(F::rtm),              0x0000000100000000, fault}, // IN_TX
    {0x000001D9, intel, any_of(F::bus_lock_detect),  0x0000000000000004, fault}, // BUS_LOCK_DETECT
    {0x000001D9, intel, any_of(F::ds),               0x0000000000000780, fault}, // BTS, BTINT, BTS_OFF_OS, BTS_OFF_USR
    {0x000001D9, intel, any_of(F::pdcm),             0x0000000000005800, fault}, // the FREEZE bits
    {0x000001D9, intel, any_of(F::rtm),              0x0000000000008000, fault}, // RTM_DEBUG
    {0x000006A0, both,  any_of(F::shstk),            0x0000000000000003, fault},
    {0x000006A0, both,  any_of(F::ibt),              0xFFFFFFFFFFFFFC3C, fault},
    {0x000006A2, both,  any_of(F::shstk),            0x0000000000000003, fault},
    {0x000006A2, both,  any_of(F::ibt),              0xFFFFFFFFFFFFFC3C, fault},
    {0x00000832, both,  any_of(F::tsc_deadline),     0x0000000000040000, fault}, // TSC deadline
    {0x00000DA0, intel, any_of(F::intel_pt),         0x0000000000000100, fault},
    {0x00000DA0, intel, any_of(F::enqcmd),           0x0000000000000400, fault}, // PASID
    {0x00000DA0, both,  any_of(F::shstk, F::ibt),    0x0000000000001800, fault}, // CET_U, CET_S
    {0x00000DA0, intel, any_of(F::uintr),            0x0000000000004000, fault},
    {0x00000DA0, intel, any_of(F::arch_lbr),         0x0000000000008000, fault},
    {0xC0000080, both,  any_of(F::syscall),          0x0000000000000001, fault}, // SCE
    {0xC0000080, both,  any_of(F::nx),               0x0000000000000800, fault}, // NXE
    {0xC0000080, amd,   any_of(F::svm),              0x0000000000001000, fault}, // SVME
    {0xC0011027, amd,   any_of(F::dbext),            0x00000000FFFFF000, drop},
    // clang-format on
};

} // namespace

const std::array<MsrSheet, 3> msr_catalogue{{{MsrVendor::both, &msr_rows_both},
                                             {MsrVendor::intel, &msr_rows_intel},
                                             {MsrVendor::amd, &msr_rows_amd}}};
const Table<MsrBitGate> msr_bit_gates{bit_gates, std::size(bit_gates)};

} // namespace icebp
