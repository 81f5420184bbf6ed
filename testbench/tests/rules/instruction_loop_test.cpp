#include <icebp/model/rules/instruction_loop.h>
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

constexpr std::uint8_t length = 2;
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
      : cpu(profile), state(power_up(cpu)), core(cpu, state), program(std::move(instructions)) {
    program.push_back({db_handler});
    program.push_back({db_handler + length, Does::iret});
  }

  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  CpuModel cpu;
  CoreState state;
  UntimedCore core;
  u64 at_rip = 0x1000;

  // What run_instruction asks for.
  u64 rip() const { return at_rip; }
  CoreContext context() const {
    CoreContext context;
    context.tf = tf;
    context.rf = rf;
    context.cr4_de = de;
    context.redirect_db = redirect_db;
    context.guest = guest;
    context.rtm = rtm;
    return context;
  }
  void clear_rf() { rf = false; }

  void take(const Delivery& delivery) {
    ends.push_back(delivery.end);
    at_rip = delivery.rip;
    entries.push_back({at_rip, delivery.rf, state.dr[6]});
    // An instruction breakpoint's handler sets RF in the image, as Linux does.
    enter(db_handler, delivery.rf || delivery.outcome.cause == Cause::instruction_breakpoint);
  }

  template <typename Life>
  Request execute_at_rip(Life& life) {
    const Instruction& instruction = at(at_rip);
    for (const MicroAccess& done : instruction.accesses)
      life.access(done.operation, done.address + done.size * iteration, done.size);
    const u64 next = instruction.target ? instruction.target : at_rip + length;
    switch (instruction.does) {
    case Does::rep:
      if (++iteration != iterations)
        return request_at(Operation::end_of_iteration, at_rip);
      iteration = 0;
      break;
    case Does::set_tf:
      tf = true;
      break;
    case Does::iret:
      at_rip = frames.back().rip;
      rf = frames.back().rf;
      tf = frames.back().tf;
      frames.pop_back();
      return request_at(Operation::end_of_instruction, at_rip);
    case Does::request: { // MOV DR, RDMSR, WRMSR and INT1
      Request request = instruction.request;
      request.length = length;
      const Outcome outcome = life.put(request);
      if (life.is_over())
        return request;
      value = outcome.value();
      break;
    }
    case Does::fault: // to a handler that returns behind it
      life.fault();
      at_rip = next;
      return {};
    case Does::nothing:
      break;
    }
    at_rip = next;
    if (instruction.ending == Ending::interrupt_entry) {
      at_rip = instruction.address + length;
      enter(next, false);
    }
    Request end = request_at(Operation::end_of_instruction, at_rip);
    end.ending = instruction.ending;
    return end;
  }

  // Until `at_rip` is `stop`, outside of handlers.
  void run_to(u64 stop) {
    core.arm();
    for (unsigned n = 0; n < 1000 && !(at_rip == stop && frames.empty()); ++n) {
      path.push_back(at_rip);
      run_instruction(core, *this);
    }
    EXPECT_EQ(at_rip, stop);
  }

  void arm(unsigned n, unsigned rw, u64 address) {
    state.dr[n] = address;
    state.dr[7] |= bit(2 * n) | u64{rw} << (16 + 4 * n);
  }

  std::vector<Instruction> program;
  std::vector<Frame> frames;
  std::vector<Entry> entries;
  std::vector<u64> path;
  std::vector<InstructionEnd> ends; // of instructions that did not retire
  u64 value = 0;                    // of the last read
  bool tf = false, rf = false, de = false;
  bool redirect_db = false;
  const VmxControls* guest = nullptr;
  const RtmRegion* rtm = nullptr;
  u64 iterations = 1, iteration = 0;

private:
  const Instruction& at(u64 address) const {
    for (const Instruction& instruction : program)
      if (instruction.address == address)
        return instruction;
    throw std::out_of_range("no instruction at " + hex(address));
  }
  void enter(u64 handler, bool image_rf) {
    frames.push_back({at_rip, image_rf, tf});
    at_rip = handler;
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

// The instruction has done its work before a trap of any kind: an instruction retires, then traps
// (SDM vol. 3 6.5).
TEST(InstructionLoop, Writes_before_it_traps) {
  const CpuProfile& newest = *find_cpu_profile("intel-max");
  const Request to_dr1 = write_dr(1, 0x1234);
  Request to_star = wrmsr_of(0xC0000081, 0x1234); // IA32_STAR
  std::vector<Request> writes{to_dr1};
  for (const Operation operation :
       {Operation::wrmsr, Operation::wrmsrns, Operation::wrmsrns_imm, Operation::wrmsrlist_entry}) {
    to_star.operation = operation;
    writes.push_back(to_star);
  }
  const struct {
    const char* what;
    void (*prepare)(Simulator&);
    u64 dr6;
  } traps[] = {
      {"none", [](Simulator&) {}, 0xFFFF0FF0},
      {"single step", [](Simulator& sim) { sim.tf = true; }, 0xFFFF4FF0},
      {"data breakpoint",
       [](Simulator& sim) {
         sim.arm(0, 1, 0x8000);
         sim.program[0].accesses = {writes_8000};
       },
       0xFFFF0FF1},
      {"held",
       [](Simulator& sim) {
         sim.state.boundary.shadow = Shadow::mov_ss;
         sim.state.boundary.held = {0x2, only(Cause::held_trap)};
       },
       0xFFFF0FF2},
      {"single step with one to firmware", [](Simulator& sim) { sim.tf = sim.redirect_db = true; },
       0xFFFF4FF0},
  };
  for (const auto& trap : traps)
    for (const Request& request : writes) {
      SCOPED_TRACE(std::string(trap.what) + ' ' + std::string(name_of(request.operation)));
      Simulator sim(newest, {{0x1000, Does::request, {}, Ending::plain, 0, request}});
      trap.prepare(sim);
      sim.core.arm();
      const bool traps_at_end = trap.dr6 != 0xFFFF0FF0;
      EXPECT_EQ(run_instruction(sim.core, sim) == InstructionEnd::retired, !traps_at_end);
      EXPECT_EQ(sim.state.dr[6], trap.dr6);
      EXPECT_EQ(request.operation == Operation::mov_to_dr
                    ? sim.state.dr[1]
                    : read_msr(sim.cpu, sim.state, 0xC0000081),
                0x1234u);
      ASSERT_EQ(sim.entries.size(), traps_at_end ? 1u : 0u);
      if (traps_at_end) {
        EXPECT_EQ(sim.entries[0].rip, 0x1002u);
      }
    }
}

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
  sim.core.arm();
  run_instruction(sim.core, sim);
  run_instruction(sim.core, sim);
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
    sim.at_rip = 0x1000;
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
    Simulator sim(profile_of(vendor), {{0x1000, Does::fault, {writes_8000}}, {0x1002}});
    sim.arm(0, on_write, 0x8000);
    sim.run_to(0x1004);
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

// ---- What the simulator is told
// ------------------------------------------------------------------

Instruction requesting(u64 address, const Request& request) {
  return {address, Does::request, {}, Ending::plain, 0, request};
}

TEST(InstructionLoop, The_value_of_a_read) {
  Simulator sim(intel(), {requesting(0x1000, read_dr(6)), requesting(0x1002, rdmsr_of(0x277))});
  sim.run_to(0x1002);
  EXPECT_EQ(sim.value, 0xFFFF0FF0u);
  sim.run_to(0x1004);
  EXPECT_EQ(sim.value, 0x0007040600070406u); // IA32_PAT after RESET: SDM vol. 3 11.12.4
}

TEST(InstructionLoop, A_write_arms_the_filter) {
  Simulator sim(intel(), {requesting(0x1000, write_dr(0, 0x8000)),
                          requesting(0x1002, write_dr(7, 0x10401)), // L0, R/W0 = 01b: writes
                          {0x1004, {}, {{0x8000, 1, write}}}});
  sim.run_to(0x1006);
  EXPECT_EQ(sim.entries, (Entries{{0x1006, false, 0xFFFF0FF1}}));
}

class Counting {
public:
  explicit Counting(UntimedCore& core) : core_(core) {}
  Outcome put(const Request& request) {
    ++puts;
    return core_.put(request);
  }
  const CpuModel& cpu() const { return core_.cpu(); }
  const CoreState& state() const { return core_.state(); }
  const WatchFilter& watch() const { return core_.watch(); }
  unsigned puts = 0;

private:
  UntimedCore& core_;
};

// A breakpoint elsewhere costs a plain instruction no request; one that may be met, a step and a
// shadow do.
TEST(InstructionLoop, Leaves_out_what_nothing_can_come_of) {
  const struct {
    u64 breakpoint;
    bool tf;
    Ending ending;
    unsigned puts;
  } rows[] = {{0x5000, false, Ending::plain, 0},  {0x1000, false, Ending::plain, 1},
              {0x5000, true, Ending::plain, 2},   {0x5000, false, Ending::mov_ss, 1},
              {0x5000, false, Ending::sti, 1},    {0x5000, false, Ending::taken_branch, 0},
              {0x5000, false, Ending::syscall, 0}};
  for (const auto& row : rows) {
    Simulator sim(intel(), {{0x1000, {}, {{0x8000, 4, write}}, row.ending}});
    sim.arm(0, on_execution, row.breakpoint);
    sim.tf = row.tf;
    sim.core.arm();
    Counting counting(sim.core);
    run_instruction(counting, sim);
    EXPECT_EQ(counting.puts, row.puts) << row.ending << ' ' << hex(row.breakpoint) << row.tf;
  }
}

// TF counts as SYSRET leaves, so one that sets it traps (kvm-unit-tests syscall.c), though nothing
// waited while it ran.
TEST(InstructionLoop, An_end_matters_where_sysret_sets_tf) {
  Simulator sim(intel(), {{0x1000, Does::set_tf, {}, Ending::syscall}});
  sim.core.arm();
  EXPECT_EQ(run_instruction(sim.core, sim), InstructionEnd::trap);
  EXPECT_EQ(sim.entries, (Entries{{0x1002, false, 0xFFFF4FF0}}));
}

// As a hypervisor injects them, or an event before them left them; without TF and with a breakpoint
// elsewhere (SDM vol. 3 6.9: traps on the previous instruction come first).
TEST(InstructionLoop, A_fetch_matters_where_traps_are_due) {
  Simulator sim(intel(), {{0x1000, Does::nothing, {writes_8000}}});
  sim.arm(0, on_execution, 0x5000);
  sim.state.boundary.due = {bit(14), only(Cause::single_step)};
  sim.core.arm();
  EXPECT_EQ(run_instruction(sim.core, sim), InstructionEnd::trap);
  EXPECT_EQ(sim.entries, (Entries{{0x1000, false, 0xFFFF4FF0}}));
}

TEST(InstructionLoop, How_an_instruction_ends) {
  VmxControls vmx;
  vmx.mov_dr_exiting = true;
  VmxControls exceptions;
  exceptions.exceptions = 2; // #DB
  const struct {
    const char* what;
    Request request;
    bool gd, firmware;
    const VmxControls* guest;
    InstructionEnd end;
    u64 rip; // that is pushed or saved
  } rows[] = {
      {"retired", read_dr(0), false, false, nullptr, InstructionEnd::retired, 0},
      {"#DB", read_dr(0), true, false, nullptr, InstructionEnd::fault, 0x1000},
      {"INT1", int1_instruction(), false, false, nullptr, InstructionEnd::trap, 0x1002},
      {"#GP", rdmsr_of(0x12345), false, false, nullptr, InstructionEnd::fault, 0x1000},
      {"an instruction exit", read_dr(0), true, false, &vmx, InstructionEnd::exit, 0x1000},
      {"an exit of #DB", read_dr(0), true, false, &exceptions, InstructionEnd::exit, 0x1000},
      {"to firmware", read_dr(0), true, true, nullptr, InstructionEnd::redirected, 0x1000},
      {"INT1 to firmware", int1_instruction(), false, true, nullptr, InstructionEnd::redirected,
       0x1002},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Simulator sim(intel(), {requesting(0x1000, row.request)});
    sim.state.dr[7] = row.gd ? 0x2400 : 0x400;
    sim.redirect_db = row.firmware;
    sim.guest = row.guest;
    EXPECT_EQ(run_instruction(sim.core, sim), row.end);
    ASSERT_EQ(sim.ends.size(), row.end == InstructionEnd::retired ? 0u : 1u);
    if (!sim.ends.empty()) {
      EXPECT_EQ(sim.ends[0], row.end);
      EXPECT_EQ(sim.entries[0].rip, row.rip);
    }
  }
}

constexpr RtmRegion region{0x800, 0x900};

// docs/debug-unit.md 5.8: with advanced debugging a debug event is a #DB at XBEGIN; all else, and
// without it, goes on at the fallback address. The #DB's handler is the Simulator's.
TEST(InstructionLoop, In_an_rtm_region) {
  const struct {
    const char* what;
    Instruction instruction;
    bool is_debug_event;
  } rows[] = {
      {"step", {0x1000}, true},
      {"general detect", requesting(0x1000, read_dr(0)), true},
      {"INT3", requesting(0x1000, of_operation(Operation::rtm_abort)), true},
      {"a write of an MSR", requesting(0x1000, wrmsr_of(0x1D9, 1)), false},
      {"a fault of its own", {0x1000, Does::fault}, false},
  };
  for (const auto& row : rows)
    for (const bool advanced : {false, true}) {
      SCOPED_TRACE(row.what);
      Simulator sim(intel(), {row.instruction});
      sim.tf = row.instruction.does == Does::nothing;
      sim.state.dr[7] = advanced ? 0x2C00 : 0x2400;
      sim.state[MsrSlot::debugctl] = advanced ? 0x8000 : 0;
      sim.rtm = &region;
      const bool db = advanced && row.is_debug_event;
      EXPECT_EQ(run_instruction(sim.core, sim),
                db ? InstructionEnd::fault : InstructionEnd::aborted);
      ASSERT_EQ(sim.entries.size(), 1u);
      EXPECT_EQ(sim.entries[0].rip, db ? 0x800u : 0x900u);
      EXPECT_EQ(sim.entries[0].dr6, db ? 0xFFFE0FF0u : 0xFFFF0FF0u);
    }
}

// LBR_FROM is where the abort came, LBR_TO the abort handler (SDM vol. 3 table 17-14).
TEST(InstructionLoop, An_rtm_abort_is_a_branch) {
  Simulator sim(intel(), {{0x1000, Does::fault}});
  sim.state[MsrSlot::debugctl] = 1;
  sim.rtm = &region;
  EXPECT_EQ(run_instruction(sim.core, sim), InstructionEnd::aborted);
  EXPECT_EQ(sim.state[MsrSlot::last_branch_from], 0x1000u);
  EXPECT_EQ(sim.state[MsrSlot::last_branch_to], 0x900u);
  EXPECT_EQ(sim.state[MsrSlot::lbr_tos], 1u);
}

// RF is 0 while the instruction runs, but a fault pushes what it was (KVM keeps it for general
// detect; docs/debug-unit.md 4.5).
TEST(InstructionLoop, Rf_of_general_detect) {
  for (const bool rf : {false, true}) {
    Simulator sim(intel(), {requesting(0x1000, read_dr(0))});
    sim.state.dr[7] = 0x2400;
    sim.rf = rf;
    run_instruction(sim.core, sim);
    EXPECT_EQ(sim.entries, (Entries{{0x1000, rf, 0xFFFF2FF0}}));
  }
}

} // namespace
} // namespace icebp::test
