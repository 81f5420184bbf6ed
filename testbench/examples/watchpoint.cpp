// A data watchpoint over the socket: put by hand, and by the instruction loop of a small simulator.
#include <icebp/model/rules/instruction_loop.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <iostream>

// What the instruction loop asks of a core, over the socket. Called from an SC_THREAD.
class SocketCore {
public:
  SocketCore(icebp::DebugCoreTarget& core, icebp::InstructionInitiator& socket)
      : debug(core), initiator(socket) {}

  icebp::Outcome put(const icebp::Request& request) {
    sc_core::sc_time delay;
    if (initiator.execute(request, delay) != tlm::TLM_OK_RESPONSE)
      SC_REPORT_ERROR("simulator", "the debug unit takes the request for malformed");
    sc_core::wait(delay); // 0 of a timed core; of a loosely timed one it may be saved up
    return initiator.outcome();
  }
  const icebp::CoreState& state() const { return debug.state(); }
  const icebp::WatchFilter& watch() const { return debug.watch(); }
  const icebp::CpuModel& cpu() const { return debug.cpu(); }

private:
  icebp::DebugCoreTarget& debug;
  icebp::InstructionInitiator& initiator;
};

// Knows one instruction, of two bytes: it stores a byte at RDI, and RDI moves on.
struct Simulator {
  icebp::CoreContext context() const { return {}; } // 64-bit mode, CPL 0, TF and RF 0
  std::uint64_t rip() const { return address; }
  void clear_rf() {}

  template <typename Life>
  icebp::Request execute_at_rip(Life& life) {
    life.access(icebp::Operation::data_write, rdi++, 1); // costs no call where nothing is watched
    address += 2;
    return icebp::request_at(icebp::Operation::end_of_instruction, address);
  }

  void take(const icebp::Delivery& delivery) { // the handler returns at once
    std::cout << sc_core::sc_time_stamp() << ": " << delivery.end << " at RIP " << std::hex
              << delivery.rip << std::dec << '\n';
  }

  std::uint64_t address = 0x100, rdi = 0x1000;
};

class Platform : public sc_core::sc_module {
public:
  explicit Platform(const sc_core::sc_module_name& name) : sc_module(name) {
    initiator.socket.bind(debug.instruction);
    SC_HAS_PROCESS(Platform);
    SC_THREAD(run);
  }

private:
  void run() {
    SocketCore core(debug, initiator);
    core.put(mov_to_dr(0, 0x1002));
    core.put(mov_to_dr(7, 0x10401)); // L0; R/W0: writes; LEN0: a byte
    by_hand(core);
    core.put(mov_to_dr(6, 0)); // as a handler does; bits that are 1 when nothing happened stay
    Simulator simulator;
    while (simulator.rdi < 0x1004)
      icebp::run_instruction(core, simulator);
    show_dr6();
  }

  // mov [1000h], eax at 100h: the store meets the watchpoint, the #DB is a trap at its end.
  void by_hand(SocketCore& core) {
    using icebp::Operation;
    const icebp::Outcome store = core.put(icebp::request_at(Operation::data_write, 0x1000, 4));
    const icebp::Outcome end = core.put(icebp::request_at(Operation::end_of_instruction, 0x102));
    std::cout << store.kind << ", then " << end.kind << ", " << end.vector << '\n';
    show_dr6();
  }

  void show_dr6() const {
    std::cout << "DR6 " << std::hex << debug.state().dr[6] << std::dec << '\n';
  }

  static icebp::Request mov_to_dr(std::uint8_t dr, std::uint64_t value) {
    icebp::Request request;
    request.operation = icebp::Operation::mov_to_dr;
    request.dr = dr;
    request.length = 3;
    request.value = value;
    return request;
  }

  icebp::DebugCoreTarget debug{"debug", icebp::make_cpu_model("intel-skylake"),
                               icebp::CoreClock(1, sc_core::SC_NS)};
  icebp::InstructionInitiator initiator{"initiator"};
};

int sc_main(int, char**) {
  const Platform platform("platform");
  sc_core::sc_start();
  return 0;
}
