#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/vocabulary/core_state.h>

namespace icebp {

// Power-up and RESET, `now` TSC ticks after power-up: DR0-DR3 and CR2 0, DR6 FFFF0FF0h, DR7 400h
// (SDM vol. 3 table 9-1), every MSR at the reset value that `state.identity` has, nothing pending.
void reset(const MsrTable& table, CoreState& state, std::uint64_t now);

// INIT: debug registers and CR2 as after RESET; an MSR is reset or kept by its row.
void init(const MsrTable& table, CoreState& state);

} // namespace icebp
