// An initiator has one payload: a second caller is refused, whoever the first one is.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace icebp {
namespace {

using test::Bench;
using test::message_of;
using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;
using test::report_of;

struct InstructionInitiatorCallers : testing::Test {
  static ::tlm::tlm_response_status call(Bench& bench, const Request& request) {
    sc_core::sc_time delay;
    return bench.initiator.execute(request, delay);
  }
  static ::tlm::tlm_response_status call_in_place(Bench& bench) {
    sc_core::sc_time delay;
    return bench.initiator.execute(delay);
  }
};

TEST_F(InstructionInitiatorCallers, ASecondOneIsRefused) {
  Bench([](Bench& bench) {
    bench.core.poke_dr(0, 0x1111);
    bench.core.poke_dr(1, 0x2222);
    std::uint64_t value = 0;
    sc_core::sc_spawn([&] { value = bench(mov_from_dr(0)).value(); });
    sc_core::wait(ns(5));
    const auto second = [&] { call(bench, mov_from_dr(1)); };
    EXPECT_EQ(report_of(second), report::second_caller);
    EXPECT_EQ(message_of(second), "initiator: a call is in progress; each caller needs an "
                                  "initiator of its own");
    EXPECT_EQ(report_of([&] { call_in_place(bench); }), report::second_caller);
    EXPECT_EQ(bench.initiator.request().dr, 0U); // that of the first
    sc_core::wait(ns(18));
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(value, 0x1111U);
    EXPECT_EQ(bench(mov_from_dr(1)).value(), 0x2222U); // one at a time
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(46));
  });
}

// A platform may let errors be shown and go on.
TEST_F(InstructionInitiatorCallers, ASecondOneGetsAnErrorWhereThatDoesNotThrow) {
  Bench([](Bench& bench) {
    sc_core::sc_report_handler::set_actions(report::second_caller, sc_core::SC_DO_NOTHING);
    std::uint64_t value = 0;
    sc_core::sc_spawn([&] { value = bench(mov_to_dr(0, 0x1111)).value(); });
    sc_core::wait(ns(5));
    EXPECT_EQ(call(bench, mov_to_dr(1, 0x2222)), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(call_in_place(bench), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(5));
    sc_core::wait(ns(100));
    EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
    EXPECT_EQ(bench.core.state().dr[1], 0U);
    EXPECT_EQ(sc_core::sc_report_handler::get_count(report::second_caller), 2);
  });
}

TEST_F(InstructionInitiatorCallers, ALostOneLeavesItFree) {
  Bench([](Bench& bench) {
    bench.core.poke_dr(1, 0x2222);
    auto lost = sc_core::sc_spawn([&] { bench(mov_from_dr(0)); });
    sc_core::wait(ns(5));
    lost.kill();
    EXPECT_EQ(bench(mov_from_dr(1)).value(), 0x2222U);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(46));
  });
}

TEST_F(InstructionInitiatorCallers, AReportThatThrowsLeavesItFree) {
  Bench([](Bench& bench) {
    sc_core::sc_report_handler::set_actions(report::malformed_payload, sc_core::SC_THROW);
    EXPECT_EQ(report_of([&] { call(bench, mov_from_dr(8)); }), report::malformed_payload);
    EXPECT_EQ(bench(mov_from_dr(0)).kind, OutcomeKind::retired);
  });
}

// A loosely timed core holds its callers in RESET alone.
TEST_F(InstructionInitiatorCallers, ASecondOneInRESET) {
  DebugCoreTarget core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                       Timing::loosely_timed);
  InstructionInitiator initiator("initiator");
  initiator.socket.bind(core.instruction);
  sc_core::sc_signal<bool> level("level");
  core.reset_in(level);
  level.write(true);
  sc_core::sc_start(ns(1));
  unsigned served = 0;
  std::string second;
  const auto call = [&] {
    sc_core::sc_time delay;
    initiator.execute(mov_to_dr(0, 0x1111), delay);
    ++served;
  };
  sc_core::sc_spawn(call);
  sc_core::sc_start(ns(1));
  sc_core::sc_spawn([&] { second = report_of(call); });
  sc_core::sc_start(ns(1));
  EXPECT_EQ(second, report::second_caller);
  level.write(false);
  sc_core::sc_start(ns(1));
  EXPECT_EQ(served, 1U);
  EXPECT_EQ(report_of(call), "accepted");
}

// Before elaboration is over the socket has no target yet: SystemC tells that.
TEST_F(InstructionInitiatorCallers, OneDuringElaboration) {
  InstructionInitiator initiator("initiator");
  sc_core::sc_time delay;
  EXPECT_EQ(report_of([&] { initiator.execute(mov_to_dr(0, 0x1111), delay); }),
            sc_core::SC_ID_GET_IF_);
  DebugCoreTarget core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                       Timing::loosely_timed);
  initiator.socket.bind(core.instruction);
}

} // namespace
} // namespace icebp
