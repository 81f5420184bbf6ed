#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/user_msr.h>
#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
namespace {

using ctl_enable = field<0>;
using ctl_page = field<12, 52>;

constexpr std::uint32_t last_index = 0x3FFF;
constexpr std::uint64_t write_half = 2048;

bool is_enabled(const CoreState& state) {
  return ctl_enable::get(state[MsrSlot::user_msr_ctl]) != 0;
}

// Bits 63:32 of the index included.
bool is_in_bitmap(const Request& request) {
  return !contains(request.encoding_faults, Cause::user_msr_bitmap) && request.msr <= last_index;
}

bool is_allowed(const Request& request) {
  return (request.user_msr_bitmap >> request.msr % 8 & 1) != 0;
}

// What faults before the bitmap is read.
Outcome check_before_bitmap(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Cause check = encoding_fault(request); check != Cause::none)
    return fault(check);
  if (!cpu.profile.has(Feature::user_msr))
    return fault(Cause::feature_absent);
  if (!request.context.is_64_bit())
    return invalid_opcode(Cause::not_in_mode);
  if (!is_enabled(state))
    return invalid_opcode(Cause::not_in_mode);
  if (!is_in_bitmap(request))
    return fault(Cause::user_msr_bitmap);
  return retired();
}

} // namespace

std::optional<std::uint64_t> user_msr_bitmap_byte(const CpuModel& cpu, const CoreState& state,
                                                  const Request& request) {
  if (check_before_bitmap(cpu, state, request).kind != OutcomeKind::retired)
    return std::nullopt;
  const std::uint64_t page = state[MsrSlot::user_msr_ctl] & ctl_page::mask;
  return page + (writes_msr(request.operation) ? write_half : 0) + request.msr / 8;
}

Outcome user_msr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  if (const Outcome check = check_before_bitmap(cpu, state, request);
      check.kind != OutcomeKind::retired)
    return check;
  if (!is_allowed(request))
    return fault(Cause::user_msr_bitmap);
  return reads_msr(request.operation) ? rdmsr(cpu, state, request)
                                      : without_serialization(wrmsr(cpu, state, request));
}

} // namespace icebp
