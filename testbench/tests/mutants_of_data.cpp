// Mutants of data, in one process: each profile with two neighbours of its ladder swapped, a check
// dropped, a feature or a quirk flipped; each row of the resolved MSR table with a bit of a mask
// flipped or a property changed. The oracles of testbench/tests/rules must tell each from the
// original. What cannot be told is listed with the reason, and must stay so.
//
// DR6 and DR7 masks are functions: testbench/mutants.txt breaks those.

#include <icebp/model/rules/vocabulary/profile_fields.h>
#include <icebp/testbench/tests/rules/oracles/mov_dr_oracle.h>
#include <icebp/testbench/tests/rules/oracles/msr_csv_oracle.h>
#include <icebp/testbench/tests/rules/oracles/msr_oracle.h>
#include <icebp/testbench/tests/rules/oracles/profile_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace icebp::test {
namespace {

class Tally {
public:
  void killed_if(bool killed, const std::string& mutant) {
    ++mutants_;
    EXPECT_TRUE(killed) << "survives: " << mutant;
  }
  void equivalent_if(bool survives, const std::string& mutant, const std::string& reason) {
    ++equivalent_;
    EXPECT_TRUE(survives) << "is killed although " << reason << ": " << mutant;
  }
  unsigned mutants() const { return mutants_; }
  unsigned equivalent() const { return equivalent_; }

private:
  unsigned mutants_ = 0;
  unsigned equivalent_ = 0;
};

// ---- Ladders ------------------------------------------------------------------------------------

// Every two neighbours can be told apart: a fault names its cause.
void mutate_ladder(const CpuProfile& profile, const Authority& original, const MovDrCpu& expected,
                   Tally& tally) {
  const auto survives = [&](const FaultLadder& ladder) {
    Authority mutant = original;
    mutant.mov_dr_ladder = ladder;
    return compare_mov_dr(CpuModel(profile, mutant), expected, 1).mismatches == 0;
  };
  const std::string name = std::string(expected.profile) + " " + std::string(expected.authority);
  ASSERT_TRUE(survives(original.mov_dr_ladder)) << name;
  for (std::size_t n = 0; n < original.mov_dr_ladder.size(); ++n) {
    FaultLadder dropped = original.mov_dr_ladder;
    dropped[n] = Cause::none;
    tally.killed_if(!survives(dropped),
                    name + " without " + std::string(name_of(original.mov_dr_ladder[n])));
    if (n == 0)
      continue;
    FaultLadder swapped = original.mov_dr_ladder;
    std::swap(swapped[n - 1], swapped[n]);
    tally.killed_if(!survives(swapped),
                    name + " with " + std::string(name_of(original.mov_dr_ladder[n])) + " before " +
                        std::string(name_of(original.mov_dr_ladder[n - 1])));
  }
}

// ---- Features and quirks ------------------------------------------------------------------------

// Why no rule can tell `feature` on and off; empty if one can.
std::string unobservable(const ProfileDatasheet& profile, Feature feature) {
  if (feature == Feature::psfd && profile.vendor == Vendor::intel && !profile.has(Feature::ibrs))
    return "the CPU has no SPEC_CTRL";
  if (feature == Feature::x2apic && profile.name == "intel-core2")
    return "this CPU drops bit 10 of APIC_BASE";
  if (profile.vendor == Vendor::intel && feature == Feature::dbext)
    return "the address-mask MSRs that DBEXT brings are AMD's";
  if (profile.vendor == Vendor::amd && (feature == Feature::ds || feature == Feature::pdcm))
    return "AMD has neither DS_AREA nor the DEBUGCTL bits of DS and PDCM";
  for (const FeatureProbe& probe : feature_probes)
    if (probe.feature == feature && !probe.applies_to(profile.vendor) &&
        feature != Feature::perfmon_v2 && feature != Feature::msrlist)
      return "its registers are the other vendor's";
  return "";
}

// The feature brings registers or bits of them, and nothing else.
bool is_of_registers(Feature feature) {
  return feature >= Feature::vmx_secondary && feature != Feature::svm && feature != Feature::ibs &&
         feature != Feature::fs_gs_base_ns;
}

bool same_registers(const CpuProfile& a, const CpuProfile& b) {
  const MsrTable of_a(a), of_b(b);
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                    [](const ResolvedMsr& x, const ResolvedMsr& y) {
                      return x.index == y.index && x.writable == y.writable && x.gp == y.gp &&
                             x.reset == y.reset && x.readable == y.readable &&
                             x.accepts_writes == y.accepts_writes;
                    });
}

void mutate_features(const ProfileDatasheet& expected, Tally& tally) {
  const CpuProfile& original = *find_cpu_profile(expected.name);
  ASSERT_TRUE(profile_mismatches(CpuModel(original), expected).empty()) << expected.name;
  for (const auto& feature : name_table<Feature>) {
    const bool had = original.has(feature.value);
    const CpuProfile mutant = with_if(!had, original, feature.value);
    const bool survives = profile_mismatches(CpuModel(mutant), expected).empty();
    const std::string name =
        std::string(expected.name) + (had ? " without " : " with ") + std::string(feature.name);
    std::string reason = unobservable(expected, feature.value);
    if (reason.empty() && is_of_registers(feature.value) && same_registers(original, mutant))
      reason = "the CPU's registers are as the probe says";
    if (reason.empty())
      tally.killed_if(!survives, name);
    else
      tally.equivalent_if(survives, name, reason);
  }
}

std::string unobservable(const ProfileDatasheet& profile, bool Quirks::*quirk) {
  if (quirk == &Quirks::bld_writable_needs_debugctl && !profile.bld)
    return "DR6.BLD reads 1 on a CPU without BLD";
  if (quirk == &Quirks::flush_cmd_drops_reserved_bits && !profile.has(Feature::flush_l1d))
    return "the CPU has no FLUSH_CMD";
  return "";
}

void mutate_quirks(const ProfileDatasheet& expected, Tally& tally) {
  ASSERT_TRUE(profile_mismatches(CpuModel(*find_cpu_profile(expected.name)), expected).empty());
  for (const QuirkField& quirk : quirk_fields) {
    CpuProfile mutant = *find_cpu_profile(expected.name);
    mutant.quirks.*quirk.member = !(mutant.quirks.*quirk.member);
    const bool survives = profile_mismatches(CpuModel(mutant), expected).empty();
    const std::string name = std::string(expected.name) + " with the other " + quirk.name;
    const std::string reason = unobservable(expected, quirk.member);
    if (reason.empty())
      tally.killed_if(!survives, name);
    else
      tally.equivalent_if(survives, name, reason);
  }
}

void mutate_authority_quirks(const ProfileDatasheet& expected, Tally& tally) {
  const CpuProfile& profile = *find_cpu_profile(expected.name);
  for (const AuthorityQuirkField& quirk : authority_quirk_fields) {
    Authority mutant = *profile.authority;
    mutant.quirks.*quirk.member = !(mutant.quirks.*quirk.member);
    const bool survives = profile_mismatches(CpuModel(profile, mutant), expected).empty();
    const std::string name = std::string(expected.name) + " with the other " + quirk.name;
    if (quirk.member == &AuthorityQuirks::other_db_sets_rtm && !expected.rtm)
      tally.equivalent_if(survives, name, "DR6.RTM reads 1 on a CPU without RTM");
    else
      tally.killed_if(!survives, name);
  }
}

void mutate_string_granularity(const ProfileDatasheet& expected, Tally& tally) {
  const CpuProfile& original = *find_cpu_profile(expected.name);
  for (const StringGranularity granularity :
       {StringGranularity::exact, StringGranularity::one_late, StringGranularity::blocks_of_64})
    if (granularity != original.quirks.string_granularity) {
      CpuProfile mutant = original;
      mutant.quirks.string_granularity = granularity;
      tally.killed_if(!profile_mismatches(CpuModel(mutant), expected).empty(),
                      std::string(expected.name) + " with string granularity " +
                          std::to_string(static_cast<unsigned>(granularity)));
    }
}

// ---- MSR rows -----------------------------------------------------------------------------------

// A copy of the vendor's machine whose row of `index` is as `change` leaves it.
template <typename Change>
CpuModel with_row(Vendor vendor, std::uint32_t index, Change change) {
  CpuModel cpu = model_of(vendor);
  auto& msr = const_cast<ResolvedMsr&>(cpu.msrs.find(index));
  change(msr);
  msr.settle();
  reset(cpu.msrs, cpu.at_power_up, 0);
  return cpu;
}

// Why flipping bit `n` of `mask` makes no difference; empty if it makes one.
std::string unobservable(Vendor vendor, const DatasheetRow& row, u64 ResolvedMsr::*mask,
                         unsigned n) {
  const bool never_written = (row.gp & bit(n)) != 0;
  if (mask == &ResolvedMsr::writable && never_written)
    return "no value with a reserved bit gets as far as the register";
  if (mask == &ResolvedMsr::writable && vendor == Vendor::amd && row.index == 0xC0000080 && n == 10)
    return "a write that would change EFER.LMA is #GP on AMD";
  return "";
}

void mutate_masks(Vendor vendor, const DatasheetRow& row, Tally& tally) {
  const struct {
    const char* name;
    u64 ResolvedMsr::*member;
  } masks[] = {{"gp", &ResolvedMsr::gp},
               {"writable", &ResolvedMsr::writable},
               {"reset", &ResolvedMsr::reset}};
  for (const auto& mask : masks)
    for (unsigned n = 0; n < 64; ++n) {
      const CpuModel mutant = with_row(vendor, row.index, [&](ResolvedMsr& msr) {
        msr.*mask.member ^= bit(n); //
      });
      const bool survives = msr_agrees(mutant, row);
      const std::string name = std::string(name_of(vendor)) + " " + std::string(row.name) +
                               " with bit " + std::to_string(n) + " of " + mask.name + " flipped";
      const std::string reason = unobservable(vendor, row, mask.member, n);
      if (reason.empty())
        tally.killed_if(!survives, name);
      else
        tally.equivalent_if(survives, name, reason);
    }
}

void mutate_properties(Vendor vendor, const DatasheetRow& row, Tally& tally) {
  const auto killed = [&](const char* what, auto change) {
    tally.killed_if(!msr_agrees(with_row(vendor, row.index, change), row),
                    std::string(name_of(vendor)) + " " + std::string(row.name) + " " + what);
  };
  killed("unreadable", [](ResolvedMsr& msr) { msr.readable = false; });
  killed("read-only", [](ResolvedMsr& msr) { msr.accepts_writes = false; });
  killed("with INIT the other way", [](ResolvedMsr& msr) {
    msr.on_init = msr.on_init == MsrInit::keep ? MsrInit::reset : MsrInit::keep;
  });
  killed("in the slot of another", [&](ResolvedMsr& msr) {
    const std::uint32_t other = row.index == 0x174 ? 0x175 : 0x174;
    msr.slot = model_of(vendor).msrs.find(other).slot;
  });
  if (row.canonical) {
    killed("canonical by 57 bits", [](ResolvedMsr& msr) { msr.canonical_bits = 57; });
    killed("without the canonical check", [](ResolvedMsr& msr) { msr.canonical_bits = 64; });
    killed("canonical by 47 bits", [](ResolvedMsr& msr) { msr.canonical_bits = 47; });
  }
  if (row.index == 0x277)
    killed("of any type", [](ResolvedMsr& msr) { msr.does = &no_functions; });
  if (row.index == 0xC0000080 && vendor == Vendor::amd)
    killed("without its rule", [](ResolvedMsr& msr) { msr.does = &no_functions; });
}

// ---- The whole table, on the profiles with every gate on

// Why flipping a bit that `row` has as #GP or as dropped makes no difference; empty if it makes
// one.
std::string unobservable_of_csv(const CsvMsr& row, bool of_gp, const ResolvedMsr& msr, unsigned n) {
  if (row.access == "yes" || row.access == "smm-only")
    return "nothing is ever written";
  if (!of_gp && (msr.gp >> n & 1) != 0)
    return "no value with a reserved bit gets as far as the register";
  if (!of_gp && row.index == 0x14CF && n < 3)
    return "no legal depth has the bit";
  if (!of_gp && row.index == 0xC0000080 && row.vendor == Vendor::amd && n == 10)
    return "a write that would change EFER.LMA is #GP on AMD";
  if (!of_gp && row.index >= 0x250 && row.index <= 0x26F && (0x1818181818181818 >> n & 1) != 0)
    return "written only with SYSCFG.MtrrFixDramModEn";
  if (!of_gp && row.on_write == "sign_extend32" && n >= 32)
    return "the sign of the low half comes over it";
  return "";
}

void mutate_csv_row(CpuModel& cpu, const CsvMsr& row, Tally& tally) {
  auto& msr = const_cast<ResolvedMsr&>(cpu.msrs.find(row.index));
  const ResolvedMsr original = msr;
  for (const bool of_gp : {true, false})
    for (unsigned n = 0; n < 64; ++n) {
      (of_gp ? msr.gp : msr.writable) ^= bit(n);
      const bool survives = csv_mismatch(cpu, row).empty();
      msr = original;
      const std::string mutant = std::string(name_of(row.vendor)) + " " + row.name + " with bit " +
                                 std::to_string(n) + (of_gp ? " of gp" : " of writable");
      const std::string reason = unobservable_of_csv(row, of_gp, original, n);
      if (reason.empty())
        tally.killed_if(!survives, mutant);
      else
        tally.equivalent_if(survives, mutant, reason);
    }
}

void mutate_csv(const char* profile, Tally& tally) {
  CpuModel cpu(*find_cpu_profile(profile));
  for (const CsvMsr& row : csv_msrs(cpu.profile.vendor))
    if (row.access != "absent") {
      ASSERT_EQ(csv_mismatch(cpu, row), "") << row.name;
      mutate_csv_row(cpu, row, tally);
    }
}

TEST(mutants, data) {
  Tally tally;
  for (const MovDrCpu& cpu : mov_dr_cpus)
    mutate_ladder(*find_cpu_profile(cpu.profile), *find_cpu_profile(cpu.profile)->authority, cpu,
                  tally);
  mutate_ladder(intel(), intel_manuals, {"intel-skylake", "intel_documented", true, false}, tally);

  for (const ProfileDatasheet& profile : profile_datasheets) {
    mutate_features(profile, tally);
    mutate_quirks(profile, tally);
    mutate_authority_quirks(profile, tally);
    mutate_string_granularity(profile, tally);
  }
  for (const Vendor vendor : {Vendor::intel, Vendor::amd})
    for (const DatasheetRow& row : datasheet_of(vendor)) {
      ASSERT_TRUE(msr_agrees(model_of(vendor), row)) << row.name;
      mutate_masks(vendor, row, tally);
      mutate_properties(vendor, row, tally);
    }
  mutate_csv("intel-max", tally);
  mutate_csv("amd-max", tally);
  std::cout << tally.mutants() << " mutants of data, and " << tally.equivalent()
            << " that no rule can tell from the original\n";
}

} // namespace
} // namespace icebp::test
