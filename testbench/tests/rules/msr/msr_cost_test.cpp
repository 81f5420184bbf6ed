// Serializing or not, and the cost class, by register, form and generation. (docs/msr-block.md 5)

#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp::test {
namespace {

const CpuProfile& profile(const char* name) { return *find_cpu_profile(name); }

// In x2APIC mode, with the SMM lock and others open: what a write of the register's own value is.
Outcome rewrite(const CpuModel& cpu, std::uint32_t index, Operation operation = Operation::wrmsr) {
  CoreState state = power_up(cpu);
  state[MsrSlot::apic_base] = 0xFEE00D00;
  const ResolvedMsr& msr = cpu.msrs.find(index);
  Request request = wrmsr_of(index, msr.readable ? msr.reset : 0);
  if (index == 0x82F || (index >= 0x832 && index <= 0x837))
    request.value = 0x10000;
  request.operation = operation;
  return execute(cpu, state, request).outcome;
}

bool is_exception_to_serialization(std::uint32_t index) {
  static const std::set<std::uint32_t> listed{0x48,  0x49,  0x10B,  0x122,
                                              0x6E0, 0x6E1, 0x1B01, 0xC001011B};
  return listed.count(index) != 0 || (index >= 0x802 && index <= 0x83F);
}
bool is_base(std::uint32_t index) { return index >= 0xC0000100 && index <= 0xC0000102; }
bool starts_flush(std::uint32_t index) { return index == 0x49 || index == 0x10B; }

TEST(MsrCost, WRMSR_serializes_but_for_the_listed_registers) {
  for (const char* name : {"intel-max", "amd-max", "amd-zen1", "intel-skylake"}) {
    const CpuModel cpu(profile(name));
    const bool new_bases = std::string(name) == "amd-max"; // Zen 4 and later
    unsigned writes = 0;
    for (const ResolvedMsr& msr : cpu.msrs) {
      const Outcome outcome = rewrite(cpu, msr.index);
      if (outcome.kind != OutcomeKind::retired)
        continue;
      ++writes;
      SCOPED_TRACE(std::string(name) + " " + hex(msr.index));
      const bool serializes =
          !is_exception_to_serialization(msr.index) && !(new_bases && is_base(msr.index));
      EXPECT_EQ(outcome.serializing, serializes);
      EXPECT_EQ(outcome.cost, starts_flush(msr.index) ? MsrCost::flush_command
                              : serializes            ? MsrCost::serializing_write
                                                      : MsrCost::nonserializing_write);
    }
    EXPECT_GT(writes, 60u) << name; // it looked at most registers
  }
}

TEST(MsrCost, The_listed_registers_were_among_them) {
  const CpuModel intel(profile("intel-max"));
  for (const std::uint32_t index :
       {0x48, 0x49, 0x10B, 0x122, 0x6E0, 0x6E1, 0x1B01, 0x808, 0x80B, 0x830, 0x83E})
    EXPECT_FALSE(rewrite(intel, index).serializing) << hex(index);
  for (const std::uint32_t index : {0x10, 0x1D9, 0x277, 0x174, 0x79})
    EXPECT_TRUE(rewrite(intel, index).serializing) << hex(index);
  const CpuModel amd(profile("amd-max"));
  for (const std::uint32_t index : {0x48u, 0x49u, 0xC001011Bu, 0x808u})
    EXPECT_FALSE(rewrite(amd, index).serializing) << hex(index);
  EXPECT_TRUE(rewrite(amd, 0xC0010015).serializing);
}

TEST(MsrCost, FS_GS_and_kernel_GS_base_by_generation) { // Zen 4 and later; CPUID.80000021:EAX[1]
  for (std::uint32_t index = 0xC0000100; index <= 0xC0000102; ++index) {
    EXPECT_TRUE(rewrite(CpuModel(profile("amd-zen1")), index).serializing);
    EXPECT_FALSE(rewrite(CpuModel(profile("amd-zen5")), index).serializing);
    EXPECT_TRUE(rewrite(CpuModel(profile("intel-emerald-rapids")), index).serializing);
  }
}

TEST(MsrCost, The_newer_forms_never_serialize) {
  const CpuModel cpu(profile("intel-max"));
  for (const Operation form :
       {Operation::wrmsrns, Operation::wrmsrns_imm, Operation::wrmsrlist_entry}) {
    for (const std::uint32_t index : {0x277, 0x48, 0x6E0}) {
      const Outcome outcome = rewrite(cpu, index, form);
      EXPECT_TRUE(is_retired(outcome));
      EXPECT_FALSE(outcome.serializing) << form;
      EXPECT_EQ(outcome.cost, MsrCost::nonserializing_write) << form;
    }
    EXPECT_EQ(rewrite(cpu, 0x10B, form).cost, MsrCost::flush_command) << form;
  }
}

TEST(MsrCost, UWRMSR_never_serializes) {
  const CpuModel cpu(profile("intel-max"));
  CoreState state = power_up(cpu);
  state[MsrSlot::user_msr_ctl] = 1;
  Request request = wrmsr_of(0x277, 0);
  request.operation = Operation::uwrmsr;
  request.user_msr_bitmap = 0xFF;
  const Outcome outcome = execute(cpu, state, request).outcome;
  EXPECT_TRUE(is_retired(outcome));
  EXPECT_FALSE(outcome.serializing);
  EXPECT_EQ(outcome.cost, MsrCost::nonserializing_write);
}

TEST(MsrCost, Reads_never_serialize_and_are_slow_outside_the_core) {
  for (const char* name : {"intel-max", "amd-max"}) {
    const CpuModel cpu(profile(name));
    for (const ResolvedMsr& msr : cpu.msrs) {
      CoreState state = power_up(cpu);
      state[MsrSlot::apic_base] = 0xFEE00D00;
      const Outcome outcome = execute(cpu, state, rdmsr_of(msr.index)).outcome;
      if (outcome.kind != OutcomeKind::retired)
        continue;
      EXPECT_FALSE(outcome.serializing) << hex(msr.index);
      const bool outside =
          msr.index == 0x17 || msr.index == 0xCE || msr.index == 0x606 || msr.index == 0xC80;
      EXPECT_EQ(outcome.cost, outside ? MsrCost::slow_read : MsrCost::fast_read) << hex(msr.index);
    }
  }
}

TEST(MsrCost, Writes_to_debug_registers_serialize_and_reads_do_not) { // SDM vol. 3 8.3
  for (const Vendor vendor : {Vendor::intel, Vendor::amd})
    for (unsigned n = 0; n < 8; ++n) {
      CoreState state = power_up(model_of(vendor));
      EXPECT_TRUE(execute(model_of(vendor), state, write_dr(n, 0)).outcome.serializing);
      EXPECT_FALSE(execute(model_of(vendor), state, read_dr(n)).outcome.serializing);
      const Outcome fault = execute(model_of(vendor), state, at_cpl(write_dr(n, 0), 3)).outcome;
      EXPECT_TRUE(is_gp0(fault, Cause::cpl)); // which has no cost
    }
}

TEST(MsrCost, A_MOV_that_firmware_completes_serializes_too) {
  const CpuModel& cpu = model_of(Vendor::intel);
  for (const bool write : {true, false}) {
    CoreState state = prepared_dr(true);
    execute(cpu, state, into_firmware(write ? write_dr(0, 1) : read_dr(0)));
    const Outcome outcome = execute(cpu, state, resume_with(ResumeVerb::complete, 5)).outcome;
    EXPECT_TRUE(is_retired(outcome, write ? 0 : 5));
    EXPECT_EQ(outcome.serializing, write);
  }
}

TEST(MsrCost, Names) {
  EXPECT_EQ(name_of(MsrCost::none), "none");
  EXPECT_EQ(name_of(MsrCost::fast_read), "fast_read");
  EXPECT_EQ(name_of(MsrCost::slow_read), "slow_read");
  EXPECT_EQ(name_of(MsrCost::serializing_write), "serializing_write");
  EXPECT_EQ(name_of(MsrCost::nonserializing_write), "nonserializing_write");
  EXPECT_EQ(name_of(MsrCost::flush_command), "flush_command");
}

} // namespace
} // namespace icebp::test
