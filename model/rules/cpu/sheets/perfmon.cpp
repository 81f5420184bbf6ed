#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrRange counters{8, 1, &MsrCounts::counters};
constexpr MsrRange fixed_counters{4, 1, &MsrCounts::fixed_counters};
constexpr MsrRange four{4};
constexpr MsrRange six{6, 2};

// ---- Masks by the number of counters (SDM vol. 3 18.2; Xen 6bdb965178)

constexpr std::uint64_t ones(unsigned count) { return (std::uint64_t{1} << count) - 1; }
constexpr std::uint64_t general_of(const CpuProfile& profile) {
  return ones(count_of(profile, counters));
}
constexpr std::uint64_t fixed_of(const CpuProfile& profile) {
  return ones(count_of(profile, fixed_counters)) << 32;
}
constexpr MsrMasks only(std::uint64_t writable) { return {writable, ~writable}; }

MsrMasks global_ctrl(const CpuProfile& profile, unsigned, MsrMasks) {
  return only(general_of(profile) | fixed_of(profile));
}
std::uint64_t global_ctrl_reset(const CpuProfile& profile, std::uint64_t) { // Linux de120e1d692d
  return general_of(profile);
}

// Writes of 1 clear, and through the companion set: OvfBuffer and CondChgd, Uncore, from version 4
// on ASCI and both freezes, trace.
MsrMasks global_status(const CpuProfile& profile, unsigned, MsrMasks) {
  const std::uint64_t version_4 = profile.has(F::perfmon_v4) ? std::uint64_t{7} << 58 : 0;
  const std::uint64_t bits = general_of(profile) | fixed_of(profile) | version_4 |
                             std::uint64_t{3} << 62 | bit_if(profile, F::platform_info, 61) |
                             bit_if(profile, F::intel_pt, 55);
  return {0, ~bits};
}

// Four bits a fixed counter; with adaptive PEBS another one above.
MsrMasks fixed_ctr_ctrl(const CpuProfile& profile, unsigned, MsrMasks) {
  std::uint64_t writable = ones(4 * count_of(profile, fixed_counters));
  if (profile.has(F::pebs_baseline))
    for (unsigned counter = 0; counter < count_of(profile, fixed_counters); ++counter)
      writable |= std::uint64_t{1} << (32 + 4 * counter);
  return only(writable);
}

// IN_TX in all, IN_TXCP in the third alone (VB i7-5600U; Linux e644896f5106); adaptive PEBS.
MsrMasks event_select(const CpuProfile& profile, unsigned number, MsrMasks of_row) {
  const std::uint64_t in_txcp = number == 2 ? bit_if(profile, F::rtm, 33) : 0;
  return only(of_row.writable | bit_if(profile, F::rtm, 32) | in_txcp |
              bit_if(profile, F::pebs_baseline, 34));
}

// With the baseline each counter; before it the first four, and above them their load latency (VB
// i5-3570, which has eight).
MsrMasks pebs_enable(const CpuProfile& profile, unsigned, MsrMasks) {
  const std::uint64_t general = general_of(profile);
  if (profile.has(F::pebs_baseline))
    return only(general | fixed_of(profile));
  const std::uint64_t first_four = general & 0xF;
  return only(first_four | first_four << 32);
}

// Writes to the two companions of the global status clear or set its bits. (SDM vol. 3 18.2.4;
// Linux amd_pmu; KVM pmu.c)
void clear_global_status(CoreState& state, std::uint64_t&, const MsrWritten& written) {
  state[MsrSlot::perf_global_status] &= ~written.value;
}
void set_global_status(CoreState& state, std::uint64_t&, const MsrWritten& written) {
  state[MsrSlot::perf_global_status] |= written.value;
}
MsrMasks global_ctl(const CpuProfile& profile, unsigned, MsrMasks) {
  return only(general_of(profile));
}

// A counter takes bits 31:0, sign-extended to its 48 bits.
void write_counter(CoreState&, std::uint64_t& own, const MsrWritten&) {
  constexpr std::uint64_t counter_mask = all >> 16;
  own = static_cast<std::uint64_t>(static_cast<std::int32_t>(own)) & counter_mask;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000000C1, intel, "IA32_PMC0",                       F::perfmon,                   0,                  low,                0,                  rw,  keep, "VB i7-6700K", as(write_counter, counters)},
    {0x00000186, intel, "IA32_PERFEVTSEL0",                F::perfmon,                   0,                  0x00000000FFF7FFFF, 0xFFFFFFFF00080000, rw,  keep, "VB i7-6700K, SDM, LX", as(counters, event_select)},
    {0x000001A6, intel, "MSR_OFFCORE_RSP_0",               F::platform_info,             0,                  0x0000003FFFFF9FFF, 0xFFFFFFC000006000, rw,  keep, "VB i7-6700K, LX"},
    {0x000001A7, intel, "MSR_OFFCORE_RSP_1",               F::platform_info,             0,                  0x0000003FFFFF9FFF, 0xFFFFFFC000006000, rw,  keep, "VB i7-6700K, LX"},
    {0x00000309, intel, "IA32_FIXED_CTR0",                 F::perfmon_v2,                0,                  0x0000FFFFFFFFFFFF, 0xFFFF000000000000, rw,  keep, "VB i7-6700K", as(fixed_counters)},
    {0x00000345, intel, "IA32_PERF_CAPABILITIES",          F::pdcm,                      0x33C5,             0,                  all,                ro,  keep, "VB i7-6700K, LX, KVM msrs.c"},
    {0x0000038D, intel, "IA32_FIXED_CTR_CTRL",             F::perfmon_v2,                0,                  0,                  all,                rw,  keep, "VB i7-6700K, SDM", as(fixed_ctr_ctrl)},
    {0x0000038E, intel, "IA32_PERF_GLOBAL_STATUS",         F::perfmon_v2,                0,                  0,                  all,                ro,  keep, "VB", as(MsrSlot::perf_global_status)},
    {0x0000038F, intel, "IA32_PERF_GLOBAL_CTRL",           F::perfmon_v2,                0,                  0,                  all,                rw,  keep, "VB i7-6700K, SDM, LX", as(global_ctrl, global_ctrl_reset, MsrSlot::perf_global_ctrl)},
    {0x00000390, intel, "IA32_PERF_GLOBAL_OVF_CTRL",       F::perfmon_v2,                0,                  0,                  all,                rw,  keep, "VB i7-6700K, SDM", as(global_status, clear_global_status)},
    {0x00000391, intel, "IA32_PERF_GLOBAL_STATUS_SET",     F::perfmon_v4,                0,                  0,                  all,                rw,  keep, "VB i7-6700K, SDM", as(global_status, set_global_status)},
    {0x00000392, intel, "IA32_PERF_GLOBAL_INUSE",          F::perfmon_v4,                0,                  0,                  all,                ro,  keep, "VB i7-6700K, SDM"},
    {0x000003F1, intel, "IA32_PEBS_ENABLE",                F::ds,                        0,                  0,                  all,                rw,  keep, "VB i7-6700K, SDM", as(pebs_enable)},
    {0x000004C1, intel, "IA32_A_PMC0",                     F::full_width_pmc,            0,                  0x0000FFFFFFFFFFFF, 0xFFFF000000000000, rw,  keep, "VB i7-6700K, SDM", as(MsrAlias{0xC1}, counters)},
    {0x00000600, intel, "IA32_DS_AREA",                    F::ds,                        0,                  all,                0,                  rw,  keep, "SDM WRMSR, lkml 2024-08-21", as(canonical)},
    {0x00000606, intel, "MSR_RAPL_POWER_UNIT",             F::platform_info,             0xA1003,            0,                  all,                ro,  keep, "VB i7-3820QM", as(package_wide)},
    {0xC0000300, amd,   "PERF_CNTR_GLOBAL_STATUS",         F::perfmon_v2,                0,                  0,                  all,                ro,  keep, "LX", as(MsrSlot::perf_global_status)},
    {0xC0000301, amd,   "PERF_CNTR_GLOBAL_CTL",            F::perfmon_v2,                0,                  0,                  all,                rw,  keep, "LX", as(global_ctl, global_ctrl_reset)},
    {0xC0000302, amd,   "PERF_CNTR_GLOBAL_STATUS_CLR",     F::perfmon_v2,                0,                  0,                  0,                  rw,  keep, "LX, KVM pmu.c", as(clear_global_status)},
    {0xC0000303, amd,   "PERF_CNTR_GLOBAL_STATUS_SET",     F::perfmon_v2,                0,                  0,                  0,                  rw,  keep, "LX, KVM pmu.c", as(set_global_status)},
    {0xC0010000, amd,   "K7_EVNTSEL0",                     F::msr,                       0,                  0x0000030FFFDFFFFF, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(four)},
    {0xC0010004, amd,   "K7_PERFCTR0",                     F::msr,                       0,                  0x0000FFFFFFFFFFFF, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(four)},
    {0xC0010200, amd,   "F15H_PERF_CTL0",                  F::perfctr_core,              0,                  0x0000030FFFDFFFFF, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(six)},
    {0xC0010201, amd,   "F15H_PERF_CTR0",                  F::perfctr_core,              0,                  0x0000FFFFFFFFFFFF, 0,                  rw,  keep, "VB Ryzen 1800X, LX", as(six)},
    // clang-format on
};

} // namespace

const Table<MsrRow> perfmon_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
