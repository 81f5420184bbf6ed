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
  std::string access; // ro, rw, wo, write-ignored, alias
  std::uint64_t ignored;
  std::uint64_t gp;
};

std::vector<SiliconMsr> silicon_msrs(const std::string& cpu);

// The first point in which the register of `cpu` is not as the row says. Empty if there is none.
std::string silicon_mismatch(const CpuModel& cpu, const SiliconMsr& row, std::uint32_t index);

} // namespace icebp::test
