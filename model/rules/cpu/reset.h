#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/vocabulary/core_state.h>

namespace icebp {
inline namespace v0_1 {

// Brings `state` to what power-up and RESET leave, `now` TSC ticks after power-up: DR0-DR3 and CR2
// are 0, DR6 is FFFF0FF0h, DR7 is 400h (SDM vol. 3 table 9-1), every MSR has the reset value that
// `state.identity` gives it, and nothing is pending.
void reset(const MsrTable& table, CoreState& state, std::uint64_t now);

// Does what INIT does: debug registers and CR2 are as after RESET; an MSR's row says whether it is
// reset or kept.
void init(const MsrTable& table, CoreState& state);

} // namespace v0_1
} // namespace icebp
