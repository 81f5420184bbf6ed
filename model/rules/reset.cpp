#include <icebp/model/rules/dr6.h>
#include <icebp/model/rules/dr7.h>
#include <icebp/model/rules/reset.h>

namespace icebp {
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

} // namespace

void reset(const MsrTable& table, CoreState& state) {
  reset_registers(state);
  for (const ResolvedMsr& msr : table)
    state.msr[msr.slot] = msr.reset;
}

void init(const MsrTable& table, CoreState& state) {
  reset_registers(state);
  for (const ResolvedMsr& msr : table)
    if (msr.on_init == MsrInit::reset)
      state.msr[msr.slot] = msr.reset;
}

} // namespace icebp
