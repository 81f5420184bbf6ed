#pragma once
// The named profiles as vectors.md has them, and what their features and quirks do.

#include <icebp/model/rules/cpu_model.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace icebp::test {

struct ProfileDatasheet {
  std::string_view name;
  Vendor vendor;
  bool rtm, bld, la57, ds, pdcm, dbext;
  unsigned physical_address_bits;
  std::uint64_t dr6_after_0;             // DEBUGCTL[2] = 0
  std::uint64_t dr6_after_0_bld_enabled; // DEBUGCTL[2] = 1; where it is #GP as without
};

// vectors.md, Profiles. RDTSCP, SEP and NX: every one. The rows of `max` by "every gate of the MSR
// table on" and table 2.2.
inline constexpr ProfileDatasheet profile_datasheets[] = {
    // clang-format off
  // name                   vendor         RTM    BLD    LA57   DS     PDCM   DBEXT  MAXPHYADDR
    {"intel-skylake",        Vendor::intel, true,  false, false, true,  true,  false, 39, 0xFFFE0FF0, 0xFFFE0FF0},
    {"intel-sierra-forest",  Vendor::intel, false, true,  true,  true,  true,  false, 52, 0xFFFF07F0, 0xFFFF07F0},
    {"intel-emerald-rapids", Vendor::intel, true,  true,  true,  true,  true,  false, 52, 0xFFFE07F0, 0xFFFE07F0},
    {"amd-zen1",             Vendor::amd,   false, false, false, false, false, true,  48, 0xFFFF0FF0, 0xFFFF0FF0},
    {"amd-zen5",             Vendor::amd,   false, true,  true,  false, false, true,  52, 0xFFFF0FF0, 0xFFFF07F0},
    {"intel-max",            Vendor::intel, true,  true,  true,  true,  true,  false, 52, 0xFFFE07F0, 0xFFFE07F0},
    {"amd-max",              Vendor::amd,   false, true,  true,  false, false, true,  52, 0xFFFF0FF0, 0xFFFF07F0},
    // clang-format on
};

// What goes wrong when `cpu` is asked for the behaviour of `expected` through `execute`; a line
// each.
std::vector<std::string> profile_mismatches(const CpuModel& cpu, const ProfileDatasheet& expected);

} // namespace icebp::test
