#include <icebp/model/json/input_error.h>
#include <icebp/model/profiles/msr_name.h>
#include <icebp/testbench/program/profiles/rw_map.h>
#include <icebp/testbench/tests/program/program_test.h>
#include <icebp/testbench/tests/rules/support.h>

#include <sstream>

namespace icebp::test {
namespace {

std::string rw_map(const char* profile, const std::string& wanted) {
  std::ostringstream out;
  show_rw_map(*find_cpu_profile(profile), wanted, false, out);
  return out.str();
}

nlohmann::json rw_map_json(const char* profile, const std::string& wanted) {
  std::ostringstream out;
  show_rw_map(*find_cpu_profile(profile), wanted, true, out);
  return nlohmann::json::parse(out.str());
}

std::string line_of(const std::string& text, const std::string& begin) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(begin, 0) == 0)
      return line;
  return "";
}

// SDM vol. 3 17.4.1; masks as the i7-6700K was probed.
TEST(RwMap, Of_debugctl) {
  EXPECT_EQ(rw_map("intel-skylake", "0x1d9"),
            "IA32_DEBUGCTL 0x000001d9 rw, intel-skylake\n"
            "source  VB i7-6700K, SDM 17.4.1 (HW)\n"
            "fields  SDM vol. 3 17.4.1\n"
            "INIT    reset\n"
            "scope   thread\n"
            "\n"
            "bits   RESET               written    field\n"
            "63:16  0x0                 #GP if 1\n"
            "15     0x0                 stored     RTM_DEBUG\n"
            "14     0x0                 stored     FREEZE_WHILE_SMM\n"
            "13     0x0                 stored     ENABLE_UNCORE_PMI\n"
            "12     0x0                 stored     FREEZE_PERFMON_ON_PMI\n"
            "11     0x0                 stored     FREEZE_LBRS_ON_PMI\n"
            "10     0x0                 stored     BTS_OFF_USR\n"
            "9      0x0                 stored     BTS_OFF_OS\n"
            "8      0x0                 stored     BTINT\n"
            "7      0x0                 stored     BTS\n"
            "6      0x0                 stored     TR\n"
            "5:3    0x0                 #GP if 1\n"
            "2      0x0                 #GP if 1   BUS_LOCK_DETECT\n"
            "1      0x0                 stored     BTF\n"
            "0      0x0                 stored     LBR\n");
}

TEST(RwMap, As_json) { // AMD drops bits 7:1 of EFER, and a rule guards LME and LMA
  const nlohmann::json efer = rw_map_json("amd-zen1", "EFER");
  EXPECT_EQ(efer.at("profile"), "amd-zen1");
  EXPECT_EQ(efer.at("index"), "0xc0000080");
  EXPECT_EQ(efer.at("grade"), "HW");
  EXPECT_EQ(efer.at("fields_source"), "APM vol. 2");
  EXPECT_EQ(efer.at("besides").size(), 1u);
  const auto& bits = efer.at("bits");
  EXPECT_EQ(bits.back().dump(),
            R"({"field":"SCE","high":0,"low":0,"reset":"0x0","written":"stored"})");
  EXPECT_EQ(bits.at(bits.size() - 2).dump(),
            R"({"field":null,"high":7,"low":1,"reset":"0x0","written":"dropped"})");
  EXPECT_EQ(rw_map_json("amd-zen1", "0xc0011020").at("fields_source"), ""); // LS_CFG: none known
}

// The value after RESET in the field's own bits; bits of a field that the CPU cuts in two.
TEST(RwMap, Values_and_halves_of_fields) {
  const std::string apic_base = rw_map("intel-skylake", "APIC_BASE"); // FEE00900h, 39 bits
  EXPECT_EQ(line_of(apic_base, "51:39"), "51:39  0x0                 #GP if 1   BASE");
  EXPECT_EQ(line_of(apic_base, "38:12"), "38:12  0xfee00             stored     BASE");
  EXPECT_EQ(line_of(apic_base, "8 "), "8      0x1                 stored     BSP");
  EXPECT_EQ(line_of(rw_map("amd-zen1", "0xc0000104"), "39:32"),
            "39:32  0x1                 stored     INTEGER");
  EXPECT_EQ(line_of(rw_map("intel-max", "0x17b"), "63:0"), "63:0   0xffffffffffffffff  stored");
}

TEST(RwMap, Kinds_of_registers) {
  EXPECT_EQ(line_of(rw_map("intel-skylake", "LSTAR"), "63:47"),
            "63:47  0x0                 canonical");
  EXPECT_EQ(line_of(rw_map("intel-max", "LSTAR"), "63:56"), "63:56  0x0                 canonical");
  const std::string flagged = rw_map("intel-skylake", "LER_FROM_LIP"); // docs/msr-block.md 1.3
  EXPECT_EQ(line_of(flagged, "63 "), "63     0x0                 stored");
  EXPECT_EQ(line_of(flagged, "62:47"), "62:47  0x0                 canonical");
  EXPECT_EQ(line_of(rw_map("amd-zen1", "PRED_CMD"), "0 "),
            "0      0x0                 taken      IBPB");
  EXPECT_EQ(line_of(rw_map("intel-skylake", "0xfe"), "7:0"),
            "7:0    0xa                 #GP        VCNT");
  EXPECT_NE(rw_map("intel-skylake", "SMRR_PHYSBASE").find(" smm, "), std::string::npos);
}

TEST(RwMap, What_masks_do_not_tell) {
  const struct {
    const char* profile;
    const char* msr;
    const char* text;
  } rows[] = {
      {"intel-skylake", "X2APIC_TPR", "in some states of the CPU only: else #GP, reads too"},
      {"intel-skylake", "FEATURE_CONTROL", "may be locked: then a write is #GP"},
      {"intel-skylake", "PAT", "not every value that its bits allow is legal: else #GP"},
      {"amd-zen1", "HWCR", "a write does more than to store the value"},
      {"intel-core2", "ROB_CR_BKUPTMPDR6", "what is read is computed"},
  };
  for (const auto& row : rows) {
    EXPECT_NE(rw_map(row.profile, row.msr).find(std::string("\nbesides: ") + row.text + '\n'),
              std::string::npos)
        << row.msr;
    EXPECT_EQ(rw_map_json(row.profile, row.msr).at("besides").at(0), row.text);
  }
  EXPECT_EQ(rw_map("intel-skylake", "LSTAR").find("besides"), std::string::npos);
}

TEST(RwMap, Finds_a_register_by_any_of_its_names) {
  const struct {
    const char* profile;
    const char* wanted;
    const char* begin;
  } rows[] = {
      {"intel-skylake", "debugctl", "IA32_DEBUGCTL 0x000001d9 "},
      {"amd-zen1", "IA32_DEBUGCTL", "DEBUG_CTL 0x000001d9 "}, // Intel's name
      {"intel-skylake", "LBR_SELECT", "MSR_LBR_SELECT 0x000001c8 "},
      {"amd-zen5", "LBR_SELECT", "LBR_SELECT 0xc000010e "},
      {"intel-skylake", "MC9_CTL", "IA32_MC9_CTL 0x00000424 "},
      {"amd-k8", "0xc0011024", "DEBUG_CTL2 0xc0011024 "},
  };
  for (const auto& row : rows)
    EXPECT_EQ(rw_map(row.profile, row.wanted).rfind(row.begin, 0), 0u) << row.wanted;
}

TEST(RwMap, Refuses_what_the_cpu_does_not_have) {
  const std::string hint =
      "; icebp msrs --profile amd-k8 lists its MSRs: an index such as 0x1d9, or a name";
  const auto error = [](const char* wanted) { return error_of([&] { rw_map("amd-k8", wanted); }); };
  EXPECT_EQ(error("lstra"), "--rw-map: \"lstra\" is not an MSR (did you mean LSTAR?)" + hint);
  EXPECT_EQ(error("0x3a"), "--rw-map: amd-k8 does not have 0x3a" + hint);
  EXPECT_EQ(error("FEATURE_CONTROL"), "--rw-map: amd-k8 does not have FEATURE_CONTROL" + hint);
  EXPECT_EQ(error("0x1000001d9"), "--rw-map: amd-k8 does not have 0x1000001d9" + hint);
}

// A register of the profile's own has no fields, though the catalogue knows them of another CPU.
TEST(RwMap, Knows_no_fields_of_what_the_catalogue_does_not_have) {
  for (const CpuProfile& profile : cpu_profiles)
    for (const ResolvedMsr& msr : MsrTable(profile))
      if (!msr.in_catalogue && msr_fields_of(profile.vendor, msr.index)) {
        std::ostringstream out;
        show_rw_map(profile, full_name(msr), false, out);
        EXPECT_EQ(out.str().find("\nfields"), std::string::npos) << profile.name << hex(msr.index);
        EXPECT_NE(out.str().find(" ? 0x"), std::string::npos);
      }
}

// ---- Against WRMSR

// What becomes of bit `n` of a register that only its masks and the canonical rule guard.
BitWrite seen(const CpuModel& cpu, CoreState state, const ResolvedMsr& msr, unsigned n) {
  const u64 old_value = state.msr[msr.slot];
  const Outcome outcome = execute(cpu, state, wrmsr_of(msr.index, old_value ^ bit(n))).outcome;
  switch (outcome.cause) {
  case Cause::msr_read_only:
    return BitWrite::refused;
  case Cause::msr_reserved_bits:
    return BitWrite::gp;
  case Cause::msr_non_canonical:
    return BitWrite::canonical;
  default:
    break;
  }
  EXPECT_EQ(outcome.kind, OutcomeKind::retired) << hex(msr.index);
  const bool changed = state.msr[msr.slot] != old_value;
  return changed ? BitWrite::stored : msr.readable ? BitWrite::dropped : BitWrite::taken;
}

TEST(RwMap, Tells_what_a_write_does) {
  std::size_t registers = 0;
  for (const CpuProfile& profile : cpu_profiles) {
    const CpuModel cpu(profile);
    const CoreState state = power_up(cpu);
    for (const ResolvedMsr& msr : cpu.msrs) {
      const bool is_plain = msr.does->writes_by_masks() && !msr.does->on_write && !msr.does->read;
      if (!is_plain || msr.smm_only || msr.last != msr.index)
        continue;
      ++registers;
      unsigned next = 63;
      for (const BitRange& bits : bit_ranges_of(msr, msr_fields_of(profile.vendor, msr.index))) {
        EXPECT_EQ(bits.high, next) << hex(msr.index);
        for (unsigned n = bits.low; n <= bits.high; ++n)
          // A bit that reads 1 and must not be written as 1: clearing it shows nothing.
          if ((state.msr[msr.slot] & msr.gp & bit(n)) == 0) {
            EXPECT_EQ(name_of(bits.write), name_of(seen(cpu, state, msr, n)))
                << profile.name << ' ' << hex(msr.index) << ' ' << n;
          }
        next = bits.low - 1;
      }
      EXPECT_EQ(next, ~0u) << hex(msr.index);
    }
  }
  EXPECT_GT(registers, 2000u);
}

// ---- The table of fields

TEST(MsrFields, Belong_to_rows_of_the_catalogue_and_do_not_overlap) {
  EXPECT_GT(std::distance(msr_fields.begin(), msr_fields.end()), 60);
  for (const MsrFields& fields : msr_fields) {
    for (const Vendor vendor : {Vendor::intel, Vendor::amd})
      if (applies(fields.vendor, vendor)) {
        const MsrRow* row = find_msr_row(vendor, fields.index);
        ASSERT_NE(row, nullptr) << hex(fields.index);
        EXPECT_EQ(row->index, fields.index);
        EXPECT_EQ(msr_fields_of(vendor, fields.index), &fields) << "twice " << hex(fields.index);
      }
    unsigned next = 0;
    for (const MsrField& field : fields.fields) {
      EXPECT_LE(next, field.low) << hex(fields.index) << ' ' << field.name;
      EXPECT_LE(field.low, field.high) << field.name;
      EXPECT_LT(field.high, 64u) << field.name;
      next = field.high + 1;
    }
  }
}

TEST(MsrFields, Cover_what_some_cpu_stores_of_the_debug_unit) {
  for (const char* profile : {"intel-max", "amd-max"})
    for (const std::uint32_t index : {0x1D9u, 0xC0000080u, 0x1Bu, 0xC80u}) {
      const CpuProfile& cpu = *find_cpu_profile(profile);
      const MsrTable table(cpu);
      const ResolvedMsr& msr = table.find(index);
      for (unsigned n = 0; n < 64; ++n)
        if ((msr.writable & bit(n)) != 0) {
          EXPECT_NE(field_at(msr_fields_of(cpu.vendor, index), n), nullptr)
              << profile << ' ' << hex(index) << ' ' << n;
        }
    }
}

TEST(MsrFields, Of_a_range_are_those_of_its_first_register) {
  const MsrFields* fields = msr_fields_of(Vendor::intel, 0x188); // PERFEVTSEL2
  ASSERT_NE(fields, nullptr);
  EXPECT_EQ(field_at(fields, 33)->name, "IN_TXCP");
  EXPECT_EQ(field_at(fields, 35), nullptr);
  EXPECT_EQ(field_at(nullptr, 0), nullptr);
  EXPECT_EQ(msr_fields_of(Vendor::intel, 0x3), nullptr);
  EXPECT_EQ(field_at(msr_fields_of(Vendor::amd, 0x49), 7)->name, "SBPB");
  EXPECT_EQ(field_at(msr_fields_of(Vendor::intel, 0x49), 7), nullptr);
}

} // namespace
} // namespace icebp::test
