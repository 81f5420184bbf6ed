// MSRs that the platform keeps.

#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <map>

namespace icebp::test {
namespace {

// Two synthetic registers, one of them read-only, and a counter.
class Platform : public PlatformMsrs {
public:
  std::optional<u64> read(std::uint32_t index) const override {
    const auto found = values.find(index);
    return found == values.end() ? std::nullopt : std::optional<u64>(found->second);
  }
  Cause check_write(std::uint32_t index, u64 value) const override {
    if (values.count(index) == 0)
      return Cause::msr_unknown;
    if (index == 0x40000002)
      return Cause::msr_read_only;
    return value > 0xFFFF ? Cause::msr_value : Cause::none;
  }
  void write(std::uint32_t index, u64 value) override { values[index] = value; }

  std::map<std::uint32_t, u64> values{{0x40000000, 1}, {0x40000002, 2}, {0xE8, 77}};
};

constexpr MsrIndexRange kept[] = {{0x40000000, 0x400000FF}, {0xE8, 0xE8}};

class PlatformMsr : public testing::Test {
protected:
  static CpuProfile with_platform() {
    CpuProfile profile = *find_cpu_profile("intel-max");
    profile.platform_msrs = {kept, std::size(kept)};
    return profile;
  }
  Request with(Request request) {
    request.context.platform = &platform;
    return request;
  }
  Outcome read(std::uint32_t index) { return execute(cpu, state, with(rdmsr_of(index))).outcome; }
  Outcome write(std::uint32_t index, u64 value) {
    return execute(cpu, state, with(wrmsr_of(index, value))).outcome;
  }

  const CpuModel cpu{with_platform()};
  CoreState state = power_up(cpu);
  Platform platform;
};

TEST_F(PlatformMsr, Is_read_and_written_there) {
  EXPECT_TRUE(is_retired(read(0x40000000), 1));
  EXPECT_EQ(read(0x40000000).cost, MsrCost::slow_read);
  const CoreState before = state;
  const Outcome written = write(0x40000000, 0x1234);
  EXPECT_TRUE(is_retired(written));
  EXPECT_EQ(written.cost, MsrCost::serializing_write);
  EXPECT_TRUE(written.serializing);
  EXPECT_EQ(platform.values[0x40000000], 0x1234u);
  EXPECT_TRUE(same(state, before));
}

TEST_F(PlatformMsr, The_platform_says_why_not) {
  const auto before = platform.values;
  EXPECT_TRUE(is_gp0(write(0x40000000, 0x10000), Cause::msr_value));
  EXPECT_TRUE(is_gp0(write(0x40000002, 0), Cause::msr_read_only));
  EXPECT_TRUE(is_gp0(read(0x40000001), Cause::msr_unknown));
  EXPECT_TRUE(is_gp0(write(0x400000FF, 0), Cause::msr_unknown));
  EXPECT_EQ(platform.values, before);
}

TEST_F(PlatformMsr, Takes_the_place_of_a_register_of_the_catalogue) {
  EXPECT_EQ(peek_msr(cpu, state, 0xE8), std::nullopt);
  EXPECT_FALSE(poke_msr(cpu, state, 0xE8, 3));
  EXPECT_EQ(peek_msr(cpu, state, 0xE7), 0u);
  EXPECT_TRUE(is_retired(read(0xE8), 77));
  EXPECT_TRUE(is_retired(write(0xE8, 5)));
  EXPECT_EQ(platform.values[0xE8], 5u);
  EXPECT_TRUE(is_retired(read(0xE7), 0));
}

TEST_F(PlatformMsr, What_the_catalogue_knows_of_it_stays) { // an APIC of the platform
  constexpr MsrIndexRange apic[] = {{0x800, 0x8FF}};
  CpuProfile profile = *find_cpu_profile("intel-max");
  profile.platform_msrs = {apic, 1};
  const CpuModel with_apic(profile);
  CoreState core = power_up(with_apic);
  platform.values[0x830] = 7;
  platform.values[0x808] = 8;
  EXPECT_TRUE(is_gp0(execute(with_apic, core, with(rdmsr_of(0x808))).outcome, Cause::not_in_mode));
  EXPECT_TRUE(
      is_gp0(execute(with_apic, core, with(wrmsr_of(0x830, 1))).outcome, Cause::not_in_mode));
  EXPECT_EQ(platform.values[0x830], 7u);
  execute(with_apic, core, wrmsr_of(0x1B, 0xFEE00D00));
  const Outcome read = execute(with_apic, core, with(rdmsr_of(0x808))).outcome;
  EXPECT_TRUE(is_retired(read, 8));
  EXPECT_EQ(read.cost, MsrCost::fast_read);
  const Outcome written = execute(with_apic, core, with(wrmsr_of(0x830, 1))).outcome;
  EXPECT_TRUE(is_retired(written));
  EXPECT_FALSE(written.serializing); // docs/msr-block.md 5: 802h-83Fh
  EXPECT_EQ(platform.values[0x830], 1u);
}

TEST_F(PlatformMsr, Whatever_the_cause_the_fault_is_GP) {
  class Absent final : public PlatformMsrs {
  public:
    std::optional<u64> read(std::uint32_t) const override { return std::nullopt; }
    Cause check_write(std::uint32_t, u64) const override { return Cause::feature_absent; }
    void write(std::uint32_t, u64) override { ADD_FAILURE(); }
  } absent;
  Request request = wrmsr_of(0x40000000, 0);
  request.context.platform = &absent;
  EXPECT_TRUE(is_gp0(execute(cpu, state, request).outcome, Cause::feature_absent));
}

TEST_F(PlatformMsr, Comes_behind_the_checks_of_the_instruction) {
  EXPECT_TRUE(
      is_gp0(execute(cpu, state, at_cpl(with(rdmsr_of(0x40000000)), 3)).outcome, Cause::cpl));
  EXPECT_TRUE(
      is_ud(execute(cpu, state, with_fault(with(rdmsr_of(0x40000000)), Cause::lock_prefix)).outcome,
            Cause::lock_prefix));
  const VmxControls vmx; // every RDMSR exits
  EXPECT_EQ(execute(cpu, state, in_guest(with(rdmsr_of(0x40000000)), vmx)).outcome.cause,
            Cause::intercept);
}

TEST_F(PlatformMsr, Is_unknown_without_a_platform) {
  EXPECT_TRUE(is_gp0(execute(cpu, state, rdmsr_of(0x40000000)).outcome, Cause::msr_unknown));
  EXPECT_TRUE(is_gp0(execute(cpu, state, wrmsr_of(0xE8, 0)).outcome, Cause::msr_unknown));
}

TEST_F(PlatformMsr, Others_stay_with_the_model) {
  EXPECT_TRUE(is_gp0(read(0x40000100), Cause::msr_unknown));
  EXPECT_TRUE(is_gp0(read(0x3FFFFFFF), Cause::msr_unknown));
  EXPECT_TRUE(is_retired(read(0x277), 0x0007040600070406));
  EXPECT_TRUE(is_retired(write(0xE7, 9)));
  EXPECT_EQ(read_msr(cpu, state, 0xE7), 9u);
}

TEST_F(PlatformMsr, The_newer_forms_reach_it_too) {
  Request request = with(wrmsr_of(0x40000000, 3));
  request.operation = Operation::wrmsrns;
  const Outcome outcome = execute(cpu, state, request).outcome;
  EXPECT_TRUE(is_retired(outcome));
  EXPECT_EQ(outcome.cost, MsrCost::nonserializing_write);
  EXPECT_EQ(platform.values[0x40000000], 3u);
}

TEST_F(PlatformMsr, What_no_platform_keeps_is_absent) { // the reserved range, SDM vol. 4 2.1
  const CpuModel bare(*find_cpu_profile("intel-max"));
  EXPECT_TRUE(is_gp0(execute(bare, state, with(rdmsr_of(0x40000000))).outcome, Cause::msr_unknown));
}

} // namespace
} // namespace icebp::test
