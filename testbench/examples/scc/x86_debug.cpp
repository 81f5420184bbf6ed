// A debug unit as SCC has its components: clk_i is the period, rst_i a level, parameters are CCI's,
// and scc::tracer finds the signals by itself.
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <cci_configuration>
#include <scc/configurer.h>
#include <scc/report.h>
#include <scc/tracer.h>
#include <string>

class x86_debug : public sc_core::sc_module {
public:
  sc_core::sc_in<sc_core::sc_time> clk_i{"clk_i"};
  sc_core::sc_in<bool> rst_i{"rst_i"};
  cci::cci_param<std::string> profile{"profile", "intel-skylake"};
  cci::cci_param<bool> loosely_timed{"loosely_timed", false};
  icebp::DebugCoreTarget debug{
      "debug", icebp::make_cpu_model(profile.get_value()), icebp::CoreClock(1, sc_core::SC_NS),
      loosely_timed.get_value() ? icebp::Timing::loosely_timed : icebp::Timing::timed};

  explicit x86_debug(const sc_core::sc_module_name& name) : sc_module(name) {
    debug.reset_in(rst_i); // active high
    SC_HAS_PROCESS(x86_debug);
    SC_METHOD(clock_cb);
    sensitive << clk_i;
  }

private:
  void clock_cb() {
    if (clk_i.read() > sc_core::SC_ZERO_TIME)
      debug.set_clock(icebp::CoreClock(clk_i.read()));
  }
};

class platform : public sc_core::sc_module {
public:
  explicit platform(const sc_core::sc_module_name& name) : sc_module(name) {
    unit.clk_i(clk);
    unit.rst_i(rst);
    cpu.socket.bind(unit.debug.instruction);
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

private:
  void run() {
    clk.write(sc_core::sc_time(2, sc_core::SC_NS));
    rst.write(true);
    wait(10, sc_core::SC_NS);
    rst.write(false);
    wait(2, sc_core::SC_NS);
    put(icebp::Operation::mov_to_dr, 7, 0x2400); // general detect
    put(icebp::Operation::mov_from_dr, 0, 0);
    sc_core::sc_stop();
  }

  void put(icebp::Operation operation, std::uint8_t dr, std::uint64_t value) {
    icebp::Request request;
    request.operation = operation;
    request.dr = dr;
    request.value = value;
    request.length = 3;
    sc_core::sc_time delay;
    if (cpu.execute(request, delay) != tlm::TLM_OK_RESPONSE)
      SCCERR(SCMOD) << "the debug unit takes the request for malformed";
    wait(delay);
    SCCINFO(SCMOD) << operation << ": " << cpu.outcome().kind << ", " << cpu.outcome().cause;
  }

  sc_core::sc_signal<sc_core::sc_time> clk{"clk"};
  sc_core::sc_signal<bool> rst{"rst"};
  x86_debug unit{"unit"};
  icebp::InstructionInitiator cpu{"cpu"};
};

// x86_debug [CONFIGURATION], a JSON file: {"platform": {"unit": {"profile": "amd-zen1"}}}
int sc_main(int argc, char** argv) {
  scc::init_logging(scc::log::INFO);
  scc::configurer configurer(argc > 1 ? argv[1] : "");
  scc::tracer tracer("x86_debug", scc::tracer::NONE, true); // x86_debug.vcd
  const platform machine("platform");
  sc_core::sc_start();
  return 0;
}
