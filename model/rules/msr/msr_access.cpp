#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_checks.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>

namespace icebp {
inline namespace v0_1 {
namespace {

std::uint64_t value_of(const CoreState& state, const ResolvedMsr& msr, std::uint64_t now) {
  const std::uint64_t own = state.msr[msr.slot];
  return msr.does->read ? msr.does->read(state, own, now) : own;
}

Outcome with_value(Outcome outcome, std::uint64_t value) {
  outcome.data = value;
  return outcome;
}

// What an access costs stays as the catalogue knows it.
Outcome read_from_platform(const ResolvedMsr& msr, const Request& request) {
  const PlatformMsrs* platform = request.context.platform;
  const auto value = platform ? platform->read(request.msr) : std::nullopt;
  const Outcome read = msr.present ? msr.when_read : retired_msr_access(MsrCost::slow_read);
  return value ? with_value(read, *value) : general_protection(Cause::msr_unknown);
}

Outcome write_to_platform(const ResolvedMsr& msr, const Request& request) {
  const PlatformMsrs* platform = request.context.platform;
  const Cause check =
      platform ? platform->check_write(request.msr, request.value) : Cause::msr_unknown;
  if (check != Cause::none)
    return general_protection(check);
  return msr.present ? msr.when_written : retired_msr_access(MsrCost::serializing_write);
}

// No check before those of the register fails, but for the feature of MSRs: without it the table is
// empty.
bool may_execute(const Request& request) {
  const CoreContext& context = request.context;
  const auto guest = reinterpret_cast<std::uintptr_t>(context.guest);
  return (request.encoding_faults | context.cpl | guest) == 0; // one branch
}

bool may_execute_form(const CpuModel& cpu, const Request& request) {
  if (has_immediate_index(request.operation))
    return cpu.profile.has(Feature::msr_imm) && request.context.is_64_bit();
  return cpu.profile.has(Feature::wrmsrns);
}

} // namespace

// In functions of their own, which keeps the common case free of them.
__attribute__((noinline)) Outcome checked_rdmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Check* check = first_failing(msr_checks(request.operation), cpu, state, request))
    return check->outcome(request, check->cause);
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (cpu.profile.leaves_to_platform(request.msr))
    return read_from_platform(msr, request);
  return with_value(msr.when_read, value_of(state, msr, request.now));
}

__attribute__((noinline)) Outcome checked_wrmsr(const CpuModel& cpu, const CoreState& state,
                                                const Request& request) {
  if (const Check* check = first_failing(msr_checks(request.operation), cpu, state, request))
    return check->outcome(request, check->cause);
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  return cpu.profile.leaves_to_platform(request.msr) ? write_to_platform(msr, request)
                                                     : msr.when_written;
}

Outcome rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find_single(request.msr);
  if (may_execute(request) && msr.reads_plainly)
    return with_value(msr.when_read, state.msr[msr.slot]);
  return checked_rdmsr(cpu, state, request);
}

Outcome wrmsr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find_single(request.msr);
  if (may_execute(request) && msr.writes_plainly && (request.value & msr.gp) == 0 &&
      is_canonical(request.value, msr.canonical_bits))
    return msr.when_written;
  return checked_wrmsr(cpu, state, request);
}

Outcome newer_msr_form(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const bool may = may_execute_form(cpu, request);
  if (reads_msr(request.operation))
    return may ? rdmsr(cpu, state, request) : checked_rdmsr(cpu, state, request);
  return without_serialization(may ? wrmsr(cpu, state, request)
                                   : checked_wrmsr(cpu, state, request));
}

void commit_wrmsr(const CpuModel& cpu, CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  if (msr.on_platform)
    return request.context.platform->write(request.msr, request.value);
  std::uint64_t& value = state.msr[msr.slot];
  const std::uint64_t old_value = value;
  value = (request.value & msr.writable) | (old_value & ~msr.writable);
  if (msr.does->on_write)
    msr.does->on_write(state, value, {old_value, request.value, request.now});
}

bool poke_msr(const CpuModel& cpu, CoreState& state, std::uint32_t index, std::uint64_t value,
              std::uint64_t now) {
  const ResolvedMsr& msr = cpu.msrs.find(index);
  if (msr.on_platform)
    return false;
  state.msr[msr.slot] = msr.does->stored ? msr.does->stored(value, now) : value;
  return true;
}

std::optional<std::uint64_t> peek_msr(const CpuModel& cpu, const CoreState& state,
                                      std::uint32_t index, std::uint64_t now) {
  const ResolvedMsr& msr = cpu.msrs.find(index);
  if (msr.on_platform)
    return std::nullopt;
  return value_of(state, msr, now);
}

} // namespace v0_1
} // namespace icebp
