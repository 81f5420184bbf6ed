// Payloads as no initiator should send them: always a status, no effect and a warning that names
// the core and what is malformed.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/model/bench.h>
#include <icebp/testbench/tests/tlm/nonblocking_initiator.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace icebp {
namespace {

using test::mov_from_dr;
using test::mov_to_dr;
using test::ns;

// Notes warnings: `MESSAGE TYPE: text`.
class Warnings {
public:
  Warnings() {
    noted().clear();
    sc_core::sc_report_handler::set_handler(
        [](const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
          if (report.get_severity() == sc_core::SC_WARNING)
            noted().push_back(std::string(report.get_msg_type()) + ": " + report.get_msg());
          else
            sc_core::sc_report_handler::default_handler(report, actions);
        });
  }
  ~Warnings() { sc_core::sc_report_handler::set_handler(nullptr); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;

  // Those since the last call.
  std::vector<std::string> take() { return std::exchange(noted(), {}); }

private:
  static std::vector<std::string>& noted() {
    static std::vector<std::string> warnings;
    return warnings;
  }
};

// Puts a payload in either way, and waits for its response.
class Fuzzer : public sc_core::sc_module, ::tlm::tlm_bw_transport_if<InstructionProtocol> {
public:
  ::tlm::tlm_initiator_socket<32, InstructionProtocol> socket{"socket"};
  DebugCoreTarget core;
  test::TransactionPool pool;

  Fuzzer(const sc_core::sc_module_name& name, Timing timing,
         std::function<void(Fuzzer&)> script = nullptr)
      : sc_module(name),
        core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS), timing),
        script_(std::move(script)) {
    socket.bind(*this);
    socket.bind(core.instruction);
    SC_HAS_PROCESS(Fuzzer);
    SC_THREAD(run);
  }

  void put(::tlm::tlm_generic_payload& payload, bool blocking) {
    sc_core::sc_time delay;
    if (blocking)
      return socket->b_transport(payload, delay);
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    if (socket->nb_transport_fw(payload, phase, delay) == ::tlm::TLM_COMPLETED)
      return;
    wait(response_);
    phase = ::tlm::END_RESP;
    socket->nb_transport_fw(payload, phase, delay);
  }

private:
  void run() {
    if (script_)
      script_(*this);
  }
  ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload&, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
    if (phase == ::tlm::BEGIN_RESP)
      response_.notify();
    return ::tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::function<void(Fuzzer&)> script_;
  sc_core::sc_event response_;
};

Request with(void (*change)(Request&)) {
  Request request = mov_to_dr(0, 0x1111);
  change(request);
  return request;
}

unsigned char byte = 0;

void take_extension(::tlm::tlm_generic_payload& payload) {
  delete payload.get_extension<InstructionExtension>();
  payload.clear_extension<InstructionExtension>();
}

// The table of instruction_protocol.h, and the fields of a request (request.h).
const struct {
  const char* warning;
  Request request;
  void (*change)(::tlm::tlm_generic_payload&);
  ::tlm::tlm_response_status expected;
} rows[] = {
    {"/icebp/debug_core_target/no_extension: NAME: a payload without an InstructionExtension",
     mov_to_dr(0, 1), [](auto& p) { take_extension(p); }, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a command other than TLM_IGNORE_COMMAND",
     mov_to_dr(0, 1), [](auto& p) { p.set_command(::tlm::TLM_READ_COMMAND); },
     ::tlm::TLM_COMMAND_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a data length other than 0", mov_to_dr(0, 1),
     [](auto& p) { p.set_data_length(1); }, ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: byte enables", mov_to_dr(0, 1),
     [](auto& p) { p.set_byte_enable_ptr(&byte); }, ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: an operation that is none", Request{}, [](auto&) {},
     ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: an operation that is none",
     with([](Request& r) { r.operation = static_cast<Operation>(200); }), [](auto&) {},
     ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a debug register beyond 7", mov_to_dr(8, 1),
     [](auto&) {}, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a general register beyond 15",
     with([](Request& r) { r.gpr = 16; }), [](auto&) {}, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a privilege level that the mode has not",
     mov_to_dr(0, 1, 4), [](auto&) {}, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a privilege level that the mode has not",
     with([](Request& r) { r.context.mode = static_cast<Mode>(77); }), [](auto&) {},
     ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: a resume that no instruction waits for",
     test::of(Operation::resume), [](auto&) {}, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"/icebp/debug_core_target/malformed: NAME: an access of 0 bytes",
     request_at(Operation::data_write, 0x1000, 0), [](auto&) {}, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
};

void expect_told(Fuzzer& fuzzer) {
  Warnings warnings;
  for (const auto& row : rows)
    for (const bool blocking : {false, true}) {
      std::string expected = row.warning;
      expected.replace(expected.find("NAME"), 4, fuzzer.core.name());
      SCOPED_TRACE(expected);
      auto& payload = fuzzer.pool.make(row.request);
      row.change(payload);
      const std::string before = fuzzer.core.save().value();
      fuzzer.put(payload, blocking);
      EXPECT_EQ(payload.get_response_status(), row.expected);
      EXPECT_TRUE(fuzzer.core.save() == before);
      EXPECT_EQ(warnings.take(), std::vector<std::string>{expected});
      payload.release();
    }
}

TEST(MalformedPayload, IsToldWithTheNameOfATimedCore) {
  Fuzzer fuzzer("fuzzer", Timing::timed, expect_told);
  sc_core::sc_start();
}

TEST(MalformedPayload, IsToldWithTheNameOfALooselyTimedCore) {
  Fuzzer fuzzer("fuzzer", Timing::loosely_timed, expect_told);
  sc_core::sc_start();
}

TEST(MalformedPayload, WhatIsMalformed) {
  test::TransactionPool pool;
  auto& payload = pool.make(mov_to_dr(0, 1));
  EXPECT_EQ(what_is_malformed(payload), nullptr);
  payload.set_address(0x1234);
  payload.set_streaming_width(8);
  EXPECT_EQ(what_is_malformed(payload), nullptr);
  payload.set_data_length(1);
  EXPECT_STREQ(what_is_malformed(payload), "a data length other than 0");
  payload.release();
}

// ---- Anything -----------------------------------------------------------------------------------

struct Unrelated : ::tlm::tlm_extension<Unrelated> {
  ::tlm::tlm_extension_base* clone() const override { return new Unrelated; }
  void copy_from(const ::tlm::tlm_extension_base&) override {}
};

using Random = std::mt19937_64;

// Mostly as it must be.
std::uint8_t mostly_below(Random& random, unsigned limit) {
  return static_cast<std::uint8_t>(random() % 8 == 0 ? random() : random() % limit);
}

Request any_request(Random& random) {
  Request request;
  request.operation = static_cast<Operation>(mostly_below(random, operation_rows.size()));
  request.dr = mostly_below(random, 8);
  request.gpr = mostly_below(random, 16);
  request.length = static_cast<std::uint8_t>(random());
  request.verb = static_cast<ResumeVerb>(random() % 4);
  request.user_msr_bitmap = static_cast<std::uint8_t>(random());
  request.context.mode = static_cast<Mode>(random() % 4 == 0 ? mostly_below(random, 5) : 4);
  request.context.cpl = mostly_below(random, 4);
  request.context.cr0_pg = random() % 2 == 0;
  request.context.cr4_de = random() % 2 == 0;
  request.context.tf = random() % 4 == 0;
  request.context.rf = random() % 4 == 0;
  request.context.redirect_db = random() % 4 == 0;
  request.ending = static_cast<Ending>(random() % 6);
  request.fast_string = random() % 2 == 0;
  request.branch = static_cast<Branch>(random() % 8);
  request.t_bit = random() % 2 == 0;
  request.events = static_cast<EventSet>(random());
  request.size = static_cast<std::uint32_t>(random() % 4 == 0 ? random() : random() % 9);
  request.error_code = static_cast<std::uint16_t>(random());
  request.msr =
      static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 0x500 : 0xC0000080 + random() % 8);
  request.value = random() % 2 == 0 ? random() : random() % 0x2000;
  request.from = random();
  request.now = random();
  return request;
}

void spoil(Random& random, ::tlm::tlm_generic_payload& payload) {
  const auto sometimes = [&random] { return random() % 12 == 0; };
  payload.set_address(random());
  payload.set_streaming_width(static_cast<unsigned>(random()));
  payload.set_byte_enable_length(static_cast<unsigned>(random()));
  payload.set_dmi_allowed(random() % 2 == 0);
  payload.set_data_ptr(random() % 2 == 0 ? &byte : nullptr);
  if (sometimes())
    payload.set_command(random() % 2 == 0 ? ::tlm::TLM_READ_COMMAND : ::tlm::TLM_WRITE_COMMAND);
  if (sometimes())
    payload.set_data_length(static_cast<unsigned>(random() % 2 == 0 ? random() : 1));
  if (sometimes())
    payload.set_byte_enable_ptr(&byte);
  if (sometimes())
    payload.set_auto_extension(new Unrelated);
  if (sometimes())
    take_extension(payload);
}

::tlm::tlm_response_status expected_of(const CoreState& state,
                                       const ::tlm::tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<InstructionExtension>();
  if (!extension)
    return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (payload.get_command() != ::tlm::TLM_IGNORE_COMMAND)
    return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (payload.get_data_length() != 0)
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr)
    return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  return is_well_formed(state, extension->request) ? ::tlm::TLM_OK_RESPONSE
                                                   : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

void expect_a_status_whatever_comes(Fuzzer& fuzzer) {
  Warnings warnings;
  Random random(20261126);
  unsigned good = 0;
  constexpr unsigned count = 4000;
  for (unsigned n = 0; n < count; ++n) {
    SCOPED_TRACE(n);
    auto& payload = fuzzer.pool.make(any_request(random));
    spoil(random, payload);
    ::tlm::tlm_dmi dmi;
    EXPECT_EQ(fuzzer.socket->transport_dbg(payload), 0U);
    EXPECT_FALSE(fuzzer.socket->get_direct_mem_ptr(payload, dmi));
    const auto expected = expected_of(fuzzer.core.state(), payload);
    fuzzer.put(payload, random() % 2 == 0);
    EXPECT_EQ(payload.get_response_status(), expected);
    EXPECT_FALSE(payload.is_dmi_allowed());
    EXPECT_EQ(warnings.take().size(), expected == ::tlm::TLM_OK_RESPONSE ? 0U : 1U);
    good += expected == ::tlm::TLM_OK_RESPONSE;
    payload.release();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_EQ(fuzzer.pool.in_use(), 0U);
  EXPECT_TRUE(fuzzer.core.idle());
  EXPECT_GT(good, count / 4);
  EXPECT_LT(good, count * 3 / 4);
}

TEST(MalformedPayload, RandomOnesGetAStatusFromATimedCore) {
  Fuzzer fuzzer("fuzzer", Timing::timed, expect_a_status_whatever_comes);
  sc_core::sc_start();
}

TEST(MalformedPayload, RandomOnesGetAStatusFromALooselyTimedCore) {
  Fuzzer fuzzer("fuzzer", Timing::loosely_timed, expect_a_status_whatever_comes);
  sc_core::sc_start();
}

} // namespace
} // namespace icebp
