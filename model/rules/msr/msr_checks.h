#pragma once

#include <icebp/model/rules/vocabulary/check.h>

namespace icebp {
inline namespace v0_1 {

// The checks of the instructions that access MSRs, in order; what the platform says of a register
// that it keeps comes behind them. Precondition: such an operation, a list or one of its entries.
// (Order: SDM vol. 2 RDMSR, WRMSR; Bochs msr.cc; the forms: Bochs, Xen x86_emulate.c)
Checks msr_checks(Operation operation);

} // namespace v0_1
} // namespace icebp
