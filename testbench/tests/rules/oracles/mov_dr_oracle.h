#pragma once
// The whole of docs/debug-unit.md 10.1: every combination of its inputs, executed and compared with
// testbench/oracle/mov_dr_priority.csv.

#include <icebp/model/rules/cpu/cpu_model.h>

#include <string>
#include <string_view>
#include <vector>

namespace icebp::test {

// What the oracle has to know about a CPU. BLD of AMD is not writable here: DEBUGCTL[2] is 0.
struct MovDrCpu {
  std::string_view profile;
  std::string_view authority; // whose order of checks: a value of the oracle's first column
  bool rtm, bld;              // DR6 bits that MOV can write; RTM stands for DR7's too

  friend std::ostream& operator<<(std::ostream& out, const MovDrCpu& cpu) {
    return out << cpu.profile << " as " << cpu.authority;
  }
};
inline constexpr MovDrCpu mov_dr_cpus[] = {
    {"intel-skylake", "intel", true, false}, {"intel-emerald-rapids", "intel", true, true},
    {"amd-zen1", "amd", false, false},       {"amd-zen4", "amd", false, false},
    {"amd-zen5", "amd", false, false},
};

struct Agreement {
  unsigned cases = 0;
  unsigned mismatches = 0;
  std::string first_mismatch;
  std::vector<std::string> idle_rows; // rows of this authority that decided nothing
};

// Executes every combination on `cpu` and compares it with what the oracle says of `expected`;
// stops when there are `enough` mismatches.
Agreement compare_mov_dr(const CpuModel& cpu, const MovDrCpu& expected, unsigned enough = ~0u);

} // namespace icebp::test
