// Short random guests: none may crash or hang the engine, and a loosely timed and a timed debug
// unit come to the same registers, memory and state.

#include <icebp/testbench/tests/platform/random_guest.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <gtest/gtest.h>
#include <systemc>

#include <array>
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

template <typename Machine>
std::string differing_registers(const Machine& a, const Machine& b) {
  const Registers &x = a.cpu.regs, &y = b.cpu.regs;
  if (x.gpr != y.gpr)
    return "general registers";
  if (x.rip != y.rip || x.rflags != y.rflags)
    return "RIP or RFLAGS";
  if (x.cr0 != y.cr0 || x.cr3 != y.cr3 || x.cr4 != y.cr4)
    return "control registers";
  if (a.cpu.mode() != b.cpu.mode() || a.cpu.cpl() != b.cpu.cpl())
    return "the mode";
  return "";
}

// But for the TSC and times.
bool is_same_state(CoreState state, CoreState other) {
  for (CoreState* one : {&state, &other})
    (*one)[MsrSlot::tsc] = (*one)[MsrSlot::tsc_adjust] = one->last_branch_at = 0;
  return state == other;
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

  // The two cores of one mode, used again: what one guest leaves in memory the next one finds.
  struct Pair {
    Pair(RandomGuests& of)
        : loose(of.loose_, of.loose_initiator_), timed(of.timed_, of.timed_initiator_) {}
    Machine loose, timed;
  };

  void run() {
    std::mt19937_64 random(14);
    const CoreState reset = loose_.state();
    std::array<std::unique_ptr<Pair>, modes> pairs;
    for (auto& pair : pairs)
      pair = std::make_unique<Pair>(*this);
    const Registers registers = pairs.front()->loose.cpu.regs;
    for (unsigned n = 0; n < guests && !::testing::Test::HasFailure(); ++n) {
      Pair& pair = *pairs[n % modes];
      loose_.restore(reset);
      timed_.restore(reset);
      const Bytes code = testing::random_code(random, 48);
      const std::uint64_t seed = random();
      for (Machine* machine : {&pair.loose, &pair.timed}) {
        std::mt19937_64 values(seed);
        machine->cpu.regs = registers;
        machine->cpu.set_activity(Activity::active);
        testing::enter_mode(*machine, n % modes);
        testing::put_guest(*machine, code, values);
      }
      EXPECT_EQ(run_both(pair.loose, pair.timed), "") << "guest " << n << " in mode " << n % modes;
    }
    for (const auto& pair : pairs)
      EXPECT_EQ(std::memcmp(pair->loose.ram.data(), pair->timed.ram.data(), Machine::ram_size), 0);
    finished_ = true;
  }

  // What differs, and behind which instruction; empty: nothing.
  std::string run_both(Machine& loose, Machine& timed) {
    for (unsigned n = 0; n < instructions && loose.cpu.activity() == Activity::active; ++n) {
      const std::string text = loose.cpu.text_at_rip();
      loose.step();
      timed.step();
      const std::string difference = differing_registers(loose, timed);
      if (!difference.empty())
        return difference + " behind " + text;
    }
    return is_same_state(loose_.state(), timed_.state()) ? "" : "state of the debug unit";
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
