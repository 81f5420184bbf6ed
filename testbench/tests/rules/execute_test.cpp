#include <icebp/model/rules/execute.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

TEST(IsWellFormed, Fields_in_their_ranges) {
  const CoreState state = power_up(model_of(Vendor::intel));
  Request request = read_dr(7);
  request.gpr = 15;
  EXPECT_TRUE(is_well_formed(state, request));
  request.dr = 8;
  EXPECT_FALSE(is_well_formed(state, request));
  request.dr = 7;
  request.gpr = 16;
  EXPECT_FALSE(is_well_formed(state, request));
}

TEST(IsWellFormed, Privilege_goes_with_the_mode) { // docs/debug-unit.md 1.2
  const CoreState state = power_up(model_of(Vendor::intel));
  for (const Level& level : every_level())
    EXPECT_TRUE(is_well_formed(state, in_mode(read_dr(0), level.mode, level.cpl)));
  for (const unsigned cpl : {1u, 2u, 3u})
    EXPECT_FALSE(is_well_formed(state, in_mode(read_dr(0), Mode::real, cpl)));
  for (const unsigned cpl : {0u, 1u, 2u})
    EXPECT_FALSE(is_well_formed(state, in_mode(read_dr(0), Mode::v86, cpl)));
  for (const Mode mode : {Mode::protected_mode, Mode::compatibility, Mode::long_mode})
    EXPECT_FALSE(is_well_formed(state, in_mode(read_dr(0), mode, 4)));
}

TEST(IsWellFormed, Operations) {
  const CoreState state = power_up(model_of(Vendor::intel));
  EXPECT_FALSE(is_well_formed(state, of_operation(Operation::none)));
  EXPECT_FALSE(is_well_formed(state, resume_with(ResumeVerb::skip)));
  for (const Operation operation :
       {Operation::mov_from_dr, Operation::mov_to_dr, Operation::rdmsr, Operation::wrmsr,
        Operation::int1, Operation::reset, Operation::init})
    EXPECT_TRUE(is_well_formed(state, of_operation(operation))) << operation;
  CoreState held = state;
  execute(model_of(Vendor::intel), held, into_firmware(int1_instruction()));
  EXPECT_TRUE(is_well_formed(held, resume_with(ResumeVerb::skip)));
  EXPECT_FALSE(is_well_formed(held, resume_with(ResumeVerb::complete)));
}

TEST(IsWellFormed, An_access_has_a_byte) {
  const CoreState state = power_up(model_of(Vendor::intel));
  for (const Operation operation :
       {Operation::data_read, Operation::data_write, Operation::io_access}) {
    EXPECT_FALSE(is_well_formed(state, request_at(operation, 0x1000, 0))) << operation;
    EXPECT_TRUE(is_well_formed(state, request_at(operation, 0x1000, 1))) << operation;
  }
  for (const Operation operation :
       {Operation::fetch, Operation::end_of_iteration, Operation::end_of_instruction,
        Operation::fault, Operation::task_switch, Operation::bus_lock, Operation::rtm_abort})
    EXPECT_TRUE(is_well_formed(state, of_operation(operation))) << operation;
}

// A caller may come from another language.
TEST(IsWellFormed, Names_of_the_enumerations) {
  const CoreState state = power_up(model_of(Vendor::intel));
  for (unsigned value = 0; value < 256; ++value) {
    const Request request = request_at(static_cast<Operation>(value), 0x1000);
    const bool is_one = value >= 1 && value < operation_rows.size();
    EXPECT_EQ(is_well_formed(state, request), is_one && request.operation != Operation::resume)
        << value;
    EXPECT_EQ(is_well_formed(state, in_mode(read_dr(0), static_cast<Mode>(value), 3)),
              value >= 1 && value <= static_cast<unsigned>(Mode::long_mode))
        << value;
    Request branch = of_operation(Operation::branch);
    branch.branch = static_cast<Branch>(value);
    EXPECT_EQ(is_well_formed(state, branch), value <= static_cast<unsigned>(Branch::rtm_abort));
  }
}

// What is wrong is told where something is, and nowhere else.
TEST(IsWellFormed, What_is_malformed) {
  const CoreState state = power_up(model_of(Vendor::intel));
  unsigned malformed = 0;
  for (unsigned operation = 0; operation < 50; ++operation)
    for (const unsigned dr : {0u, 7u, 8u})
      for (const unsigned gpr : {0u, 15u, 16u})
        for (unsigned mode = 0; mode < 6; ++mode)
          for (unsigned cpl = 0; cpl < 5; ++cpl)
            for (const unsigned size : {0u, 1u}) {
              Request request = in_mode(read_dr(dr), static_cast<Mode>(mode), cpl);
              request.operation = static_cast<Operation>(operation);
              request.gpr = static_cast<std::uint8_t>(gpr);
              request.size = size;
              const bool is_told = what_is_malformed(state, request) != nullptr;
              EXPECT_EQ(is_told, !is_well_formed(state, request));
              malformed += is_told;
            }
  EXPECT_GT(malformed, 1000U);
  EXPECT_STREQ(what_is_malformed(state, read_dr(8)), "a debug register beyond 7");
  Request branch = of_operation(Operation::branch);
  branch.branch = static_cast<Branch>(200);
  EXPECT_STREQ(what_is_malformed(state, branch), "a branch that is none");
}

// The steps of a #DB one by one: DR6, GD and DEBUGCTL change at delivery and at no other (6).
TEST(Execute, Steps_of_a_general_detect) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    execute(cpu, state, wrmsr_of(0x1D9, 3)); // LBR and BTF
    execute(cpu, state, write_dr(7, 0x2401));
    EXPECT_EQ(state.dr[7], 0x2401u);
    const CoreState before = state;

    const Request request = write_dr(0, 0x1234);
    const Outcome outcome = decide(cpu, state, request);
    EXPECT_TRUE(is_gd_db(outcome));
    EXPECT_TRUE(same(state, before));

    queue_exception(cpu, state, request, outcome);
    CoreState queued = before;
    queued.pending.vector = Vector::db;
    queued.pending.payload = 0x2000;
    EXPECT_TRUE(same(state, queued));

    deliver_exception(cpu, state);
    CoreState delivered = before;
    delivered.dr[6] = 0xFFFF2FF0;
    delivered.dr[7] = 0x401;
    delivered[MsrSlot::debugctl] = 0;
    EXPECT_TRUE(same(state, delivered));
  }
}

TEST(Execute, Is_its_steps) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    state.dr[7] = 0x2400;
    EXPECT_TRUE(is_gd_db(execute(cpu, state, read_dr(6)).outcome));
    EXPECT_EQ(state.dr[6], 0xFFFF2FF0);
    EXPECT_EQ(state.dr[7], 0x400u);
    EXPECT_FALSE(state.pending.is_valid());
  }
}

TEST(Execute, Other_exceptions_leave_the_state_alone) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    execute(cpu, state, wrmsr_of(0x1D9, 3));
    const CoreState before = state;
    EXPECT_TRUE(is_gp0(execute(cpu, state, at_cpl(read_dr(0), 3)).outcome, Cause::cpl));
    EXPECT_TRUE(is_gp0(execute(cpu, state, wrmsr_of(0x12, 0)).outcome, Cause::msr_unknown));
    EXPECT_TRUE(is_ud(execute(cpu, state, with_de(write_dr(4, 0))).outcome, Cause::dr45_with_de));
    EXPECT_TRUE(same(state, before));
  }
}

TEST(Execute, Delivery_of_a_gp_changes_no_register) { // DR6, DR7.GD and DEBUGCTL stay
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  state.dr[6] = 0xFFFF0FF5;
  state.dr[7] = 0x2400;
  state[MsrSlot::debugctl] = 3;
  const CoreState before = state;
  const Request request = wrmsr_of(0x12, 0);
  queue_exception(cpu, state, request, decide(cpu, state, request));
  EXPECT_EQ(state.pending.vector, Vector::gp);
  deliver_exception(cpu, state);
  EXPECT_TRUE(same(state, before));
}

Request page_fault(u64 address, unsigned error_code) {
  Request request = of_operation(Operation::page_fault);
  request.value = address;
  request.error_code = static_cast<std::uint16_t>(error_code);
  return request;
}

// Seed 002: a #PF has an error code and a payload, the address; CR2 takes it at delivery.
TEST(Execute, Steps_of_a_page_fault) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    state.dr[7] = 0x2400;
    state[MsrSlot::debugctl] = 3;
    state.cr2 = 0x1111;
    const CoreState before = state;
    const Request request = page_fault(0xFFFF800012345678, 0x8015);

    const Outcome outcome = decide(cpu, state, request);
    EXPECT_EQ(outcome.kind, OutcomeKind::fault);
    EXPECT_EQ(outcome.vector, Vector::pf);
    EXPECT_EQ(outcome.cause, Cause::page_fault);
    EXPECT_EQ(outcome.error_code(), 0x8015u);
    EXPECT_EQ(outcome.payload(), 0xFFFF800012345678u);

    queue_exception(cpu, state, request, outcome);
    CoreState queued = before;
    queued.pending.vector = Vector::pf;
    queued.pending.payload = 0xFFFF800012345678;
    EXPECT_TRUE(same(state, queued));

    deliver_exception(cpu, state);
    CoreState delivered = before; // DR6, GD and DEBUGCTL are no concern of a #PF
    delivered.cr2 = 0xFFFF800012345678;
    EXPECT_TRUE(same(state, delivered));
  }
}

TEST(Execute, A_page_fault_is_not_redirected) { // docs/debug-unit.md 5.6: only #DB is
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  const Outcome outcome = execute(cpu, state, into_firmware(page_fault(0x5000, 2))).outcome;
  EXPECT_FALSE(outcome.redirected);
  EXPECT_FALSE(state.redirected.valid);
  EXPECT_EQ(state.cr2, 0x5000u);
}

TEST(Execute, No_other_exception_writes_cr2) {
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    state.dr[7] = 0x2400;
    state.cr2 = 0x1111;
    for (const Request& request : {read_dr(0), wrmsr_of(0x12, 7), int1_instruction()})
      execute(cpu, state, request);
    EXPECT_EQ(state.cr2, 0x1111u);
  }
}

TEST(Execute, Int1_clears_gd_lbr_and_btf_at_delivery) { // 5.5; GD by INT1: the model's default
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    CoreState state = power_up(cpu);
    state.dr[7] = 0x2455;
    state[MsrSlot::debugctl] = vendor == Vendor::intel ? 0xC3 : 0x3F;
    EXPECT_TRUE(is_int1_db(execute(cpu, state, int1_instruction()).outcome));
    EXPECT_EQ(state.dr[7], 0x455u);
    EXPECT_EQ(state[MsrSlot::debugctl], vendor == Vendor::intel ? 0xC0u : 0x3Cu);
  }
}

TEST(Execute, A_redirected_db_is_delivered_and_its_instruction_held) { // 5.6
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  state.dr[7] = 0x2400;
  const Request request = into_firmware(at_cpl(write_dr(7, bit(50)), 3));
  EXPECT_TRUE(is_gd_db(execute(cpu, state, request).outcome, true));
  EXPECT_EQ(state.dr[6], 0xFFFF2FF0);
  EXPECT_EQ(state.dr[7], 0x400u);
  EXPECT_TRUE(state.redirected.valid);
  EXPECT_EQ(state.redirected.value, bit(50));
}

TEST(Execute, Cycles_come_from_the_models_table) {
  CycleTable table = default_cycle_table;
  table.issue = {2, "test"};
  table.check = {3, "test"};
  table.fault = {5, "test"};
  table.deliver = {7, "test"};
  table.msr_fast_read = {90, "test"};
  table.int1 = {80, "test"};
  const CpuModel cpu(intel(), table);
  CoreState state = power_up(cpu);
  EXPECT_EQ(execute(cpu, state, rdmsr_of(0x174)).cycles, 90u);
  EXPECT_EQ(execute(cpu, state, rdmsr_of(0x12)).cycles, 17u);
  EXPECT_EQ(execute(cpu, state, int1_instruction()).cycles, 87u);
}

TEST(Execute, A_read_changes_nothing) {
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  const CoreState before = state;
  for (unsigned dr = 0; dr < 8; ++dr)
    execute(cpu, state, read_dr(dr));
  execute(cpu, state, rdmsr_of(0x277));
  EXPECT_TRUE(same(state, before));
}

TEST(CoreState, Fits_in_8_kib) { EXPECT_LE(sizeof(CoreState), 8u * 1024); }

} // namespace
} // namespace icebp::test
