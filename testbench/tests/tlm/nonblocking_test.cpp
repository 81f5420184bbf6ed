// nb_transport_fw of the instruction socket: four phases over the queue of b_transport, with the
// outcomes of b_transport.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>
#include <icebp/testbench/tests/tlm/nonblocking_initiator.h>

#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_initiator_socket.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::NonblockingInitiator;
using test::ns;
using Ending = NonblockingInitiator::Ending;
using Texts = std::vector<std::string>;

// Initiators at the socket of one core; each keeps the protocol, and so does the core.
struct NonblockingBench {
  DebugCoreTarget core;
  std::deque<NonblockingInitiator> initiators;

  explicit NonblockingBench(unsigned count = 1, Timing timing = Timing::timed)
      : core(sc_core::sc_gen_unique_name("core"), test::cpu_model("intel-skylake"),
             CoreClock(1, sc_core::SC_NS), timing) {
    for (unsigned n = 0; n < count; ++n)
      initiators.emplace_back(sc_core::sc_gen_unique_name("initiator"))
          .checker.to_target.bind(core.instruction);
  }
  NonblockingBench(const NonblockingBench&) = delete;
  NonblockingBench& operator=(const NonblockingBench&) = delete;
  ~NonblockingBench() {
    for (const NonblockingInitiator& initiator : initiators)
      EXPECT_EQ(initiator.checker.violations(), Texts{});
  }

  NonblockingInitiator* operator->() { return &initiators.front(); }
};

void run(double time) { sc_core::sc_start(ns(time)); }
void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

// 26 cycles of MOV to DR7, 2 + 3 + 7 + 11 of the fault. The core refuses DR8 at its turn.
TEST(Nonblocking, PhasesOfARequest) {
  NonblockingBench bench;
  elaborate();
  bench->put(mov_to_dr(7, 0x2400), ns(100));
  run(200);
  EXPECT_EQ(bench->log, (Texts{"0 END_REQ at 100 ns", "0 BEGIN_RESP at 126 ns"}));
  EXPECT_EQ(bench->responses[0].status, ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
  bench->log.clear();
  bench->put(mov_from_dr(8));
  bench->put(mov_from_dr(0));
  run(100);
  EXPECT_EQ(bench->log, (Texts{"1 END_REQ at 200 ns", "1 BEGIN_RESP at 200 ns",
                               "2 END_REQ at 200 ns", "2 BEGIN_RESP at 223 ns"}));
  EXPECT_EQ(bench->responses[1].status, ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(bench->responses[2].status, ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench->responses[2].outcome.cause, Cause::general_detect);
  EXPECT_EQ(bench->pool.in_use(), 0U);
}

// A request between two edges is taken at once and issued at the next edge.
TEST(Nonblocking, ARequestBetweenEdges) {
  NonblockingBench bench;
  run(0.4);
  bench->put(mov_from_dr(0), ns(2));
  run(100);
  EXPECT_EQ(bench->log, (Texts{"0 END_REQ at 2400 ps", "0 BEGIN_RESP at 26 ns"}));
}

TEST(Nonblocking, ALooselyTimedCoreCompletesAtOnce) {
  NonblockingBench bench(1, Timing::loosely_timed);
  elaborate();
  bench->put(mov_to_dr(7, 0x2400), ns(100));
  EXPECT_EQ(bench->log, (Texts{"0 TLM_COMPLETED at 126 ns"}));
  EXPECT_EQ(bench->responses[0].status, ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
  run(1);
  bench->put(mov_from_dr(8));
  EXPECT_EQ(bench->log.back(), "1 TLM_COMPLETED at 1 ns");
  EXPECT_EQ(bench->responses[1].status, ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  run(1);
  bench->put(mov_from_dr(0));
  EXPECT_EQ(bench->responses[2].outcome.cause, Cause::general_detect);
  EXPECT_EQ(bench->pool.in_use(), 0U);
}

Texts sorted(Texts texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

// IEEE 1666-2011 15.2.6: END_RESP comes before the next BEGIN_RESP. The operations go on meanwhile:
// 23 cycles and 25.
TEST(Nonblocking, OneResponseAtATime) {
  const struct {
    Ending ending;
    double end_delay;
    const char* second;
  } rows[] = {
      {Ending::completed, 0, "1 BEGIN_RESP at 48 ns"},
      {Ending::completed, 40, "1 BEGIN_RESP at 63 ns"},
      {Ending::updated, 0, "1 BEGIN_RESP at 48 ns"},
      {Ending::updated, 40, "1 BEGIN_RESP at 63 ns"},
      {Ending::called, 0, "1 BEGIN_RESP at 48 ns"},
      {Ending::called, 40, "1 BEGIN_RESP at 63 ns"},
      {Ending::called_now, 0, "1 BEGIN_RESP at 48 ns"},
      {Ending::called_now, 40, "1 BEGIN_RESP at 63 ns"},
  };
  std::deque<NonblockingBench> benches;
  for (const auto& row : rows) {
    NonblockingBench& bench = benches.emplace_back();
    bench->ending = row.ending;
    bench->end_delay = ns(row.end_delay);
  }
  elaborate();
  for (NonblockingBench& bench : benches) {
    bench->put(mov_from_dr(0));
    bench->put(mov_to_dr(0, 0x1111));
  }
  run(200);
  for (std::size_t n = 0; n < benches.size(); ++n) {
    SCOPED_TRACE(n);
    EXPECT_EQ(sorted(benches[n]->log), (Texts{"0 BEGIN_RESP at 23 ns", "0 END_REQ at 0 s",
                                              rows[n].second, "1 END_REQ at 23 ns"}));
    EXPECT_EQ(benches[n].core.state().dr[0], 0x1111U);
    EXPECT_EQ(benches[n]->pool.in_use(), 0U);
  }
}

TEST(Nonblocking, AResponseThatIsNotEndedHoldsUpThoseOfItsInitiator) {
  NonblockingBench bench(2);
  NonblockingInitiator& other = bench.initiators[1];
  bench->ending = Ending::never;
  elaborate();
  for (NonblockingInitiator& initiator : bench.initiators) {
    initiator.put(mov_to_dr(0, 0x1111));
    initiator.put(mov_to_dr(1, 0x2222));
  }
  run(200);
  EXPECT_EQ(sorted(bench->log),
            (Texts{"0 BEGIN_RESP at 25 ns", "0 END_REQ at 0 s", "1 END_REQ at 50 ns"}));
  EXPECT_EQ(sorted(other.log), (Texts{"0 BEGIN_RESP at 50 ns", "0 END_REQ at 25 ns",
                                      "1 BEGIN_RESP at 100 ns", "1 END_REQ at 75 ns"}));
  bench->end_response(ns(5));
  run(4.5);
  EXPECT_EQ(bench->log.size(), 3U);
  run(1);
  EXPECT_EQ(bench->log.back(), "1 BEGIN_RESP at 205 ns");
  bench->end_response();
  EXPECT_TRUE(bench->is_idle());
  EXPECT_EQ(bench->pool.in_use(), 0U);
}

// Due at 50, 10 and 20 ns; 25 cycles each.
TEST(Nonblocking, PlacesAreTakenWhenTheDelayIsOver) {
  NonblockingBench bench(3);
  elaborate();
  bench.initiators[0].put(mov_to_dr(0, 0x1111), ns(50));
  bench.initiators[1].put(mov_to_dr(0, 0x2222), ns(10));
  bench.initiators[2].put(mov_to_dr(0, 0x3333), ns(20));
  run(200);
  EXPECT_EQ(bench.initiators[1].log, (Texts{"0 END_REQ at 10 ns", "0 BEGIN_RESP at 35 ns"}));
  EXPECT_EQ(bench.initiators[2].log, (Texts{"0 END_REQ at 35 ns", "0 BEGIN_RESP at 60 ns"}));
  EXPECT_EQ(bench.initiators[0].log, (Texts{"0 END_REQ at 60 ns", "0 BEGIN_RESP at 85 ns"}));
  EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
}

// Calls b_transport through the socket of `initiator`, and notes when it is back.
sc_core::sc_process_handle block(NonblockingInitiator& initiator, const Request& request,
                                 double delay, Texts& ends) {
  return sc_core::sc_spawn([&initiator, request, delay, &ends] {
    auto& payload = initiator.pool.make(request);
    sc_core::sc_time time = ns(delay);
    initiator.socket->b_transport(payload, time);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_OK_RESPONSE);
    ends.push_back(sc_core::sc_time_stamp().to_string());
    payload.release();
  });
}

// 25 cycles each.
TEST(Nonblocking, BlockingCallsShareTheQueue) {
  NonblockingBench bench(3);
  Texts ends;
  elaborate();
  bench.initiators[0].put(mov_to_dr(0, 0x1111));
  block(bench.initiators[2], mov_to_dr(0, 0x2222), 1, ends);
  bench.initiators[1].put(mov_to_dr(0, 0x3333), ns(2));
  block(bench.initiators[2], mov_to_dr(0, 0x4444), 3, ends);
  block(bench.initiators[2], mov_to_dr(0, 0x5555), 4, ends);
  bench.initiators[0].put(mov_to_dr(0, 0x6666), ns(5));
  run(400);
  EXPECT_EQ(bench.initiators[0].log, (Texts{"0 END_REQ at 0 s", "0 BEGIN_RESP at 25 ns",
                                            "1 END_REQ at 125 ns", "1 BEGIN_RESP at 150 ns"}));
  EXPECT_EQ(bench.initiators[1].log, (Texts{"0 END_REQ at 50 ns", "0 BEGIN_RESP at 75 ns"}));
  EXPECT_EQ(ends, (Texts{"50 ns", "100 ns", "125 ns"}));
  EXPECT_EQ(bench.core.state().dr[0], 0x6666U);
}

// The operation of a blocking caller that is gone goes on to its end.
TEST(Nonblocking, WaitsForTheOperationOfALostCaller) {
  NonblockingBench bench;
  Texts ends;
  elaborate();
  sc_core::sc_process_handle caller = block(*bench.operator->(), mov_to_dr(1, 0x1111), 0, ends);
  run(5);
  bench->put(mov_to_dr(0, 0x2222));
  sc_core::sc_spawn([caller]() mutable { caller.kill(); });
  run(100);
  EXPECT_EQ(ends, Texts{});
  EXPECT_EQ(bench->log, (Texts{"0 END_REQ at 25 ns", "0 BEGIN_RESP at 50 ns"}));
  EXPECT_EQ(bench.core.state().dr[1], 0x1111U);
}

// Who stands behind it has no turn yet.
TEST(Nonblocking, ALostCallerBetweenTwo) {
  NonblockingBench bench;
  Texts ends;
  elaborate();
  block(bench.initiators[0], mov_to_dr(1, 0x1111), 0, ends);
  sc_core::sc_process_handle lost = block(bench.initiators[0], mov_to_dr(2, 0x2222), 1, ends);
  bench->put(mov_to_dr(0, 0x3333), ns(2));
  run(5);
  sc_core::sc_spawn([lost]() mutable { lost.kill(); });
  run(100);
  EXPECT_EQ(ends, Texts{"25 ns"});
  EXPECT_EQ(bench->log, (Texts{"0 END_REQ at 25 ns", "0 BEGIN_RESP at 50 ns"}));
  EXPECT_EQ(bench.core.state().dr[2], 0U);
}

// While RESET lasts the core takes the first request, which begins at the first edge behind it.
TEST(Nonblocking, TheFirstRequestIsTakenInRESET) {
  NonblockingBench bench(2);
  sc_core::sc_signal<bool> level("level");
  bench.core.reset_in(level);
  elaborate();
  level.write(true);
  run(5);
  bench.initiators[0].put(mov_from_dr(0));
  bench.initiators[1].put(mov_from_dr(0));
  run(5);
  EXPECT_EQ(bench.initiators[0].log, Texts{"0 END_REQ at 5 ns"});
  EXPECT_EQ(bench.initiators[1].log, Texts{});
  level.write(false);
  run(100);
  EXPECT_EQ(bench.initiators[0].log, (Texts{"0 END_REQ at 5 ns", "0 BEGIN_RESP at 33 ns"}));
  EXPECT_EQ(bench.initiators[1].log, (Texts{"0 END_REQ at 33 ns", "0 BEGIN_RESP at 56 ns"}));
}

// Both ways of calling share the queue: nobody waits for a thread that is suspended.
TEST(Nonblocking, ASuspendedCallerBeforeAndBehind) {
  NonblockingBench bench;
  Texts ends;
  elaborate();
  bench.core.poke_dr(3, 0x3333);
  sc_core::sc_process_handle before = block(bench.initiators[0], mov_to_dr(1, 0x1111), 0, ends);
  bench->put(mov_from_dr(3), ns(2));
  run(3);
  sc_core::sc_process_handle behind = block(bench.initiators[0], mov_to_dr(2, 0x2222), 0, ends);
  run(2);
  sc_core::sc_spawn([&]() {
    before.suspend();
    behind.suspend();
    sc_core::wait(ns(195));
    before.resume();
    behind.resume();
  });
  run(100);
  EXPECT_EQ(bench->log, (Texts{"0 END_REQ at 25 ns", "0 BEGIN_RESP at 48 ns"}));
  EXPECT_EQ(bench->responses[0].outcome.value(), 0x3333U); // its own, and not the call's
  EXPECT_EQ(bench.core.state().dr[2], 0x2222U);            // at 73 ns
  EXPECT_EQ(ends, Texts{});
  run(100);
  EXPECT_EQ(ends, (Texts{"200 ns", "200 ns"}));
}

// Whoever put the request is not needed for its end.
TEST(Nonblocking, OutlivesTheProcessThatPutIt) {
  NonblockingBench bench;
  elaborate();
  auto process = sc_core::sc_spawn([&bench] {
    bench->put(mov_to_dr(0, 0x1111));
    bench->put(mov_to_dr(1, 0x2222), ns(30));
    sc_core::wait(ns(1000));
  });
  run(5);
  sc_core::sc_spawn([process]() mutable { process.kill(sc_core::SC_INCLUDE_DESCENDANTS); });
  run(100);
  EXPECT_EQ(sorted(bench->log), (Texts{"0 BEGIN_RESP at 25 ns", "0 END_REQ at 0 s",
                                       "1 BEGIN_RESP at 55 ns", "1 END_REQ at 30 ns"}));
  EXPECT_EQ(bench->pool.in_use(), 0U);
}

TEST(Nonblocking, AResetCancelsWhatIsInService) {
  NonblockingBench bench(2);
  elaborate();
  bench.initiators[0].put(mov_to_dr(0, 0x1111));
  bench.initiators[1].put(mov_to_dr(1, 0x2222));
  run(10.5);
  sc_core::sc_spawn([&bench] { bench.core.reset(); });
  run(100);
  EXPECT_EQ(bench.initiators[0].log, (Texts{"0 END_REQ at 0 s", "0 BEGIN_RESP at 10500 ps"}));
  EXPECT_EQ(bench.initiators[0].responses[0].status, ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.initiators[0].responses[0].outcome.kind, OutcomeKind::cancelled);
  EXPECT_EQ(bench.initiators[1].log, (Texts{"0 END_REQ at 10500 ps", "0 BEGIN_RESP at 36 ns"}));
  EXPECT_EQ(bench.core.state().dr[0], 0U);
  EXPECT_EQ(bench.core.state().dr[1], 0x2222U);
}

// Calls within calls, of the next request and of the end of a response.
TEST(Nonblocking, CallsWithinCalls) {
  NonblockingBench bench;
  bench->puts_within_calls = true;
  bench->ending = Ending::called_now;
  elaborate();
  for (unsigned n = 0; n < 3; ++n)
    bench->put(mov_to_dr(n, 0x1111));
  bench->put(mov_to_dr(8, 0));
  bench->put(mov_to_dr(3, 0x3333));
  run(200);
  EXPECT_EQ(sorted(bench->log),
            (Texts{"0 BEGIN_RESP at 25 ns", "0 END_REQ at 0 s", "1 BEGIN_RESP at 50 ns",
                   "1 END_REQ at 25 ns", "2 BEGIN_RESP at 75 ns", "2 END_REQ at 50 ns",
                   "3 BEGIN_RESP at 75 ns", "3 END_REQ at 75 ns", "4 BEGIN_RESP at 100 ns",
                   "4 END_REQ at 75 ns"}));
  EXPECT_EQ(bench->pool.in_use(), 0U);
}

// ---- Against the protocol -----------------------------------------------------------------------

struct PlainInitiator : sc_core::sc_module, ::tlm::tlm_bw_transport_if<InstructionProtocol> {
  ::tlm::tlm_initiator_socket<32, InstructionProtocol> socket{"socket"};
  test::TransactionPool pool;
  Texts phases;
  ::tlm::tlm_sync_enum answer = ::tlm::TLM_ACCEPTED;

  explicit PlainInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
  }
  ::tlm::tlm_sync_enum put(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase phase) {
    sc_core::sc_time delay;
    return socket->nb_transport_fw(payload, phase, delay);
  }
  ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload&, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
    phases.emplace_back(phase == ::tlm::END_REQ ? "END_REQ" : "BEGIN_RESP");
    return answer;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

struct PlainBench {
  DebugCoreTarget core{"core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS)};
  PlainInitiator initiator{"initiator"};

  PlainBench() {
    initiator.socket.bind(core.instruction);
    elaborate();
  }
};

TEST(NonblockingRefusals, PhasesOfTheTarget) {
  PlainBench bench;
  auto& payload = bench.initiator.pool.make(mov_to_dr(0, 0x1111));
  for (const auto phase : {::tlm::END_REQ, ::tlm::BEGIN_RESP, ::tlm::UNINITIALIZED_PHASE})
    EXPECT_EQ(test::report_of([&] { bench.initiator.put(payload, phase); }), report::phase_refused)
        << phase;
  run(100);
  EXPECT_EQ(bench.initiator.phases, Texts{});
  EXPECT_EQ(bench.core.state().dr[0], 0U);
}

TLM_DECLARE_EXTENDED_PHASE(another_phase);

TEST(NonblockingRefusals, APhaseThatAProtocolAddsIsIgnored) {
  PlainBench bench;
  auto& payload = bench.initiator.pool.make(mov_to_dr(0, 0x1111));
  EXPECT_EQ(bench.initiator.put(payload, another_phase), ::tlm::TLM_ACCEPTED);
  run(100);
  EXPECT_EQ(bench.initiator.phases, Texts{});
}

TEST(NonblockingRefusals, ASecondRequestBeforeEndReq) {
  PlainBench bench;
  auto& first = bench.initiator.pool.make(mov_to_dr(0, 0x1111));
  auto& second = bench.initiator.pool.make(mov_to_dr(0, 0x2222));
  EXPECT_EQ(bench.initiator.put(first, ::tlm::BEGIN_REQ), ::tlm::TLM_ACCEPTED);
  EXPECT_EQ(test::report_of([&] { bench.initiator.put(second, ::tlm::BEGIN_REQ); }),
            report::phase_refused);
  EXPECT_EQ(second.get_response_status(), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  run(100);
  EXPECT_EQ(bench.initiator.phases, (Texts{"END_REQ", "BEGIN_RESP"}));
  EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
}

TEST(NonblockingRefusals, AnEndThatNoResponseWaitsFor) {
  PlainBench bench;
  auto& payload = bench.initiator.pool.make(mov_to_dr(0, 0x1111));
  auto& other = bench.initiator.pool.make(mov_to_dr(0, 0x2222));
  const auto end = [&](auto& which) {
    return test::report_of([&] { bench.initiator.put(which, ::tlm::END_RESP); });
  };
  EXPECT_EQ(end(payload), report::phase_refused);
  bench.initiator.put(payload, ::tlm::BEGIN_REQ);
  EXPECT_EQ(end(payload), report::phase_refused);
  run(100);
  EXPECT_EQ(end(other), report::phase_refused);
  EXPECT_EQ(end(payload), "accepted");
  EXPECT_EQ(end(payload), report::phase_refused);
}

// TLM_UPDATED, and the phase is BEGIN_RESP as before.
TEST(NonblockingRefusals, AnAnswerThatEndsNothing) {
  PlainBench bench;
  bench.initiator.answer = ::tlm::TLM_UPDATED;
  auto& payload = bench.initiator.pool.make(mov_to_dr(0, 0x1111));
  bench.initiator.put(payload, ::tlm::BEGIN_REQ);
  run(100);
  EXPECT_EQ(bench.initiator.phases, (Texts{"END_REQ", "BEGIN_RESP"}));
  EXPECT_EQ(test::report_of([&] { bench.initiator.put(payload, ::tlm::END_RESP); }), "accepted");
}

// 14.5 i: the core could not hold it. A loosely timed core need not, and refuses it all the same.
TEST(NonblockingRefusals, ATransactionWithoutAMemoryManager) {
  std::deque<NonblockingBench> benches;
  for (const Timing timing : {Timing::timed, Timing::loosely_timed})
    benches.emplace_back(0, timing);
  std::deque<PlainInitiator> initiators;
  for (NonblockingBench& bench : benches)
    initiators.emplace_back(sc_core::sc_gen_unique_name("plain"))
        .socket.bind(bench.core.instruction);
  elaborate();
  for (PlainInitiator& initiator : initiators) {
    InstructionExtension extension;
    extension.request = mov_to_dr(0, 0x1111);
    ::tlm::tlm_generic_payload payload;
    set_instruction_attributes(payload);
    payload.set_extension(&extension);
    EXPECT_EQ(initiator.put(payload, ::tlm::BEGIN_REQ), ::tlm::TLM_COMPLETED);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    payload.clear_extension(&extension);
  }
  run(100);
  for (const NonblockingBench& bench : benches)
    EXPECT_EQ(bench.core.state().dr[0], 0U);
}

// ---- Sockets around -----------------------------------------------------------------------------

struct Wrapper : sc_core::sc_module {
  ::tlm::tlm_target_socket<32, InstructionProtocol, 0> socket{"socket"};
  DebugCoreTarget core{"core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS)};

  explicit Wrapper(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(core.instruction);
  }
};

TEST(Sockets, OneAroundTheCoresOwn) {
  Wrapper wrapper("wrapper");
  NonblockingInitiator initiator("initiator");
  initiator.checker.to_target.bind(wrapper.socket);
  Texts ends;
  elaborate();
  initiator.put(mov_to_dr(0, 0x1111));
  block(initiator, mov_to_dr(1, 0x2222), 1, ends);
  run(100);
  EXPECT_EQ(initiator.log, (Texts{"0 END_REQ at 0 s", "0 BEGIN_RESP at 25 ns"}));
  EXPECT_EQ(ends, Texts{"50 ns"});
  EXPECT_EQ(initiator.checker.violations(), Texts{});
}

// They cannot be told apart: no response would find its way.
TEST(Sockets, SeveralInitiatorsAtOneAroundTheCoresOwnMayOnlyBlock) {
  Wrapper wrapper("wrapper");
  std::deque<PlainInitiator> initiators;
  for (unsigned n = 0; n < 2; ++n)
    initiators.emplace_back(sc_core::sc_gen_unique_name("initiator")).socket.bind(wrapper.socket);
  elaborate();
  for (PlainInitiator& initiator : initiators) {
    auto& payload = initiator.pool.make(mov_to_dr(0, 0x1111));
    EXPECT_EQ(test::report_of([&] { initiator.put(payload, ::tlm::BEGIN_REQ); }),
              report::phase_refused);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
    sc_core::sc_spawn([&] {
      auto& blocking = initiator.pool.make(mov_to_dr(0, 0x1111));
      sc_core::sc_time delay;
      initiator.socket->b_transport(blocking, delay);
      EXPECT_EQ(blocking.get_response_status(), ::tlm::TLM_OK_RESPONSE);
    });
  }
  run(100);
  EXPECT_EQ(wrapper.core.state().dr[0], 0x1111U);
}

TEST(Sockets, NobodyNeedsToBeBound) {
  DebugCoreTarget core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  elaborate();
  core.issue(mov_to_dr(0, 0x1111));
  run(100);
  EXPECT_EQ(core.state().dr[0], 0x1111U);
}

// One that is bound to several cores: each answers by its own path.
TEST(Sockets, AMultiSocketOfAnInitiator) {
  struct Multi : sc_core::sc_module {
    tlm_utils::multi_passthrough_initiator_socket<Multi, 32, InstructionProtocol> socket{"socket"};
    std::vector<int> responses;

    explicit Multi(const sc_core::sc_module_name& name) : sc_module(name) {
      socket.register_nb_transport_bw(this, &Multi::nb_transport_bw);
    }
    ::tlm::tlm_sync_enum nb_transport_bw(int id, ::tlm::tlm_generic_payload&,
                                         ::tlm::tlm_phase& phase, sc_core::sc_time&) {
      if (phase == ::tlm::END_REQ)
        return ::tlm::TLM_ACCEPTED;
      responses.push_back(id);
      return ::tlm::TLM_COMPLETED;
    }
  };
  std::deque<NonblockingBench> benches;
  benches.emplace_back(0);
  benches.emplace_back(0);
  Multi multi("multi");
  test::TransactionPool pool;
  for (NonblockingBench& bench : benches)
    multi.socket.bind(bench.core.instruction);
  elaborate();
  const Request requests[] = {mov_to_dr(7, 0x400), mov_from_dr(0)}; // 26 cycles and 23
  for (int id = 0; id < 2; ++id) {
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    EXPECT_EQ(multi.socket[id]->nb_transport_fw(pool.make(requests[id]), phase, delay),
              ::tlm::TLM_ACCEPTED);
  }
  run(100);
  EXPECT_EQ(multi.responses, (std::vector<int>{1, 0}));
}

// ---- Any traffic --------------------------------------------------------------------------------

Request any_request(std::mt19937_64& random) {
  const unsigned dr = random() % 9 == 0 ? 8 : random() % 8; // 8 is malformed
  const unsigned cpl = random() % 4 == 0 ? 3 : 0;
  switch (random() % 6) {
  case 0:
    return mov_from_dr(dr, cpl);
  case 1:
    return mov_to_dr(dr, random() % 3 == 0 ? 0x2400 : random() & 0xFFFF, cpl);
  case 2:
    return msr_access(Operation::rdmsr, 0xC0000082);
  case 3:
    return msr_access(Operation::wrmsr, 0xC0000082, random());
  case 4:
    return test::of(Operation::int1);
  default:
    return request_at(Operation::fetch, random() & 0xFFFF);
  }
}

// The core does one thing at a time, in the order of END_REQ.
TEST(Nonblocking, RandomTrafficComesToWhatTheRulesComeTo) {
  constexpr unsigned count = 4, each = 400;
  NonblockingBench bench(count);
  std::vector<std::vector<Request>> requests(count);
  std::vector<std::pair<unsigned, std::size_t>> taken; // initiator, number of its request
  std::mt19937_64 random(20261126);
  sc_core::sc_report_handler::set_actions(report::malformed_payload, sc_core::SC_DO_NOTHING);
  elaborate();
  for (unsigned n = 0; n < count; ++n) {
    NonblockingInitiator& initiator = bench.initiators[n];
    initiator.ending = static_cast<Ending>(n);
    initiator.end_delay = ns(17 * n);
    initiator.puts_within_calls = n % 2 == 0;
    initiator.on_end_req = [&taken, n](std::size_t number) { taken.emplace_back(n, number); };
    for (unsigned k = 0; k < each; ++k)
      requests[n].push_back(any_request(random));
    for (const Request& request : requests[n])
      initiator.put(request, ns(0.5) * static_cast<double>(random() % 200));
  }
  run(1e6);
  CoreState state = power_up(bench.core.cpu());
  unsigned refused = 0;
  for (const auto& [initiator, number] : taken) {
    SCOPED_TRACE(std::to_string(number) + " of " + std::to_string(initiator));
    const Request& request = requests[initiator][number];
    const auto& response = bench.initiators[initiator].responses[number];
    if (!is_well_formed(state, request)) {
      EXPECT_EQ(response.status, ::tlm::TLM_GENERIC_ERROR_RESPONSE);
      ++refused;
      continue;
    }
    const Outcome outcome = execute(bench.core.cpu(), state, request).outcome;
    EXPECT_EQ(response.status, ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(response.outcome.kind, outcome.kind);
    EXPECT_EQ(response.outcome.cause, outcome.cause);
    EXPECT_EQ(response.outcome.data, outcome.data);
  }
  EXPECT_EQ(bench.core.state().dr, state.dr);
  for (const NonblockingInitiator& initiator : bench.initiators) {
    EXPECT_TRUE(initiator.is_idle());
    EXPECT_EQ(initiator.pool.in_use(), 0U);
  }
  EXPECT_EQ(taken.size(), count * each);
  EXPECT_GT(refused, 20U);
}

} // namespace
} // namespace icebp
