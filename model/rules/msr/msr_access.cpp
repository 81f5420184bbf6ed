#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_behaviour.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>

namespace icebp {
namespace {

// The checks of both instructions, before they look at the register.
Cause check_instruction(const CpuModel& cpu, const Request& request) {
  if (const Cause check = encoding_fault(request); check != Cause::none)
    return check;
  if (!cpu.profile.has(Feature::msr))
    return Cause::feature_absent;
  if (request.context.cpl != 0 && !is_user_msr(request.operation))
    return Cause::cpl;
  if (is_intercepted(request))
    return Cause::intercept;
  return Cause::none;
}

Cause check_rdmsr(const CoreState& state, const ResolvedMsr& msr) {
  if (!msr.present)
    return Cause::msr_unknown;
  if (!is_reachable(state, msr))
    return Cause::not_in_mode;
  if (!msr.readable)
    return Cause::msr_write_only;
  return Cause::none;
}

Cause check_wrmsr(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                  const Request& request) {
  if (!msr.present)
    return Cause::msr_unknown;
  if (!is_reachable(state, msr))
    return Cause::not_in_mode;
  if (!msr.accepts_writes)
    return Cause::msr_read_only;
  if (is_locked(state, msr))
    return Cause::msr_locked;
  if (msr.smm_only)
    return Cause::not_in_mode;
  if ((request.value & msr.gp) != 0)
    return Cause::msr_reserved_bits;
  if (!is_canonical_value(msr, request.value))
    return Cause::msr_non_canonical;
  if (!is_legal_value(profile, state, msr, request))
    return Cause::msr_value;
  return Cause::none;
}

Outcome outcome_of(Cause failing, const Request& request) {
  return failing == Cause::intercept ? instruction_exit(request) : fault(failing);
}

Outcome with_value(Outcome outcome, std::uint64_t value) {
  outcome.data = value;
  return outcome;
}

// What the catalogue knows of the register stays: the mode without which it is not reached, and
// what an access costs.
Outcome read_from_platform(const CoreState& state, const ResolvedMsr& msr, const Request& request) {
  if (!is_reachable(state, msr))
    return fault(Cause::not_in_mode);
  const PlatformMsrs* platform = request.context.platform;
  const auto value = platform ? platform->read(request.msr) : std::nullopt;
  const Outcome read = msr.present ? msr.when_read : retired_msr_access(MsrCost::slow_read);
  return value ? with_value(read, *value) : fault(Cause::msr_unknown);
}

Outcome write_to_platform(const CoreState& state, const ResolvedMsr& msr, const Request& request) {
  if (!is_reachable(state, msr))
    return fault(Cause::not_in_mode);
  const PlatformMsrs* platform = request.context.platform;
  const Cause check =
      platform ? platform->check_write(request.msr, request.value) : Cause::msr_unknown;
  if (check != Cause::none)
    return general_protection(check);
  return msr.present ? msr.when_written : retired_msr_access(MsrCost::serializing_write);
}

// In a function of its own, which keeps the common case free of it.
__attribute__((noinline)) Outcome checked_rdmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Cause check = check_instruction(cpu, request); check != Cause::none)
    return outcome_of(check, request);
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (cpu.profile.leaves_to_platform(request.msr))
    return read_from_platform(state, msr, request);
  if (const Cause check = check_rdmsr(state, msr); check != Cause::none)
    return fault(check);
  return with_value(msr.when_read, value_of(state, msr, request.now));
}

__attribute__((noinline)) Outcome checked_wrmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Cause check = check_instruction(cpu, request); check != Cause::none)
    return outcome_of(check, request);
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (cpu.profile.leaves_to_platform(request.msr))
    return write_to_platform(state, msr, request);
  if (const Cause check = check_wrmsr(cpu.profile, state, msr, request); check != Cause::none)
    return fault(check);
  return msr.when_written;
}

// None of the checks of `check_instruction` fails, but for the feature: without it the table is
// empty.
bool may_execute(const Request& request) {
  const CoreContext& context = request.context;
  const auto guest = reinterpret_cast<std::uintptr_t>(context.guest);
  return (request.encoding_faults | context.cpl | guest) == 0; // one branch
}

} // namespace

Outcome rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (may_execute(request) && msr.reads_plainly)
    return with_value(msr.when_read, state.msr[msr.slot]);
  return checked_rdmsr(cpu, state, request);
}

Outcome wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (may_execute(request) && msr.writes_plainly && (request.value & msr.gp) == 0 &&
      is_canonical(request.value, msr.canonical_bits))
    return msr.when_written;
  return checked_wrmsr(cpu, state, request);
}

void commit_wrmsr(const CpuModel& cpu, CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (msr.on_platform)
    return request.context.platform->write(request.msr, request.value);
  std::uint64_t& value = state.msr[msr.slot];
  const std::uint64_t old_value = value;
  value = (request.value & msr.writable) | (old_value & ~msr.writable);
  if (does_more_than_store(msr.on_write))
    complete_write(state, msr, old_value, request.now);
}

bool poke_msr(const CpuModel& cpu, CoreState& state, std::uint32_t index, std::uint64_t value,
              std::uint64_t now) {
  const ResolvedMsr& msr = cpu.msrs.find(index);
  if (msr.on_platform)
    return false;
  state.msr[msr.slot] = stored_of(msr, value, now);
  return true;
}

std::optional<std::uint64_t> peek_msr(const CpuModel& cpu, const CoreState& state,
                                      std::uint32_t index, std::uint64_t now) {
  const ResolvedMsr& msr = cpu.msrs.find(index);
  if (msr.on_platform)
    return std::nullopt;
  return value_of(state, msr, now);
}

} // namespace icebp
