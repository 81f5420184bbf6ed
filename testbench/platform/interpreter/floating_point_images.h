#pragma once
// The images of x87, MMX and SSE state in memory.

#include <icebp/testbench/platform/interpreter/instruction.h>

namespace icebp::vp {

void initialise_x87(FloatingPoint& fp); // as FNINIT does

void fnstenv(Cpu& cpu, const Instruction& i);
void fldenv(Cpu& cpu, const Instruction& i);
void fnsave(Cpu& cpu, const Instruction& i);
void frstor(Cpu& cpu, const Instruction& i);
// With REX.W the pointers have 64 bits.
void fxsave(Cpu& cpu, const Instruction& i);
void fxrstor(Cpu& cpu, const Instruction& i);

} // namespace icebp::vp
