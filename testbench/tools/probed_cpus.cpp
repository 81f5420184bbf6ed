// Makes model/rules/cpu/probed_{intel,amd,via}.cpp from testbench/oracle/msr-silicon-all.csv:
//   probed_cpus LICENSOR        intel, amd or via; writes to standard output
// What the catalogue says with a CPU's features and counts is left out; what is left is the CPU's.

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/tests/rules/oracles/csv_oracle.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace icebp {
namespace {

struct Probed {
  const char* licensor;
  const char* profile;
  const char* cpu;    // in the table
  const char* source; // as rows cite it
};
constexpr Probed probed[] = {
    {"intel", "intel-pentium-m", "Intel_Pentium_M_processor_2_00GHz", "VB Pentium M 2.00GHz"},
    {"intel", "intel-pentium4", "Intel_Pentium_4_3_00GHz", "VB Pentium 4 3.00GHz"},
    {"intel", "intel-core-duo", "Intel_Core_Duo_T2600_2_16GHz", "VB Core Duo T2600"},
    {"intel", "intel-core2", "Intel_Core2_X6800_2_93GHz", "VB Core 2 X6800"},
    {"intel", "intel-core2-t7600", "Intel_Core2_T7600_2_33GHz", "VB Core 2 T7600"},
    {"intel", "intel-xeon-x5482", "Intel_Xeon_X5482_3_20GHz", "VB Xeon X5482"},
    {"intel", "intel-atom-330", "Intel_Atom_330_1_60GHz", "VB Atom 330"},
    {"intel", "intel-pentium-n3530", "Intel_Pentium_N3530_2_16GHz", "VB Pentium N3530"},
    {"intel", "intel-i7-2635qm", "Intel_Core_i7_2635QM", "VB i7-2635QM"},
    {"intel", "intel-sandybridge", "Intel_Core_i7_3960X", "VB i7-3960X"},
    {"intel", "intel-i5-3570", "Intel_Core_i5_3570", "VB i5-3570"},
    {"intel", "intel-i7-3820qm", "Intel_Core_i7_3820QM", "VB i7-3820QM"},
    {"intel", "intel-i7-5600u", "Intel_Core_i7_5600U", "VB i7-5600U"},
    {"intel", "intel-skylake", "Intel_Core_i7_6700K", "VB i7-6700K"},
    {"amd", "amd-k8", "AMD_Athlon_64_3200", "VB Athlon 64 3200+"},
    {"amd", "amd-athlon64-x2", "AMD_Athlon_64_X2_Dual_Core_4200", "VB Athlon 64 X2 4200+"},
    {"amd", "amd-opteron-2384", "Quad_Core_AMD_Opteron_2384", "VB Opteron 2384"},
    {"amd", "amd-phenom2-x6", "AMD_Phenom_II_X6_1100T", "VB Phenom II X6 1100T"},
    {"amd", "amd-fam15h", "AMD_FX_8150_Eight_Core", "VB FX-8150"},
    {"amd", "amd-zen1", "AMD_Ryzen_7_1800X_Eight_Core", "VB Ryzen 1800X"},
    {"amd", "hygon-c86-7185", "Hygon_C86_7185_32_core", "VB Hygon C86 7185"},
    {"via", "via-l4700", "VIA_QuadCore_L4700_1_2_GHz", "VB VIA L4700"},
    {"via", "zhaoxin-kx-u5581", "ZHAOXIN_KaiXian_KX_U5581_1_8GHz", "VB Zhaoxin KX-U5581"},
};

// ---- The table

struct Cell {
  std::uint32_t first, last;
  std::string name, access;
  bool has_value;
  std::uint64_t value, ignored, gp;

  // The width of a counter that counts while it is probed shows in its highest bit.
  std::uint64_t writable() const {
    std::uint64_t bits = ~(ignored | gp);
    if (first >= 0x309 && last <= 0x30C)
      for (unsigned shift = 1; shift < 64; shift *= 2)
        bits |= bits >> shift;
    return bits;
  }
  bool ignores_all() const { return access == "write-ignored" && writable() == 0 && gp == 0; }
};

std::vector<Cell> cells_of(const std::string& cpu) {
  std::vector<Cell> cells;
  for (auto& record : test::read_csv("msr-silicon-all.csv"))
    if (record["cpu"] == cpu)
      cells.push_back({static_cast<std::uint32_t>(test::hex_cell(record["first_hex"])),
                       static_cast<std::uint32_t>(test::hex_cell(record["last_hex"])),
                       record["name_in_source"], record["access"],
                       !record["value_when_probed"].empty(),
                       test::hex_cell(record["value_when_probed"]),
                       test::hex_cell(record["ignore_mask"]), test::hex_cell(record["gp_mask"])});
  return cells;
}

MsrAccess access_of(const Cell& cell) {
  if (cell.access == "ro")
    return MsrAccess::read_only;
  return cell.access == "wo" ? MsrAccess::write_only : MsrAccess::read_write;
}

std::string name_of_own(const Cell& cell) {
  std::string name;
  for (const char c : cell.name)
    if (c != '?')
      name += c;
  return name;
}

bool in(std::uint32_t index, std::uint32_t first, std::uint32_t last) {
  return first <= index && index <= last;
}

// The probe tells only that these answer: it sets no bits in them, or a lock, a mode or a rule of
// the value hid them.
bool tells_no_masks(std::uint32_t index) {
  const bool memory_types = in(index, 0x250, 0x277);
  const bool mca_banks = in(index, 0x400, 0x47F);
  const bool x2apic = in(index, 0x800, 0x8FF);
  const bool locked = index == 0x3A || index == 0xC80;
  const bool of_smm = in(index, 0x1F2, 0x1F3) || index == 0x9B;
  return memory_types || mca_banks || x2apic || locked || of_smm;
}

// They change while they are probed, so that bits seem to be dropped.
bool runs(std::uint32_t index) {
  return index == 0x10 || index == 0x3B || in(index, 0xC1, 0xC8) || in(index, 0xE7, 0xE8) ||
         in(index, 0x1DD, 0x1DE) || index == 0x6E0 || in(index, 0xC0010004, 0xC0010007) ||
         (in(index, 0xC0010201, 0xC001020B) && index % 2 == 1);
}

// Read-only registers that tell what the CPU has, and no state.
bool is_constant(std::uint32_t index) {
  return index == 0x17 || index == 0xCE || index == 0xCF || index == 0xFE || index == 0x10A ||
         index == 0x179 || index == 0x345 || in(index, 0x480, 0x493) || index == 0x8B;
}

// ---- What is left

struct Left {
  std::map<std::uint32_t, std::string> deviations, values, own, runs;
};

std::string hex32(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", value);
  return text;
}

std::string hex64(std::uint64_t value) {
  if (value == 0)
    return "0";
  if (value == ~std::uint64_t{0})
    return "all";
  char text[24];
  std::snprintf(text, sizeof text, "0x%016llX", static_cast<unsigned long long>(value));
  return text;
}

const char* word_of(MsrAccess access) {
  switch (access) {
  case MsrAccess::read_write:
    return "rw";
  case MsrAccess::read_only:
    return "ro";
  case MsrAccess::write_only:
    return "wo";
  case MsrAccess::smm_only:
    return "smm";
  case MsrAccess::absent:
    return "absent";
  }
  return "";
}

// A probe sets one bit at a time, so that the bits above the canonical half seem to be #GP.
std::uint64_t upper_of(const ResolvedMsr& msr) {
  return msr.canonical_bits == 64 ? 0 : ~std::uint64_t{0} << (msr.canonical_bits - 1);
}

bool same_masks(Vendor vendor, const ResolvedMsr& msr, const Cell& cell) {
  const bool has_lma_rule = msr.index == 0xC0000080 && vendor == Vendor::amd;
  const std::uint64_t lma = has_lma_rule ? 1 << 10 : 0;
  const std::uint64_t upper = upper_of(msr) | lma;
  return (msr.writable | upper) == (cell.writable() | upper) &&
         (msr.gp | upper) == (cell.gp | upper);
}

bool same_access(const ResolvedMsr& msr, const Cell& cell) {
  const MsrAccess access = access_of(cell);
  return msr.readable == (access != MsrAccess::write_only) &&
         msr.accepts_writes == (access != MsrAccess::read_only);
}

bool agrees(Vendor vendor, const ResolvedMsr& msr, const Cell& cell) {
  if (!same_access(msr, cell))
    return false;
  if (!msr.accepts_writes || !msr.readable)
    return true;
  return runs(cell.first) ? (cell.gp & ~msr.gp & ~upper_of(msr)) == 0
                          : same_masks(vendor, msr, cell);
}

void leave(Left& left, const MsrTable& catalogue, const CpuProfile& profile, const Cell& cell,
           std::uint32_t index) {
  const ResolvedMsr& msr = catalogue.find(index);
  const MsrAccess access = access_of(cell);
  if (cell.access == "alias" && index < 2)
    return; // the catalogue's aliases
  if (cell.access == "alias")
    left.deviations[index] = hex32(index) + ", absent, 0, 0";
  else if (msr.present) {
    if (tells_no_masks(index))
      return;
    if (!agrees(profile.vendor, msr, cell))
      left.deviations[index] = hex32(index) + ", " + word_of(access) + ", " +
                               hex64(access == MsrAccess::read_write ? cell.writable() : 0) + ", " +
                               hex64(access == MsrAccess::read_only ? ~std::uint64_t{0} : cell.gp);
    if (access == MsrAccess::read_only && is_constant(index) && cell.has_value &&
        cell.value != msr.reset)
      left.values[index] = hex32(index) + ", " + hex64(cell.value);
    return;
  }
  if (in(index, 0x800, 0x8FF) && profile.has(Feature::x2apic))
    return; // the probe's row stands for all 256, the catalogue knows which there are
  std::uint64_t writable = access == MsrAccess::read_write ? cell.writable() : 0;
  std::string alias;
  if (cell.access == "alias") { // C0010000h-C0010007h: the counters of C0010200h, interleaved
    const std::uint32_t of = 0xC0010200 + 2 * (index & 3) + (index >> 2 & 1);
    alias = ", keep, {" + hex32(of) + "}";
    writable = catalogue.find(of).writable;
  }
  const std::uint64_t gp = access == MsrAccess::read_only ? ~std::uint64_t{0} : cell.gp;
  const std::uint64_t value = access == MsrAccess::read_write ? cell.value & ~cell.gp : cell.value;
  left.own[index] = hex32(index) + ", \"" + name_of_own(cell) + "\", " + word_of(access) + ", " +
                    hex64(value) + ", " + hex64(writable) + ", " + hex64(gp) + alias;
}

Left left_of(const Probed& cpu) {
  CpuProfile profile = *find_cpu_profile(cpu.profile);
  profile.msrs = nullptr;
  const auto catalogue = std::make_unique<const MsrTable>(profile);
  Left left;
  std::set<std::uint32_t> there;
  for (const Cell& cell : cells_of(cpu.cpu)) {
    const bool known = cell.first == cell.last && catalogue->find(cell.first).present;
    if (cell.ignores_all() && !known) {
      left.runs[cell.first] = hex32(cell.first) + ", " + hex32(cell.last) + ", \"" +
                              name_of_own(cell) + "\", " + hex64(cell.value);
      continue; // registers of the catalogue that it runs over are not there
    }
    for (std::uint32_t index = cell.first; index <= cell.last; ++index) {
      there.insert(index);
      leave(left, *catalogue, profile, cell, index);
    }
  }
  for (const ResolvedMsr& msr : *catalogue)
    if (there.count(msr.index) == 0 && !in(msr.index, 0x800, 0x8FF) &&
        !(msr.index == 0x2FF && there.count(0x250) != 0)) // left out of the Ryzen's dump alone
      left.deviations[msr.index] = hex32(msr.index) + ", absent, 0, 0";
  return left;
}

void put_table(const char* type, const char* name,
               const std::map<std::uint32_t, std::string>& rows) {
  if (rows.empty())
    return;
  std::cout << "constexpr " << type << ' ' << name << "[] = {\n";
  for (const auto& row : rows)
    std::cout << "    {" << row.second << "},\n";
  std::cout << "};\n";
}

std::string table_of(const char* name, const std::map<std::uint32_t, std::string>& rows) {
  return rows.empty() ? "{nullptr, 0}" : std::string("table_of(") + name + ")";
}

void put(const Probed& cpu) {
  std::string name = cpu.profile;
  for (char& c : name)
    c = c == '-' ? '_' : c;
  const Left left = left_of(cpu);
  std::string features;
  for (const auto& feature : name_table<Feature>)
    if (find_cpu_profile(cpu.profile)->has(feature.value))
      features += (features.empty() ? "Feature::" : ", Feature::") + std::string(feature.name);
  std::cout << "\nnamespace of_" << name << " {\n";
  put_table("MsrDeviation", "deviations", left.deviations);
  put_table("MsrModelValue", "values", left.values);
  put_table("OwnMsr", "own", left.own);
  put_table("MsrRun", "runs", left.runs);
  std::cout << "} // namespace of_" << name << "\nconst CpuMsrs " << name << "{\"" << cpu.source
            << "\",\n    FeatureSet(" << features << ')';
  const std::string of = "of_" + name + "::";
  for (const auto& [table, rows] :
       {std::make_pair("deviations", &left.deviations), std::make_pair("values", &left.values),
        std::make_pair("own", &left.own), std::make_pair("runs", &left.runs)})
    std::cout << ",\n    " << table_of((of + table).c_str(), *rows);
  std::cout << "};\n";
}

int make(const std::string& licensor) {
  std::cout
      << "// Made by testbench/tools/probed_cpus.cpp: do not edit.\n"
         "// clang-format off\n"
         "#include <icebp/model/rules/cpu/probed_cpus.h>\n\n"
         "namespace icebp {\ninline namespace v0_1 {\nnamespace probed {\nnamespace {\n\n"
         "constexpr auto rw = MsrAccess::read_write;\n"
         "constexpr auto ro = MsrAccess::read_only;\n"
         "constexpr auto wo = MsrAccess::write_only;\n"
         "constexpr auto absent = MsrAccess::absent;\n"
         "constexpr auto keep = MsrInit::keep;\n"
         "constexpr std::uint64_t all = ~std::uint64_t{0};\n\n"
         "template <typename T, std::size_t count>\n"
         "constexpr Table<T> table_of(const T (&rows)[count]) {\n  return {rows, count};\n}\n\n"
         "} // namespace\n";
  for (const Probed& cpu : probed)
    if (licensor == cpu.licensor)
      put(cpu);
  std::cout << "\n} // namespace probed\n} // namespace v0_1\n} // namespace icebp\n";
  return std::cout.flush() ? 0 : 1;
}

} // namespace
} // namespace icebp

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "probed_cpus: one of intel, amd, via expected\n";
    return 2;
  }
  return icebp::make(arguments[1]);
}
