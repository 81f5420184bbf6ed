#pragma once

#include <icebp/testbench/program/core/machine.h>

namespace icebp {

// URDMSR or UWRMSR with the byte of the bitmap that decides, or in its place the #PF if that byte
// is not present; any other request as it is.
Request with_user_msr_bitmap(const Core& core, const CoreState& state, const Request& request);

} // namespace icebp
