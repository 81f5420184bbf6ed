// Each rule of the checker is broken once, by a side that says what it is told to.

#include <icebp/testbench/tests/model/bench.h>
#include <icebp/testbench/tests/tlm/nonblocking_initiator.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::ns;
using Payload = ::tlm::tlm_generic_payload;
using Texts = std::vector<std::string>;

struct Answer {
  ::tlm::tlm_sync_enum sync = ::tlm::TLM_ACCEPTED;
  ::tlm::tlm_phase phase = ::tlm::UNINITIALIZED_PHASE; // none: as it came
  double delay = 0;
};

struct Sides : sc_core::sc_module,
               ::tlm::tlm_fw_transport_if<InstructionProtocol>,
               ::tlm::tlm_bw_transport_if<InstructionProtocol> {
  ::tlm::tlm_initiator_socket<32, InstructionProtocol> initiator{"initiator"};
  test::ProtocolChecker checker{"checker"};
  ::tlm::tlm_target_socket<32, InstructionProtocol> target{"target"};
  test::TransactionPool pool;
  Answer answer;
  std::function<void(Payload&)> in_call = [](Payload&) {};

  explicit Sides(const sc_core::sc_module_name& name) : sc_module(name) {
    initiator.bind(*this);
    target.bind(*this);
    initiator.bind(checker.from_initiator);
    checker.to_target.bind(target);
  }

  void forward(Payload& payload, ::tlm::tlm_phase phase, double delay = 0, Answer with = {}) {
    answer = with;
    sc_core::sc_time time = ns(delay);
    initiator->nb_transport_fw(payload, phase, time);
  }
  void backward(Payload& payload, ::tlm::tlm_phase phase, double delay = 0, Answer with = {}) {
    answer = with;
    sc_core::sc_time time = ns(delay);
    target->nb_transport_bw(payload, phase, time);
  }
  void block(Payload& payload) {
    sc_core::sc_time time;
    initiator->b_transport(payload, time);
  }
  // Those since the last call, without their time.
  Texts take() {
    Texts texts;
    for (; seen_ < checker.violations().size(); ++seen_) {
      const std::string& text = checker.violations()[seen_];
      texts.push_back(text.substr(0, text.find(':')));
    }
    return texts;
  }

private:
  void b_transport(Payload& payload, sc_core::sc_time&) override { in_call(payload); }
  ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
    return say(payload, phase, delay);
  }
  ::tlm::tlm_sync_enum nb_transport_bw(Payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
    return say(payload, phase, delay);
  }
  ::tlm::tlm_sync_enum say(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    in_call(payload);
    if (answer.phase != ::tlm::UNINITIALIZED_PHASE)
      phase = answer.phase;
    delay += ns(answer.delay);
    return answer.sync;
  }
  bool get_direct_mem_ptr(Payload&, ::tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(Payload&) override { return 0; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::size_t seen_ = 0;
};

Payload& responded(Payload& payload) {
  payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  return payload;
}

struct ProtocolChecker : testing::Test {
  Sides sides{"sides"};
  Payload& payload = sides.pool.make(test::mov_to_dr(0, 1));
  Payload& other = sides.pool.make(test::mov_to_dr(0, 1));

  void begin(Payload& which, double delay = 0) { sides.forward(which, ::tlm::BEGIN_REQ, delay); }
  void respond(Payload& which) { sides.backward(responded(which), ::tlm::BEGIN_RESP); }
};

TEST_F(ProtocolChecker, HasNothingAgainstTheFourPhases) {
  begin(payload, 5);
  sides.backward(payload, ::tlm::END_REQ, 5);
  begin(other, 7);
  sides.backward(responded(payload), ::tlm::BEGIN_RESP, 6);
  sides.forward(payload, ::tlm::END_RESP, 6);
  sides.backward(responded(other), ::tlm::BEGIN_RESP, 7);
  sides.forward(other, ::tlm::END_RESP, 7);
  other.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  begin(other);
  sides.backward(responded(other), ::tlm::BEGIN_RESP, 0, {::tlm::TLM_COMPLETED});
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  sides.forward(payload, ::tlm::BEGIN_REQ, 0, {::tlm::TLM_UPDATED, ::tlm::END_REQ, 3});
  sides.backward(responded(payload), ::tlm::BEGIN_RESP, 4,
                 {::tlm::TLM_UPDATED, ::tlm::END_RESP, 1});
  EXPECT_EQ(sides.take(), Texts{});
}

TEST_F(ProtocolChecker, HoldsTheTransaction) {
  Payload no_manager;
  InstructionExtension extension;
  set_instruction_attributes(no_manager);
  no_manager.set_extension(&extension);
  begin(no_manager);
  EXPECT_EQ(sides.take(), Texts{"14.5 i"});
  no_manager.clear_extension(&extension);
}

TEST_F(ProtocolChecker, LooksAtANewTransaction) {
  payload.set_dmi_allowed(true);
  begin(responded(payload));
  EXPECT_EQ(sides.take(), (Texts{"14.16", "14.17 e"}));
  sides.in_call = [](Payload& p) { responded(p); };
  sides.block(responded(other));
  EXPECT_EQ(sides.take(), Texts{"14.17 e"});
}

TEST_F(ProtocolChecker, KnowsWhosePhasesTheyAre) {
  begin(payload);
  sides.forward(payload, ::tlm::END_REQ);
  EXPECT_EQ(sides.take()[0], "15.2.3 c");
  sides.backward(payload, ::tlm::BEGIN_REQ);
  EXPECT_EQ(sides.take()[0], "15.2.3 c");
}

TEST_F(ProtocolChecker, KnowsTheOrderOfThePhases) {
  sides.forward(responded(payload), ::tlm::END_RESP);
  EXPECT_EQ(sides.take(), Texts{"15.2.4"});
  sides.backward(payload, ::tlm::END_REQ);
  EXPECT_EQ(sides.take(), Texts{"15.2.4"});
  respond(payload);
  EXPECT_EQ(sides.take(), Texts{"15.2.4"});
}

TEST_F(ProtocolChecker, ExcludesRequestsAndResponses) {
  begin(payload);
  begin(other);
  EXPECT_EQ(sides.take(), Texts{"15.2.6 e"});
  respond(payload);
  respond(other);
  EXPECT_EQ(sides.take(), Texts{"15.2.6 f"});
}

TEST_F(ProtocolChecker, TimeDoesNotGoBack) {
  begin(payload, 5);
  sides.backward(payload, ::tlm::END_REQ, 4);
  EXPECT_EQ(sides.take(), Texts{"15.2.7 c"});
}

TEST_F(ProtocolChecker, WantsATransactionOnce) {
  begin(payload);
  sides.backward(payload, ::tlm::END_REQ);
  begin(payload);
  EXPECT_EQ(sides.take(), Texts{"15.2.4"});
}

TEST_F(ProtocolChecker, WantsAResponse) {
  begin(payload);
  sides.backward(payload, ::tlm::BEGIN_RESP);
  EXPECT_EQ(sides.take(), Texts{"14.17"});
  sides.forward(other, ::tlm::BEGIN_REQ, 0, {::tlm::TLM_COMPLETED});
  EXPECT_EQ(sides.take(), Texts{"14.17"});
}

TEST_F(ProtocolChecker, WantsAttributesAsTheyWere) {
  begin(payload);
  payload.set_address(1);
  respond(payload);
  EXPECT_EQ(sides.take(), Texts{"14.7"});
  sides.in_call = [](Payload& p) { responded(p).set_data_length(1); };
  sides.block(other);
  EXPECT_EQ(sides.take(), Texts{"14.7"});
}

TEST_F(ProtocolChecker, AcceptedChangesNothing) {
  sides.forward(payload, ::tlm::BEGIN_REQ, 0, {::tlm::TLM_ACCEPTED, ::tlm::END_REQ});
  EXPECT_EQ(sides.take(), Texts{"11.1.2.7"});
  sides.backward(payload, ::tlm::END_REQ, 0, {::tlm::TLM_ACCEPTED, ::tlm::UNINITIALIZED_PHASE, 1});
  EXPECT_EQ(sides.take(), Texts{"11.1.2.7"});
}

TEST_F(ProtocolChecker, KeepsBlockingAndNonblockingApart) {
  begin(payload);
  sides.in_call = [](Payload& p) { responded(p); };
  sides.block(payload);
  EXPECT_EQ(sides.take(), Texts{"15.2.10 c"});
}

} // namespace
} // namespace icebp
