// The smallest platform: a CPU whose MOV DR, RDMSR, WRMSR and INT1 go to a debug unit over TLM.
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <iostream>

class Platform : public sc_core::sc_module {
public:
  explicit Platform(const sc_core::sc_module_name& name) : sc_module(name) {
    cpu.socket.bind(debug.instruction);
    SC_HAS_PROCESS(Platform);
    SC_THREAD(run);
  }

private:
  void run() {
    icebp::Request mov_dr7_rax;
    mov_dr7_rax.operation = icebp::Operation::mov_to_dr;
    mov_dr7_rax.dr = 7;
    mov_dr7_rax.length = 3;
    mov_dr7_rax.value = 0x2400; // general detect
    execute(mov_dr7_rax);

    icebp::Request mov_rbx_dr0;
    mov_rbx_dr0.operation = icebp::Operation::mov_from_dr;
    mov_rbx_dr0.dr = 0;
    mov_rbx_dr0.length = 3;
    execute(mov_rbx_dr0);
  }

  void execute(const icebp::Request& request) {
    sc_core::sc_time delay; // the CPU's local time; a timed core returns with 0
    if (cpu.execute(request, delay) != tlm::TLM_OK_RESPONSE)
      SC_REPORT_ERROR("platform", "the debug unit takes the request for malformed");
    const icebp::Outcome& outcome = cpu.outcome();
    std::cout << sc_core::sc_time_stamp() << ": " << outcome.kind << ", " << outcome.cause << '\n';
  }

  icebp::DebugCoreTarget debug{"debug", icebp::make_cpu_model("intel-skylake"),
                               icebp::CoreClock(1, sc_core::SC_NS)};
  icebp::InstructionInitiator cpu{"cpu"};
};

int sc_main(int, char**) {
  const Platform platform("platform");
  sc_core::sc_start();
  return 0;
}
