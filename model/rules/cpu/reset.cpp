#include <icebp/model/rules/cpu/reset.h>
#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>

namespace icebp {
inline namespace v0_1 {
namespace {

void reset_registers(CoreState& state) {
  state.dr = {};
  state.dr[6] = dr6::active_low;
  state.dr[7] = dr7::fixed_1;
  state.cr2 = 0;
  state.pending = PendingException{};
  state.redirected = Redirected{};
  state.boundary = Boundary{};
}

std::uint64_t reset_value(const ResolvedMsr& msr, const CoreIdentity& identity) {
  return msr.reset_for ? msr.reset_for(identity, msr.reset) : msr.reset;
}

} // namespace

void reset(const MsrTable& table, CoreState& state, std::uint64_t now) {
  reset_registers(state);
  state.msr.fill(0);
  for (const ResolvedMsr& msr : table)
    state.msr[msr.slot] = reset_value(msr, state.identity);
  state[MsrSlot::tsc] -= now;
  state.last_branch_at = now;
}

void init(const MsrTable& table, CoreState& state) {
  reset_registers(state);
  for (const ResolvedMsr& msr : table)
    if (msr.on_init == MsrInit::reset)
      state.msr[msr.slot] = reset_value(msr, state.identity);
}

} // namespace v0_1
} // namespace icebp
