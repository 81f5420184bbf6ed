#include <icebp/testbench/tests/rules/instruction_loop.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

namespace icebp::test {
namespace {

// ---- An instruction set of data -----------------------------------------------------------------

struct MicroAccess {
  u64 address; // of a string: of its first element
  std::uint32_t size;
  Operation operation;
};

enum class Does { nothing, rep, set_tf, iret, request, fault };

struct Instruction {
  u64 address;
  Does does = Does::nothing;
  std::vector<MicroAccess> accesses = {};
  Ending ending = Ending::plain;
  u64 target = 0; // where it branches, if it does
  Request request = {};
};

constexpr u64 length = 2;
constexpr u64 db_handler = 0xD000;
constexpr u64 bp_handler = 0xB000;

struct Frame {
  u64 rip;
  bool rf, tf;
};

// An entry into the handler of #DB.
struct Entry {
  u64 rip;
  bool rf;
  u64 dr6;
  bool operator==(const Entry& other) const {
    return rip == other.rip && rf == other.rf && dr6 == other.dr6;
  }
};
std::ostream& operator<<(std::ostream& out, const Entry& entry) {
  return out << "{RIP " << hex(entry.rip) << ", RF " << entry.rf << ", DR6 " << hex(entry.dr6)
             << "}";
}

class Simulator {
public:
  Simulator(const CpuProfile& profile, std::vector<Instruction> instructions)
      : cpu(profile), state(power_up(cpu)), program(std::move(instructions)) {
    program.push_back({db_handler});
    program.push_back({db_handler + length, Does::iret});
  }

  // What run_instruction asks for.
  CpuModel cpu;
  CoreState state;
  u64 rip = 0x1000;
  WatchFilter watch;

  CoreContext context() const {
    CoreContext context;
    context.tf = tf;
    context.rf = rf;
    context.cr4_de = de;
    return context;
  }
  void clear_rf() { rf = false; }

  void enter_handler(const Outcome& outcome, bool pushed_rf) {
    entries.push_back({rip, pushed_rf, state.dr[6]});
    // An instruction breakpoint's handler sets RF in the image, as Linux does.
    enter(db_handler, pushed_rf || contains(only(outcome.cause), Cause::instruction_breakpoint));
  }

  template <typename MakeAccess, typename Raises>
  Request execute_at_rip(const MakeAccess& access, const Raises& raises) {
    const Instruction& instruction = at(rip);
    for (const MicroAccess& done : instruction.accesses)
      access(done.operation, done.address + done.size * iteration, done.size);
    const u64 next = instruction.target ? instruction.target : rip + length;
    switch (instruction.does) {
    case Does::rep:
      if (++iteration != iterations)
        return request_at(Operation::end_of_iteration, rip);
      iteration = 0;
      break;
    case Does::set_tf:
      tf = true;
      break;
    case Does::iret:
      rip = frames.back().rip;
      rf = frames.back().rf;
      tf = frames.back().tf;
      frames.pop_back();
      return request_at(Operation::end_of_instruction, rip);
    case Does::request: // MOV DR, WRMSR and INT1
      if (instruction.request.operation == Operation::int1)
        rip = next; // a trap
      if (raises(instruction.request))
        return request_at(Operation::fault, rip);
      break;
    case Does::fault: // to a handler that returns behind it
      rip = next;
      return request_at(Operation::fault, rip);
    case Does::nothing:
      break;
    }
    rip = next;
    if (instruction.ending == Ending::interrupt_entry) {
      rip = instruction.address + length;
      enter(next, false);
    }
    Request end = request_at(Operation::end_of_instruction, rip);
    end.ending = instruction.ending;
    return end;
  }

  // Until `rip` is `stop`, outside of handlers.
  void run_to(u64 stop) {
    watch.arm(state);
    for (unsigned n = 0; n < 1000 && !(rip == stop && frames.empty()); ++n) {
      path.push_back(rip);
      run_instruction(*this);
    }
    EXPECT_EQ(rip, stop);
  }

  void arm(unsigned n, unsigned rw, u64 address) {
    state.dr[n] = address;
    state.dr[7] |= bit(2 * n) | u64{rw} << (16 + 4 * n);
  }

  std::vector<Instruction> program;
  std::vector<Frame> frames;
  std::vector<Entry> entries;
  std::vector<u64> path;
  bool tf = false, rf = false, de = false;
  u64 iterations = 1, iteration = 0;

private:
  const Instruction& at(u64 address) const {
    for (const Instruction& instruction : program)
      if (instruction.address == address)
        return instruction;
    throw std::out_of_range("no instruction at " + hex(address));
  }
  void enter(u64 handler, bool image_rf) {
    frames.push_back({rip, image_rf, tf});
    rip = handler;
    tf = rf = false;
  }
};

using Entries = std::vector<Entry>;
constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr auto read = Operation::data_read;
constexpr auto write = Operation::data_write;
constexpr MicroAccess reads_8000{0x8000, 2, read};
constexpr MicroAccess writes_8000{0x8000, 8, write};

// ---- What it comes to ---------------------------------------------------------------------------

TEST(InstructionLoop, Single_step) { // 5.3: from the instruction behind the one that sets TF
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, Does::set_tf},
                                       {0x1002},
                                       {0x1004, {}, {}, Ending::taken_branch, 0x2000},
                                       {0x2000}});
    sim.run_to(0x2002);
    EXPECT_EQ(sim.entries, (Entries{{0x1004, false, 0xFFFF4FF0},
                                    {0x2000, false, 0xFFFF4FF0},
                                    {0x2002, false, 0xFFFF4FF0}}));
  }
}

TEST(InstructionLoop, Branch_step) { // 5.5: BTF is gone after the first
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor),
                  {{0x1000}, {0x1002, {}, {}, Ending::taken_branch, 0x2000}, {0x2000}});
    sim.tf = true;
    sim.state[MsrSlot::debugctl] = 2;
    sim.run_to(0x2002);
    EXPECT_EQ(sim.entries, (Entries{{0x2000, false, 0xFFFF4FF0}, {0x2002, false, 0xFFFF4FF0}}));
  }
}

TEST(InstructionLoop, Watchpoint_at_a_branch) { // 4.1: RIP is the branch's target
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor),
                  {{0x1000, {}, {{0x8004, 4, write}}, Ending::taken_branch, 0x2000}, {0x2000}});
    sim.arm(1, on_write, 0x8006);
    sim.run_to(0x2002);
    EXPECT_EQ(sim.entries, (Entries{{0x2000, false, 0xFFFF0FF2}}));
  }
}

TEST(InstructionLoop, The_watch_filter_lets_the_rest_by) {
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, {}, {{0x8000, 6, write}, {0x8006, 2, read}}}});
    sim.arm(1, on_write, 0x8006);
    sim.run_to(0x1002);
    EXPECT_TRUE(sim.entries.empty());
  }
}

// The handler itself writes what is watched: a #DB within, which returns into it.
TEST(InstructionLoop, A_handler_that_meets_a_watchpoint) {
  Simulator sim(intel(), {{0x1000, {}, {writes_8000}}});
  sim.program[1].accesses = {writes_8000};
  sim.arm(0, on_write, 0x8000);
  sim.watch.arm(sim.state);
  run_instruction(sim);
  run_instruction(sim);
  EXPECT_EQ(sim.entries,
            (Entries{{0x1002, false, 0xFFFF0FF1}, {db_handler + length, false, 0xFFFF0FF1}}));
  EXPECT_EQ(sim.frames.size(), 2u);
}

TEST(InstructionLoop, Code_breakpoint_and_rf) { // 4.5: once for each time round
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor),
                  {{0x1000}, {0x1002}, {0x1004, {}, {}, Ending::taken_branch, 0x1000}});
    sim.arm(3, on_execution, 0x1002);
    sim.run_to(0x1004);
    EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF0FF8}}));
    sim.rip = 0x1000;
    sim.run_to(0x1004);
    EXPECT_EQ(sim.entries.size(), 2u);
  }
}

TEST(InstructionLoop, Step_onto_a_code_breakpoint) { // 5.2: merged on Intel, in series on AMD
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000}, {0x1002}});
    sim.tf = true;
    sim.arm(3, on_execution, 0x1002);
    sim.run_to(0x1004);
    const Entry last{0x1004, false, 0xFFFF4FF0};
    if (vendor == Vendor::intel) {
      EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF4FF8}, last}));
    } else {
      EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF4FF0},
                                      {0x1002, false, 0xFFFF4FF8}, // BS of before: sticky
                                      last}));
    }
  }
}

TEST(InstructionLoop, Mov_ss_and_int3) { // 5.3: at the handler of #BP
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, {}, {reads_8000}, Ending::mov_ss},
                                       {0x1002, {}, {}, Ending::interrupt_entry, bp_handler},
                                       {bp_handler},
                                       {bp_handler + length, Does::iret}});
    sim.arm(0, on_access, 0x8000);
    sim.run_to(0x1004);
    EXPECT_EQ(sim.entries, (Entries{{bp_handler, false, 0xFFFF0FF1}}));
    EXPECT_EQ(sim.path, (std::vector<u64>{0x1000, 0x1002, db_handler, db_handler + length,
                                          bp_handler, bp_handler + length}));
  }
}

TEST(InstructionLoop, Mov_ss_and_int1_are_one_entry) { // 5.3
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor),
                  {{0x1000, {}, {reads_8000}, Ending::mov_ss},
                   {0x1002, Does::request, {}, Ending::plain, 0, int1_instruction()}});
    sim.arm(0, on_access, 0x8000);
    sim.run_to(0x1004);
    EXPECT_EQ(sim.entries, (Entries{{0x1004, false, 0xFFFF0FF1}}));
  }
}

TEST(InstructionLoop, Mov_ss_and_general_detect_under_tf) { // 5.3: BD without BS
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, {}, {}, Ending::mov_ss},
                                       {0x1002, Does::request, {}, Ending::plain, 0, read_dr(6)}});
    sim.tf = true;
    sim.state.dr[7] |= 0x2000;
    sim.run_to(0x1004);
    EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF2FF0}, {0x1004, false, 0xFFFF6FF0}}));
  }
}

TEST(InstructionLoop, An_io_breakpoint) { // 4.1: no filter in its way
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, {}, {{0x3F8, 1, Operation::io_access}}}});
    sim.de = true;
    sim.arm(2, on_io, 0x3F8);
    sim.run_to(0x1002);
    EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF0FF4}}));
  }
}

TEST(InstructionLoop, A_fault_loses_its_watchpoint) {
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, Does::fault, {writes_8000}}});
    sim.arm(0, on_write, 0x8000);
    sim.run_to(0x1002);
    EXPECT_TRUE(sim.entries.empty());
  }
}

TEST(InstructionLoop, Rep_with_a_watchpoint) { // 4.4: after its iteration, RF=1, RIP at the REP
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, Does::rep, {{0x9000, 4, write}}}});
    sim.iterations = 10;
    sim.arm(0, on_write, 0x900C);
    sim.arm(1, on_execution, 0x1000); // RF=1: not again
    sim.run_to(0x1002);
    EXPECT_EQ(sim.entries, (Entries{{0x1000, false, 0xFFFF0FF2}, {0x1000, true, 0xFFFF0FF1}}));
    EXPECT_EQ(sim.iteration, 0u);
  }
}

TEST(InstructionLoop, Rep_under_tf) { // 4.4: RF=1 but for the last
  for (const Vendor vendor : vendors) {
    Simulator sim(profile_of(vendor), {{0x1000, Does::rep, {{0x9000, 4, write}}}});
    sim.iterations = 3;
    sim.tf = true;
    sim.run_to(0x1002);
    EXPECT_EQ(sim.entries, (Entries{{0x1000, true, 0xFFFF4FF0},
                                    {0x1000, true, 0xFFFF4FF0},
                                    {0x1002, false, 0xFFFF4FF0}}));
  }
}

} // namespace
} // namespace icebp::test
