#pragma once
// The pipeline of a #DB: queued with its payload, delivered later. DR6 and DR7.GD change at
// delivery and at no other time (SDM vol. 3 17.2.3; lkml 2026-05-11).

#include <icebp/model/rules/core_state.h>
#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/outcome.h>
#include <icebp/model/rules/request.h>

namespace icebp {

// Queues the #DB of `outcome`; DR6 and DR7 stay as they are. Precondition: the outcome's vector is
// #DB and no #DB is pending.
void queue_db(CoreState& state, const Request& request, const Outcome& outcome);

// Delivers the pending #DB: merges its payload into DR6 and clears DR7.GD, DEBUGCTL.LBR and
// DEBUGCTL.BTF (SDM vol. 3 17.2.4, 17.4.1). Every #DB clears GD, INT1's too (UNVERIFIED, as KVM).
// One that VMX intercepts changes no register: the exit carries the payload (SDM vol. 3 27.1); one
// that SVM intercepts is delivered first (KVM nested.c).
// Precondition: a #DB is pending.
void deliver_db(const CpuProfile& profile, CoreState& state);

} // namespace icebp
