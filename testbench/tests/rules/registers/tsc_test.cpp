// The TSC counts, and IA32_TSC_ADJUST says by how much software has moved it (SDM vol. 3 17.17.3).

#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/registers/tsc.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr std::uint32_t tsc_index = 0x10, adjust_index = 0x3B;

class Tsc : public testing::TestWithParam<Vendor> {
protected:
  static Request at(u64 now, Request request) {
    request.now = now;
    return request;
  }
  u64 read(std::uint32_t index, u64 now) {
    const Outcome outcome = execute(cpu, state, at(now, rdmsr_of(index))).outcome;
    EXPECT_EQ(outcome.kind, OutcomeKind::retired);
    return outcome.value();
  }
  void write(std::uint32_t index, u64 value, u64 now) {
    EXPECT_TRUE(is_retired(execute(cpu, state, at(now, wrmsr_of(index, value))).outcome));
  }

  const CpuModel cpu{*find_cpu_profile(GetParam() == Vendor::intel ? "intel-max" : "amd-max")};
  CoreState state = power_up(cpu);
};

TEST_P(Tsc, Counts_from_power_up) {
  EXPECT_EQ(read(tsc_index, 0), 0u);
  EXPECT_EQ(read(tsc_index, 1000), 1000u);
  EXPECT_EQ(tsc::read(state, 1000), 1000u); // RDTSC
  EXPECT_EQ(read(adjust_index, 1000), 0u);
}

TEST_P(Tsc, A_write_moves_TSC_ADJUST_by_the_same) {
  write(tsc_index, 5000, 1000);
  EXPECT_EQ(read(tsc_index, 1000), 5000u);
  EXPECT_EQ(read(tsc_index, 1300), 5300u); // it goes on
  EXPECT_EQ(tsc::read(state, 1300), 5300u);
  EXPECT_EQ(read(adjust_index, 1300), 4000u);
  write(tsc_index, 0, 2000);
  EXPECT_EQ(read(tsc_index, 2000), 0u);
  EXPECT_EQ(read(adjust_index, 2000), u64{0} - 2000);
}

TEST_P(Tsc, A_write_to_TSC_ADJUST_moves_the_TSC_by_the_difference) {
  write(adjust_index, 100, 50);
  EXPECT_EQ(read(tsc_index, 50), 150u);
  write(adjust_index, 40, 60);
  EXPECT_EQ(read(tsc_index, 60), 100u);
  EXPECT_EQ(read(adjust_index, 60), 40u);
}

TEST_P(Tsc, Wraps_at_64_bits) {
  write(tsc_index, ~u64{0}, 7);
  EXPECT_EQ(read(tsc_index, 8), 0u);
  EXPECT_EQ(read(adjust_index, 8), ~u64{0} - 7);
}

TEST_P(Tsc, RESET_starts_it_anew_and_INIT_does_not) { // docs/msr-block.md 2.6
  write(tsc_index, 5000, 1000);
  execute(cpu, state, of_operation(Operation::init));
  EXPECT_EQ(read(tsc_index, 1001), 5001u);
  EXPECT_EQ(read(adjust_index, 1001), 4000u);
  execute(cpu, state, at(3000, of_operation(Operation::reset)));
  EXPECT_EQ(read(tsc_index, 3000), 0u);
  EXPECT_EQ(read(tsc_index, 3010), 10u);
  EXPECT_EQ(read(adjust_index, 3010), 0u);
}

TEST_P(Tsc, RESET_is_one_whatever_was_written_before) { // the state compares equal
  CpuProfile without = cpu.profile;
  without.features = without.features.without(Feature::tsc_adjust);
  const CpuModel older(without);
  CoreState used = power_up(older);
  execute(older, used, at(5, wrmsr_of(tsc_index, 1000)));
  execute(older, used, of_operation(Operation::reset));
  EXPECT_TRUE(same(used, power_up(older)));
}

TEST_P(Tsc, Is_read_and_written_by_what_happens_outside_the_instructions) {
  EXPECT_TRUE(poke_msr(cpu, state, tsc_index, 700, 500));
  EXPECT_EQ(peek_msr(cpu, state, tsc_index, 510), 710u);
  EXPECT_EQ(read(adjust_index, 510), 0u); // no effect besides
}

TEST_P(Tsc, The_newer_forms_see_it_too) {
  if (GetParam() == Vendor::amd)
    return;
  Request request = at(90, rdmsr_of(tsc_index));
  for (const Operation form : {Operation::rdmsr_imm, Operation::rdmsrlist_entry}) {
    request.operation = form;
    EXPECT_TRUE(is_retired(execute(cpu, state, request).outcome, 90));
  }
}

TEST_P(Tsc, Says_which_operations_depend_on_time) {
  EXPECT_TRUE(tsc::depends_on_time(rdmsr_of(0x10)));
  EXPECT_TRUE(tsc::depends_on_time(wrmsr_of(0x10, 0)));
  EXPECT_TRUE(tsc::depends_on_time(of_operation(Operation::reset)));
  EXPECT_TRUE(tsc::depends_on_time(of_operation(Operation::branch)));
  EXPECT_FALSE(tsc::depends_on_time(rdmsr_of(0x11)));
  EXPECT_FALSE(tsc::depends_on_time(wrmsr_of(0x3B, 0)));
  EXPECT_FALSE(tsc::depends_on_time(of_operation(Operation::init)));
  Request other = read_dr(0);
  other.msr = 0x10;
  EXPECT_FALSE(tsc::depends_on_time(other));
}

INSTANTIATE_TEST_SUITE_P(Rules, Tsc, testing::Values(Vendor::intel, Vendor::amd), vendor_name);

} // namespace
} // namespace icebp::test
