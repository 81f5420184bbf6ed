#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace icebp {
namespace {

using test::Bench;
using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;

TEST(Transport, WaitsOutTheAnnotatedDelayFirst) {
  Bench([](Bench& bench) {
    sc_core::sc_time delay = ns(100);
    EXPECT_EQ(bench.initiator.execute(mov_from_dr(0), delay), ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(123));
  });
}

TEST(Transport, AnArchitecturalFaultIsAnOkResponse) {
  Bench([](Bench& bench) {
    const Outcome outcome = bench(mov_from_dr(0, 3));
    EXPECT_EQ(outcome.kind, OutcomeKind::fault);
    EXPECT_EQ(outcome.vector, Vector::gp);
    EXPECT_EQ(outcome.error_code(), 0U);
  });
}

TEST(Transport, MalformedRequestsAreErrorsAndTakeNoTime) {
  Bench([](Bench& bench) {
    Request real_at_cpl_3 = mov_from_dr(0, 3);
    real_at_cpl_3.context.mode = Mode::real;
    Request v86_at_cpl_0 = mov_from_dr(0, 0);
    v86_at_cpl_0.context.mode = Mode::v86;
    Request gpr_16 = mov_from_dr(0);
    gpr_16.gpr = 16;
    for (const Request& request : {real_at_cpl_3, v86_at_cpl_0, gpr_16, mov_from_dr(8),
                                   mov_from_dr(0, 4), Request{}, test::of(Operation::resume)}) {
      sc_core::sc_time delay;
      EXPECT_EQ(bench.initiator.execute(request, delay), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    EXPECT_EQ(bench(mov_from_dr(7)).value(), 0x400U);
  });
}

TEST(Transport, CallersAreServedInTheOrderOfTheirArrival) {
  std::vector<std::string> served;
  Bench([&](Bench& bench) {
    const auto caller = [&](const std::string& name, const Request& request,
                            ::tlm::tlm_response_status expected = ::tlm::TLM_OK_RESPONSE) {
      return sc_core::sc_spawn([&bench, &served, name, request, expected] {
        bench.from_elsewhere(request, expected);
        served.push_back(name + " at " + sc_core::sc_time_stamp().to_string());
      });
    };
    auto first = caller("first", mov_to_dr(7, 0x2400));
    auto second = caller("second", mov_from_dr(8), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    auto third = caller("third", mov_from_dr(0)); // general detect
    auto fourth = caller("fourth", mov_from_dr(0));
    sc_core::wait(first.terminated_event() & second.terminated_event() & third.terminated_event() &
                  fourth.terminated_event());
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF2FF0U);
  });
  EXPECT_EQ(served, (std::vector<std::string>{"first at 26 ns", "second at 26 ns", "third at 49 ns",
                                              "fourth at 72 ns"}));
}

TEST(Transport, DebugTransportMovesNothing) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(7, 0x2400));
    ::tlm::tlm_generic_payload payload;
    set_instruction_attributes(payload);
    EXPECT_EQ(bench.initiator.socket->transport_dbg(payload), 0U);
    ::tlm::tlm_dmi dmi;
    EXPECT_FALSE(bench.initiator.socket->get_direct_mem_ptr(payload, dmi));
    EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
  });
}

} // namespace
} // namespace icebp
