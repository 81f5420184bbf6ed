#pragma once
// The time-stamp counter. CoreState holds what WRMSR has added to the ticks since power-up.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>

namespace icebp::tsc {

inline constexpr std::uint32_t index = 0x10; // IA32_TIME_STAMP_COUNTER

// What RDTSC reads `now` ticks after power-up (SDM vol. 3 17.17).
inline std::uint64_t read(const CoreState& state, std::uint64_t now) {
  return state[MsrSlot::tsc] + now;
}

// The outcome or the state after it depends on `Request::now`.
constexpr bool depends_on_time(const Request& request) {
  return (request.msr == index && accesses_msr(request.operation)) ||
         request.operation == Operation::reset;
}

} // namespace icebp::tsc
