#pragma once

#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
namespace efer {

inline constexpr std::uint32_t index = 0xC0000080;

using lme = field<8>;   // long mode enable
using lma = field<10>;  // long mode active
using nxe = field<11>;  // no-execute enable
using svme = field<12>; // AMD: SVM enable

} // namespace efer
} // namespace v0_1
} // namespace icebp
