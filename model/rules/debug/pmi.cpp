#include <icebp/model/rules/debug/pmi.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/perf_global_status.h>

namespace icebp {
inline namespace v0_1 {
namespace {

bool has_frozen_status(const CpuProfile& profile) {
  return profile.vendor == Vendor::amd || profile.has(Feature::perfmon_v4);
}

} // namespace

void commit_pmi(const CpuProfile& profile, CoreState& state, const Request& request) {
  std::uint64_t& debugctl = state[MsrSlot::debugctl];
  std::uint64_t& status = state[MsrSlot::perf_global_status];
  const bool freezes_lbrs = debugctl::freeze_lbrs_on_pmi::get(debugctl) != 0;
  const bool freezes_counters = debugctl::freeze_perfmon_on_pmi::get(debugctl) != 0;
  if (profile.has(Feature::perfmon_v2))
    status |= request.value;
  if (has_frozen_status(profile)) {
    status |= freezes_lbrs ? perf_global_status::lbr_frz::mask : 0;
    status |= freezes_counters ? perf_global_status::ctr_frz::mask : 0;
    return;
  }
  if (freezes_lbrs)
    debugctl &= ~debugctl::lbr::mask;
  if (freezes_counters)
    state[MsrSlot::perf_global_ctrl] = 0;
}

} // namespace v0_1
} // namespace icebp
