#include <icebp/testbench/tests/rules/oracles/mask_oracle.h>
#include <icebp/testbench/tests/rules/oracles/profile_oracle.h>

#include <algorithm>
#include <stdexcept>

namespace icebp::test {
namespace {

// MCG_CAP[7:0] and MTRRCAP[7:0] of the probe; Intel PT's CPUID.14.1:EAX[2:0]; last branches and
// counters that answered, and the counters' width. Later CPUs: docs/profiles.md.
struct Counts {
  std::string_view profile;
  unsigned banks, mtrrs, trace_ranges, last_branches, counters, fixed_counters, counter_bits;
};
constexpr Counts all_counts[] = {
    // clang-format off
    {"intel-core2",          6,  8,  0, 4,  2, 3, 40},
    {"intel-sandybridge",    18, 10, 0, 16, 4, 3, 48},
    {"intel-skylake",        10, 10, 2, 32, 4, 3, 48},
    {"intel-sierra-forest",  32, 10, 2, 0,  8, 4, 48},
    {"intel-emerald-rapids", 32, 10, 2, 0,  8, 4, 48},
    {"amd-k8",               5,  8,  0, 0,  0, 0, 48},
    {"amd-fam15h",           7,  8,  0, 0,  0, 0, 48},
    {"amd-zen1",             23, 8,  0, 0,  0, 0, 48},
    {"amd-zen4",             32, 8,  0, 16, 6, 0, 48},
    {"amd-zen5",             32, 8,  0, 16, 6, 0, 48},
    {"intel-pentium-m",      5,  8,  0, 8,  0, 0, 40},
    {"intel-pentium4",       4,  8,  0, 0,  0, 0, 40},
    {"intel-core-duo",       6,  8,  0, 8,  2, 0, 40},
    {"intel-core2-t7600",    6,  8,  0, 0,  2, 0, 40},
    {"intel-xeon-x5482",     6,  8,  0, 4,  2, 3, 40},
    {"intel-atom-330",       5,  8,  0, 8,  2, 3, 40},
    {"intel-pentium-n3530",  6,  8,  0, 8,  2, 3, 40},
    {"intel-i7-2635qm",      9,  10, 0, 16, 4, 3, 48},
    {"intel-i5-3570",        9,  10, 0, 16, 8, 3, 48},
    {"intel-i7-3820qm",      9,  10, 0, 16, 4, 3, 48},
    {"intel-i7-5600u",       7,  10, 0, 16, 4, 3, 48},
    {"amd-athlon64-x2",      5,  8,  0, 0,  0, 0, 48},
    {"amd-opteron-2384",     6,  8,  0, 0,  0, 0, 48},
    {"amd-phenom2-x6",       6,  8,  0, 0,  0, 0, 48},
    {"hygon-c86-7185",       23, 8,  0, 0,  0, 0, 48},
    {"via-l4700",            0,  8,  0, 0,  2, 3, 40},
    {"zhaoxin-kx-u5581",     0,  8,  0, 0,  2, 3, 40},
    {"intel-max",            32, 8,  4, 32, 8, 4, 48},
    {"amd-max",              32, 8,  0, 16, 6, 0, 48},
    // clang-format on
};

std::uint64_t ones(unsigned count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}
std::uint64_t at(unsigned bit, bool is_there) { return std::uint64_t{is_there} << bit; }

// Bits of a physical address that is aligned to 2^`aligned`.
std::uint64_t address(const CpuFacts& cpu, unsigned aligned) {
  return ones(cpu.width) & ~ones(aligned);
}

class Sheet {
public:
  void has(std::uint32_t index, bool present) { registers_[index] = {present, std::nullopt}; }
  // Every bit that is not stored is #GP.
  void stores(std::uint32_t index, bool present, std::uint64_t writable,
              std::uint64_t judged = ~std::uint64_t{0}) {
    masks(index, present, writable, ~writable, judged);
  }
  void masks(std::uint32_t index, bool present, std::uint64_t writable, std::uint64_t gp,
             std::uint64_t judged = ~std::uint64_t{0}) {
    registers_[index] = {present, RegisterFacts::Masks{writable, gp, judged}};
  }
  std::map<std::uint32_t, RegisterFacts> take() { return std::move(registers_); }

private:
  std::map<std::uint32_t, RegisterFacts> registers_;
};

// ---- Both vendors

void add_apic(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 10.4.4, 10.12.1
  sheet.stores(0x1B, cpu.has("apic"), address(cpu, 12) | 0x900 | at(10, cpu.has("x2apic")));
  for (const std::uint32_t index : {0x802u, 0x808u, 0x80Bu, 0x830u, 0x83Fu})
    sheet.has(index, cpu.has("x2apic"));
  const bool deadline = cpu.vendor == Vendor::intel && cpu.has("tsc_deadline");
  const std::uint64_t timer = 0x300FF | at(18, deadline);
  sheet.masks(0x832, cpu.has("x2apic"), timer, ~(timer | 0x1000)); // delivery status is read-only
}

void add_mca(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 15.3
  sheet.has(0x179, cpu.has("mca"));
  sheet.has(0x17B, cpu.has("mcg_ctl"));
  for (unsigned bank = 0; bank < 32; ++bank)
    for (unsigned n = 0; n < 4; ++n) {
      const std::uint32_t index = 0x400 + 4 * bank + n;
      const bool vmx = index >= 0x480; // not of a bank
      if (!vmx)
        sheet.masks(index, cpu.has("mca") && bank < cpu.banks, ~std::uint64_t{0}, 0);
    }
}

void add_mtrrs(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 11.11.2
  for (unsigned pair = 0; pair < 10; ++pair) {
    const bool present = cpu.has("mtrr") && pair < cpu.mtrrs;
    sheet.stores(0x200 + 2 * pair, present, address(cpu, 12) | 7);
    sheet.stores(0x201 + 2 * pair, present, address(cpu, 12) | 0x800);
  }
  for (const std::uint32_t index : {0xFEu, 0x250u, 0x26Fu, 0x2FFu})
    sheet.has(index, cpu.has("mtrr"));
}

void add_cet(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 1 18; FRED_SSP0: lkml 2025-08-29
  const bool shstk = cpu.has("shstk"), ibt = cpu.has("ibt");
  const std::uint64_t writable = (shstk ? 3 : 0) | (ibt ? ~ones(12) | 0xC3C : 0);
  for (const std::uint32_t index : {0x6A0u, 0x6A2u})
    sheet.stores(index, shstk || ibt, writable);
  sheet.has(0x6A4, shstk || cpu.has("fred"));
  for (const std::uint32_t index : {0x6A5u, 0x6A6u, 0x6A7u, 0x6A8u})
    sheet.has(index, shstk);
}

// ---- Intel's

void add_performance_counters(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 18.2, 18.6.2
  const unsigned general = cpu.counters, fixed = cpu.fixed_counters;
  const bool version_2 = cpu.has("perfmon_v2");
  const bool rtm = cpu.has("rtm"), baseline = cpu.has("pebs_baseline");
  const std::uint64_t counters = ones(general) | ones(fixed) << 32;
  for (unsigned n = 0; n < 8; ++n) {
    const bool present = cpu.has("perfmon") && n < general;
    sheet.masks(0xC1 + n, present, ones(32), 0); // 31:0, sign-extended
    sheet.stores(0x186 + n, present,
                 0xFFF7FFFF | at(32, rtm) | at(33, rtm && n == 2) | at(34, baseline),
                 ~(at(19, true) | at(21, true))); // pin control, any thread: by version
    sheet.stores(0x4C1 + n, present && cpu.has("full_width_pmc"), ones(cpu.counter_bits));
  }
  std::uint64_t control = ones(4 * fixed);
  for (unsigned n = 0; n < 4; ++n) {
    sheet.stores(0x309 + n, version_2 && n < fixed, ones(cpu.counter_bits));
    control |= at(32 + 4 * n, baseline && n < fixed);
  }
  sheet.stores(0x38D, version_2, control);
  sheet.has(0x38E, version_2);
  sheet.stores(0x38F, version_2, counters);
  const bool version_4 = cpu.has("perfmon_v4");
  const std::uint64_t status = counters | (version_4 ? std::uint64_t{7} << 58 : 0) |
                               std::uint64_t{3} << 62 | at(61, cpu.has("platform_info")) |
                               at(55, cpu.has("intel_pt"));
  sheet.masks(0x390, version_2, 0, ~status);
  if (version_4) { // before, the uncore's
    sheet.masks(0x391, true, 0, ~status);
    sheet.has(0x392, true);
  }
  const unsigned precise = baseline ? general : std::min(general, 4u);
  sheet.stores(0x3F1, cpu.has("ds"), ones(precise) | ones(baseline ? fixed : precise) << 32);
  sheet.has(0x600, cpu.has("ds"));
  sheet.has(0x345, cpu.has("pdcm"));
}

// SDM vol. 3 17.4, 17.6, 17.10, vol. 4 table 2-2
void add_last_branches(const CpuFacts& cpu, Sheet& sheet) {
  const bool core2 = cpu.has("lbr_stack_core2"), stack = cpu.has("lbr_stack");
  const bool core_duo = cpu.has("lbr_stack_core_duo"), arch = cpu.has("arch_lbr");
  for (unsigned n = 0; n < 32; ++n) {
    sheet.has(0x680 + n, stack && n < cpu.last_branches);
    sheet.has(0x6C0 + n, stack && n < cpu.last_branches);
    sheet.stores(0xDC0 + n, cpu.has("lbr_info") && n < cpu.last_branches, 0xE00000000000FFFF);
  }
  for (unsigned n = 0; n < 8; ++n) {
    sheet.has(0x40 + n, (core2 || core_duo) && n < cpu.last_branches);
    sheet.has(0x60 + n, core2 && n < cpu.last_branches);
  }
  unsigned bits = 0; // that number the entries
  while (1u << bits < cpu.last_branches)
    ++bits;
  sheet.stores(0x1C9, stack || core2 || core_duo, ones(bits));
  sheet.has(0x1C8, stack);
  for (unsigned n = 0; n < 64; ++n) {
    sheet.masks(0x1200 + n, arch, 0xFF0000000000FFFF, 0);
    sheet.has(0x1500 + n, arch);
    sheet.has(0x1600 + n, arch);
  }
  sheet.stores(0x14CE, arch, 0x7F000F);
  sheet.has(0x14CF, arch);
  if (!core2) // which has a copy of DR6 there, or nothing
    sheet.has(0x1E0, arch);
}

void add_vmx(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 A
  const struct {
    std::uint32_t first, last;
    bool present;
  } capabilities[] = {
      {0x480, 0x48A, cpu.has("vmx")},           {0x48B, 0x48B, cpu.has("vmx_secondary")},
      {0x48C, 0x48C, cpu.has("ept_vpid")},      {0x48D, 0x490, cpu.has("vmx_true_ctls")},
      {0x491, 0x491, cpu.has("vmfunc")},        {0x492, 0x492, cpu.has("vmx_tertiary")},
      {0x493, 0x493, cpu.has("vmx_exit_ctls2")}};
  for (const auto& row : capabilities)
    for (std::uint32_t index = row.first; index <= row.last; ++index)
      sheet.has(index, row.present);
  const bool vmx = cpu.has("vmx"), sgx = cpu.has("sgx"), lmce = cpu.has("lmce");
  sheet.stores(0x3A, vmx || sgx || lmce,
               1 | (vmx ? 0xFF06 : 0) | (sgx ? 0x60000 : 0) | at(20, lmce));
  sheet.has(0x4D0, lmce);
}

void add_trace(const CpuFacts& cpu, Sheet& sheet) { // SDM vol. 3 35.2.7
  const bool pt = cpu.has("intel_pt");
  sheet.stores(0x560, pt, address(cpu, 7));
  sheet.has(0x570, pt);
  for (unsigned n = 0; n < 8; ++n)
    sheet.has(0x580 + n, pt && n < 2 * cpu.trace_ranges);
}

void add_intel(const CpuFacts& cpu, Sheet& sheet) {
  add_performance_counters(cpu, sheet);
  add_last_branches(cpu, sheet);
  add_vmx(cpu, sheet);
  add_trace(cpu, sheet);
  for (unsigned bank = 0; bank < 32; ++bank)
    sheet.has(0x280 + bank, cpu.has("cmci") && bank < cpu.banks);
  for (const std::uint32_t index : {0x1F2u, 0x1F3u})
    sheet.has(index, cpu.has("smrr"));
  const bool ds = cpu.has("ds"), pdcm = cpu.has("pdcm");
  const bool drops_lbr = cpu.has("arch_lbr") && !cpu.has("lbr_stack") &&
                         !cpu.has("lbr_stack_core2") && !cpu.has("lbr_stack_core_duo");
  const std::uint64_t debugctl =
      0x2042 | at(2, cpu.has("bus_lock_detect")) | (ds ? 0x780 : 0) | (pdcm ? 0x4000 : 0) |
      (pdcm && cpu.has("perfmon_v2") ? 0x1800 : 0) | at(15, cpu.has("rtm"));
  sheet.masks(0x1D9, true, debugctl | at(0, !drops_lbr), ~(debugctl | 1));
  const std::uint64_t efer =
      at(0, cpu.has("syscall")) | at(8, cpu.has("lm")) | at(11, cpu.has("nx")); // LMA is dropped
  sheet.masks(0xC0000080, cpu.has("nx") || cpu.has("lm"), efer, ~(efer | 0x400));
  const bool ibrs = cpu.has("ibrs"), stibp = cpu.has("stibp"), ssbd = cpu.has("ssbd");
  sheet.stores(0x48, ibrs || stibp || ssbd,
               at(0, ibrs) | at(1, stibp) | at(2, ssbd) | (cpu.has("psfd") ? 0x5F8 : 0));
  sheet.has(0x49, ibrs);
  sheet.stores(0x33, true, at(29, cpu.has("core_capabilities")), at(29, true));
  sheet.stores(0xDA0, cpu.has("xsaves"),
               at(8, cpu.has("intel_pt")) | at(10, cpu.has("enqcmd")) |
                   (cpu.has("shstk") || cpu.has("ibt") ? 0x1800 : 0) | at(14, cpu.has("uintr")) |
                   at(15, cpu.has("arch_lbr")),
               ~std::uint64_t{0x12000}); // HDC and HWP have no feature
}

// ---- AMD's

// Every bit that is not stored is dropped.
void add_dropping(Sheet& sheet, std::uint32_t index, bool present, std::uint64_t writable) {
  sheet.masks(index, present, writable, 0);
}

void add_amd(const CpuFacts& cpu, Sheet& sheet) {
  const bool svm = cpu.has("svm");
  // APM vol. 2 3.1.7. Bits 7:1 are dropped, LMA has a rule (docs/msr-block.md 2.5), and 15:13 came
  // with families, but that LMSLE went again.
  const std::uint64_t efer = at(0, cpu.has("syscall")) | at(8, cpu.has("lm")) |
                             at(11, cpu.has("nx")) | at(12, svm) | at(21, cpu.has("auto_ibrs"));
  sheet.masks(0xC0000080, cpu.has("nx") || cpu.has("lm"), efer, ~(efer | 0x4FE),
              ~std::uint64_t{0xE400} | at(13, cpu.has("no_lmsle")));
  const bool ibrs = cpu.has("ibrs"), stibp = cpu.has("stibp"), ssbd = cpu.has("ssbd");
  const bool psfd = cpu.has("psfd"), ibpb = cpu.has("ibpb"), sbpb = cpu.has("sbpb");
  sheet.stores(0x48, ibrs || stibp || ssbd || psfd,
               at(0, ibrs) | at(1, stibp) | at(2, ssbd) | at(7, psfd));
  sheet.masks(0x49, ibpb || sbpb, 0, ~(at(0, ibpb) | at(7, sbpb)));
  sheet.masks(0x1D9, true, 0x3F | at(11, cpu.has("lbr_freeze")), 0x40);
  sheet.stores(0xDA0, cpu.has("xsaves"), cpu.has("shstk") || cpu.has("ibt") ? 0x1800 : 0);
  for (const std::uint32_t index : {0xC0000300u, 0xC0000302u, 0xC0000303u})
    sheet.has(index, cpu.has("perfmon_v2"));
  sheet.stores(0xC0000301, cpu.has("perfmon_v2"), ones(cpu.counters));
  sheet.stores(0xC000010E, cpu.has("lbr_v2"), 0x1FF);
  for (unsigned n = 0; n < 32; ++n)
    sheet.has(0xC0010300 + n, cpu.has("lbr_v2") && n < 2 * cpu.last_branches);
  for (unsigned n = 0; n < 12; ++n)
    sheet.has(0xC0010200 + n, cpu.has("perfctr_core"));
  for (const std::uint32_t index : {0xC0010016u, 0xC0010018u}) // APM vol. 2 7.9.2 and 10.2.5
    add_dropping(sheet, index, true, address(cpu, 12) | 0x18);
  for (const std::uint32_t index : {0xC001001Au, 0xC001001Du})
    add_dropping(sheet, index, true, address(cpu, 23));
  add_dropping(sheet, 0xC0010112, true, address(cpu, 17));
  add_dropping(sheet, 0xC0010113, true, address(cpu, 17) | 0x773F);
  sheet.stores(0xC0010117, svm, address(cpu, 12));
  sheet.has(0xC0010114, svm);
  sheet.has(0xC0010131, cpu.has("sev"));
  add_dropping(sheet, 0xC0011027, true, cpu.has("dbext") ? ones(32) : ones(12));
  for (const std::uint32_t index : {0xC0011019u, 0xC001101Au, 0xC001101Bu})
    add_dropping(sheet, index, cpu.has("dbext"), ones(32));
  sheet.masks(0xC0010015, true, at(35, cpu.has("cpuid_user_disable")), 0, at(35, true));
}

// ---- Features

void add_words(CpuFacts& facts, std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    facts.features.emplace(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

void add_features(CpuFacts& facts, std::string_view profile) {
  for (const ProfileDatasheet& sheet : profile_datasheets)
    if (sheet.name == profile) {
      facts.vendor = sheet.vendor;
      facts.width = sheet.physical_address_bits;
      for (const auto& feature : name_table<Feature>)
        if (sheet.has(feature.value))
          facts.features.emplace(feature.name);
    }
  for (const ProbedDatasheet& sheet : probed_datasheets)
    if (sheet.name == profile) {
      facts.vendor = sheet.vendor;
      facts.width = sheet.physical_address_bits;
      add_words(facts, sheet.features);
    }
}

} // namespace

CpuFacts facts_of(std::string_view profile) {
  for (const Counts& counts : all_counts)
    if (counts.profile == profile) {
      CpuFacts facts{Vendor::intel,       0,
                     counts.banks,        counts.mtrrs,
                     counts.trace_ranges, counts.last_branches,
                     counts.counters,     counts.fixed_counters,
                     counts.counter_bits, {}};
      add_features(facts, profile);
      return facts;
    }
  throw std::runtime_error("no facts of " + std::string(profile));
}

std::map<std::uint32_t, RegisterFacts> registers_by(const CpuFacts& facts) {
  Sheet sheet;
  add_apic(facts, sheet);
  add_mca(facts, sheet);
  add_mtrrs(facts, sheet);
  add_cet(facts, sheet);
  if (facts.vendor == Vendor::intel)
    add_intel(facts, sheet);
  else
    add_amd(facts, sheet);
  return sheet.take();
}

} // namespace icebp::test
