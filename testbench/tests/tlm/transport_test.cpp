#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
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

// The core is idle at that moment, and the turn is another's.
TEST(Transport, ACallAtTheEndOfAnotherComesBehindThoseThatWait) {
  std::vector<std::string> served;
  Bench([&](Bench& bench) {
    const auto call = [&](const std::string& name, const Request& request) {
      bench.from_elsewhere(request);
      served.push_back(name + " at " + sc_core::sc_time_stamp().to_string());
    };
    sc_core::sc_spawn([&] { call("first", mov_from_dr(0)); });
    sc_core::sc_spawn([&] { call("waiting", mov_to_dr(1, 0x1111)); });
    sc_core::wait(bench.core.finished());
    EXPECT_TRUE(bench.core.idle());
    call("late", mov_from_dr(0));
  });
  EXPECT_EQ(served,
            (std::vector<std::string>{"first at 23 ns", "waiting at 48 ns", "late at 71 ns"}));
}

// One call of a core's socket, with a payload that may be changed before it.
struct Call {
  DebugCoreTarget core;
  InstructionInitiator initiator{sc_core::sc_gen_unique_name("initiator")};
  InstructionExtension extension;
  ::tlm::tlm_generic_payload payload;
  sc_core::sc_time delay, back_at;

  explicit Call(Timing timing)
      : core(sc_core::sc_gen_unique_name("core"), test::cpu_model("intel-skylake"),
             CoreClock(1, sc_core::SC_NS), timing) {
    initiator.socket.bind(core.instruction);
    extension.request = mov_to_dr(0, 0x1111);
    set_instruction_attributes(payload);
    payload.set_extension(&extension);
    sc_core::sc_spawn([this] {
      initiator.socket->b_transport(payload, delay);
      back_at = sc_core::sc_time_stamp();
    });
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { payload.clear_extension<InstructionExtension>(); }
};

// What a caller sets wrong is told by the table of instruction_protocol.h, and nothing is executed.
TEST(Transport, WrongAttributesAtTheSocketExecuteNothing) {
  static unsigned char byte = 0;
  const struct {
    const char* name;
    void (*change)(::tlm::tlm_generic_payload&);
    ::tlm::tlm_response_status expected;
  } rows[] = {
      {"command", [](auto& p) { p.set_command(::tlm::TLM_WRITE_COMMAND); },
       ::tlm::TLM_COMMAND_ERROR_RESPONSE},
      {"data length", [](auto& p) { p.set_data_length(4); }, ::tlm::TLM_BURST_ERROR_RESPONSE},
      {"byte enables", [](auto& p) { p.set_byte_enable_ptr(&byte); },
       ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
      {"extension", [](auto& p) { p.template clear_extension<InstructionExtension>(); },
       ::tlm::TLM_GENERIC_ERROR_RESPONSE},
      {"DMI hint", [](auto& p) { p.set_dmi_allowed(true); }, ::tlm::TLM_OK_RESPONSE},
      {"none", [](auto&) {}, ::tlm::TLM_OK_RESPONSE},
  };
  std::deque<Call> calls; // all modules are there before simulation starts
  for (const Timing timing : {Timing::timed, Timing::loosely_timed})
    for (const auto& row : rows)
      row.change(calls.emplace_back(timing).payload);
  sc_core::sc_start(ns(1000));
  std::size_t n = 0;
  for (const Timing timing : {Timing::timed, Timing::loosely_timed})
    for (const auto& row : rows) {
      SCOPED_TRACE(row.name);
      const Call& call = calls[n++];
      EXPECT_EQ(call.payload.get_response_status(), row.expected);
      EXPECT_FALSE(call.payload.is_dmi_allowed());
      const bool is_good = row.expected == ::tlm::TLM_OK_RESPONSE;
      EXPECT_EQ(call.core.state().dr[0], is_good ? 0x1111U : 0U);
      EXPECT_EQ(call.delay, is_good && timing == Timing::loosely_timed ? ns(25) : ns(0));
      EXPECT_EQ(call.back_at, is_good && timing == Timing::timed ? ns(25) : ns(0));
    }
}

// A target that looks at what comes, and answers as it is told.
struct LookingTarget : sc_core::sc_module {
  tlm_utils::simple_target_socket<LookingTarget, 32, InstructionProtocol> socket{"socket"};
  std::vector<::tlm::tlm_response_status> answers; // the last of them next; INCOMPLETE: none
  unsigned calls = 0;

  explicit LookingTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_b_transport(this, &LookingTarget::b_transport);
  }

  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    ++calls;
    auto* extension = payload.get_extension<InstructionExtension>();
    EXPECT_EQ(check_instruction_attributes(payload, extension), ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(payload.get_address(), 0U);
    EXPECT_EQ(payload.get_data_ptr(), nullptr);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
    EXPECT_FALSE(payload.is_dmi_allowed());
    EXPECT_EQ(extension->request.value, calls);
    extension->outcome = retired(100 + calls);
    if (answers.back() != ::tlm::TLM_INCOMPLETE_RESPONSE)
      payload.set_response_status(answers.back());
    answers.pop_back();
  }
};

TEST(Initiator, SetsWhatTheProtocolAsksForEachTime) {
  LookingTarget target("target");
  InstructionInitiator initiator("initiator");
  initiator.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  const std::vector<::tlm::tlm_response_status> answers = {
      ::tlm::TLM_OK_RESPONSE, ::tlm::TLM_GENERIC_ERROR_RESPONSE, ::tlm::TLM_OK_RESPONSE,
      ::tlm::TLM_INCOMPLETE_RESPONSE, ::tlm::TLM_COMMAND_ERROR_RESPONSE};
  target.answers.assign(answers.rbegin(), answers.rend());
  unsigned n = 0;
  for (const auto answer : answers) {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator.execute(mov_to_dr(0, ++n), delay), answer) << n;
    EXPECT_EQ(initiator.outcome().value(), 100 + n);
  }
  EXPECT_EQ(target.calls, answers.size());
}

TEST(Transport, DebugTransportMovesNothing) {
  Bench([](Bench& bench) {
    bench(mov_to_dr(7, 0x2400));
    ::tlm::tlm_generic_payload payload;
    set_instruction_attributes(payload);
    EXPECT_EQ(bench.initiator.socket->transport_dbg(payload), 0U);
    ::tlm::tlm_dmi dmi;
    dmi.set_start_address(0x1000);
    dmi.set_end_address(0x1FFF);
    EXPECT_FALSE(bench.initiator.socket->get_direct_mem_ptr(payload, dmi));
    EXPECT_TRUE(dmi.is_read_write_allowed()); // what is refused (IEEE 1666-2011 11.2.5.7)
    EXPECT_EQ(dmi.get_start_address(), 0U);
    EXPECT_EQ(dmi.get_end_address(), ~sc_dt::uint64{0});
    EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
  });
}

TEST(Initiator, TakesNoResponseByAPhase) {
  LookingTarget target("target");
  InstructionInitiator initiator("initiator");
  initiator.socket.bind(target.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  ::tlm::tlm_generic_payload payload;
  const auto respond = [&] {
    ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    target.socket->nb_transport_bw(payload, phase, delay);
  };
  EXPECT_EQ(test::report_of(respond), report::response_refused);
  EXPECT_EQ(test::message_of(respond), "initiator: every call of this initiator is blocking");
  target.socket->invalidate_direct_mem_ptr(0, ~sc_dt::uint64{0}); // there is none
}

} // namespace
} // namespace icebp
