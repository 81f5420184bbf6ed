#pragma once
// The MSR rows of this model as the tests expect them: typed from testbench/oracle/msr-table.csv,
// for a CPU with RTM, DS and PDCM and without bus lock detection (i7-6700K, Ryzen 7 1800X).

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace icebp::test {

// What INIT does: clears what docs/msr-block.md 2.6 lists, FS_BASE and GS_BASE with their segments,
// and DEBUGCTL (an open point); other MSRs it keeps (SDM vol. 3 9.1).
enum class Init { cleared, kept };

struct DatasheetRow {
  std::uint32_t index;
  std::string_view name;
  Feature gate;
  std::uint64_t reset;
  std::uint64_t writable;
  std::uint64_t gp;      // #GP as reserved bits
  std::uint64_t ignored; // written value dropped
  bool canonical;
  Init init;
};

constexpr std::uint64_t all = 0xFFFFFFFFFFFFFFFF;
constexpr std::uint64_t low = 0x00000000FFFFFFFF;
constexpr std::uint64_t high = 0xFFFFFFFF00000000;

// clang-format off
inline const std::vector<DatasheetRow> intel_datasheet{
    {0x174,      "IA32_SYSENTER_CS",  Feature::sep,     0, low, 0, high, false, Init::kept},
    {0x175,      "IA32_SYSENTER_ESP", Feature::sep,     0, all, 0, 0,    true,  Init::kept},
    {0x176,      "IA32_SYSENTER_EIP", Feature::sep,     0, all, 0, 0,    true,  Init::kept},
    {0x1D9,      "IA32_DEBUGCTL",     Feature::msr,     0, 0x000000000000FFC3, 0xFFFFFFFFFFFF003C, 0, false, Init::cleared},
    {0x277,      "IA32_PAT",          Feature::pat,     0x0007040600070406, 0x0707070707070707, 0xF8F8F8F8F8F8F8F8, 0, false, Init::kept},
    {0x600,      "IA32_DS_AREA",      Feature::ds,      0, all, 0, 0,    true,  Init::kept},
    {0xC0000080, "IA32_EFER",         Feature::lm,      0, 0x0000000000000901, 0xFFFFFFFFFFFFF2FE, 0x400, false, Init::cleared},
    {0xC0000081, "STAR",              Feature::syscall, 0, all, 0, 0,    false, Init::cleared},
    {0xC0000082, "LSTAR",             Feature::lm,      0, all, 0, 0,    true,  Init::kept},
    {0xC0000083, "CSTAR",             Feature::lm,      0, all, 0, 0,    true,  Init::kept},
    {0xC0000084, "FMASK",             Feature::lm,      0, low, 0, high, false, Init::cleared},
    {0xC0000100, "FS_BASE",           Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000101, "GS_BASE",           Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000102, "KERNEL_GS_BASE",    Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000103, "IA32_TSC_AUX",      Feature::rdtscp,  0, low, high, 0, false, Init::kept},
};
inline const std::vector<DatasheetRow> amd_datasheet{
    {0x174,      "IA32_SYSENTER_CS",  Feature::sep,     0, low, 0, high, false, Init::kept},
    {0x175,      "SYSENTER_ESP",      Feature::sep,     0, low, 0, high, false, Init::kept},
    {0x176,      "SYSENTER_EIP",      Feature::sep,     0, low, 0, high, false, Init::kept},
    {0x1D9,      "DEBUG_CTL",         Feature::msr,     0, 0x000000000000003F, 0x0000000000000040, 0xFFFFFFFFFFFFFF80, false, Init::cleared},
    {0x277,      "IA32_PAT",          Feature::pat,     0x0007040600070406, 0x0707070707070707, 0xF8F8F8F8F8F8F8F8, 0, false, Init::kept},
    {0xC0000080, "EFER",              Feature::lm,      0, 0x000000000000F901, 0xFFFFFFFFFFFF0200, 0xFE, false, Init::cleared},
    {0xC0000081, "STAR",              Feature::syscall, 0, all, 0, 0,    false, Init::cleared},
    {0xC0000082, "LSTAR",             Feature::lm,      0, all, 0, 0,    true,  Init::kept},
    {0xC0000083, "CSTAR",             Feature::lm,      0, all, 0, 0,    true,  Init::kept},
    {0xC0000084, "FMASK",             Feature::lm,      0, low, 0, high, false, Init::cleared},
    {0xC0000100, "FS_BASE",           Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000101, "GS_BASE",           Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000102, "KERNEL_GS_BASE",    Feature::lm,      0, all, 0, 0,    true,  Init::cleared},
    {0xC0000103, "TSC_AUX",           Feature::rdtscp,  0, low, 0, high, false, Init::kept},
    {0xC0011019, "DR1_ADDR_MASK",     Feature::dbext,   0, low, 0, high, false, Init::kept},
    {0xC001101A, "DR2_ADDR_MASK",     Feature::dbext,   0, low, 0, high, false, Init::kept},
    {0xC001101B, "DR3_ADDR_MASK",     Feature::dbext,   0, low, 0, high, false, Init::kept},
    {0xC0011027, "DR0_ADDR_MASK",     Feature::msr,     0, low, 0, high, false, Init::kept},
};
// clang-format on

inline const std::vector<DatasheetRow>& datasheet_of(Vendor vendor) {
  return vendor == Vendor::intel ? intel_datasheet : amd_datasheet;
}

inline bool in_datasheet(Vendor vendor, std::uint32_t index) {
  for (const DatasheetRow& row : datasheet_of(vendor))
    if (row.index == index)
      return true;
  return false;
}

} // namespace icebp::test
