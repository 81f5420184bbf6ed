#pragma once

#include <icebp/model/rules/decode.h>
#include <icebp/testbench/platform/interpreter/instruction.h>

namespace icebp::vp {

// MOV DR, RDMSR, WRMSR and their kin, INT1: put to the debug unit as they were decoded by the
// model.
Instruction debug_unit_instruction(const Decoded& decoded);

} // namespace icebp::vp
