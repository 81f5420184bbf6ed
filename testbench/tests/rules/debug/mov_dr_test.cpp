#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/testbench/tests/rules/oracles/mov_dr_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

Outcome outcome_of(Vendor vendor, bool general_detect, const Request& request) {
  return mov_dr(model_of(vendor), prepared_dr(general_detect), request);
}

// ---- The vectors of docs/debug-unit.md 10.1
// ----------------------------------------------------------

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
    CoreState state = prepared_dr(false);
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
    CoreState state = prepared_dr(true);
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
        CoreState state = prepared_dr(false);
        CoreState expected = state;
        expected.dr[dr] = value;
        EXPECT_TRUE(is_retired(execute(model_of(vendor), state, write_dr(dr, value)).outcome));
        EXPECT_TRUE(same(state, expected));
      }
}

TEST(MovDr, Operands_have_32_bits_outside_64_bit_mode) {
  for (const Mode mode : {Mode::real, Mode::protected_mode, Mode::compatibility}) {
    CoreState state = prepared_dr(false);
    EXPECT_TRUE(is_retired(mov_dr(model_of(Vendor::intel), state, in_mode(read_dr(1), mode, 0)),
                           0x0000000076543210));
    commit_mov_to_dr(intel(), state, in_mode(write_dr(1, 0xCAFEBABE12345678), mode, 0));
    EXPECT_EQ(state.dr[1], 0x0000000012345678u);
  }
  EXPECT_TRUE(is_retired(mov_dr(model_of(Vendor::intel), prepared_dr(false), read_dr(1)),
                         0xFEDCBA9876543210));
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
  const CpuModel documented(intel(), intel_manuals);
  EXPECT_TRUE(is_gp0(mov_dr(documented, prepared_dr(true), at_cpl(read_dr(0), 3)), Cause::cpl));
  EXPECT_TRUE(is_gd_db(mov_dr(documented, prepared_dr(true), read_dr(0))));
}

// ---- Every combination of 10.1 against testbench/oracle/mov_dr_priority.csv
// -------------------------------

// Modes and privilege levels x 32 encodings, DE and GD x registers x directions x values x guests.
constexpr unsigned combinations = 14 * 32 * 8 * 2 * 3 * 3;

void expect_agreement(const CpuModel& cpu, const MovDrCpu& expected) {
  const Agreement agreement = compare_mov_dr(cpu, expected);
  EXPECT_EQ(agreement.mismatches, 0u) << agreement.first_mismatch;
  EXPECT_EQ(agreement.cases, combinations);
  // Every row decides something, but for V86's: CPL is 3 there, which the row above has.
  ASSERT_EQ(agreement.idle_rows.size(), 1u);
  EXPECT_NE(agreement.idle_rows[0].find("v86"), std::string::npos) << agreement.idle_rows[0];
}

class MovDrSweep : public testing::TestWithParam<MovDrCpu> {};

TEST_P(MovDrSweep, Agrees_with_10_1) {
  expect_agreement(CpuModel(*find_cpu_profile(GetParam().profile)), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Profiles, MovDrSweep, testing::ValuesIn(mov_dr_cpus),
                         [](const testing::TestParamInfo<MovDrCpu>& test) {
                           std::string name(test.param.profile);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MovDrAuthority, Documented_intel_agrees_with_10_1) { // 11, "GD vs CPL, Intel": SDM pages
  expect_agreement(CpuModel(intel(), intel_manuals),
                   {"intel-skylake", "intel_documented", true, false});
}

} // namespace
} // namespace icebp::test
