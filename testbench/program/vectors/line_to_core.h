#pragma once
// From what a line says to the core and the request that it means.

#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <memory>
#include <string_view>

namespace icebp {

// A fresh core as `line` states it. Throws InputError on a contradiction; `at` is the line's place
// in its file, "/steps/3" for example.
Core core_of(const VectorLine& line, std::shared_ptr<const CpuModel> cpu, std::string_view at = {});

// The keys that `line` gives, put into `core` in the order of the page: EFER, MSRs, then DR6 and
// DR7. A `mode` that differs from the core's brings that mode's CPL, CR0, CR4, EFER and RFLAGS.VM.
// Throws InputError on a contradiction; `core` is then half changed.
void apply(const VectorLine& line, Core& core, std::string_view at = {});

// The instruction in `line.code` with its operands from `core`. Throws InputError if the bytes are
// not exactly one instruction of this model.
Request instruction_of(const VectorLine& line, const Core& core, std::string_view at = {});

} // namespace icebp
