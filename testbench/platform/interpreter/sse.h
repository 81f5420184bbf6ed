#pragma once
// MOVSD and CMPSD of SSE2, whose mnemonics are those of string instructions.

#include <icebp/testbench/platform/interpreter/instruction.h>

namespace icebp::vp {

void sse_movsd(Cpu& cpu, const Instruction& instruction);
void sse_cmpsd(Cpu& cpu, const Instruction& instruction);

} // namespace icebp::vp
