#include <icebp/model/rules/debug/db_delivery.h>
#include <icebp/model/rules/execute.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

// GD and every enable on, all of DEBUGCTL's bits on, a DR6 with history.
CoreState busy() {
  CoreState state;
  state.dr = {1, 2, 3, 4, 0, 0, 0xFFFF4FF5, 0xFFFF27FF};
  state.msr.fill(0x1111);
  state[MsrSlot::debugctl] = 0xFFFF;
  return state;
}

// The outcome of a general detect, typed.
Outcome gd_fault(bool redirected = false) {
  Outcome outcome;
  outcome.kind = OutcomeKind::fault;
  outcome.cause = Cause::general_detect;
  outcome.vector = Vector::db;
  outcome.data = 0x2000;
  outcome.redirected = redirected;
  return outcome;
}

Outcome int1_trap() {
  Outcome outcome;
  outcome.kind = OutcomeKind::trap;
  outcome.cause = Cause::int1;
  outcome.vector = Vector::db;
  outcome.data = 0;
  return outcome;
}

TEST(DbDelivery, Queueing_changes_no_register) { // 6: "untouched until delivery"
  CoreState state = busy();
  queue_exception(model_of(Vendor::intel), state, read_dr(0), gd_fault());
  CoreState expected = busy();
  expected.pending.vector = Vector::db;
  expected.pending.payload = 0x2000;
  EXPECT_TRUE(same(state, expected));
}

TEST(DbDelivery, Delivery_merges_and_clears_gd_lbr_and_btf) { // 5.5
  for (const Vendor vendor : vendors) {
    CoreState state = busy();
    queue_exception(model_of(vendor), state, read_dr(0), gd_fault());
    deliver_exception(model_of(vendor), state);
    CoreState expected = busy();
    expected.dr[6] = 0xFFFF6FF0;
    expected.dr[7] = 0xFFFF07FF;
    expected[MsrSlot::debugctl] = 0xFFFC;
    EXPECT_TRUE(same(state, expected));
  }
}

TEST(DbDelivery, Int1_and_the_b_bits) { // 2.3
  for (const Vendor vendor : vendors) {
    SCOPED_TRACE(name_of(vendor));
    CoreState state = busy();
    queue_exception(model_of(vendor), state, int1_instruction(), int1_trap());
    EXPECT_TRUE(state.pending.from_int1);
    deliver_exception(model_of(vendor), state);
    EXPECT_EQ(state.dr[6], vendor == Vendor::intel ? 0xFFFF4FF0 : 0xFFFF4FF5);
    EXPECT_EQ(state.dr[7], 0xFFFF07FF); // GD too: the model's default, 12 question 2
    EXPECT_EQ(state[MsrSlot::debugctl], 0xFFFCu);
    EXPECT_FALSE(state.pending.is_valid());
    EXPECT_FALSE(state.pending.from_int1);
  }
}

TEST(DbDelivery, Amd_bld_gate_is_read_at_delivery) { // 2.2: bit 2 is not cleared by a #DB
  const CpuProfile cpu = with(amd(), Feature::bus_lock_detect);
  CoreState state = busy();
  state.dr[6] = 0xFFFF07F0;
  queue_exception(model_of(Vendor::intel), state, read_dr(0), gd_fault());
  deliver_exception(CpuModel(cpu), state);
  EXPECT_EQ(state.dr[6], 0xFFFF27F0);
}

TEST(DbDelivery, A_redirected_db_leaves_its_instruction_with_the_firmware) { // 5.6
  CoreState state = busy();
  const Request request = into_firmware(write_dr(7, 0xDEAD0000BEEF));
  queue_exception(model_of(Vendor::intel), state, request, gd_fault(true));
  EXPECT_EQ(state.pending.destination, Destination::firmware);
  ASSERT_TRUE(state.redirected.valid);
  EXPECT_EQ(state.redirected.cause, Cause::general_detect);
  EXPECT_EQ(state.redirected.operation, Operation::mov_to_dr);
  EXPECT_EQ(state.redirected.dr, 7);
  EXPECT_EQ(state.redirected.value, 0xDEAD0000BEEFu); // unmodified
  deliver_exception(model_of(Vendor::intel), state);
  EXPECT_EQ(state.dr[6], 0xFFFF6FF0); // merged, GD cleared: as through the IDT
  EXPECT_EQ(state.dr[7], 0xFFFF07FF);
  EXPECT_TRUE(state.redirected.valid);
  EXPECT_FALSE(state.pending.is_valid());
  EXPECT_EQ(state.pending.destination, Destination::handler);
}

TEST(DbDelivery, An_ordinary_db_leaves_nothing_with_the_firmware) {
  CoreState state = busy();
  queue_exception(model_of(Vendor::intel), state, read_dr(0), gd_fault());
  EXPECT_FALSE(state.redirected.valid);
}

} // namespace
} // namespace icebp::test
