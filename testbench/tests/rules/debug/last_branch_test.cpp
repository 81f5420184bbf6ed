// Last-branch records. (SDM vol. 3 17.4.1, 17.9.2 with table 17-11, 17.13; docs/msr-block.md 2.2)

#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <vector>

namespace icebp::test {
namespace {

constexpr std::uint32_t debugctl_index = 0x1D9, select = 0x1C8, tos = 0x1C9, last_from = 0x1DB,
                        last_to = 0x1DC, ler_from = 0x1DD, ler_to = 0x1DE, stack_from = 0x680,
                        stack_to = 0x6C0;
constexpr u64 kernel = 0xFFFF800000000000;

struct Record {
  u64 from, to;
  bool operator==(const Record& other) const { return from == other.from && to == other.to; }
};
std::ostream& operator<<(std::ostream& out, const Record& record) {
  return out << hex(record.from) << " -> " << hex(record.to);
}

class Branches {
public:
  explicit Branches(const char* profile) : Branches(*find_cpu_profile(profile)) {}
  explicit Branches(const CpuProfile& profile) : cpu(profile), state(power_up(cpu)) {}

  void write(std::uint32_t index, u64 value) {
    EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(index, value)).outcome)) << hex(index);
  }
  u64 read(std::uint32_t index) { return read_msr(cpu, state, index); }
  void take(Branch branch, u64 from, u64 to, Mode mode = Mode::long_mode, unsigned cpl = 0) {
    put(in_mode(branch_of(branch, from, to), mode, cpl));
  }
  void put(const Request& request) {
    const Execution execution = execute(cpu, state, request);
    EXPECT_TRUE(is_retired(execution.outcome));
    EXPECT_EQ(execution.cycles, 0u);
  }
  // Every register of a range, from its first to `count` of them.
  std::vector<u64> read_all(std::uint32_t first, unsigned count, unsigned step = 1) {
    std::vector<u64> values;
    for (unsigned n = 0; n < count; ++n)
      values.push_back(read(first + n * step));
    return values;
  }
  Record last() { return {read(last_from), read(last_to)}; }
  Record last_exception() { return {read(ler_from), read(ler_to)}; }
  Record entry(unsigned n) { return {read(stack_from + n), read(stack_to + n)}; }

  CpuModel cpu;
  CoreState state;
};

TEST(LastBranch, Is_recorded_while_DEBUGCTL_LBR_is_1) {
  for (const char* profile : {"intel-skylake", "intel-core2", "amd-zen1", "amd-max"}) {
    SCOPED_TRACE(profile);
    Branches core(profile);
    const CoreState before = core.state;
    EXPECT_FALSE(records_branches(core.state));
    core.take(Branch::jcc, 0x1000, 0x2000);
    EXPECT_TRUE(same(core.state, before));
    core.write(debugctl_index, 1);
    EXPECT_TRUE(records_branches(core.state));
    core.take(Branch::jcc, 0x1000, 0x2000);
    EXPECT_EQ(core.last(), (Record{0x1000, 0x2000}));
    core.take(Branch::near_ret, kernel + 0x10, kernel + 0x20);
    EXPECT_EQ(core.last(), (Record{kernel + 0x10, kernel + 0x20}));
    EXPECT_EQ(core.last_exception(), (Record{0, 0}));
    core.write(debugctl_index, 0);
    core.take(Branch::jcc, 0x3000, 0x4000);
    EXPECT_EQ(core.last(), (Record{kernel + 0x10, kernel + 0x20}));
  }
}

TEST(LastBranch, The_stack_is_a_ring_whose_newest_entry_TOS_names) {
  const struct {
    const char* profile;
    unsigned entries;
  } stacks[] = {{"intel-skylake", 32}, {"intel-sandybridge", 16}};
  for (const auto& stack : stacks) {
    SCOPED_TRACE(stack.profile);
    Branches core(stack.profile);
    core.write(debugctl_index, 1);
    for (unsigned n = 1; n <= stack.entries + 3; ++n) {
      core.take(Branch::near_rel_jmp, n, 0x100 + n);
      EXPECT_EQ(core.read(tos), n % stack.entries);
      EXPECT_EQ(core.entry(n % stack.entries), (Record{n, 0x100 + n}));
    }
    for (unsigned n = 4; n < stack.entries; ++n)
      EXPECT_EQ(core.entry(n), (Record{n, 0x100 + n})); // older ones stay
    EXPECT_EQ(core.entry(0), (Record{stack.entries, 0x100 + stack.entries}));
    EXPECT_EQ(core.entry(3), (Record{stack.entries + 3, 0x103 + stack.entries}));
  }
}

TEST(LastBranch, Software_may_move_TOS) { // docs/msr-block.md 2.2: it is writable
  Branches core("intel-skylake");
  core.write(debugctl_index, 1);
  core.write(tos, 30);
  core.take(Branch::jcc, 1, 2);
  EXPECT_EQ(core.read(tos), 31u);
  EXPECT_EQ(core.entry(31), (Record{1, 2}));
  core.take(Branch::jcc, 3, 4);
  EXPECT_EQ(core.read(tos), 0u);
}

TEST(LastBranch, An_exception_first_keeps_the_record_before_it) { // P6: 17.13.2
  for (const char* profile : {"intel-skylake", "amd-zen1"}) {
    SCOPED_TRACE(profile);
    Branches core(profile);
    core.write(debugctl_index, 1);
    core.take(Branch::near_rel_call, 0x1000, 0x2000);
    core.take(Branch::exception, 0x2004, kernel);
    EXPECT_EQ(core.last_exception(), (Record{0x1000, 0x2000}));
    EXPECT_EQ(core.last(), (Record{0x2004, kernel}));
    core.take(Branch::near_rel_jmp, kernel + 4, kernel + 8); // in the handler
    EXPECT_EQ(core.last_exception(), (Record{0x1000, 0x2000}));
    core.take(Branch::exception, kernel + 9, kernel + 0x100);
    EXPECT_EQ(core.last_exception(), (Record{kernel + 4, kernel + 8}));
  }
}

TEST(LastBranch, A_DB_ends_the_recording_and_is_in_no_record) { // 17.13.3
  Branches core("intel-skylake");
  core.write(debugctl_index, 1);
  core.take(Branch::jcc, 0x1000, 0x2000);
  execute(core.cpu, core.state, int1_instruction());
  EXPECT_FALSE(records_branches(core.state));
  core.take(Branch::exception, 0x2000, kernel);
  EXPECT_EQ(core.last(), (Record{0x1000, 0x2000}));
  EXPECT_EQ(core.last_exception(), (Record{0, 0}));
  EXPECT_EQ(core.read(tos), 1u);
}

// Table 17-11: a 1 keeps out; LBR_SELECT value -> what still goes on the stack.
struct Kind {
  Branch branch;
  unsigned bit;
};
constexpr Kind kinds[] = {
    {Branch::jcc, 2},        {Branch::near_rel_call, 3}, {Branch::near_ind_call, 4},
    {Branch::near_ret, 5},   {Branch::near_ind_jmp, 6},  {Branch::near_rel_jmp, 7},
    {Branch::far_branch, 8}, {Branch::exception, 8},
};

TEST(LastBranch, LBR_SELECT_keeps_types_and_rings_out_of_the_stack) {
  for (unsigned bit = 0; bit < 9; ++bit)
    for (const Kind& kind : kinds)
      for (unsigned cpl = 0; cpl < 4; ++cpl) {
        Branches core("intel-skylake");
        core.write(select, u64{1} << bit);
        core.write(debugctl_index, 1);
        core.take(kind.branch, 0x10, 0x20, Mode::long_mode, cpl);
        const bool kept_out = bit == kind.bit || (bit == 0 && cpl == 0) || (bit == 1 && cpl != 0);
        EXPECT_EQ(core.read(tos), kept_out ? 0u : 1u)
            << kind.branch << " at CPL " << cpl << ", bit " << bit;
        EXPECT_EQ(core.entry(1), (kept_out ? Record{0, 0} : Record{0x10, 0x20}));
        EXPECT_EQ(core.last(), (Record{0x10, 0x20})); // not on the stack
      }
}

// LBR stack and Intel 64 processors
TEST(LastBranch, Of_a_target_outside_64_bit_mode_32_bits_are_kept) {
  for (const Mode mode :
       {Mode::real, Mode::v86, Mode::protected_mode, Mode::compatibility, Mode::long_mode}) {
    Branches core("intel-skylake");
    core.write(debugctl_index, 1);
    core.take(Branch::jcc, 0x123456789A, 0xFFFF0000ABCDEF01, mode, mode == Mode::real ? 0 : 3);
    // From 64-bit mode, as an IRET to a 32-bit process does: the whole address.
    const Record kept = mode == Mode::long_mode ? Record{0x123456789A, 0xFFFF0000ABCDEF01}
                                                : Record{0x123456789A, 0xABCDEF01};
    EXPECT_EQ(core.last(), kept) << mode;
    EXPECT_EQ(core.entry(1), kept) << mode;
  }
}

TEST(LastBranch, Core2_records_at_40h_and_60h) { // VB Core 2 X6800, SDM
  Branches core("intel-core2");
  core.write(debugctl_index, 1);
  core.take(Branch::jcc, 5, 6);
  EXPECT_EQ(read_msr(core.cpu, core.state, 0x1C9), 1u);
  EXPECT_EQ(read_msr(core.cpu, core.state, 0x41), 5u);
  EXPECT_EQ(read_msr(core.cpu, core.state, 0x61), 6u);
}

TEST(LastBranch, Architectural_records_alone_leave_DEBUGCTL_LBR_off) { // Xen 3edca52ce7
  Branches core("intel-emerald-rapids");
  core.write(debugctl_index, 1);
  const CoreState before = core.state;
  core.take(Branch::jcc, 5, 6);
  EXPECT_TRUE(same(core.state, before));
}

TEST(LastBranch, A_CPU_without_the_stack_has_the_last_record_only) {
  Branches core("amd-zen1");
  core.write(debugctl_index, 1);
  const CoreState before = core.state;
  core.take(Branch::jcc, 5, 6);
  EXPECT_EQ(core.last(), (Record{5, 6}));
  CoreState expected = before;
  expected[MsrSlot::last_branch_from] = 5;
  expected[MsrSlot::last_branch_to] = 6;
  EXPECT_TRUE(same(core.state, expected));
}

// ---- Formats (SDM vol. 3 17.4.8.1, tables 17-8, 17-14, 17-16)

constexpr u64 mispred = u64{1} << 63, in_tx = u64{1} << 62, tsx_abort = u64{1} << 61;
constexpr RtmRegion region{0x3000, 0x4000};

Request mispredicted(Branch branch, u64 from, u64 to) { return branch_of(branch, from, to, true); }
Request in_region(Request request) {
  request.context.rtm = &region;
  return request;
}
Request at(u64 now, Request request) {
  request.now = now;
  return request;
}

TEST(LastBranch, Two_addresses_of_32_bits_in_a_register) { // format 0; Core Solo and Duo
  for (const char* profile : {"intel-core-duo", "intel-pentium-m"}) {
    SCOPED_TRACE(profile);
    Branches core(profile);
    core.write(debugctl_index, 1);
    for (unsigned n = 1; n <= 9; ++n)
      core.take(Branch::jcc, 0xC0001000 + n, 0x80002000 + n, Mode::protected_mode);
    EXPECT_EQ(core.read_all(0x40, 8),
              (std::vector<u64>{0x80002008C0001008, 0x80002009C0001009, 0x80002002C0001002,
                                0x80002003C0001003, 0x80002004C0001004, 0x80002005C0001005,
                                0x80002006C0001006, 0x80002007C0001007}));
    EXPECT_EQ(core.read(tos), 1u);
    EXPECT_FALSE(core.cpu.msrs.find(0x60).present);
  }
}

TEST(LastBranch, Flags_are_where_the_format_has_them) {
  const struct {
    const char* profile; // PERF_CAPABILITIES[5:0] in VB
    u64 from_predicted, from_mispredicted, from_in_tx, from_aborted;
    bool has_info;
  } formats[] = {
      {"intel-core2", kernel, kernel, kernel, kernel, false}, // 2
      {"intel-sandybridge", 0x7FFF800000000000, kernel, 0x7FFF800000000000, 0x7FFF800000000000,
       false}, // 3
      {"intel-i7-5600u", 0x1FFF800000000000, 0x9FFF800000000000, 0x5FFF800000000000,
       0x7FFF800000000000, false},                             // 4
      {"intel-skylake", kernel, kernel, kernel, kernel, true}, // 5
  };
  for (const auto& format : formats) {
    SCOPED_TRACE(format.profile);
    Branches core(format.profile);
    const std::uint32_t from = core.cpu.msrs.find(0x40).present ? 0x40 : 0x680;
    core.write(debugctl_index, 1);
    core.put(branch_of(Branch::jcc, kernel, 2));
    core.put(mispredicted(Branch::jcc, kernel, 2));
    core.put(in_region(branch_of(Branch::jcc, kernel, 2)));
    EXPECT_EQ(core.read(from + 1), format.from_predicted);
    EXPECT_EQ(core.read(from + 2), format.from_mispredicted);
    EXPECT_EQ(core.read(from + 3), format.from_in_tx);
    core.put(branch_of(Branch::rtm_abort, kernel, 2)); // TOS 4, of 4 entries 0
    EXPECT_EQ(core.read(from + static_cast<std::uint32_t>(core.read(tos))), format.from_aborted);
    EXPECT_EQ(core.last(), (Record{kernel, 2})); // no flags
    EXPECT_EQ(core.cpu.msrs.find(0xDC0).present, format.has_info);
    if (format.has_info) {
      EXPECT_EQ(core.read_all(0xDC0, 6),
                (std::vector<u64>{0, 0, mispred, in_tx, in_tx | tsx_abort, 0}));
    }
  }
}

// Linux 19fc9ddd61e0: with TSX disabled bits 62:61 are of the sign in what is written, and read 0.
TEST(LastBranch, Format_4_without_TSX) {
  CpuProfile haswell = *find_cpu_profile("intel-i7-5600u");
  haswell.features = haswell.features.without(Feature::rtm);
  Branches core(haswell);
  core.write(debugctl_index, 1);
  core.put(mispredicted(Branch::jcc, kernel, 2));
  EXPECT_EQ(core.read(0x681), 0x9FFF800000000000u);
  core.write(0x681, 0x7FFF800000000000);
  core.write(0x681, 0xFFFF800000000000);
  for (const u64 value :
       {u64{0x1FFF800000000000}, u64{0x9FFF800000000000}, u64{0x2000000000001000}})
    EXPECT_EQ(execute(core.cpu, core.state, wrmsr_of(0x681, value)).outcome.cause,
              Cause::msr_non_canonical)
        << hex(value);
}

TEST(LastBranch, Cycles_since_the_record_before_saturate) { // table 17-16
  for (const auto& [profile, enable, info] :
       {std::tuple{"intel-skylake", debugctl_index, 0xDC1u},
        std::tuple{"intel-emerald-rapids", 0x14CEu, 0x1200u}}) {
    SCOPED_TRACE(profile);
    Branches core(profile);
    if (enable == 0x14CE)
      core.write(0x14CF, 32);
    core.write(enable, enable == 0x14CE ? 0x7F0007 : 1);
    const auto newest = [&, first = info] {
      return core.read(enable == 0x14CE ? first
                                        : first - 1 + static_cast<std::uint32_t>(core.read(tos))) &
             0xFFFF;
    };
    core.put(at(1000, branch_of(Branch::near_ret, 1, 2)));
    EXPECT_EQ(newest(), 1000u); // since power-up
    core.put(at(1300, branch_of(Branch::near_ret, 1, 2)));
    EXPECT_EQ(newest(), 300u);
    core.put(at(1300, branch_of(Branch::near_ret, 1, 2)));
    EXPECT_EQ(newest(), 0u);
    core.put(at(1300 + 0xFFFF, branch_of(Branch::near_ret, 1, 2)));
    EXPECT_EQ(newest(), 0xFFFFu);
    core.put(at(1300 + 0xFFFF + 0x10000, branch_of(Branch::near_ret, 1, 2)));
    EXPECT_EQ(newest(), 0xFFFFu);
  }
}

TEST(LastBranch, A_branch_that_is_kept_out_does_not_end_the_cycles) {
  Branches core("intel-skylake");
  core.write(debugctl_index, 1);
  core.write(select, 1 << 2);
  core.put(at(100, branch_of(Branch::near_ret, 1, 2)));
  core.put(at(150, branch_of(Branch::jcc, 1, 2)));
  core.put(at(180, branch_of(Branch::near_ret, 1, 2)));
  EXPECT_EQ(core.read_all(0xDC1, 2), (std::vector<u64>{100, 80}));
}

TEST(LastBranch, RESET_begins_the_count_of_cycles_anew_and_INIT_does_not) {
  Branches core("intel-skylake");
  core.write(debugctl_index, 1);
  core.put(at(100, branch_of(Branch::near_ret, 1, 2)));
  execute(core.cpu, core.state, of_operation(Operation::init));
  EXPECT_EQ(core.state.last_branch_at, 100u);
  execute(core.cpu, core.state, at(130, of_operation(Operation::reset)));
  EXPECT_EQ(core.state.last_branch_at, 130u);
}

// ---- The call stack (SDM vol. 3 17.9)

constexpr u64 calls_only = 0x3C4; // JCC, NEAR_IND_JMP, NEAR_REL_JMP, FAR_BRANCH out; EN_CALLSTACK

TEST(LastBranch, Call_stack_of_the_ring) {
  Branches core("intel-skylake");
  core.write(select, calls_only);
  core.write(debugctl_index, 1);
  core.take(Branch::near_rel_call, 0x10, 0x100);
  core.take(Branch::near_ind_call, 0x110, 0x200);
  core.take(Branch::jcc, 0x204, 0x208);
  EXPECT_EQ(core.read(tos), 2u);
  core.take(Branch::near_ret, 0x20F, 0x115);
  EXPECT_EQ(core.read(tos), 1u);
  EXPECT_EQ(core.entry(1), (Record{0x10, 0x100}));
  EXPECT_EQ(core.entry(2), (Record{0, 0}));
  core.put(at(7, mispredicted(Branch::near_rel_call, 0x118, 0x300)));
  EXPECT_EQ(core.entry(2), (Record{0x118, 0x300}));
  EXPECT_EQ(core.read(0xDC2), mispred | 7);
  core.take(Branch::near_ret, 0x30F, 0x11D);
  EXPECT_EQ(core.read(0xDC2), 0u);
  core.take(Branch::near_ret, 0x11E, 0x15);
  EXPECT_EQ(core.read(tos), 0u);
  core.take(Branch::near_ret, 0x16, 0x20); // of a call before
  EXPECT_EQ(core.read(tos), 31u);
  EXPECT_EQ(core.last(), (Record{0x16, 0x20}));
}

TEST(LastBranch, Without_the_mode_a_return_is_a_branch) {
  Branches core("intel-skylake");
  core.write(select, calls_only & 0x1FF);
  core.write(debugctl_index, 1);
  core.take(Branch::near_rel_call, 0x10, 0x100);
  core.take(Branch::near_ret, 0x104, 0x15);
  EXPECT_EQ(core.read(tos), 2u);
  EXPECT_EQ(core.entry(2), (Record{0x104, 0x15}));
}

// ---- Architectural last branches (SDM vol. 4 table 2-2; Linux intel/lbr.c, msr-index.h)

constexpr std::uint32_t arch_info = 0x1200, lbr_ctl_index = 0x14CE, depth_index = 0x14CF,
                        arch_from = 0x1500, arch_to = 0x1600;
constexpr u64 every_branch = 0x7F0007; // LBREn, OS, USR, all kinds

class ArchitecturalLastBranch : public ::testing::Test {
protected:
  void enable(u64 ctl, u64 depth = 8) {
    core.write(depth_index, depth);
    core.write(lbr_ctl_index, ctl);
  }
  Record entry(unsigned n) { return {core.read(arch_from + n), core.read(arch_to + n)}; }

  Branches core{"intel-max"}; // which takes every depth
};

TEST_F(ArchitecturalLastBranch, Entry_0_is_the_newest) {
  enable(every_branch);
  EXPECT_TRUE(records_branches(core.state));
  for (unsigned n = 1; n <= 10; ++n)
    core.take(Branch::jcc, n, 0x100 + n);
  EXPECT_EQ(core.read_all(arch_from, 8), (std::vector<u64>{10, 9, 8, 7, 6, 5, 4, 3}));
  EXPECT_EQ(core.read_all(arch_to, 8),
            (std::vector<u64>{0x10A, 0x109, 0x108, 0x107, 0x106, 0x105, 0x104, 0x103}));
  core.write(lbr_ctl_index, every_branch & ~u64{1});
  EXPECT_FALSE(records_branches(core.state));
  core.take(Branch::jcc, 11, 0x10B);
  EXPECT_EQ(entry(0), (Record{10, 0x10A}));
}

TEST_F(ArchitecturalLastBranch, Records_from_the_depth_on_are_out_of_reach) {
  const auto cause = [&](const Request& request) {
    return execute(core.cpu, core.state, request).outcome.cause;
  };
  for (const unsigned depth : {8u, 32u, 64u}) {
    enable(every_branch, depth);
    for (unsigned n = 0; n < depth + 3; ++n)
      core.take(Branch::jcc, n + 1, 2);
    for (const std::uint32_t first : {arch_info, arch_from, arch_to}) {
      EXPECT_EQ(cause(rdmsr_of(first + depth - 1)), Cause::none) << depth;
      EXPECT_EQ(cause(wrmsr_of(first + depth - 1, 0)), Cause::none) << depth;
      const Cause behind = depth == 64 ? Cause::msr_unknown : Cause::not_in_mode;
      EXPECT_EQ(cause(rdmsr_of(first + depth)), behind) << depth;
      EXPECT_EQ(cause(wrmsr_of(first + depth, 0)), behind) << depth;
    }
  }
  enable(every_branch, 64); // records that were out of reach are no older ones
  EXPECT_EQ(core.read_all(arch_from, 64), std::vector<u64>(64, 0));
}

TEST_F(ArchitecturalLastBranch, Without_a_depth_there_are_no_records) {
  core.write(lbr_ctl_index, every_branch);
  const CoreState before = core.state;
  core.take(Branch::jcc, 1, 2);
  EXPECT_TRUE(same(core.state, before));
}

TEST_F(ArchitecturalLastBranch, A_write_to_the_depth_clears_the_records) {
  enable(every_branch);
  core.put(at(9, mispredicted(Branch::jcc, 1, 2)));
  core.write(depth_index, 8);
  EXPECT_EQ(core.read_all(arch_from, 8), std::vector<u64>(8, 0));
  EXPECT_EQ(core.read_all(arch_to, 8), std::vector<u64>(8, 0));
  EXPECT_EQ(core.read_all(arch_info, 8), std::vector<u64>(8, 0));
}

// Linux msr-index.h: ARCH_LBR_CTL_*; events/intel/lbr.c: ARCH_LBR_BR_TYPE_*.
TEST_F(ArchitecturalLastBranch, Kinds_and_rings_are_let_in_by_LBR_CTL) {
  const struct {
    Branch branch;
    unsigned bit;
    u64 type;
  } rows[] = {
      {Branch::jcc, 16, 0},           {Branch::near_rel_jmp, 17, 2},  {Branch::near_ind_jmp, 18, 1},
      {Branch::near_rel_call, 19, 4}, {Branch::near_ind_call, 20, 3}, {Branch::near_ret, 21, 5},
      {Branch::far_branch, 22, 8},    {Branch::exception, 22, 8},     {Branch::rtm_abort, 22, 8},
  };
  for (const auto& row : rows)
    for (unsigned bit = 16; bit < 23; ++bit)
      for (const u64 rings : {u64{2}, u64{4}}) // OS, USR
        for (unsigned cpl = 0; cpl < 4; ++cpl) {
          enable(u64{1} << bit | rings | 1);
          core.put(in_mode(mispredicted(row.branch, 0x10, 0x20), Mode::long_mode, cpl));
          const bool let_in = bit == row.bit && (rings == 2) == (cpl == 0);
          EXPECT_EQ(entry(0), (let_in ? Record{0x10, 0x20} : Record{0, 0}))
              << row.branch << " at CPL " << cpl << ", bit " << bit;
          if (let_in) {
            EXPECT_EQ(core.read(arch_info) >> 56,
                      (row.branch == Branch::rtm_abort ? 0xF0 : 0x90) | row.type)
                << row.branch; // MISPRED, CYC_CNT_VALID; of an abort IN_TX and TSX_ABORT
          }
        }
}

TEST_F(ArchitecturalLastBranch, The_call_stack) {
  enable(0x18000F);
  core.take(Branch::near_rel_call, 0x10, 0x100);
  core.take(Branch::near_ind_call, 0x110, 0x200);
  core.take(Branch::near_ret, 0x20F, 0x115); // NEAR_RET is not let in: nothing
  EXPECT_EQ(entry(0), (Record{0x110, 0x200}));
  core.write(lbr_ctl_index, 0x38000F);
  core.take(Branch::near_ret, 0x20F, 0x115);
  EXPECT_EQ(entry(0), (Record{0x10, 0x100}));
  EXPECT_EQ(core.read(arch_info) >> 56, 0x14u);
  EXPECT_EQ(entry(1), (Record{0, 0}));
  EXPECT_EQ(core.read(arch_info + 1), 0u);
  for (unsigned n = 0; n < 9; ++n)
    core.take(Branch::near_rel_call, 0x10 + n, 0x100);
  core.take(Branch::near_ret, 0x20F, 0x115);
  EXPECT_EQ(core.read_all(arch_from, 8),
            (std::vector<u64>{0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0}));
}

TEST_F(ArchitecturalLastBranch, An_exception_first_keeps_the_record_before_it) {
  enable(every_branch);
  core.put(mispredicted(Branch::near_rel_call, 0x1000, 0x2000));
  EXPECT_EQ(core.last_exception(), (Record{0, 0}));
  core.take(Branch::exception, 0x2004, kernel);
  EXPECT_EQ(core.last_exception(), (Record{0x1000, 0x2000}));
  EXPECT_EQ(core.read(0x1E0), 0x9400000000000000u);
  EXPECT_EQ(entry(0), (Record{0x2004, kernel}));
  EXPECT_EQ(core.last(), (Record{0, 0})); // DEBUGCTL.LBR is 0
}

TEST_F(ArchitecturalLastBranch, Outside_64_bit_mode_32_bits_are_kept) {
  enable(every_branch);
  core.take(Branch::jcc, 0x1000, 0xFFFF0000ABCDEF01, Mode::compatibility, 3);
  EXPECT_EQ(entry(0), (Record{0x1000, 0xABCDEF01}));
}

// ---- AMD's stack (Linux amd/lbr.c)

constexpr std::uint32_t amd_from = 0xC0010300, amd_to = 0xC0010301, amd_select = 0xC000010E,
                        dbg_extn_cfg_index = 0xC000010F;
constexpr u64 valid = u64{1} << 63;

TEST(AmdLastBranchStack, Entry_0_is_the_newest_of_16) {
  Branches core("amd-zen5");
  core.write(debugctl_index, 1); // the pair only
  core.take(Branch::jcc, 1, 2);
  EXPECT_EQ(core.read(amd_to), 0u);
  core.write(debugctl_index, 0);
  core.write(dbg_extn_cfg_index, 0x40);
  EXPECT_TRUE(records_branches(core.state));
  for (unsigned n = 1; n <= 18; ++n)
    core.take(Branch::jcc, n, 0x100 + n);
  for (unsigned n = 0; n < 16; ++n) {
    EXPECT_EQ(core.read(amd_from + 2 * n), 18 - n);
    EXPECT_EQ(core.read(amd_to + 2 * n), (0x112 - n) | valid);
  }
  EXPECT_EQ(core.last(), (Record{1, 2}));
  EXPECT_FALSE(core.cpu.msrs.find(amd_from + 32).present);
  EXPECT_FALSE(core.cpu.msrs.find(amd_to + 32).present);
}

TEST(AmdLastBranchStack, Flags_take_the_upper_bits) {
  Branches core("amd-zen5");
  core.write(dbg_extn_cfg_index, 0x40);
  core.take(Branch::jcc, kernel, kernel);
  EXPECT_EQ(core.read(amd_from), 0x7FFF800000000000u); // MISPREDICT in 63
  EXPECT_EQ(core.read(amd_to), 0x9FFF800000000000u);   // VALID, SPEC, a reserved bit
  core.put(mispredicted(Branch::jcc, 0x1000, kernel));
  EXPECT_EQ(core.read(amd_from), 0x8000000000001000u);
}

TEST(AmdLastBranchStack, LBR_SELECT_keeps_types_and_rings_out) {
  for (unsigned bit = 0; bit < 9; ++bit)
    for (const Kind& kind : kinds)
      for (unsigned cpl = 0; cpl < 4; ++cpl) {
        Branches core("amd-zen5");
        core.write(amd_select, u64{1} << bit);
        core.write(dbg_extn_cfg_index, 0x40);
        core.take(kind.branch, 0x10, 0x20, Mode::long_mode, cpl);
        const bool kept_out = bit == kind.bit || (bit == 0 && cpl == 0) || (bit == 1 && cpl != 0);
        EXPECT_EQ(core.read(amd_from), kept_out ? 0u : 0x10u)
            << kind.branch << " at CPL " << cpl << ", bit " << bit;
      }
}

TEST(LastBranch, Names) {
  EXPECT_EQ(name_of(Branch::jcc), "jcc");
  EXPECT_EQ(name_of(Branch::near_rel_call), "near_rel_call");
  EXPECT_EQ(name_of(Branch::near_ind_call), "near_ind_call");
  EXPECT_EQ(name_of(Branch::near_ret), "near_ret");
  EXPECT_EQ(name_of(Branch::near_ind_jmp), "near_ind_jmp");
  EXPECT_EQ(name_of(Branch::near_rel_jmp), "near_rel_jmp");
  EXPECT_EQ(name_of(Branch::far_branch), "far_branch");
  EXPECT_EQ(name_of(Branch::exception), "exception");
  EXPECT_EQ(name_of(Branch::rtm_abort), "rtm_abort");
}

} // namespace
} // namespace icebp::test
