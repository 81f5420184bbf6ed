#include <icebp/model/rules/debug/db_delivery.h>
#include <icebp/model/rules/registers/debugctl.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/payload.h>

namespace icebp {
inline namespace v0_1 {

void deliver_db(const CpuModel& cpu, CoreState& state, const PendingException& db) {
  std::uint64_t& debugctl = state[MsrSlot::debugctl];
  state.dr[6] = payload::merge_into_dr6(cpu.profile, cpu.authority, debugctl, state.dr[6],
                                        db.payload, db.from_int1);
  state.dr[7] &= ~dr7::gd::mask;
  debugctl &= ~(debugctl::lbr::mask | debugctl::btf::mask);
}

} // namespace v0_1
} // namespace icebp
