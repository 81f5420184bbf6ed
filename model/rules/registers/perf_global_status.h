#pragma once

#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {
namespace perf_global_status {

// These bits of IA32_PERF_GLOBAL_STATUS, and of AMD's PERF_CNTR_GLOBAL_STATUS, stop recording and
// counting (SDM vol. 3 18.2.4; Linux asm/perf_event.h).
using lbr_frz = field<58>;
using ctr_frz = field<59>;

} // namespace perf_global_status
} // namespace v0_1
} // namespace icebp
