#pragma once

#include <icebp/model/rules/cpu/cycle_table.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/cpu/reset.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>

namespace icebp {
inline namespace v0_1 {

// Holds a profile made ready. It is immutable; all cores of the profile share it, and it must
// outlive them.
struct CpuModel {
  explicit CpuModel(const CpuProfile& cpu_profile,
                    const CycleTable& cycle_table = default_cycle_table)
      : CpuModel(cpu_profile, *cpu_profile.authority, cycle_table) {}
  CpuModel(const CpuProfile& cpu_profile, const Authority& whose,
           const CycleTable& cycle_table = default_cycle_table)
      : profile(cpu_profile), authority(whose), msrs(cpu_profile, whose), cycles(cycle_table),
        retired_cycles(cycle_table) {
    reset(msrs, at_power_up, 0);
  }

  CpuProfile profile;
  Authority authority;
  MsrTable msrs;
  CycleTable cycles;
  RetiredCycles retired_cycles;
  CoreState at_power_up; // of the bootstrap processor with APIC ID 0
};

} // namespace v0_1
} // namespace icebp
