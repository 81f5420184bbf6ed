#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_186[] = {
    {F::rtm, 0x0000000100000000}, // IN_TX
};

constexpr MsrRange counters{8, 1, &MsrCounts::counters};
constexpr MsrRange fixed_counters{4, 1, &MsrCounts::fixed_counters};

// A counter takes bits 31:0, sign-extended to its 48 bits.
void write_counter(CoreState&, std::uint64_t& own, std::uint64_t, std::uint64_t) {
  constexpr std::uint64_t counter_mask = all >> 16;
  own = static_cast<std::uint64_t>(static_cast<std::int32_t>(own)) & counter_mask;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000000C1, intel, "IA32_PMC0",                       F::perfmon,                   0,                  low,                0,                  rw,  keep, "VB i7-6700K", as(write_counter, counters)},
    {0x00000186, intel, "IA32_PERFEVTSEL0",                F::perfmon,                   0,                  0x00000001FFF7FFFF, 0xFFFFFFFE00080000, rw,  keep, "VB i7-6700K", as(counters, bits(bits_of_186))},
    {0x00000309, intel, "IA32_FIXED_CTR0",                 F::perfmon,                   0,                  0x0000FFFFFFFFFFFF, 0xFFFF000000000000, rw,  keep, "VB i7-6700K", as(fixed_counters)},
    {0x00000345, intel, "IA32_PERF_CAPABILITIES",          F::pdcm,                      0x33C5,             0,                  all,                ro,  keep, "VB i7-6700K, LX, KVM msrs.c"},
    {0x0000038D, intel, "IA32_FIXED_CTR_CTRL",             F::perfmon,                   0,                  0x0000000000000FFF, 0xFFFFFFFFFFFFF000, rw,  keep, "VB i7-6700K"},
    {0x0000038E, intel, "IA32_PERF_GLOBAL_STATUS",         F::perfmon_v2,                0,                  0,                  all,                ro,  keep, "VB"},
    {0x0000038F, intel, "IA32_PERF_GLOBAL_CTRL",           F::perfmon_v2,                0xF,                0x000000070000000F, 0xFFFFFFF8FFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x00000390, intel, "IA32_PERF_GLOBAL_OVF_CTRL",       F::perfmon_v2,                0,                  0,                  0x037FFFF8FFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x000003F1, intel, "IA32_PEBS_ENABLE",                F::ds,                        0,                  0x0000000F0000000F, 0xFFFFFFF0FFFFFFF0, rw,  keep, "VB i7-6700K"},
    {0x00000600, intel, "IA32_DS_AREA",                    F::ds,                        0,                  all,                0,                  rw,  keep, "SDM WRMSR, lkml 2024-08-21", as(canonical)},
    {0xC0000300, amd,   "PERF_CNTR_GLOBAL_STATUS",         F::perfmon_v2,                0,                  0,                  all,                ro,  keep, "LX"},
    {0xC0000301, amd,   "PERF_CNTR_GLOBAL_CTL",            F::perfmon_v2,                0,                  0x000000000000003F, 0xFFFFFFFFFFFFFFC0, rw,  keep, "LX"},
    // clang-format on
};

} // namespace

const Table<MsrRow> perfmon_msrs{rows, std::size(rows)};

} // namespace icebp
