#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// Whether the register's own rule takes the value, masks aside.
bool is_legal(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  return !msr.does->is_legal || msr.does->is_legal({cpu.profile, state, request.context.cr0_pg,
                                                    state.msr[msr.slot], request.value});
}

// testbench/oracle/msr-table.csv: {0,1,4,5,6,7}, the full byte
TEST(Pat, Every_byte_is_a_memory_type) {
  const std::set<unsigned> types{0, 1, 4, 5, 6, 7};
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    const CoreState state = power_up(cpu);
    for (const u64 others : {u64{0}, u64{0x0606060606060606}})
      for (unsigned position = 0; position < 64; position += 8)
        for (unsigned byte = 0; byte < 0x100; ++byte) {
          const u64 value = (others & ~(u64{0xFF} << position)) | u64{byte} << position;
          EXPECT_EQ(is_legal(cpu, state, wrmsr_of(0x277, value)), types.count(byte) == 1)
              << hex(value);
        }
  }
}

// EFER: old value, new value, CR0.PG -> legal on Intel, on AMD. (docs/msr-block.md 2.5, 6.3, 6.4)
struct EferWrite {
  u64 old_value, value;
  bool paging;
  bool intel, amd;
};
constexpr EferWrite efer_writes[] = {
    {0x000, 0x000, false, true, true},  {0x000, 0x000, true, true, true},
    {0x000, 0x100, false, true, true},  // LME on
    {0x000, 0x100, true, false, false}, // "old ^ 100 with PG=1"
    {0x100, 0x000, false, true, true},  // LME off
    {0x500, 0x400, true, false, false}, {0x500, 0x500, true, true, true},
    {0x500, 0x501, true, true, true},  // SCE at any time
    {0x500, 0xD00, true, true, true},  // NXE at any time
    {0xD01, 0x901, true, true, false}, // "old ^ 400 (in long mode)"
    {0x101, 0x501, true, true, false}, // LMA from 0 to 1
    {0x000, 0x400, false, true, false}, {0x400, 0x000, false, true, false},
    {0x500, 0x000, true, false, false}, // both
};

TEST(Efer, Lme_and_lma) {
  for (const EferWrite& write : efer_writes) {
    SCOPED_TRACE(hex(write.old_value) + " -> " + hex(write.value) +
                 (write.paging ? " with PG" : ""));
    const Request request = with_paging(wrmsr_of(0xC0000080, write.value), write.paging);
    for (const Vendor vendor : vendors) {
      const CpuModel& cpu = model_of(vendor);
      const bool legal = vendor == Vendor::intel ? write.intel : write.amd;
      CoreState state = power_up(cpu);
      state[MsrSlot::efer] = write.old_value;
      EXPECT_EQ(is_legal(cpu, state, request), legal);
      const Outcome outcome = execute(cpu, state, request).outcome;
      if (legal) {
        EXPECT_TRUE(is_retired(outcome));
        EXPECT_EQ(state[MsrSlot::efer], (write.value & ~u64{0x400}) | (write.old_value & 0x400));
      } else {
        EXPECT_TRUE(is_gp0(outcome, Cause::msr_value));
        EXPECT_EQ(state[MsrSlot::efer], write.old_value);
      }
    }
  }
}

TEST(Efer, Lma_flip_is_a_quirk) { // 6.3: efer_lma_flip_faults
  CpuProfile lenient = amd();
  lenient.quirks.efer_lma_flip_faults = false;
  const CoreState state = power_up(model_of(Vendor::amd));
  const Request flip = with_paging(wrmsr_of(0xC0000080, 0x400), false);
  EXPECT_TRUE(is_legal(CpuModel(lenient), state, flip));
  EXPECT_FALSE(is_legal(model_of(Vendor::amd), state, flip));
}

TEST(MsrValues, Other_registers_take_any_value) {
  const CpuModel& cpu = model_of(Vendor::intel);
  EXPECT_TRUE(is_legal(cpu, power_up(cpu), wrmsr_of(0xC0000081, 0x0202020202020502)));
}

} // namespace
} // namespace icebp::test
