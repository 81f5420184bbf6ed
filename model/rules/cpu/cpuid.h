#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

struct CpuidResult {
  std::uint32_t eax = 0;
  std::uint32_t ebx = 0;
  std::uint32_t ecx = 0;
  std::uint32_t edx = 0;

  constexpr bool is_empty() const { return (eax | ebx | ecx | edx) == 0; }
};

// Gives a leaf of CPUID in 64-bit mode, as far as the model enforces it: what the features, counts,
// widths and MSRs of the CPU say. Every other bit is 0: family, model and stepping, APIC ID,
// caches, topology, instruction sets. (SDM vol. 2 CPUID, APM vol. 3 appendix E)
//
// The maximum leaf is the highest that has something in it. A leaf above it gives the highest basic
// leaf on Intel (SDM vol. 2 CPUID), zeros on AMD (KVM cpuid.c get_out_of_range_cpuid_entry).
//
// Features without a bit here: mcg_ctl, lmce, cmci (MCG_CAP), smrr (MTRRCAP), tsx_ctrl, doitm
// (ARCH_CAPABILITIES), platform_info, lbr_stack (by family and model). SMX, whose bits of
// FEATURE_CONTROL come with vmx, is not told: no probed CPU with VMX has it.
CpuidResult cpuid(const CpuModel& cpu, std::uint32_t leaf, std::uint32_t subleaf);

struct CpuidLeaf {
  std::uint32_t leaf;
  std::uint32_t subleaf;
};

// Every leaf that some CPU has, ascending, and whether one has something in it.
extern const Table<CpuidLeaf> cpuid_leaves;
bool has_cpuid_leaf(const CpuModel& cpu, const CpuidLeaf& place);

} // namespace v0_1
} // namespace icebp
