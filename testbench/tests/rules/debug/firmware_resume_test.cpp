#include <icebp/model/rules/debug/firmware_resume.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr ResumeVerb verbs[] = {ResumeVerb::reexecute, ResumeVerb::skip, ResumeVerb::complete,
                                ResumeVerb::inject_gp};

const CpuModel& cpu() { return model_of(Vendor::intel); }

// A core whose firmware holds `request`, brought in by GD (or INT1).
CoreState held(const Request& request) {
  CoreState state = power_up(cpu());
  state.dr[7] = 0x2400;
  execute(cpu(), state, into_firmware(request));
  return state;
}

CoreState released(CoreState state) {
  state.redirected = Redirected{};
  return state;
}

TEST(FirmwareResume, Needs_an_instruction_that_firmware_holds) {
  const CoreState idle = power_up(cpu());
  for (const ResumeVerb verb : verbs) {
    EXPECT_FALSE(can_resume(idle, resume_with(verb))) << verb;
    EXPECT_TRUE(can_resume(held(read_dr(0)), resume_with(verb))) << verb;
    EXPECT_TRUE(can_resume(held(write_dr(0, 0)), resume_with(verb))) << verb;
    EXPECT_EQ(can_resume(held(int1_instruction()), resume_with(verb)), verb != ResumeVerb::complete)
        << verb;
  }
}

TEST(FirmwareResume, Reexecute_and_skip_change_nothing) { // docs/debug-unit.md 5.6
  for (const ResumeVerb verb : {ResumeVerb::reexecute, ResumeVerb::skip})
    for (const Request& request : {write_dr(0, 0x1234), write_dr(7, 0x1234), read_dr(0)}) {
      CoreState state = held(request);
      const CoreState expected = released(state);
      EXPECT_TRUE(is_retired(execute(cpu(), state, resume_with(verb, every_bit)).outcome));
      EXPECT_TRUE(same(state, expected));
    }
}

TEST(FirmwareResume, Reexecuted_the_instruction_succeeds) { // GD cleared itself: 1.5
  CoreState state = held(write_dr(0, 0x1234));
  execute(cpu(), state, resume_with(ResumeVerb::reexecute));
  EXPECT_TRUE(is_retired(execute(cpu(), state, into_firmware(write_dr(0, 0x1234))).outcome));
  EXPECT_EQ(state.dr[0], 0x1234u);
}

TEST(FirmwareResume, Complete_a_read_with_the_firmwares_value) {
  CoreState state = held(read_dr(6));
  const CoreState expected = released(state);
  EXPECT_TRUE(is_retired(
      execute(cpu(), state, resume_with(ResumeVerb::complete, 0xCAFEBABE12345678)).outcome,
      0xCAFEBABE12345678));
  EXPECT_TRUE(same(state, expected));
}

TEST(FirmwareResume, Complete_has_32_bits_outside_64_bit_mode) { // 1.1
  CoreState state = held(in_mode(read_dr(6), Mode::protected_mode, 0));
  EXPECT_TRUE(is_retired(
      execute(cpu(), state, resume_with(ResumeVerb::complete, 0xCAFEBABE12345678)).outcome,
      0x12345678));
  state = held(in_mode(write_dr(6, 0), Mode::protected_mode, 0));
  EXPECT_TRUE(is_retired(
      execute(cpu(), state, resume_with(ResumeVerb::complete, 0xFFFFFFFF00000000)).outcome));
  EXPECT_EQ(state.dr[6], 0xFFFE0FF0);
}

TEST(FirmwareResume, Complete_a_write_with_the_firmwares_value) {
  const auto complete = [](unsigned dr, u64 value) {
    CoreState state = held(write_dr(dr, 0x1111)); // not the program's value
    const Outcome outcome = execute(cpu(), state, resume_with(ResumeVerb::complete, value)).outcome;
    EXPECT_TRUE(is_retired(outcome));
    EXPECT_FALSE(state.redirected.valid);
    return state.dr;
  };
  EXPECT_EQ(complete(0, 0xFEDCBA9876543210)[0], 0xFEDCBA9876543210);
  EXPECT_EQ(complete(4, 0)[6], 0xFFFE0FF0); // table 2.2, RTM without BLD
  EXPECT_EQ(complete(6, 0)[6], 0xFFFE0FF0);
  EXPECT_EQ(complete(5, 0xFFFFFFFF)[7], 0xFFFF2FFF);
  EXPECT_EQ(complete(7, 0xFFFFFFFF)[7], 0xFFFF2FFF);
}

TEST(FirmwareResume, Complete_works_for_a_program_at_cpl_3) { // Intel: GD came before CPL
  CoreState state = held(at_cpl(write_dr(1, 0), 3));
  EXPECT_TRUE(is_retired(execute(cpu(), state, resume_with(ResumeVerb::complete, 7)).outcome));
  EXPECT_EQ(state.dr[1], 7u);
}

TEST(FirmwareResume, Complete_does_not_lift_the_value_check) {
  for (const unsigned dr : {4u, 5u, 6u, 7u}) {
    CoreState state = held(write_dr(dr, 0));
    const CoreState expected = released(state);
    EXPECT_TRUE(is_gp0(execute(cpu(), state, resume_with(ResumeVerb::complete, bit(32))).outcome,
                       Cause::reserved_upper_half));
    EXPECT_TRUE(same(state, expected));
  }
}

TEST(FirmwareResume, Inject_gp) { // 5.6: #GP(0) through the IDT
  struct {
    Request request;
    Cause cause;
  } const cases[] = {{read_dr(0), Cause::general_detect},
                     {write_dr(7, bit(40)), Cause::general_detect},
                     {int1_instruction(), Cause::int1}};
  for (const auto& one : cases) {
    CoreState state = held(one.request);
    const CoreState expected = released(state);
    EXPECT_TRUE(
        is_gp0(execute(cpu(), state, resume_with(ResumeVerb::inject_gp)).outcome, one.cause));
    EXPECT_TRUE(same(state, expected));
  }
}

TEST(FirmwareResume, A_fault_of_the_firmware_itself_keeps_the_held_instruction) {
  CoreState state = held(read_dr(2));
  EXPECT_TRUE(is_gp0(execute(cpu(), state, rdmsr_of(0x12)).outcome, Cause::msr_unknown));
  ASSERT_TRUE(state.redirected.valid);
  EXPECT_EQ(state.redirected.dr, 2);
}

TEST(FirmwareResume, Commit_after_a_failed_completion_writes_nothing) {
  CoreState state = held(write_dr(7, 0));
  const CoreState expected = released(state);
  const Request request = resume_with(ResumeVerb::complete, bit(32) | 0x55);
  commit_resume(intel(), state, request, resume(state, request));
  EXPECT_TRUE(same(state, expected));
}

} // namespace
} // namespace icebp::test
