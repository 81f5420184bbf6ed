#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>

#include <memory>

namespace icebp::vp {

// The CPU without the features that the engine does not execute: virtualisation, CET, RTM, XSAVE
// and the like. A guest reads what is left from CPUID.
std::shared_ptr<const CpuModel> executed_cpu(const std::shared_ptr<const CpuModel>& cpu);

} // namespace icebp::vp
