// One question to the watch filter, or one arming of it, N times, for counting instructions:
//   watch_cost CASE N
// Inputs come from an array, the answer is stored, the decision stands behind a call.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/execute.h>
#include <icebp/testbench/bench/cases.h>

#include <array>

namespace {

using namespace icebp;

constexpr std::size_t inputs = 64;

struct Work {
  CpuModel cpu;
  CoreState state;
  WatchFilter filter;
  std::array<std::uint64_t, inputs> addresses;
  std::array<std::uint32_t, inputs> sizes;
  std::array<Request, inputs> dr7_writes;
};

// The answer must be stored, whatever the optimiser thinks of it.
template <typename T>
void keep(const T& answer) {
  asm volatile("" : : "m"(answer));
}

// As a simulator has them on the path of an access.
__attribute__((noinline)) bool may_write(const WatchFilter& filter, std::uint64_t address,
                                         std::uint32_t size) {
  return filter.may_write(address, size);
}
__attribute__((noinline)) bool ask_nothing(const WatchFilter& filter, std::uint64_t address,
                                           std::uint32_t size) {
  asm volatile("" : : "r"(&filter), "r"(address), "r"(size));
  return false;
}

template <typename Ask>
void ask(const Work& work, std::size_t count, Ask question) {
  for (std::size_t n = 0; n < count; ++n) {
    const bool answer = question(work.filter, work.addresses[n % inputs], work.sizes[n % inputs]);
    keep(answer);
  }
}

void run_empty(Work& work, std::size_t count) { ask(work, count, ask_nothing); }
void run_watch(Work& work, std::size_t count) { ask(work, count, may_write); }

void run_arm(Work& work, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    work.state.dr[7] = work.dr7_writes[n % inputs].value;
    work.filter.arm(work.state);
    keep(work.filter);
  }
}

void run_arm_dr7_write(Work& work, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const Execution execution = execute(work.cpu, work.state, work.dr7_writes[n % inputs]);
    work.filter.arm(work.state);
    keep(execution);
    keep(work.filter);
  }
}

// Where the four breakpoints are, and the accesses, one behind the other.
struct Place {
  std::array<std::uint64_t, 4> breakpoints;
  std::uint64_t first_access, step;
};
constexpr Place unarmed{{}, 0x7F0000001000, 8};
constexpr Place clustered{
    {0x7F0000001200, 0x7F0000001400, 0x7F0000001800, 0x7F0000001C00}, 0x7F0000001404, 8};
constexpr Place spread{
    {0xFFFFFFFF81000000, 0xFFFF888000000000, 0x401000, 0x7FFFFFFFE000}, 0x402000, 0x1000000000};

// Two values that DR7 has in turn.
struct Dr7 {
  std::uint64_t first, second;
};
constexpr Dr7 none{0x400, 0x400};
constexpr Dr7 one{0xD0402, 0x400};          // a write of four bytes, and disarmed
constexpr Dr7 four{0xDDDD04AA, 0xFFFF0455}; // writes; reads too

struct Case {
  const char* name;
  void (*run)(Work&, std::size_t);
  const Place& place;
  const Dr7& dr7;
};

constexpr Case cases[] = {
    {"empty", run_empty, unarmed, none},
    {"watch_unarmed", run_watch, unarmed, none},
    {"watch_clustered", run_watch, clustered, four},
    {"watch_spread", run_watch, spread, four},
    {"arm_one", run_arm, spread, one},
    {"arm_four", run_arm, spread, four},
    {"dr7_write_one", run_arm_dr7_write, spread, one},
};

int run(const Case& chosen, std::size_t count) {

  static Work work{CpuModel(*find_cpu_profile("intel-skylake")), {}, {}, {}, {}, {}};
  work.state = power_up(work.cpu);
  for (std::size_t n = 0; n < 4; ++n)
    work.state.dr[n] = chosen.place.breakpoints[n];
  work.state.dr[7] = chosen.dr7.first;
  work.filter.arm(work.state);
  for (std::size_t n = 0; n < inputs; ++n) {
    work.addresses[n] = chosen.place.first_access + n * chosen.place.step;
    work.sizes[n] = 1U << n % 4;
    work.dr7_writes[n].operation = Operation::mov_to_dr;
    work.dr7_writes[n].dr = 7;
    work.dr7_writes[n].value = n % 2 == 0 ? chosen.dr7.first : chosen.dr7.second;
  }
  chosen.run(work, count);
  return 0;
}

} // namespace

int main(int argc, char** argv) { return run_case(argc, argv, cases, run); }
