#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>

namespace icebp {
inline namespace v0_1 {

// Delivers a #DB: merges its payload into DR6 and clears DR7.GD, DEBUGCTL.LBR and DEBUGCTL.BTF
// (SDM vol. 3 17.2.4, 17.4.1). Every #DB clears GD, INT1's too (UNVERIFIED, as KVM).
// Precondition: `db.vector` is #DB.
void deliver_db(const CpuModel& cpu, CoreState& state, const PendingException& db);

} // namespace v0_1
} // namespace icebp
