#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>

namespace icebp {

// Delivers a #DB: merges its payload into DR6 and clears DR7.GD, DEBUGCTL.LBR and DEBUGCTL.BTF
// (SDM vol. 3 17.2.4, 17.4.1). Every #DB clears GD, INT1's too (UNVERIFIED, as KVM).
// Precondition: `db.vector` is #DB.
void deliver_db(const CpuProfile& profile, CoreState& state, const PendingException& db);

} // namespace icebp
