#pragma once

#include <icebp/model/rules/cpu/cpuid.h>

#include <cstdint>

namespace icebp::vp {

class Cpu;

// A leaf of CPUID as the guest reads it: what the model says of the profile, and what the engine
// executes whatever the profile is.
CpuidResult cpuid_leaf(const Cpu& cpu, std::uint32_t leaf, std::uint32_t subleaf);

// CR4 bits that are not reserved.
std::uint64_t legal_cr4_bits(const CpuModel& cpu);

} // namespace icebp::vp
