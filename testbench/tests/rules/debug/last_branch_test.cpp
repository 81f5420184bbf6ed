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
  explicit Branches(const char* profile) : cpu(*find_cpu_profile(profile)), state(power_up(cpu)) {}

  void write(std::uint32_t index, u64 value) {
    EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(index, value)).outcome)) << hex(index);
  }
  u64 read(std::uint32_t index) { return read_msr(cpu, state, index); }
  void take(Branch branch, u64 from, u64 to, Mode mode = Mode::long_mode, unsigned cpl = 0) {
    const Execution execution =
        execute(cpu, state, in_mode(branch_of(branch, from, to), mode, cpl));
    EXPECT_TRUE(is_retired(execution.outcome));
    EXPECT_EQ(execution.cycles, 0u);
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
  for (unsigned bit = 0; bit < 10; ++bit)
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

TEST(LastBranch, Names) {
  EXPECT_EQ(name_of(Branch::jcc), "jcc");
  EXPECT_EQ(name_of(Branch::near_rel_call), "near_rel_call");
  EXPECT_EQ(name_of(Branch::near_ind_call), "near_ind_call");
  EXPECT_EQ(name_of(Branch::near_ret), "near_ret");
  EXPECT_EQ(name_of(Branch::near_ind_jmp), "near_ind_jmp");
  EXPECT_EQ(name_of(Branch::near_rel_jmp), "near_rel_jmp");
  EXPECT_EQ(name_of(Branch::far_branch), "far_branch");
  EXPECT_EQ(name_of(Branch::exception), "exception");
}

} // namespace
} // namespace icebp::test
