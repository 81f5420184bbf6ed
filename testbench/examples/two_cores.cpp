// Two threads of a package, with waves: a write to a register that they share is seen by both.
#include <icebp/model/msr_package.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <iostream>
#include <memory>
#include <string>

class Cpu : public sc_core::sc_module {
public:
  Cpu(const sc_core::sc_module_name& name, std::shared_ptr<const icebp::CpuModel> model,
      const icebp::CoreIdentity& identity)
      : sc_module(name), debug("debug", std::move(model), icebp::CoreClock(1, sc_core::SC_NS),
                               icebp::Timing::timed, identity) {
    initiator.socket.bind(debug.instruction);
  }

  // From a thread: returns when the access is over.
  icebp::Outcome msr(icebp::Operation operation, std::uint32_t index, std::uint64_t value = 0) {
    icebp::Request request;
    request.operation = operation;
    request.msr = index;
    request.value = value;
    request.length = 2;
    sc_core::sc_time delay;
    if (initiator.execute(request, delay) != tlm::TLM_OK_RESPONSE)
      SC_REPORT_ERROR(name(), "the debug unit takes the request for malformed");
    return initiator.outcome();
  }

  icebp::DebugCoreTarget debug;

private:
  icebp::InstructionInitiator initiator{"initiator"};
};

class Machine : public sc_core::sc_module {
public:
  explicit Machine(const sc_core::sc_module_name& name) : sc_module(name) {
    package.add(first.debug, 0);
    package.add(second.debug, 1);
    SC_HAS_PROCESS(Machine);
    SC_THREAD(run);
  }

  void trace(sc_core::sc_trace_file* file) const override {
    first.debug.trace(file);
    second.debug.trace(file);
  }

private:
  void run() {
    constexpr std::uint32_t debug_interface = 0xC80; // of the package
    constexpr std::uint32_t pat = 0x277;             // of each thread
    first.msr(icebp::Operation::wrmsr, debug_interface, 1);
    first.msr(icebp::Operation::wrmsr, pat, 0x0606060606060606);
    for (const std::uint32_t index : {debug_interface, pat})
      std::cout << std::hex << index << ": " << second.msr(icebp::Operation::rdmsr, index).value()
                << '\n';
  }

  std::shared_ptr<const icebp::CpuModel> model = icebp::make_cpu_model("intel-skylake");
  Cpu first{"first", model, {0, true}};
  Cpu second{"second", model, {1, false}};
  icebp::MsrPackage package;
};

int sc_main(int, char**) {
  const Machine machine("machine");
  sc_core::sc_trace_file* waves = sc_core::sc_create_vcd_trace_file("two_cores"); // two_cores.vcd
  machine.trace(waves);
  sc_core::sc_start();
  sc_core::sc_close_vcd_trace_file(waves);
  return 0;
}
