// Short random guests: none may crash or hang the engine, and a loosely timed and a timed debug
// unit come to the same registers, memory and state.

#include <icebp/testbench/tests/platform/random_guest.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <gtest/gtest.h>
#include <systemc>

#include <memory>

namespace icebp::vp {
namespace {

using testing::BasicMachine;
using testing::Bytes;

constexpr unsigned modes = 5;
constexpr unsigned instructions = 40;

// Over the socket; the TSC reads 0, as the two cores are not at the same time.
class SocketUnit : public DebugUnit {
public:
  SocketUnit(DebugCoreTarget& core, InstructionInitiator& initiator)
      : DebugUnit(core.cpu(), core.state(), core.watch()), core_(core), initiator_(initiator) {}

  Outcome put(const Request& request) override {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator_.execute(request, delay), tlm::TLM_OK_RESPONSE);
    return initiator_.outcome();
  }
  bool poke(std::uint32_t msr, std::uint64_t value) override { return core_.poke(msr, value); }
  std::optional<std::uint64_t> peek(std::uint32_t msr) const override { return core_.peek(msr); }
  void poke_cr2(std::uint64_t value) override {
    CoreState state = core_.state();
    state.cr2 = value;
    core_.restore(state);
  }
  std::uint64_t tsc() const override { return 0; }

private:
  DebugCoreTarget& core_;
  InstructionInitiator& initiator_;
};

// Registers, RAM and the debug unit's state, but for the TSC.
template <typename Machine>
std::string what_differs(const Machine& a, const Machine& b, CoreState state, CoreState other) {
  for (CoreState* one : {&state, &other})
    (*one)[MsrSlot::tsc] = (*one)[MsrSlot::tsc_adjust] = one->last_branch_at = 0;
  const Registers &x = a.cpu.regs, &y = b.cpu.regs;
  if (x.gpr != y.gpr)
    return "general registers";
  if (x.rip != y.rip || x.rflags != y.rflags)
    return "RIP or RFLAGS";
  if (x.cr0 != y.cr0 || x.cr3 != y.cr3 || x.cr4 != y.cr4)
    return "control registers";
  if (a.cpu.mode() != b.cpu.mode() || a.cpu.cpl() != b.cpu.cpl())
    return "the mode";
  if (std::memcmp(a.ram.data(), b.ram.data(), a.ram.size()) != 0)
    return "memory";
  return state == other ? "" : "state of the debug unit";
}

class RandomGuests : public sc_core::sc_module {
public:
  RandomGuests(const sc_core::sc_module_name& name, const char* profile)
      : sc_module(name), model_(make_cpu_model(profile)),
        loose_("loose", model_, CoreClock(1, sc_core::SC_NS), Timing::loosely_timed),
        timed_("timed", model_, CoreClock(1, sc_core::SC_NS), Timing::timed) {
    loose_initiator_.socket.bind(loose_.instruction);
    timed_initiator_.socket.bind(timed_.instruction);
    SC_HAS_PROCESS(RandomGuests);
    SC_THREAD(run);
    set_stack_size(1 << 20);
  }

  unsigned guests = 0;

private:
  using Machine = BasicMachine<SocketUnit>;

  template <typename Unit>
  static void run_guest(Machine& machine, Unit& unit) {
    for (unsigned n = 0; n < instructions && machine.cpu.activity() == Activity::active; ++n)
      run_instruction(static_cast<DebugUnit&>(unit), machine.cpu);
  }

  void run() {
    std::mt19937_64 random(14);
    const CoreState reset = loose_.state();
    for (unsigned n = 0; n < guests && !::testing::Test::HasFailure(); ++n) {
      loose_.restore(reset);
      timed_.restore(reset);
      const auto loose = std::make_unique<Machine>(loose_, loose_initiator_);
      const auto timed = std::make_unique<Machine>(timed_, timed_initiator_);
      const Bytes code = testing::random_code(random, 48);
      const std::uint64_t seed = random();
      for (Machine* machine : {loose.get(), timed.get()}) {
        std::mt19937_64 values(seed);
        testing::enter_mode(*machine, n % modes);
        testing::put_guest(*machine, code, values);
        run_guest(*machine, machine->debug);
      }
      EXPECT_EQ(what_differs(*loose, *timed, loose_.state(), timed_.state()), "")
          << "guest " << n << " in mode " << n % modes;
    }
    finished_ = true;
  }

public:
  bool finished() const { return finished_; }

private:
  std::shared_ptr<const CpuModel> model_;
  DebugCoreTarget loose_, timed_;
  InstructionInitiator loose_initiator_{"loose_initiator"}, timed_initiator_{"timed_initiator"};
  bool finished_ = false;
};

unsigned count_of_guests() {
  const char* const asked = std::getenv("ICEBP_RANDOM_GUESTS");
  return asked != nullptr ? static_cast<unsigned>(std::strtoul(asked, nullptr, 10)) : 200;
}

class RandomGuest : public ::testing::TestWithParam<const char*> {};

TEST_P(RandomGuest, Loosely_timed_and_timed_come_to_the_same) {
  RandomGuests bench("bench", GetParam());
  bench.guests = count_of_guests();
  sc_core::sc_start();
  EXPECT_TRUE(bench.finished());
}

INSTANTIATE_TEST_SUITE_P(Vendors, RandomGuest, ::testing::Values("intel-skylake", "amd-zen1"));

} // namespace
} // namespace icebp::vp
