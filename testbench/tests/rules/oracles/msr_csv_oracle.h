#pragma once
// A machine's MSRs against testbench/oracle/msr-table.csv and testbench/oracle/msr-silicon-all.csv,
// through `execute`.

#include <icebp/model/rules/cpu/cpu_model.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace icebp::test {

// A row of testbench/oracle/msr-table.csv for one vendor.
struct CsvMsr {
  std::uint32_t index;
  std::string name;
  Vendor vendor;
  std::optional<std::uint64_t> reset; // empty: by model
  std::uint64_t gp;
  std::uint64_t ignored;
  std::string canonical; // none, gp, gp_bits_62_47, truncate32
  std::string access;    // no (read and written), yes (read-only), write-only, ...
  std::string on_write;
};

// The rows of a vendor, those of both vendors included.
const std::vector<CsvMsr>& csv_msrs(Vendor vendor);

// The first point in which `cpu`, a machine with every gate of the table on, is not as the row
// says: presence, reset value, and each bit from 0 to 1 and from 1 to 0. Empty if there is none.
std::string csv_mismatch(const CpuModel& cpu, const CsvMsr& row);

// A row of testbench/oracle/msr-silicon-all.csv: registers alike.
struct SiliconMsr {
  std::string cpu;
  std::uint32_t first, last;
  std::string access;                 // ro, rw, wo, write-ignored, alias
  std::optional<std::uint64_t> value; // empty: not told
  std::uint64_t ignored;
  std::uint64_t gp;
};

std::vector<SiliconMsr> silicon_msrs(const std::string& cpu);

// The profile of each CPU of the table.
struct ProbedCpu {
  const char* profile;
  const char* cpu;
};
inline constexpr ProbedCpu probed_cpus[] = {
    {"intel-pentium-m", "Intel_Pentium_M_processor_2_00GHz"},
    {"intel-pentium4", "Intel_Pentium_4_3_00GHz"},
    {"intel-core-duo", "Intel_Core_Duo_T2600_2_16GHz"},
    {"intel-core2", "Intel_Core2_X6800_2_93GHz"},
    {"intel-core2-t7600", "Intel_Core2_T7600_2_33GHz"},
    {"intel-xeon-x5482", "Intel_Xeon_X5482_3_20GHz"},
    {"intel-atom-330", "Intel_Atom_330_1_60GHz"},
    {"intel-pentium-n3530", "Intel_Pentium_N3530_2_16GHz"},
    {"intel-i7-2635qm", "Intel_Core_i7_2635QM"},
    {"intel-sandybridge", "Intel_Core_i7_3960X"},
    {"intel-i5-3570", "Intel_Core_i5_3570"},
    {"intel-i7-3820qm", "Intel_Core_i7_3820QM"},
    {"intel-i7-5600u", "Intel_Core_i7_5600U"},
    {"intel-skylake", "Intel_Core_i7_6700K"},
    {"amd-k8", "AMD_Athlon_64_3200"},
    {"amd-athlon64-x2", "AMD_Athlon_64_X2_Dual_Core_4200"},
    {"amd-opteron-2384", "Quad_Core_AMD_Opteron_2384"},
    {"amd-phenom2-x6", "AMD_Phenom_II_X6_1100T"},
    {"amd-fam15h", "AMD_FX_8150_Eight_Core"},
    {"amd-zen1", "AMD_Ryzen_7_1800X_Eight_Core"},
    {"hygon-c86-7185", "Hygon_C86_7185_32_core"},
    {"via-l4700", "VIA_QuadCore_L4700_1_2_GHz"},
    {"zhaoxin-kx-u5581", "ZHAOXIN_KaiXian_KX_U5581_1_8GHz"},
};

// The first point in which the register of `cpu` is not as the row says. Empty if there is none.
std::string silicon_mismatch(const CpuModel& cpu, const SiliconMsr& row, std::uint32_t index);

} // namespace icebp::test
