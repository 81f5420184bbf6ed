#include <icebp/model/rules/canonical.h>
#include <icebp/model/rules/msr_access.h>
#include <icebp/model/rules/msr_behaviour.h>

namespace icebp {
namespace {

// The checks of both instructions, before they look at the register.
Cause check_instruction(const CpuProfile& profile, const Request& request) {
  if (request.encoding_faults != 0)
    return contains(request.encoding_faults, Cause::instruction_too_long)
               ? Cause::instruction_too_long
               : Cause::lock_prefix;
  if (!profile.has(Feature::msr))
    return Cause::feature_absent;
  if (request.context.cpl != 0)
    return Cause::cpl;
  return Cause::none;
}

Cause check_read(const ResolvedMsr& msr) {
  if (!msr.present)
    return Cause::msr_unknown;
  if (!msr.readable)
    return Cause::msr_write_only;
  return Cause::none;
}

Cause check_write(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                  const Request& request) {
  if (!msr.present)
    return Cause::msr_unknown;
  if (!msr.accepts_writes)
    return Cause::msr_read_only;
  if ((request.value & msr.gp) != 0)
    return Cause::msr_reserved_bits;
  if (msr.canonical_bits != 0 && !is_canonical(request.value, msr.canonical_bits))
    return Cause::msr_non_canonical;
  if (msr.rule != MsrValueRule::any && !is_legal_value(profile, state, msr, request))
    return Cause::msr_value;
  return Cause::none;
}

} // namespace

Outcome rdmsr(const CpuProfile& profile, const MsrTable& table, const CoreState& state,
              const Request& request) {
  if (const Cause check = check_instruction(profile, request); check != Cause::none)
    return fault(check);
  const ResolvedMsr& msr = table.find(request.msr);
  if (const Cause check = check_read(msr); check != Cause::none)
    return fault(check);
  return retired(state.msr[msr.slot]);
}

Outcome wrmsr(const CpuProfile& profile, const MsrTable& table, const CoreState& state,
              const Request& request) {
  if (const Cause check = check_instruction(profile, request); check != Cause::none)
    return fault(check);
  const ResolvedMsr& msr = table.find(request.msr);
  if (const Cause check = check_write(profile, state, msr, request); check != Cause::none)
    return fault(check);
  return retired();
}

void commit_wrmsr(const MsrTable& table, CoreState& state, const Request& request) {
  const ResolvedMsr& msr = table.find(request.msr);
  std::uint64_t& value = state.msr[msr.slot];
  value = (request.value & msr.writable) | (value & ~msr.writable);
}

} // namespace icebp
