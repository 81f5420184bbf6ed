#pragma once

#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <gtest/gtest.h>
#include <systemc>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace icebp::test {

// Every phase has another length, so that no two can be mistaken for each other. Whole
// instructions: execute is the figure less issue, check and retire, which are 2 + 3 + 5.
inline constexpr CycleTable distinct_cycles{
    {2, "test"},  // issue
    {3, "test"},  // check
    {5, "test"},  // retire
    {7, "test"},  // fault
    {11, "test"}, // deliver
    {13, "test"}, // exit
    {23, "test"}, // mov_from_dr0_3
    {24, "test"}, // mov_from_dr6_7
    {25, "test"}, // mov_to_dr0_3
    {26, "test"}, // mov_to_dr6_7
    {27, "test"}, // msr_fast_read
    {33, "test"}, // msr_slow_read
    {28, "test"}, // msr_serializing_write
    {34, "test"}, // msr_nonserializing_write
    {35, "test"}, // msr_flush_command
    {29, "test"}, // int1
    {30, "test"}, // resume
    {31, "test"}, // reset
};

inline std::shared_ptr<const CpuModel> cpu_model(const std::string& profile) {
  return std::make_shared<const CpuModel>(*find_cpu_profile(profile), distinct_cycles);
}

inline sc_core::sc_time ns(double count) { return {count, sc_core::SC_NS}; }

// A core with a clock of 1 ns, an initiator, and a thread that runs `script` and stops.
struct Bench : sc_core::sc_module {
  InstructionInitiator initiator{"initiator"};
  DebugCoreTarget core;
  std::function<void(Bench&)> script;

  explicit Bench(std::function<void(Bench&)> body, const std::string& profile = "intel-skylake",
                 Timing timing = Timing::timed)
      : sc_module(sc_core::sc_module_name("bench")),
        core("core", cpu_model(profile), CoreClock(1, sc_core::SC_NS), timing),
        script(std::move(body)) {
    initiator.socket.bind(core.instruction);
    SC_HAS_PROCESS(Bench);
    SC_THREAD(run);
    sc_core::sc_start();
    EXPECT_TRUE(is_over_) << "the script waits for what does not come";
  }

  // Puts a request to the core and takes its time.
  Outcome operator()(const Request& request) {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    return initiator.outcome();
  }

  // The same as another caller, with a payload of its own.
  Outcome from_elsewhere(const Request& request,
                         ::tlm::tlm_response_status expected = ::tlm::TLM_OK_RESPONSE) {
    ::tlm::tlm_generic_payload payload;
    auto* extension = new InstructionExtension; // the payload deletes it
    extension->request = request;
    set_instruction_attributes(payload);
    payload.set_extension(extension);
    sc_core::sc_time delay;
    initiator.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), expected);
    return extension->outcome;
  }

private:
  void run() {
    script(*this);
    is_over_ = true;
    sc_core::sc_stop();
  }
  bool is_over_ = false;
};

// Message type of the report that `act` gives.
inline std::string report_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const sc_core::sc_report& report) {
    return report.get_msg_type();
  }
  return "accepted";
}

// Text of the report that `act` gives.
inline std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  }
  return "accepted";
}

inline Request mov_to_dr(unsigned dr, std::uint64_t value, unsigned cpl = 0) {
  Request request;
  request.operation = Operation::mov_to_dr;
  request.dr = static_cast<std::uint8_t>(dr);
  request.length = 3;
  request.value = value;
  request.context.cpl = static_cast<std::uint8_t>(cpl);
  return request;
}

inline Request mov_from_dr(unsigned dr, unsigned cpl = 0) {
  Request request = mov_to_dr(dr, 0, cpl);
  request.operation = Operation::mov_from_dr;
  return request;
}

inline Request msr_access(Operation operation, std::uint32_t index, std::uint64_t value = 0) {
  Request request;
  request.operation = operation;
  request.length = 2;
  request.msr = index;
  request.value = value;
  return request;
}

inline Request of(Operation operation) {
  Request request;
  request.operation = operation;
  request.length = 1;
  return request;
}

} // namespace icebp::test
