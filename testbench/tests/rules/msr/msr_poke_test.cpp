// What the core itself does to a register.

#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

TEST(MsrPoke, Is_checked_by_nothing) {
  const CpuModel cpu(*find_cpu_profile("intel-max"));
  struct {
    const char* what;
    std::uint32_t index;
    u64 value;
  } const pokes[] = {
      {"WRFSBASE", 0xC0000100, 0x7F0000001000}, {"a status register of hardware", 0x38E, 5},
      {"a machine check", 0x401, u64{1} << 63}, {"a locked register", 0x3A, 4},
      {"reserved bits", 0x277, every_bit},      {"not canonical", 0xC0000101, u64{1} << 63},
  };
  CoreState state = power_up(cpu);
  execute(cpu, state, wrmsr_of(0x3A, 1)); // locked
  for (const auto& poke : pokes) {
    SCOPED_TRACE(poke.what);
    EXPECT_TRUE(poke_msr(cpu, state, poke.index, poke.value));
    EXPECT_EQ(read_msr(cpu, state, poke.index), poke.value);
    EXPECT_EQ(peek_msr(cpu, state, poke.index), poke.value);
  }
}

TEST(MsrPoke, Changes_that_register_only) {
  const CpuModel cpu(*find_cpu_profile("intel-max"));
  CoreState state = power_up(cpu);
  CoreState expected = state;
  for (const std::uint32_t index : {0x10u, 0x3Bu, 0xC0000102u}) { // TSC and TSC_ADJUST too
    EXPECT_TRUE(poke_msr(cpu, state, index, 0x77));
    expected.msr[cpu.msrs.find(index).slot] = 0x77;
    EXPECT_TRUE(same(state, expected));
  }
}

TEST(MsrPoke, Finds_no_register_that_the_CPU_has_not) {
  const CpuModel cpu(*find_cpu_profile("amd-k8"));
  CoreState state = power_up(cpu);
  const CoreState before = state;
  for (const std::uint32_t index : {0x3Au, 0x40000000u, 0xC0011019u}) {
    EXPECT_FALSE(poke_msr(cpu, state, index, 1));
    EXPECT_EQ(peek_msr(cpu, state, index), std::nullopt);
  }
  EXPECT_TRUE(same(state, before));
}

TEST(MsrPoke, Peek_reads_what_RDMSR_may_not) {
  const CpuModel cpu(*find_cpu_profile("intel-max"));
  CoreState state = power_up(cpu);
  EXPECT_EQ(peek_msr(cpu, state, 0x802), 0u); // x2APIC registers, outside x2APIC mode
  EXPECT_EQ(peek_msr(cpu, state, 0x80F), 0xFFu);
}

} // namespace
} // namespace icebp::test
