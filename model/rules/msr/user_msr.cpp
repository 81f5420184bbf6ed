#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/msr/msr_checks.h>
#include <icebp/model/rules/msr/user_msr.h>
#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
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

} // namespace

bool user_msrs_are_disabled(const CpuModel&, const CoreState& state, const Request&) {
  return !is_enabled(state);
}

bool is_beyond_user_msr_bitmap(const CpuModel&, const CoreState&, const Request& request) {
  return !is_in_bitmap(request);
}

bool user_msr_bitmap_forbids(const CpuModel&, const CoreState&, const Request& request) {
  return is_in_bitmap(request) && !is_allowed(request);
}

std::optional<std::uint64_t> user_msr_bitmap_byte(const CpuModel& cpu, const CoreState& state,
                                                  const Request& request) {
  for (const Check& check : msr_checks(request.operation)) {
    if (check.fails == user_msr_bitmap_forbids)
      break;
    if (check.fails(cpu, state, request))
      return std::nullopt;
  }
  const std::uint64_t page = state[MsrSlot::user_msr_ctl] & ctl_page::mask;
  return page + (writes_msr(request.operation) ? write_half : 0) + request.msr / 8;
}

Outcome user_msr(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return reads_msr(request.operation) ? checked_rdmsr(cpu, state, request)
                                      : without_serialization(checked_wrmsr(cpu, state, request));
}

} // namespace v0_1
} // namespace icebp
