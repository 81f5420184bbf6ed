// One decision of the rules, N times, for counting instructions:
//   decision_cost CASE N
// Inputs come from an array, the outcome is stored, the decision stands behind a call.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/bench/cases.h>

#include <array>

namespace {

using namespace icebp;

constexpr std::size_t inputs = 64;

struct Work {
  CpuModel cpu;
  CoreState state;
  std::array<Request, inputs> requests;
  std::array<Outcome, inputs> outcomes;
};

// The outcome must be stored, whatever the optimiser thinks of it.
void keep(const Outcome& outcome) { asm volatile("" : : "m"(outcome)); }

template <typename Decide>
void repeat(const Work& work, std::size_t count, Decide decide) {
  for (std::size_t n = 0; n < count; ++n)
    decide(work.requests[n % inputs]);
}

void run_mov_dr(Work& work, std::size_t count) {
  repeat(work, count, [&](const Request& request) {
    const Outcome outcome = mov_dr(work.cpu, work.state, request);
    keep(outcome);
  });
}

void run_rdmsr(Work& work, std::size_t count) {
  repeat(work, count, [&](const Request& request) {
    const Outcome outcome = rdmsr(work.cpu, work.state, request);
    keep(outcome);
  });
}

void run_wrmsr(Work& work, std::size_t count) {
  repeat(work, count, [&](const Request& request) {
    const Outcome outcome = wrmsr(work.cpu, work.state, request);
    keep(outcome);
  });
}

void run_fault(Work& work, std::size_t count) {
  repeat(work, count, [&](const Request& request) {
    const Outcome outcome = mov_dr(work.cpu, work.state, request);
    queue_exception(work.cpu, work.state, request, outcome);
    keep(outcome);
  });
}

void run_empty(Work& work, std::size_t count) {
  repeat(work, count, [](const Request& request) { asm volatile("" : : "r"(&request)); });
}

struct Case {
  const char* name;
  void (*run)(Work&, std::size_t);
  Operation operation;
  std::uint8_t cpl;
  bool gd;
};

constexpr Case cases[] = {
    {"empty", run_empty, Operation::none, 0, false},
    {"mov_from_dr", run_mov_dr, Operation::mov_from_dr, 0, false},
    {"mov_to_dr", run_mov_dr, Operation::mov_to_dr, 0, false},
    {"rdmsr", run_rdmsr, Operation::rdmsr, 0, false},
    {"wrmsr", run_wrmsr, Operation::wrmsr, 0, false},
    {"general_detect", run_fault, Operation::mov_to_dr, 3, true},
    {"cpl_fault", run_fault, Operation::mov_to_dr, 3, false},
};

constexpr std::uint32_t msrs[] = {0xC0000082, 0x176, 0x1D9, 0xC0000101};

int run(const Case& chosen, std::size_t count) {
  static Work work{CpuModel(*find_cpu_profile("intel-skylake")), {}, {}, {}};
  work.state = power_up(work.cpu);
  if (chosen.gd)
    work.state.dr[7] |= 0x2000;
  for (std::size_t n = 0; n < inputs; ++n) {
    Request& request = work.requests[n];
    request.operation = chosen.operation;
    request.dr = static_cast<std::uint8_t>(n % 4 < 2 ? n % 4 : n % 4 + 4);
    request.context.cpl = chosen.cpl;
    request.msr = msrs[n % 4];
    request.value = n % 4 == 2 ? 3 : n * 0x1111;
  }
  chosen.run(work, count);
  return 0;
}

} // namespace

int main(int argc, char** argv) { return run_case(argc, argv, cases, run); }
