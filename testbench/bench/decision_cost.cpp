// One decision of the rules, N times, for counting instructions:
//   decision_cost CASE N
// Inputs come from an array, the outcome is stored, the decision stands behind a call.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/mov_dr.h>
#include <icebp/model/rules/msr_access.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace icebp;

constexpr std::size_t inputs = 64;

struct Work {
  CpuModel cpu;
  CoreState state;
  std::array<Request, inputs> requests;
  std::array<Outcome, inputs> outcomes;
};

__attribute__((noinline)) void decide_mov_dr(Work& work, std::size_t n) {
  work.outcomes[n] = mov_dr(work.cpu.profile, work.state, work.requests[n]);
}

__attribute__((noinline)) void decide_rdmsr(Work& work, std::size_t n) {
  work.outcomes[n] = rdmsr(work.cpu.profile, work.cpu.msrs, work.state, work.requests[n]);
}

__attribute__((noinline)) void decide_wrmsr(Work& work, std::size_t n) {
  work.outcomes[n] = wrmsr(work.cpu.profile, work.cpu.msrs, work.state, work.requests[n]);
}

__attribute__((noinline)) void decide_and_queue(Work& work, std::size_t n) {
  work.outcomes[n] = mov_dr(work.cpu.profile, work.state, work.requests[n]);
  queue_exception(work.state, work.requests[n], work.outcomes[n]);
}

__attribute__((noinline)) void nothing(Work&, std::size_t) { asm volatile(""); }

struct Case {
  const char* name;
  void (*decide)(Work&, std::size_t);
  Operation operation;
  std::uint8_t cpl;
  bool gd;
};

constexpr Case cases[] = {
    {"empty", nothing, Operation::none, 0, false},
    {"mov_from_dr", decide_mov_dr, Operation::mov_from_dr, 0, false},
    {"mov_to_dr", decide_mov_dr, Operation::mov_to_dr, 0, false},
    {"rdmsr", decide_rdmsr, Operation::rdmsr, 0, false},
    {"wrmsr", decide_wrmsr, Operation::wrmsr, 0, false},
    {"general_detect", decide_and_queue, Operation::mov_to_dr, 3, true},
    {"cpl_fault", decide_and_queue, Operation::mov_to_dr, 3, false},
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
  for (std::size_t n = 0; n < count; ++n)
    chosen.decide(work, n % inputs);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  for (const Case& candidate : cases)
    if (argc == 3 && std::string(argv[1]) == candidate.name)
      return run(candidate, std::strtoull(argv[2], nullptr, 10));
  std::cerr << "usage: decision_cost CASE N, where CASE is one of";
  for (const Case& candidate : cases)
    std::cerr << ' ' << candidate.name;
  std::cerr << '\n';
  return 2;
}
