#pragma once
// The time-stamp counter. CoreState holds what WRMSR has added to the ticks since power-up.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {
namespace tsc {

inline constexpr std::uint32_t index = 0x10; // IA32_TIME_STAMP_COUNTER

// Gives what RDTSC reads `now` TSC ticks after power-up (SDM vol. 3 17.17).
inline std::uint64_t read(const CoreState& state, std::uint64_t now) {
  return state[MsrSlot::tsc] + now;
}

// True if the outcome of `request`, or the state behind it, depends on `Request::now`.
constexpr bool depends_on_time(const Request& request) {
  return (request.msr == index && accesses_msr(request.operation)) ||
         request.operation == Operation::reset || request.operation == Operation::branch;
}

} // namespace tsc
} // namespace v0_1
} // namespace icebp
