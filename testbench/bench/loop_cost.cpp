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

// What a simulator of its own order does for a plain instruction: at the fetch, and at the end.
void run_fetch(UntimedCore& core, Simulator& simulator) {
  if (core.watch().fetches_matter())
    core.put(request_at(Operation::fetch, simulator.address));
  run_empty(core, simulator);
}
void run_end(UntimedCore& core, Simulator& simulator) {
  simulator.clear_rf();
  const Request end = simulator.execute_at_rip(core);
  if (core.watch().boundary_waits())
    core.put(end);
  asm volatile("" : : "r"(&end));
}

template <Operation operation>
void run_put(UntimedCore& core, Simulator& simulator) {
  static Request request = [] {
    Request chosen;
    chosen.operation = operation;
    chosen.dr = 1;
    chosen.msr = 0xC0000082;
    return chosen;
  }();
  request.value = simulator.address;
  static Outcome outcome;
  core.put(request, outcome);
  asm volatile("" : : "m"(outcome));
}
void run_put_nothing(UntimedCore&, Simulator& simulator) { asm volatile("" : : "r"(&simulator)); }

struct Case {
  const char* name;
  void (*run)(UntimedCore&, Simulator&);
  bool armed = false;
};

constexpr Case cases[] = {
    {"empty", run_empty},
    {"loop", run_loop, true},
    {"loop_unarmed", run_loop},
    {"every_event", run_every_event, true},
    {"fetch", run_fetch},
    {"end", run_end, true},
    {"put_nothing", run_put_nothing},
    {"mov_from_dr", run_put<Operation::mov_from_dr>},
    {"mov_to_dr", run_put<Operation::mov_to_dr>},
    {"rdmsr", run_put<Operation::rdmsr>},
    {"wrmsr", run_put<Operation::wrmsr>},
};

int run(const Case& chosen, std::size_t count) {
  const CpuModel cpu(*find_cpu_profile("intel-skylake"));
  CoreState state = power_up(cpu);
  state.dr[0] = 0x5000;
  state.dr[7] = chosen.armed ? 0x401 : 0x400; // L0, execution
  UntimedCore core(cpu, state);
  Simulator simulator;
  for (std::size_t n = 0; n < count; ++n)
    chosen.run(core, simulator);
  return 0;
}

} // namespace

int main(int argc, char** argv) { return run_case(argc, argv, cases, run); }
