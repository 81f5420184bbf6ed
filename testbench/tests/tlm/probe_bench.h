#pragma once

#include <icebp/testbench/tests/model/bench.h>
#include <icebp/tlm/probe_target.h>

#include <systemc>
#include <tlm>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace icebp::test {

using Payload = ::tlm::tlm_generic_payload;
using Status = ::tlm::tlm_response_status;

// A debugger: the initiator of a probe port.
class ProbeInitiator : public sc_core::sc_module, private ::tlm::tlm_bw_transport_if<> {
public:
  ::tlm::tlm_initiator_socket<64> socket{"socket"};
  sc_core::sc_time delay; // of b_transport

  explicit ProbeInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
  }

  static void prepare(Payload& payload, ::tlm::tlm_command command, std::uint64_t address,
                      void* data, unsigned size) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
  }

  Status transport(::tlm::tlm_command command, std::uint64_t address, void* data, unsigned size) {
    Payload payload;
    prepare(payload, command, address, data, size);
    payload.set_dmi_allowed(true);
    socket->b_transport(payload, delay);
    EXPECT_FALSE(payload.is_dmi_allowed());
    return payload.get_response_status();
  }
  Status write(std::uint64_t address, std::uint64_t value, unsigned size = 8) {
    return transport(::tlm::TLM_WRITE_COMMAND, address, &value, size);
  }
  std::uint64_t read(std::uint64_t address) {
    std::uint64_t value = 0xDDDDDDDDDDDDDDDD;
    EXPECT_EQ(transport(::tlm::TLM_READ_COMMAND, address, &value, 8), ::tlm::TLM_OK_RESPONSE)
        << std::hex << address;
    return value;
  }

  unsigned debug(::tlm::tlm_command command, std::uint64_t address, void* data, unsigned size) {
    Payload payload;
    prepare(payload, command, address, data, size);
    const unsigned moved = socket->transport_dbg(payload);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
    return moved;
  }
  unsigned debug_write(std::uint64_t address, std::uint64_t value) {
    return debug(::tlm::TLM_WRITE_COMMAND, address, &value, 8);
  }
  std::uint64_t debug_read(std::uint64_t address) {
    std::uint64_t value = 0xDDDDDDDDDDDDDDDD;
    EXPECT_EQ(debug(::tlm::TLM_READ_COMMAND, address, &value, 8), 8U) << std::hex << address;
    return value;
  }

private:
  ::tlm::tlm_sync_enum nb_transport_bw(Payload&, ::tlm::tlm_phase&, sc_core::sc_time&) override {
    ADD_FAILURE() << "the probe port has no phases of its own";
    return ::tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override { ADD_FAILURE(); }
};

// A core with a probe port, a debugger at it, and a thread that runs `script` and stops.
struct ProbeBench : sc_core::sc_module {
  InstructionInitiator initiator{"initiator"};
  DebugCoreTarget core;
  ProbeTarget probe;
  ProbeInitiator debugger{"debugger"};
  std::function<void(ProbeBench&)> script;

  explicit ProbeBench(std::function<void(ProbeBench&)> body, Timing timing = Timing::timed,
                      std::shared_ptr<const CpuModel> cpu = cpu_model("intel-skylake"),
                      const CoreIdentity& identity = {})
      : sc_module(sc_core::sc_module_name("bench")),
        core("core", std::move(cpu), CoreClock(1, sc_core::SC_NS), timing, identity),
        probe("probe", core), script(std::move(body)) {
    initiator.socket.bind(core.instruction);
    debugger.socket.bind(probe.socket);
    SC_HAS_PROCESS(ProbeBench);
    SC_THREAD(run);
    sc_core::sc_start();
  }

  // Puts a request to the core and takes its time.
  Outcome operator()(const Request& request) {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
    wait(delay);
    return initiator.outcome();
  }

private:
  void run() {
    script(*this);
    sc_core::sc_stop();
  }
};

} // namespace icebp::test
