#pragma once
// What the MSRs of the probed CPUs are otherwise than the catalogue with their features and counts:
// made from testbench/oracle/msr-silicon-all.csv by testbench/tools/probed_cpus.cpp
// (VB, the masks probed on silicon of the VirtualBox CPU database).

#include <icebp/model/rules/cpu/msr_row.h>

namespace icebp {
inline namespace v0_1 {
namespace probed {

extern const CpuMsrs amd_athlon64_x2;
extern const CpuMsrs amd_fam15h;
extern const CpuMsrs amd_k8;
extern const CpuMsrs amd_opteron_2384;
extern const CpuMsrs amd_phenom2_x6;
extern const CpuMsrs amd_zen1;
extern const CpuMsrs hygon_c86_7185;
extern const CpuMsrs intel_atom_330;
extern const CpuMsrs intel_core2;
extern const CpuMsrs intel_core2_t7600;
extern const CpuMsrs intel_core_duo;
extern const CpuMsrs intel_i5_3570;
extern const CpuMsrs intel_i7_2635qm;
extern const CpuMsrs intel_i7_3820qm;
extern const CpuMsrs intel_i7_5600u;
extern const CpuMsrs intel_pentium4;
extern const CpuMsrs intel_pentium_m;
extern const CpuMsrs intel_pentium_n3530;
extern const CpuMsrs intel_sandybridge;
extern const CpuMsrs intel_skylake;
extern const CpuMsrs intel_xeon_x5482;
extern const CpuMsrs via_l4700;
extern const CpuMsrs zhaoxin_kx_u5581;

} // namespace probed
} // namespace v0_1
} // namespace icebp
