#include <icebp/model/rules/mov_dr.h>
#include <icebp/testbench/tests/rules/decision_table.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// Every register has a value of its own; DR7 may have GD.
CoreState prepared(bool general_detect) {
  CoreState state;
  state.dr = {0x0123456789ABCDEF,
              0xFEDCBA9876543210,
              0x00000000DEADBEEF,
              0xAAAAAAAA55555555,
              0,
              0,
              0xFFFF4FF3,
              general_detect ? 0x2455u : 0x455u};
  return state;
}

Outcome outcome_of(Vendor vendor, bool general_detect, const Request& request) {
  return mov_dr(profile_of(vendor), prepared(general_detect), request);
}

// ---- The vectors of debug-unit.md 10.1 ----------------------------------------------------------

TEST(MovDrVectors, P1_gd_cpl3_legal) {
  for (const Request& request : {read_dr(0), read_dr(7), write_dr(0, 1), write_dr(7, 0x400)}) {
    EXPECT_TRUE(is_gd_db(outcome_of(Vendor::intel, true, at_cpl(request, 3))));
    EXPECT_TRUE(is_gp0(outcome_of(Vendor::amd, true, at_cpl(request, 3)), Cause::cpl));
  }
}

TEST(MovDrVectors, P2_gd_beats_an_illegal_dr7) {
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(is_gd_db(outcome_of(vendor, true, write_dr(7, bit(32)))));
}

TEST(MovDrVectors, P3_gd_cpl3_illegal_dr6) {
  const Request request = at_cpl(write_dr(6, bit(32)), 3);
  EXPECT_TRUE(is_gd_db(outcome_of(Vendor::intel, true, request)));
  EXPECT_TRUE(is_gp0(outcome_of(Vendor::amd, true, request), Cause::cpl));
}

TEST(MovDrVectors, P4_illegal_dr6_in_64_bit_mode) {
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(
        is_gp0(outcome_of(vendor, false, write_dr(6, bit(32))), Cause::reserved_upper_half));
}

TEST(MovDrVectors, P5_upper_garbage_in_compatibility_mode) {
  const Request request = in_mode(write_dr(6, bit(32)), Mode::compatibility, 0);
  for (const Vendor vendor : vendors) {
    EXPECT_TRUE(is_retired(outcome_of(vendor, false, request)));
    CoreState state = prepared(false);
    execute(model_of(vendor), state, request);
    EXPECT_EQ(state.dr[6], vendor == Vendor::intel ? 0xFFFE0FF0 : 0xFFFF0FF0); // 0 written
  }
}

TEST(MovDrVectors, P6_gd_dr4_de) {
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(is_ud(outcome_of(vendor, true, with_de(read_dr(4))), Cause::dr45_with_de));
}

TEST(MovDrVectors, P7_gd_cpl3_dr5_de) {
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(
        is_ud(outcome_of(vendor, true, at_cpl(with_de(read_dr(5)), 3)), Cause::dr45_with_de));
}

TEST(MovDrVectors, P8_gd_cpl3_lock) {
  const Request request = at_cpl(with_fault(read_dr(0), Cause::lock_prefix), 3);
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(is_ud(outcome_of(vendor, true, request), Cause::lock_prefix));
}

TEST(MovDrVectors, P9_gd_rex_r) {
  const Request request = with_fault(read_dr(0), Cause::rex_r);
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(is_ud(outcome_of(vendor, true, request), Cause::rex_r));
}

TEST(MovDrVectors, P10_gd_v86) {
  const Request request = in_mode(read_dr(0), Mode::v86, 3);
  EXPECT_TRUE(is_gd_db(outcome_of(Vendor::intel, true, request)));
  EXPECT_TRUE(is_gp0(outcome_of(Vendor::amd, true, request), Cause::cpl));
}

TEST(MovDrVectors, P11_gd_read) {
  for (const Vendor vendor : vendors) // the value 0 of a fault: nothing for the GPR
    EXPECT_TRUE(is_gd_db(outcome_of(vendor, true, read_dr(0))));
}

TEST(MovDrVectors, P12_after_p11_the_handler_reads) {
  for (const Vendor vendor : vendors) {
    CoreState state = prepared(true);
    EXPECT_TRUE(is_gd_db(execute(model_of(vendor), state, read_dr(0)).outcome));
    EXPECT_TRUE(
        is_retired(execute(model_of(vendor), state, read_dr(0)).outcome, 0x0123456789ABCDEF));
  }
}

// P17 is a matter of decoding: decode_test.cpp.

TEST(MovDrVectors, P18_dr5_without_de_is_checked_as_dr7) {
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(
        is_gp0(outcome_of(vendor, false, write_dr(5, bit(40))), Cause::reserved_upper_half));
}

// ---- Operands, aliases and effects: 1.1, 1.3, 1.5 -----------------------------------------------

TEST(MovDr, Any_upper_bit_of_dr4_to_dr7_is_gp) {
  for (const Vendor vendor : vendors)
    for (unsigned dr = 4; dr < 8; ++dr)
      for (unsigned n = 0; n < 64; ++n) {
        SCOPED_TRACE("DR" + std::to_string(dr) + " bit " + std::to_string(n));
        const Outcome outcome = outcome_of(vendor, false, write_dr(dr, bit(n)));
        if (n < 32)
          EXPECT_TRUE(is_retired(outcome)); // no value of the low half faults
        else
          EXPECT_TRUE(is_gp0(outcome, Cause::reserved_upper_half));
      }
}

TEST(MovDr, Dr0_to_dr3_take_any_value) {
  for (const Vendor vendor : vendors)
    for (unsigned dr = 0; dr < 4; ++dr)
      for (const u64 value :
           {every_bit, u64{0}, u64{0x0000800000000000}, u64{0xAAAAAAAAAAAAAAAA}}) {
        CoreState state = prepared(false);
        CoreState expected = state;
        expected.dr[dr] = value;
        EXPECT_TRUE(is_retired(execute(model_of(vendor), state, write_dr(dr, value)).outcome));
        EXPECT_TRUE(same(state, expected));
      }
}

TEST(MovDr, Operands_have_32_bits_outside_64_bit_mode) {
  for (const Mode mode : {Mode::real, Mode::protected_mode, Mode::compatibility}) {
    CoreState state = prepared(false);
    EXPECT_TRUE(
        is_retired(mov_dr(intel(), state, in_mode(read_dr(1), mode, 0)), 0x0000000076543210));
    commit_mov_to_dr(intel(), state, in_mode(write_dr(1, 0xCAFEBABE12345678), mode, 0));
    EXPECT_EQ(state.dr[1], 0x0000000012345678u);
  }
  EXPECT_TRUE(is_retired(mov_dr(intel(), prepared(false), read_dr(1)), 0xFEDCBA9876543210));
}

TEST(MovDr, Dr6_is_written_by_the_amd_gate_of_the_moment) { // 10.2
  const CpuModel cpu(with(amd(), Feature::bus_lock_detect));
  CoreState state = power_up(cpu);
  execute(cpu, state, write_dr(6, 0));
  EXPECT_EQ(state.dr[6], 0xFFFF0FF0);
  execute(cpu, state, wrmsr_of(0x1D9, 4));
  execute(cpu, state, write_dr(6, 0));
  EXPECT_EQ(state.dr[6], 0xFFFF07F0);
}

TEST(MovDr, General_detect_goes_to_firmware_if_redirected) { // 5.6
  for (const Vendor vendor : vendors)
    EXPECT_TRUE(is_gd_db(outcome_of(vendor, true, into_firmware(read_dr(0))), true));
  EXPECT_TRUE(
      is_gd_db(outcome_of(Vendor::intel, true, at_cpl(into_firmware(read_dr(0)), 3)), true));
  // #GP is not redirected.
  EXPECT_TRUE(
      is_gp0(outcome_of(Vendor::amd, true, at_cpl(into_firmware(read_dr(0)), 3)), Cause::cpl));
}

TEST(MovDr, Documented_intel_puts_cpl_before_general_detect) { // 11: "SDM pages/AH58: #GP"
  CpuProfile documented = intel();
  documented.mov_dr_ladder = intel_documented_ladder;
  EXPECT_TRUE(is_gp0(mov_dr(documented, prepared(true), at_cpl(read_dr(0), 3)), Cause::cpl));
  EXPECT_TRUE(is_gd_db(mov_dr(documented, prepared(true), read_dr(0))));
}

// ---- Every combination against oracle/mov_dr_priority.csv (10.1) --------------------------------

struct ValueClass {
  std::string name;
  u64 value;
  u64 low_half;     // what arrives outside 64-bit mode
  u64 dr6_rtm, dr6; // read back, table 2.2: with RTM, with neither
  u64 dr7_rtm, dr7; // section 3
};
const ValueClass value_classes[] = {
    {"zero", 0, 0, 0xFFFE0FF0, 0xFFFF0FF0, 0x400, 0x400},
    {"low", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFEFFF, 0xFFFFEFFF, 0xFFFF2FFF, 0xFFFF27FF},
    {"upper", 0x5A5A5A5AFFFFFFFF, 0xFFFFFFFF, 0xFFFFEFFF, 0xFFFFEFFF, 0xFFFF2FFF, 0xFFFF27FF},
};

class MovDrSweep : public testing::TestWithParam<Vendor> {
protected:
  // Executes one request and compares outcome and state with a row of the oracle.
  static testing::AssertionResult agrees(const Row& row, Vendor vendor, const Request& request,
                                         bool general_detect, const ValueClass& value) {
    CoreState state = prepared(general_detect);
    CoreState expected = state;
    const Outcome outcome = execute(model_of(vendor), state, request).outcome;
    const Cause cause = *value_of<Cause>(row.at("cause"));
    const bool long_mode = request.context.mode == Mode::long_mode;
    testing::AssertionResult result = testing::AssertionFailure() << "no such outcome";
    if (row.at("outcome") == "#GP") {
      result = is_gp0(outcome, cause);
    } else if (row.at("outcome") == "#UD") {
      result = is_ud(outcome, cause);
    } else if (row.at("outcome") == "#DB") {
      result = is_gd_db(outcome);
      expected.dr[6] = 0xFFFF6FF0; // BD new, BS kept, B cleared
      expected.dr[7] = 0x455;      // GD cleared
    } else {
      const unsigned reg = static_cast<unsigned>(std::stoul(row.at("register")));
      if (row.at("outcome") == "read") {
        result = is_retired(outcome, long_mode ? state.dr[reg] : state.dr[reg] & 0xFFFFFFFF);
      } else {
        result = is_retired(outcome);
        const bool rtm = vendor == Vendor::intel;
        if (reg == 6)
          expected.dr[6] = rtm ? value.dr6_rtm : value.dr6;
        else if (reg == 7)
          expected.dr[7] = rtm ? value.dr7_rtm : value.dr7;
        else
          expected.dr[reg] = long_mode ? value.value : value.low_half;
      }
    }
    return result ? same(state, expected) : result;
  }
};

TEST_P(MovDrSweep, Agrees_with_10_1) {
  const Vendor vendor = GetParam();
  const std::vector<Row> oracle =
      read_decision_table(std::string(ICEBP_ORACLE_DIR) + "/mov_dr_priority.csv");
  const std::string on_off[] = {"0", "1"};
  const std::string no_yes[] = {"no", "yes"};
  std::vector<unsigned> hits(oracle.size());
  unsigned cases = 0;
  for (const Level& level : every_level())
    for (unsigned combination = 0; combination < 32; ++combination)
      for (unsigned reg = 0; reg < 8; ++reg)
        for (const bool write : {false, true})
          for (const ValueClass& value : value_classes) {
            const bool too_long = (combination & 1) != 0;
            const bool lock = (combination & 2) != 0;
            const bool rex_r = (combination & 4) != 0;
            const bool de = (combination & 8) != 0;
            const bool gd = (combination & 16) != 0;
            Request request =
                in_mode(write ? write_dr(reg, value.value) : read_dr(reg), level.mode, level.cpl);
            request.context.cr4_de = de;
            if (too_long)
              request = with_fault(request, Cause::instruction_too_long);
            if (lock)
              request = with_fault(request, Cause::lock_prefix);
            if (rex_r)
              request = with_fault(request, Cause::rex_r);
            const Row inputs{{"vendor", std::string(name_of(vendor))},
                             {"too_long", no_yes[too_long]},
                             {"lock", no_yes[lock]},
                             {"rex_r", no_yes[rex_r]},
                             {"mode", std::string(name_of(level.mode))},
                             {"cpl", std::to_string(level.cpl)},
                             {"de", on_off[de]},
                             {"gd", on_off[gd]},
                             {"reg", std::to_string(reg)},
                             {"direction", write ? "write" : "read"},
                             {"value", value.name}};
            const std::size_t match = first_match(oracle, inputs);
            ASSERT_LT(match, oracle.size()) << "no row decides";
            ++hits[match];
            ++cases;
            std::string trace;
            for (const auto& [column, cell] : inputs)
              trace += column + "=" + cell + " ";
            ASSERT_TRUE(agrees(oracle[match], vendor, request, gd, value))
                << trace << "row " << oracle[match].at("row");
          }
  EXPECT_EQ(cases, 21504u);
  // Every row decides something, but the V86 rows: CPL is 3 there, which a row above has.
  for (std::size_t n = 0; n < oracle.size(); ++n)
    if (oracle[n].at("vendor") == name_of(vendor) && oracle[n].at("mode") != "v86") {
      EXPECT_GT(hits[n], 0u) << "row " << oracle[n].at("row") << " never decides";
    }
}

INSTANTIATE_TEST_SUITE_P(Vendors, MovDrSweep, testing::ValuesIn(vendors), vendor_name);

} // namespace
} // namespace icebp::test
