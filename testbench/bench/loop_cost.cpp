// One plain instruction of a simulator with one instruction breakpoint armed elsewhere, N times:
//   loop_cost CASE N
// `loop`: through the instruction loop. `every_event`: with its fetch and end put whatever they
// come to. `empty`: the simulator alone.

#include <icebp/model/rules/instruction_loop.h>
#include <icebp/testbench/bench/cases.h>

namespace {

using namespace icebp;

struct Simulator {
  std::uint64_t address = 0x1000;
  bool rf = false;

  CoreContext context() const {
    CoreContext context;
    context.rf = rf;
    return context;
  }
  std::uint64_t rip() const { return address; }
  void clear_rf() { rf = false; }
  template <typename Life>
  __attribute__((noinline)) Request execute_at_rip(Life&) {
    address ^= 4;
    return request_at(Operation::end_of_instruction, address);
  }
  void take(const Delivery& delivery) { asm volatile("" : : "r"(&delivery)); }
};

void run_loop(UntimedCore& core, Simulator& simulator) {
  const InstructionEnd end = run_instruction(core, simulator);
  asm volatile("" : : "r"(end));
}

void run_every_event(UntimedCore& core, Simulator& simulator) {
  core.put(request_at(Operation::fetch, simulator.address));
  simulator.clear_rf();
  core.put(simulator.execute_at_rip(core));
}

void run_empty(UntimedCore& core, Simulator& simulator) {
  simulator.clear_rf();
  const Request end = simulator.execute_at_rip(core);
  asm volatile("" : : "r"(&end));
}

struct Case {
  const char* name;
  void (*run)(UntimedCore&, Simulator&);
};

constexpr Case cases[] = {
    {"empty", run_empty}, {"loop", run_loop}, {"every_event", run_every_event}};

int run(const Case& chosen, std::size_t count) {
  const CpuModel cpu(*find_cpu_profile("intel-skylake"));
  CoreState state = power_up(cpu);
  state.dr[0] = 0x5000;
  state.dr[7] = 0x401; // L0, execution
  UntimedCore core(cpu, state);
  Simulator simulator;
  for (std::size_t n = 0; n < count; ++n)
    chosen.run(core, simulator);
  return 0;
}

} // namespace

int main(int argc, char** argv) { return run_case(argc, argv, cases, run); }
