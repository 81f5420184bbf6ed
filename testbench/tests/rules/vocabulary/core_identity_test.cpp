// Which logical processor a core is. (SDM vol. 3 8.4.1, 10.12.10.2; docs/msr-block.md 2.6)

#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

struct Identified {
  CoreIdentity identity;
  u64 apic_base, x2apic_id, x2apic_ldr;
};
constexpr Identified processors[] = {
    {{0, true}, 0xFEE00900, 0, 0x00000001},
    {{0, false}, 0xFEE00800, 0, 0x00000001},
    {{1, false}, 0xFEE00800, 1, 0x00000002},
    {{0x1F, false}, 0xFEE00800, 0x1F, 0x00018000},
    {{0x20, true}, 0xFEE00900, 0x20, 0x00020001},
    {{0x12345, false}, 0xFEE00800, 0x12345, 0x12340020},
};

u64 read_in_x2apic(const CpuModel& cpu, CoreState state, std::uint32_t index) {
  state[MsrSlot::apic_base] |= 0xC00;
  return read_msr(cpu, state, index);
}

void expect_identity(const CpuModel& cpu, CoreState state, const Identified& expected) {
  EXPECT_EQ(read_msr(cpu, state, 0x1B), expected.apic_base);
  EXPECT_EQ(read_in_x2apic(cpu, state, 0x802), expected.x2apic_id);
  EXPECT_EQ(read_in_x2apic(cpu, state, 0x80D), expected.x2apic_ldr);
  EXPECT_EQ(state.identity.apic_id, expected.identity.apic_id);
  EXPECT_EQ(state.identity.bsp, expected.identity.bsp);
}

// Software moves the APIC and claims to be another processor.
u64 claim(const Identified& processor) { return processor.apic_base ^ 0x1100; }

TEST(CoreIdentity, Stays_over_RESET) {
  for (const char* profile : {"intel-max", "amd-max"})
    for (const Identified& processor : processors) {
      const CpuModel cpu(*find_cpu_profile(profile));
      CoreState state = power_up(cpu, processor.identity);
      SCOPED_TRACE(hex(processor.identity.apic_id));
      expect_identity(cpu, state, processor);
      EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0x1B, claim(processor))).outcome));
      EXPECT_EQ(read_msr(cpu, state, 0x1B), claim(processor));
      execute(cpu, state, of_operation(Operation::reset));
      expect_identity(cpu, state, processor);
    }
}

TEST(CoreIdentity, Stays_over_INIT_which_keeps_APIC_BASE) { // SDM vol. 3 10.12.5
  for (const char* profile : {"intel-max", "amd-max"})
    for (const bool keeps : {true, false}) { // or as Bochs has it, docs/msr-block.md 2.6
      const CpuProfile& hardware = *find_cpu_profile(profile);
      Authority authority = *hardware.authority;
      EXPECT_TRUE(authority.quirks.init_keeps_apic_base);
      authority.quirks.init_keeps_apic_base = keeps;
      const CpuModel cpu(hardware, authority);
      for (Identified processor : processors) {
        CoreState state = power_up(cpu, processor.identity);
        execute(cpu, state, wrmsr_of(0x1B, claim(processor)));
        execute(cpu, state, of_operation(Operation::init));
        if (keeps)
          processor.apic_base = claim(processor);
        expect_identity(cpu, state, processor);
      }
    }
}

TEST(CoreIdentity, INIT_leaves_an_APIC_in_x2APIC_mode_or_off) { // SDM vol. 3 10.12.5
  const CpuModel cpu(*find_cpu_profile("intel-max"));
  for (const u64 mode : {u64{0xFEE00D00}, u64{0xFEE00100}}) {
    CoreState state = power_up(cpu);
    execute(cpu, state, wrmsr_of(0x1B, mode));
    execute(cpu, state, of_operation(Operation::init));
    EXPECT_EQ(read_msr(cpu, state, 0x1B), mode);
  }
}

TEST(CoreIdentity, Of_a_core_that_is_told_none_is_the_bootstrap_processor) {
  const CpuModel cpu(*find_cpu_profile("intel-max"));
  expect_identity(cpu, power_up(cpu), processors[0]);
  expect_identity(cpu, cpu.at_power_up, processors[0]);
}

} // namespace
} // namespace icebp::test
