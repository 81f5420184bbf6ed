#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr unsigned trace_en = 0; // of IA32_RTIT_CTL
constexpr MsrRange ranges{4, 2, &MsrCounts::rtit_ranges};

bool is_tracing(const CoreState& state, std::uint64_t) {
  return is_set(state[MsrSlot::rtit_ctl], trace_en);
}

// While it traces, and goes on tracing, nothing may change. (A. Hunter, lkml 2024-10-10)
bool is_legal_rtit_ctl(const MsrWrite& write) {
  const bool goes_on = is_set(write.old_value, trace_en) && is_set(write.value, trace_en);
  return !goes_on || write.value == write.old_value;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000560, intel, "IA32_RTIT_OUTPUT_BASE",           F::intel_pt,                  0,                  0x000FFFFFFFFFFF80, 0xFFF000000000007F, rw,  keep, "KVM vmx.c pt_output_base_valid", as(physical, is_tracing)},
    {0x00000570, intel, "IA32_RTIT_CTL",                   F::intel_pt,                  0,                  0x0000003307782F8F, 0xFFFFFFCCF887D070, rw,  keep, "VB i7-6700K, KVM vmx.c, LX", as(MsrSlot::rtit_ctl, is_legal_rtit_ctl)},
    {0x00000580, intel, "IA32_RTIT_ADDR0_A",               F::intel_pt,                  0,                  all,                0,                  rw,  keep, "VB i7-6700K, KVM vmx.c, KUT la57.c, lkml 2024-08-21", as(canonical, ranges, is_tracing)},
    {0x00000581, intel, "IA32_RTIT_ADDR0_B",               F::intel_pt,                  0,                  all,                0,                  rw,  keep, "VB i7-6700K, KVM vmx.c, KUT la57.c, lkml 2024-08-21", as(canonical, ranges, is_tracing)},
    {0xC0011034, amd,   "IBS_OP_RIP",                      F::ibs,                       0,                  all,                0,                  rw,  keep, "VB VBoxCpuReport.cpp", as(canonical)},
    {0xC0011038, amd,   "IBS_DC_LIN_AD",                   F::ibs,                       0,                  all,                0,                  rw,  keep, "VB", as(canonical)},
    {0xC001103B, amd,   "IBS_BR_TARGET",                   F::ibs,                       0,                  all,                0,                  rw,  keep, "VB", as(canonical)},
    // clang-format on
};

} // namespace

const Table<MsrRow> trace_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
