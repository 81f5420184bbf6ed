#include <icebp/model/rules/cpu/cpuid.h>
#include <icebp/testbench/tests/rules/cpu/cpuid_silicon.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <memory>

namespace icebp::test {
namespace {

using u32 = std::uint32_t;

std::unique_ptr<const CpuModel> made(const CpuProfile& profile) {
  return std::make_unique<const CpuModel>(profile);
}
std::unique_ptr<const CpuModel> made(const char* profile) {
  return made(*find_cpu_profile(profile));
}

u32 register_of(const CpuidResult& result, char name) {
  switch (name) {
  case 'a':
    return result.eax;
  case 'b':
    return result.ebx;
  case 'c':
    return result.ecx;
  default:
    return result.edx;
  }
}

std::string place(u32 leaf, u32 subleaf, char reg) {
  return hex(leaf) + '.' + std::to_string(subleaf) + " e" + reg + 'x';
}

// What a CPU loses with a feature: Linux cpufeatures.h and msr-index.h, SDM vol. 2 CPUID, APM vol.
// 3 appendix E. `bits` are those that change, against a CPU with every feature of the vendor.
struct Told {
  const char* vendor; // "intel", "amd" or "both"
  Feature feature;
  u32 leaf, subleaf;
  char reg;
  u32 bits;
};
using F = Feature;
constexpr Told told[] = {
    // clang-format off
    {"both",  F::msr,               1, 0, 'd', 0x00000030},
    {"both",  F::apic,              1, 0, 'd', 0x00000200},
    {"both",  F::sep,               1, 0, 'd', 0x00000800},
    {"both",  F::mtrr,              1, 0, 'd', 0x00001000},
    {"both",  F::mca,               1, 0, 'd', 0x00004000},
    {"both",  F::pat,               1, 0, 'd', 0x00010000},
    {"intel", F::ds,                1, 0, 'd', 0x00200000},
    {"intel", F::vmx,               1, 0, 'c', 0x00000020},
    {"intel", F::sdbg,              1, 0, 'c', 0x00000800},
    {"intel", F::pdcm,              1, 0, 'c', 0x00008000},
    {"both",  F::x2apic,            1, 0, 'c', 0x00200000},
    {"intel", F::tsc_deadline,      1, 0, 'c', 0x01000000},
    {"both",  F::aperfmperf,        6, 0, 'c', 0x00000001},
    {"both",  F::tsc_adjust,        7, 0, 'b', 0x00000002},
    {"intel", F::sgx,               7, 0, 'b', 0x00000004},
    {"intel", F::rtm,               7, 0, 'b', 0x00000800},
    {"intel", F::mpx,               7, 0, 'b', 0x00004000},
    {"intel", F::intel_pt,          7, 0, 'b', 0x02000000},
    {"intel", F::waitpkg,           7, 0, 'c', 0x00000020},
    {"both",  F::shstk,             7, 0, 'c', 0x00000080},
    {"both",  F::la57,              7, 0, 'c', 0x00010000},
    {"both",  F::bus_lock_detect,   7, 0, 'c', 0x01000000},
    {"intel", F::enqcmd,            7, 0, 'c', 0x20000000},
    {"intel", F::pks,               7, 0, 'c', 0x80000000},
    {"intel", F::uintr,             7, 0, 'd', 0x00000020},
    {"intel", F::srbds_ctrl,        7, 0, 'd', 0x00000200},
    {"intel", F::arch_lbr,          7, 0, 'd', 0x00080000},
    {"both",  F::ibt,               7, 0, 'd', 0x00100000},
    {"intel", F::ibrs,              7, 0, 'd', 0x04000000},
    {"intel", F::stibp,             7, 0, 'd', 0x08000000},
    {"both",  F::flush_l1d,         7, 0, 'd', 0x10000000},
    {"intel", F::arch_capabilities, 7, 0, 'd', 0x20000000},
    {"intel", F::core_capabilities, 7, 0, 'd', 0x40000000},
    {"intel", F::ssbd,              7, 0, 'd', 0x80000000},
    {"both",  F::fred,              7, 1, 'a', 0x00020000},
    {"both",  F::wrmsrns,           7, 1, 'a', 0x00080000},
    {"intel", F::msrlist,           7, 1, 'a', 0x08000000},
    {"intel", F::msr_imm,           7, 1, 'c', 0x00000020},
    {"intel", F::user_msr,          7, 1, 'd', 0x00008000},
    {"intel", F::psfd,              7, 2, 'd', 0x0000001F},
    {"both",  F::xsaves,          0xD, 1, 'a', 0x00000008},
    {"intel", F::xfd,             0xD, 1, 'a', 0x00000010},
    {"both",  F::syscall, 0x80000001, 0, 'd', 0x00000800},
    {"both",  F::nx,      0x80000001, 0, 'd', 0x00100000},
    {"both",  F::rdtscp,  0x80000001, 0, 'd', 0x08000000},
    {"both",  F::lm,      0x80000001, 0, 'd', 0x20000000},
    {"amd",   F::perfctr_core, 0x80000001, 0, 'c', 0x00800000},
    {"amd",   F::sev,      0x8000001F, 0, 'a', 0x00000002},
    {"amd",   F::auto_ibrs, 0x80000021, 0, 'a', 0x00000100},
    {"amd",   F::cpuid_user_disable, 0x80000021, 0, 'a', 0x00020000},
    {"amd",   F::lbr_freeze, 0x80000022, 0, 'a', 0x00000004},
    {"amd",   F::msr,     0x80000001, 0, 'd', 0x00000030},
    {"amd",   F::apic,    0x80000001, 0, 'd', 0x00000200},
    {"amd",   F::mtrr,    0x80000001, 0, 'd', 0x00001000},
    {"amd",   F::mca,     0x80000001, 0, 'd', 0x00004000},
    {"amd",   F::pat,     0x80000001, 0, 'd', 0x00010000},
    {"amd",   F::svm,     0x80000001, 0, 'c', 0x00000004},
    {"amd",   F::osvw,    0x80000001, 0, 'c', 0x00000200},
    {"amd",   F::ibs,     0x80000001, 0, 'c', 0x00000400},
    {"amd",   F::dbext,   0x80000001, 0, 'c', 0x04000000},
    {"amd",   F::ibpb,      0x80000008, 0, 'b', 0x00001000},
    {"amd",   F::ibrs,      0x80000008, 0, 'b', 0x00004000},
    {"amd",   F::stibp,     0x80000008, 0, 'b', 0x00008000},
    {"amd",   F::ssbd,      0x80000008, 0, 'b', 0x01000000},
    {"amd",   F::virt_ssbd, 0x80000008, 0, 'b', 0x02000000},
    {"amd",   F::psfd,      0x80000008, 0, 'b', 0x10000000},
    {"amd",   F::svm,       0x8000000A, 0, 'd', 0x00000014},
    {"amd",   F::avic,      0x8000000A, 0, 'd', 0x00002000},
    {"amd",   F::fs_gs_base_ns, 0x80000021, 0, 'a', 0x00000002},
    {"amd",   F::sbpb,       0x80000021, 0, 'a', 0x08000000},
    {"amd",   F::perfmon_v2, 0x80000022, 0, 'a', 0x00000001},
    {"amd",   F::lbr_v2,     0x80000022, 0, 'a', 0x00000002},
    // clang-format on
};

// Numbers and masks that come with a feature, or are those of MSRs.
constexpr Told besides[] = {
    // clang-format off
    {"intel", F::msr,        0xA, 0, 'd', 0x00000600},
    {"intel", F::msr,        0xD, 1, 'c', 0x0001FD00},
    {"intel", F::msr,       0x14, 0, 'b', 0x0000000B},
    {"intel", F::msr,       0x14, 0, 'c', 0x00000001},
    {"amd",   F::msr,        0xD, 1, 'c', 0x00001800},
    {"amd",   F::msr, 0x80000022, 0, 'b', 0x00000006},
    {"intel", F::perfmon,    0xA, 0, 'a', 0x00300804}, // version 4, 8 counters of 48 bits
    {"intel", F::perfmon,    0xA, 0, 'd', 0x00000604}, // 4 fixed ones of 48 bits
    {"intel", F::perfmon_v2, 0xA, 0, 'a', 0x00000005}, // from version 4 to 1
    {"intel", F::perfmon_v4, 0xA, 0, 'a', 0x00000006}, // to 2
    {"intel", F::perfmon_v2, 0xA, 0, 'd', 0x00000604},
    {"intel", F::xsaves,     0xD, 1, 'c', 0x0001FD00}, // states of IA32_XSS
    {"amd",   F::xsaves,     0xD, 1, 'c', 0x00001800},
    {"intel", F::intel_pt,   0xD, 1, 'c', 0x00000100},
    {"intel", F::enqcmd,     0xD, 1, 'c', 0x00000400},
    {"intel", F::uintr,      0xD, 1, 'c', 0x00004000},
    {"intel", F::arch_lbr,   0xD, 1, 'c', 0x00008000},
    {"intel", F::intel_pt,  0x14, 0, 'a', 0x00000001},
    {"intel", F::intel_pt,  0x14, 0, 'b', 0x0000000F},
    {"intel", F::intel_pt,  0x14, 0, 'c', 0x00000005},
    {"intel", F::intel_pt,  0x14, 1, 'a', 0x00000004}, // ranges
    {"intel", F::arch_lbr,  0x1C, 0, 'a', 0x000000FF}, // depths
    {"intel", F::arch_lbr,  0x1C, 0, 'b', 0x00000007},
    {"intel", F::arch_lbr,  0x1C, 0, 'c', 0x00000007}, // mispredictions, cycles, types
    {"both",  F::la57, 0x80000008, 0, 'a', 0x00000900}, // 57 = 39h, 48 = 30h
    {"amd",   F::svm,  0x8000000A, 0, 'a', 0x00000001},
    {"amd",   F::perfmon_v2, 0x80000022, 0, 'b', 0x00000006}, // counters
    {"amd",   F::lbr_v2,     0x80000022, 0, 'b', 0x00000100}, // 16 records
    // clang-format on
};

bool is_of(const Told& row, Vendor vendor) {
  return std::string_view(row.vendor) == "both" || row.vendor == name_of(vendor);
}

template <typename Rows, typename Wanted>
u32 bits_of(const Rows& rows, Vendor vendor, u32 leaf, u32 subleaf, char reg, Wanted wanted) {
  u32 bits = 0;
  for (const Told& row : rows)
    if (is_of(row, vendor) && row.leaf == leaf && row.subleaf == subleaf && row.reg == reg &&
        wanted(row.feature))
      bits |= row.bits;
  return bits;
}

// A leaf that is gone holds nothing, whatever a CPU answers above its maximum.
CpuidResult content(const CpuModel& cpu, const CpuidLeaf& leaf) {
  return has_cpuid_leaf(cpu, leaf) ? cpuid(cpu, leaf.leaf, leaf.subleaf) : CpuidResult{};
}

bool holds_a_maximum(const CpuidLeaf& leaf, char reg) {
  return reg == 'a' &&
         (leaf.leaf == 0 || leaf.leaf == 0x80000000 || (leaf.leaf == 7 && leaf.subleaf == 0));
}

TEST(Cpuid, A_masked_feature_takes_its_bits_and_no_other) {
  for (const char* name : {"intel-max", "amd-max"}) {
    const auto all = made(name);
    const Vendor vendor = all->profile.vendor;
    for (const auto& feature : name_table<Feature>) {
      const auto masked = made(without(all->profile, feature.value));
      const auto is_masked = [&](Feature other) { return other == feature.value; };
      for (const CpuidLeaf& leaf : cpuid_leaves)
        for (const char reg : {'a', 'b', 'c', 'd'}) {
          if (holds_a_maximum(leaf, reg))
            continue;
          const u32 changed =
              register_of(content(*all, leaf), reg) ^ register_of(content(*masked, leaf), reg);
          EXPECT_EQ(changed, bits_of(told, vendor, leaf.leaf, leaf.subleaf, reg, is_masked) |
                                 bits_of(besides, vendor, leaf.leaf, leaf.subleaf, reg, is_masked))
              << name << " without " << feature.name << ": " << place(leaf.leaf, leaf.subleaf, reg);
        }
    }
  }
}

// The probed Ryzen 7 1800X has the MSRs of IBS and leaf 8000001B, but its firmware took the bit
// away.
constexpr u32 hidden_ibs = 0x00000400;

TEST(Cpuid, Tells_of_features_what_the_probed_cpus_tell) {
  const auto any = [](Feature) { return true; };
  for (const SiliconLeaf& silicon : cpuid_silicon) {
    const auto cpu = made(silicon.profile);
    const CpuidResult ours = cpuid(*cpu, silicon.leaf, silicon.subleaf);
    CpuidResult theirs{silicon.eax, silicon.ebx, silicon.ecx, silicon.edx};
    if (std::string_view(silicon.profile) == "amd-zen1" && silicon.leaf == 0x80000001) {
      EXPECT_EQ(theirs.ecx & hidden_ibs, 0u) << "needs no excuse";
      theirs.ecx |= hidden_ibs;
    }
    for (const char reg : {'a', 'b', 'c', 'd'}) {
      const u32 known = bits_of(told, cpu->profile.vendor, silicon.leaf, silicon.subleaf, reg, any);
      EXPECT_EQ(register_of(ours, reg) & known, register_of(theirs, reg) & known)
          << silicon.profile << ' ' << place(silicon.leaf, silicon.subleaf, reg);
      const bool is_number = silicon.leaf == 0xA || holds_a_maximum({silicon.leaf, 0}, reg);
      if (!is_number) {
        EXPECT_EQ(register_of(ours, reg) & ~register_of(theirs, reg), 0u)
            << silicon.profile << ' ' << place(silicon.leaf, silicon.subleaf, reg);
      }
    }
  }
}

TEST(Cpuid, Tells_the_vendor_and_the_widths_that_the_probed_cpus_tell) {
  for (const SiliconLeaf& silicon : cpuid_silicon) {
    const auto cpu = made(silicon.profile);
    const CpuidResult ours = cpuid(*cpu, silicon.leaf, silicon.subleaf);
    if (silicon.leaf == 0 || silicon.leaf == 0x80000000) {
      EXPECT_EQ(ours.ebx, silicon.ebx) << silicon.profile;
      EXPECT_EQ(ours.ecx, silicon.ecx) << silicon.profile;
      EXPECT_EQ(ours.edx, silicon.edx) << silicon.profile;
      EXPECT_LE(ours.eax, silicon.eax) << silicon.profile;
    }
    if (silicon.leaf == 0x80000008) {
      EXPECT_EQ(ours.eax, silicon.eax) << silicon.profile;
    }
    if (silicon.leaf == 0xA) { // less the architectural events, and versions from 3 on
      EXPECT_EQ(ours.eax >> 8, silicon.eax >> 8 & 0xFFFF) << silicon.profile;
      constexpr u32 no_any_thread = 0x8000; // docs/open-points.md
      EXPECT_EQ(ours.edx, silicon.edx & ~no_any_thread) << silicon.profile;
    }
    if (silicon.leaf == 0x14 && silicon.subleaf == 1) {
      EXPECT_EQ(ours.eax, silicon.eax & 7) << silicon.profile;
    }
  }
}

TEST(Cpuid, Every_cpu_has_the_debugging_extensions) { // DE
  for (const CpuProfile& profile : cpu_profiles) {
    const auto cpu = made(profile);
    EXPECT_EQ(cpuid(*cpu, 1, 0).edx & 4, 4u) << profile.name;
    EXPECT_EQ(cpuid(*cpu, 0x80000001, 0).edx & 4, profile.vendor == Vendor::amd ? 4u : 0u)
        << profile.name;
  }
}

// Core 2 X6800,
// testbench/oracle/msr-silicon-all.csv, 309h
TEST(Cpuid, Fixed_counters_are_as_wide_as_their_register) {
  EXPECT_EQ(cpuid(*made("intel-core2"), 0xA, 0).edx, 40u << 5 | 3);
  EXPECT_EQ(cpuid(*made("intel-core2"), 0xA, 0).eax >> 8 & 0xFF, 2u);
}

// CPUID.D.1:EDX:ECX are the bits that IA32_XSS takes (SDM vol. 2 CPUID), of which no CPU of the
// model has one above 31.
TEST(Cpuid, Supervisor_states_are_those_of_xss) {
  for (const char* name : {"intel-max", "amd-max"})
    for (const std::uint64_t states : {0x0000000000000100ull, 0x8000000100000100ull,
                                       0x4000000000000000ull, 0x0000000180000000ull}) {
      CpuProfile profile = *find_cpu_profile(name);
      const MsrDeviation xss{0xDA0, MsrAccess::read_write, states, ~states};
      CpuMsrs msrs;
      msrs.deviations = {&xss, 1};
      profile.msrs = &msrs;
      const CpuidResult leaf = cpuid(*made(profile), 0xD, 1);
      EXPECT_EQ(leaf.ecx, states & 0xFFFFFFFF) << name << ' ' << hex(states);
      EXPECT_EQ(leaf.edx, states >> 32) << name << ' ' << hex(states);
    }
}

TEST(Cpuid, Trace_is_told_by_the_controls_of_rtit_ctl) {
  CpuProfile profile = intel();
  profile.msr_counts.rtit_ranges = 0;
  EXPECT_EQ(cpuid(*made(profile), 0x14, 0).ebx, 0xBu);
  EXPECT_EQ(cpuid(*made(profile), 0x14, 1).eax, 0u);
  constexpr MsrDeviation without_cycles[] = {
      {0x570, MsrAccess::read_write, 0x0000000000002005, ~u64{0x2005}}};
  CpuMsrs msrs;
  msrs.deviations = {without_cycles, 1};
  profile.msrs = &msrs;
  EXPECT_EQ(cpuid(*made(profile), 0x14, 0).ebx, 0u);
  EXPECT_EQ(cpuid(*made(profile), 0x14, 0).ecx, 4u);
}

struct Maxima {
  const char* profile;
  u32 basic, extended, structured; // leaf 7's last subleaf
};
// By the highest leaf that has something in it.
constexpr Maxima maxima[] = {
    {"intel-core2", 0xA, 0x80000008, 0},    {"intel-sandybridge", 0xA, 0x80000008, 0},
    {"intel-skylake", 0x14, 0x80000008, 0}, {"intel-emerald-rapids", 0x1C, 0x80000008, 2},
    {"intel-max", 0x1C, 0x80000008, 2},     {"amd-k8", 0x1, 0x80000008, 0},
    {"amd-fam15h", 0x6, 0x8000000A, 0},     {"amd-zen1", 0xD, 0x8000000A, 0},
    {"amd-zen4", 0xD, 0x80000022, 0},       {"amd-zen5", 0xD, 0x80000022, 0},
    {"amd-max", 0xD, 0x80000022, 1},
};

TEST(Cpuid, Maximum_leaves) {
  for (const Maxima& expected : maxima) {
    const auto cpu = made(expected.profile);
    EXPECT_EQ(cpuid(*cpu, 0, 0).eax, expected.basic) << expected.profile;
    EXPECT_EQ(cpuid(*cpu, 0x80000000, 0).eax, expected.extended) << expected.profile;
    if (expected.basic >= 7) {
      EXPECT_EQ(cpuid(*cpu, 7, 0).eax, expected.structured) << expected.profile;
    }
  }
}

bool same_result(const CpuidResult& a, const CpuidResult& b) {
  return a.eax == b.eax && a.ebx == b.ebx && a.ecx == b.ecx && a.edx == b.edx;
}

TEST(Cpuid, Above_the_maximum) {
  constexpr u32 above[] = {0x1D, 0x40000000, 0x7FFFFFFF, 0x80000023, 0xC0000000, 0xFFFFFFFF};
  const auto intel_cpu = made("intel-skylake"), amd_cpu = made("amd-fam15h");
  for (const u32 leaf : above) {
    // The highest basic leaf; "any dependence on input ECX value in the basic leaf is honored".
    EXPECT_TRUE(same_result(cpuid(*intel_cpu, leaf, 0), cpuid(*intel_cpu, 0x14, 0))) << hex(leaf);
    EXPECT_EQ(cpuid(*intel_cpu, leaf, 1).eax, 2u) << hex(leaf);
    EXPECT_TRUE(cpuid(*amd_cpu, leaf, 0).is_empty()) << hex(leaf);
  }
  EXPECT_EQ(cpuid(*intel_cpu, 0x14, 0).ecx, 5u);
}

TEST(Cpuid, Below_the_maximum_what_is_not_there_is_zeros) {
  const auto cpu = made("intel-max");
  for (const u32 leaf : {0x2u, 0x8u, 0x13u, 0x80000002u, 0x80000007u})
    EXPECT_TRUE(cpuid(*cpu, leaf, 0).is_empty()) << hex(leaf);
  EXPECT_TRUE(cpuid(*made("intel-skylake"), 0x7, 1).is_empty());
}

TEST(Cpuid, Ecx_counts_in_leaves_with_subleaves_alone) {
  const auto cpu = made("intel-max");
  for (const u32 leaf : {0x0u, 0x1u, 0x6u, 0xAu, 0x80000000u, 0x80000001u, 0x80000008u})
    EXPECT_TRUE(same_result(cpuid(*cpu, leaf, 5), cpuid(*cpu, leaf, 0))) << hex(leaf);
  for (const u32 leaf : {0x7u, 0xDu, 0x14u, 0x1Cu}) {
    EXPECT_FALSE(cpuid(*cpu, leaf, leaf == 0xD).is_empty()) << hex(leaf);
    EXPECT_TRUE(cpuid(*cpu, leaf, 5).is_empty()) << hex(leaf);
  }
}

TEST(Cpuid, Has_no_family_and_no_apic_id) {
  for (const CpuProfile& profile : cpu_profiles) {
    EXPECT_EQ(cpuid(*made(profile), 1, 0).eax, 0u) << profile.name;
    EXPECT_EQ(cpuid(*made(profile), 1, 0).ebx, 0u) << profile.name;
  }
}

TEST(Cpuid, Leaves_ascend) {
  for (const CpuidLeaf* leaf = cpuid_leaves.begin() + 1; leaf != cpuid_leaves.end(); ++leaf)
    EXPECT_TRUE(leaf[-1].leaf < leaf->leaf ||
                (leaf[-1].leaf == leaf->leaf && leaf[-1].subleaf < leaf->subleaf))
        << hex(leaf->leaf);
}

// IA32_ARCH_CAPABILITIES, Linux msr-index.h: TSX_CTRL_MSR is bit 7, DOITM bit 12.
TEST(ArchCapabilities, Tells_of_its_features) {
  const auto value = [](const CpuProfile& profile) {
    const auto cpu = made(profile);
    CoreState state = power_up(*cpu);
    return read_msr(*cpu, state, 0x10A);
  };
  const CpuProfile& cpu = *find_cpu_profile("intel-emerald-rapids");
  EXPECT_EQ(value(cpu), 0x1080u);
  EXPECT_EQ(value(without(cpu, Feature::tsx_ctrl)), 0x1000u);
  EXPECT_EQ(value(without(cpu, Feature::doitm)), 0x80u);
}

} // namespace
} // namespace icebp::test
