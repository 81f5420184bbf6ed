#pragma once

#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
namespace debugctl {

// The debug unit looks at these bits of IA32_DEBUGCTL (SDM vol. 3 17.4.1).
using lbr = field<0>; // record last branches; cleared by every #DB delivery
using btf = field<1>; // single-step on branches; cleared by every #DB delivery
using bld = field<2>; // bus lock detection; on AMD also the gate on DR6.BLD
using freeze_lbrs_on_pmi = field<11>;
using freeze_perfmon_on_pmi = field<12>;
using rtm_debug = field<15>; // with DR7.RTM: a debug exception in an RTM region is a #DB

} // namespace debugctl
} // namespace v0_1
} // namespace icebp
