// One access through the instruction socket of a core, N times, for counting instructions and for
// timing:
//   transport_cost CASE N
// The floor is the same socket and extension with a target that does nothing.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/testbench/bench/cases.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>

namespace {

using namespace icebp;

struct EmptyTarget : sc_core::sc_module {
  tlm_utils::simple_target_socket<EmptyTarget, 32, InstructionProtocol> instruction{"instruction"};

  explicit EmptyTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    instruction.register_b_transport(this, &EmptyTarget::b_transport);
  }

  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    asm volatile("" : : "r"(payload.get_extension<InstructionExtension>()));
    payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  }
};

struct Case {
  const char* name;
  Operation operation;
  std::uint8_t cpl;
  bool timed;
  bool waves = false;
};

constexpr Case cases[] = {
    {"floor", Operation::none, 0, false},
    {"lt_mov_from_dr", Operation::mov_from_dr, 0, false},
    {"lt_mov_to_dr", Operation::mov_to_dr, 0, false},
    {"lt_rdmsr", Operation::rdmsr, 0, false},
    {"lt_wrmsr", Operation::wrmsr, 0, false},
    {"lt_fault", Operation::mov_to_dr, 3, false},
    {"timed_mov_to_dr", Operation::mov_to_dr, 0, true},
    {"timed_wrmsr", Operation::wrmsr, 0, true},
    {"timed_mov_to_dr_waves", Operation::mov_to_dr, 0, true, true},
    {"timed_fault", Operation::mov_to_dr, 3, true},
    {"timed_fault_waves", Operation::mov_to_dr, 3, true, true},
};

Request request_of(const Case& chosen) {
  Request request;
  request.operation = chosen.operation;
  request.dr = 1;
  request.context.cpl = chosen.cpl;
  request.msr = 0xC0000082;
  request.value = 0x1234;
  return request;
}

struct Bench : sc_core::sc_module {
  InstructionInitiator initiator{"initiator"};
  std::function<void()> body;

  explicit Bench(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Bench);
    SC_THREAD(run);
  }

private:
  void run() {
    body();
    sc_core::sc_stop();
  }
};

// A VCD of a core, whose text goes nowhere.
class Waves {
public:
  explicit Waves(DebugCore& core) {
    if (mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error("no folder can be made in /tmp");
    const std::string name = std::string(folder_.data()) + "/waves";
    std::filesystem::create_symlink("/dev/null", name + ".vcd");
    file_ = sc_core::sc_create_vcd_trace_file(name.c_str());
    core.trace(file_);
  }
  ~Waves() {
    sc_core::sc_close_vcd_trace_file(file_);
    std::filesystem::remove_all(folder_.data());
  }
  Waves(const Waves&) = delete;
  Waves& operator=(const Waves&) = delete;

private:
  std::array<char, 17> folder_{"/tmp/icebpXXXXXX"};
  sc_core::sc_trace_file* file_ = nullptr;
};

int run(const Case& chosen, std::size_t count) {
  const auto cpu = std::make_shared<const CpuModel>(*find_cpu_profile("intel-skylake"));
  EmptyTarget empty("empty");
  DebugCoreTarget core("core", cpu, CoreClock(1, sc_core::SC_NS),
                       chosen.timed ? Timing::timed : Timing::loosely_timed);
  const auto waves = chosen.waves ? std::make_unique<Waves>(core) : nullptr;
  Bench bench("bench");
  InstructionInitiator unused("unused");
  const bool floor = chosen.operation == Operation::none;
  (floor ? unused : bench.initiator).socket.bind(core.instruction);
  (floor ? bench.initiator : unused).socket.bind(empty.instruction);
  const Request request = request_of(chosen);
  bench.body = [&] {
    sc_core::sc_time delay;
    for (std::size_t n = 0; n < count; ++n)
      bench.initiator.execute(request, delay);
  };
  sc_core::sc_start();
  return 0;
}

} // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  return run_case(argc, argv, cases, run);
}

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
