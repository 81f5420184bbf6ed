// A debugger at the probe port of a core: it sets a watchpoint, and ends an instruction that debug
// firmware holds.
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>
#include <icebp/tlm/probe_target.h>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <iostream>

namespace probe = icebp::probe;

class Debugger : public sc_core::sc_module {
public:
  tlm_utils::simple_initiator_socket<Debugger, 64> socket{"socket"};

  explicit Debugger(const sc_core::sc_module_name& name) : sc_module(name) {}

  // At any moment, without time or side effect.
  std::uint64_t peek(std::uint64_t address) {
    std::uint64_t value = 0;
    tlm::tlm_generic_payload payload;
    prepare(payload, tlm::TLM_READ_COMMAND, address, value);
    if (socket->transport_dbg(payload) != sizeof value)
      SC_REPORT_ERROR(name(), "there is no such register");
    return value;
  }
  // A transaction as of a probe's own bus: commands act by it.
  void write(std::uint64_t address, std::uint64_t value) {
    tlm::tlm_generic_payload payload;
    prepare(payload, tlm::TLM_WRITE_COMMAND, address, value);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    if (!payload.is_response_ok())
      SC_REPORT_ERROR(name(), payload.get_response_string().c_str());
  }

private:
  static void prepare(tlm::tlm_generic_payload& payload, tlm::tlm_command command,
                      std::uint64_t address, std::uint64_t& data) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    payload.set_data_length(sizeof data);
    payload.set_streaming_width(sizeof data);
  }
};

class Platform : public sc_core::sc_module {
public:
  explicit Platform(const sc_core::sc_module_name& name) : sc_module(name) {
    cpu.socket.bind(debug.instruction);
    debugger.socket.bind(port.socket);
    SC_HAS_PROCESS(Platform);
    SC_THREAD(run);
  }

private:
  void run() {
    std::cout << std::hex;
    watch();
    resume();
  }

  void watch() {
    debugger.write(probe::address_of(icebp::ProbeRegister::dr0), 0x1000);
    debugger.write(probe::address_of(icebp::ProbeRegister::dr7), 0x12401); // L0, writes; GD
    std::cout << "DR7 " << debugger.peek(probe::address_of(icebp::ProbeRegister::dr7)) << '\n';
    std::cout << "PAT " << debugger.peek(probe::address_of_msr(0x277)) << '\n';
  }

  // MOV RAX, DR0 meets general detect, which is redirected; the debugger answers in its place.
  void resume() {
    icebp::Request mov_rax_dr0;
    mov_rax_dr0.operation = icebp::Operation::mov_from_dr;
    mov_rax_dr0.length = 3;
    mov_rax_dr0.context.redirect_db = true;
    sc_core::sc_time delay;
    cpu.execute(mov_rax_dr0, delay);
    debugger.write(probe::address_of(icebp::ProbeRegister::resume_value), 0x5EC2E7);
    debugger.write(probe::address_of(icebp::ProbeRegister::resume),
                   static_cast<std::uint64_t>(icebp::ResumeVerb::complete));
    wait(port.resumed());
    std::cout << "RAX " << port.resumption()->outcome.value() << '\n';
  }

  icebp::DebugCoreTarget debug{"debug", icebp::make_cpu_model("intel-skylake"),
                               icebp::CoreClock(1, sc_core::SC_NS)};
  icebp::ProbeTarget port{"port", debug};
  icebp::InstructionInitiator cpu{"cpu"};
  Debugger debugger{"debugger"};
};

int sc_main(int, char**) {
  const Platform platform("platform");
  sc_core::sc_start();
  return 0;
}
