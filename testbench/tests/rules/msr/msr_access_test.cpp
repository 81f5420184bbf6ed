#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/tests/rules/cpu/msr_datasheet.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

Outcome outcome_of(const CpuModel& cpu, const Request& request) {
  const CoreState state = power_up(cpu);
  return request.operation == Operation::rdmsr ? rdmsr(cpu, state, request)
                                               : wrmsr(cpu, state, request);
}

// ---- The order of the checks: docs/msr-block.md 1.1 and 6.1
// ------------------------------------------

TEST(MsrAccess, Privilege) { // rows 3, 4, 5
  for (const Vendor vendor : vendors)
    for (const Level& level : every_level())
      for (const Request& request : {rdmsr_of(0xC0000081), wrmsr_of(0xC0000081, 0)}) {
        SCOPED_TRACE(level.mode);
        const Outcome outcome =
            outcome_of(model_of(vendor), in_mode(request, level.mode, level.cpl));
        if (level.cpl == 0)
          EXPECT_TRUE(is_retired(outcome));
        else
          EXPECT_TRUE(is_gp0(outcome, Cause::cpl));
      }
}

TEST(MsrAccess, The_first_failing_check_is_the_cause) {
  const Cause long_ = Cause::instruction_too_long, lock = Cause::lock_prefix;
  const CpuModel no_msr(without(intel(), Feature::msr));
  const CpuModel& cpu = model_of(Vendor::intel);
  // An access that fails at every step from the first one on, relieved of one after the other.
  for (const Request& request : {rdmsr_of(0x12345), wrmsr_of(0x12345, every_bit)}) {
    const Request user = at_cpl(request, 3);
    const Request locked = with_fault(user, lock);
    EXPECT_TRUE(is_gp0(outcome_of(no_msr, with_fault(locked, long_)), long_));
    EXPECT_TRUE(is_gp0(outcome_of(no_msr, with_fault(user, long_)), long_));
    EXPECT_TRUE(is_ud(outcome_of(no_msr, locked), lock));
    EXPECT_TRUE(is_ud(outcome_of(no_msr, user), Cause::feature_absent));
    EXPECT_TRUE(is_gp0(outcome_of(cpu, user), Cause::cpl));
    EXPECT_TRUE(is_gp0(outcome_of(cpu, request), Cause::msr_unknown));
  }
}

TEST(MsrAccess, Without_msrs_the_instruction_is_ud) { // row 2
  for (const Vendor vendor : vendors) {
    const CpuModel cpu(without(profile_of(vendor), Feature::msr));
    EXPECT_TRUE(is_ud(outcome_of(cpu, rdmsr_of(0x174)), Cause::feature_absent));
    EXPECT_TRUE(is_ud(outcome_of(cpu, wrmsr_of(0x174, 0)), Cause::feature_absent));
  }
}

TEST(MsrAccess, Lock_and_length_for_every_register) { // 6.4, last row
  for (const Vendor vendor : vendors)
    for (const DatasheetRow& row : datasheet_of(vendor))
      for (const Request& request : {rdmsr_of(row.index), wrmsr_of(row.index, row.reset)}) {
        const CpuModel& cpu = model_of(vendor);
        EXPECT_TRUE(
            is_ud(outcome_of(cpu, with_fault(request, Cause::lock_prefix)), Cause::lock_prefix));
        EXPECT_TRUE(is_gp0(outcome_of(cpu, with_fault(request, Cause::instruction_too_long)),
                           Cause::instruction_too_long));
        EXPECT_TRUE(is_gp0(outcome_of(cpu, at_cpl(request, 3)), Cause::cpl));
      }
}

TEST(MsrAccess, Read_only_and_write_only) { // row 8
  const CpuModel& cpu = model_of(Vendor::intel);
  EXPECT_TRUE(is_retired(outcome_of(cpu, rdmsr_of(0xFE)), 0x1D0A));
  EXPECT_TRUE(is_gp0(outcome_of(cpu, wrmsr_of(0xFE, 0x1D0A)), Cause::msr_read_only));
  EXPECT_TRUE(is_gp0(outcome_of(cpu, rdmsr_of(0x79)), Cause::msr_write_only));
  EXPECT_TRUE(is_retired(outcome_of(cpu, wrmsr_of(0x79, every_bit))));
}

TEST(MsrAccess, Read_only_is_named_before_reserved_bits) { // 6.1, steps 6 and 7
  EXPECT_TRUE(
      is_gp0(outcome_of(model_of(Vendor::intel), wrmsr_of(0xFE, every_bit)), Cause::msr_read_only));
}

TEST(MsrAccess, Reserved_bits_are_named_before_the_value_rule) { // 6.1, steps 7 and 9
  for (const Vendor vendor : vendors) {
    const CpuModel& cpu = model_of(vendor);
    EXPECT_TRUE(is_gp0(outcome_of(cpu, wrmsr_of(0x277, 0x0A)), Cause::msr_reserved_bits));
    EXPECT_TRUE(is_gp0(outcome_of(cpu, wrmsr_of(0x277, 0x02)), Cause::msr_value));
    EXPECT_TRUE(
        is_gp0(outcome_of(cpu, wrmsr_of(0xC0000080, 0x300)), Cause::msr_reserved_bits)); // LME, 9
  }
}

TEST(MsrAccess, Reserved_bits_are_named_before_the_canonical_rule) { // 6.1, steps 7 and 8
  CpuModel cpu(intel());
  const_cast<ResolvedMsr&>(cpu.msrs.find(0x175)).gp = bit(63);
  EXPECT_TRUE(is_gp0(outcome_of(cpu, wrmsr_of(0x175, bit(63))), Cause::msr_reserved_bits));
  const_cast<ResolvedMsr&>(cpu.msrs.find(0x277)).gp = 0;
  const_cast<ResolvedMsr&>(cpu.msrs.find(0x277)).canonical_bits = 48;
  EXPECT_TRUE(is_gp0(outcome_of(cpu, wrmsr_of(0x277, bit(63))), Cause::msr_non_canonical));
}

// ---- The vectors of docs/msr-block.md 6.4, and 6.3
// ---------------------------------------------------

constexpr auto ok = Cause::none;
constexpr auto unknown = Cause::msr_unknown;
constexpr auto reserved = Cause::msr_reserved_bits;
constexpr auto non_canonical = Cause::msr_non_canonical;
constexpr auto value_rule = Cause::msr_value;

struct MsrVector {
  std::uint32_t index;
  u64 value;
  Cause intel;
  u64 intel_reads; // if ok
  Cause amd;
  u64 amd_reads;
};
// CR0.PG = 0, so that EFER.LME can be tried.
const MsrVector msr_vectors[] = {
    {0xC0000082, 0x0000800000000000, non_canonical, 0, non_canonical, 0},
    {0xC0000082, 0xFFFF800000000000, ok, 0xFFFF800000000000, ok, 0xFFFF800000000000},
    {0xC0000082, 0xFFFF7FFFFFFFFFFF, non_canonical, 0, non_canonical, 0},
    {0xC0000082, 0xFFAAAAAAAAAAAAAA, non_canonical, 0, non_canonical, 0},
    {0xC0000083, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, non_canonical, 0},
    {0xC0000100, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, non_canonical, 0},
    {0xC0000101, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, non_canonical, 0},
    {0xC0000102, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, non_canonical, 0},
    {0xC0000102, 0x0000123456789ABC, ok, 0x0000123456789ABC, ok, 0x0000123456789ABC},
    {0x175, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, ok, 0xAAAAAAAA},
    {0x176, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, ok, 0xAAAAAAAA},
    {0x176, 0xFFFFFFFF81000000, ok, 0xFFFFFFFF81000000, ok, 0x81000000},
    {0x600, 0xAAAAAAAAAAAAAAAA, non_canonical, 0, unknown, 0},
    {0x600, 0, ok, 0, unknown, 0},
    {0xC0000103, 0x100000000, reserved, 0, ok, 0},
    {0xC0000103, 0xFFFFFFFF, ok, 0xFFFFFFFF, ok, 0xFFFFFFFF},
    {0xC0000084, 0xFFFFFFFFFFFFFFFF, ok, 0xFFFFFFFF, ok, 0xFFFFFFFF},
    {0x174, 0xFFFFFFFFFFFFFFFF, ok, 0xFFFFFFFF, ok, 0xFFFFFFFF},
    {0xC0000081, 0xAAAAAAAAAAAAAAAA, ok, 0xAAAAAAAAAAAAAAAA, ok, 0xAAAAAAAAAAAAAAAA},
    {0x1D9, 0x40, ok, 0x40, reserved, 0},
    {0x1D9, 0x8, reserved, 0, ok, 0x8},
    {0x1D9, 0x10000, reserved, 0, ok, 0},
    {0x1D9, 0x4, reserved, 0, ok, 0x4}, // Intel here without BUS_LOCK_DETECT
    {0x1D9, 0xFFC3, ok, 0xFFC3, reserved, 0},
    {0x1D9, 0xFFFFFFFFFFFFFFBF, reserved, 0, ok, 0x3F},
    {0xC0000080, 0x2, reserved, 0, ok, 0},
    {0xC0000080, 0x100, ok, 0x100, ok, 0x100},
    {0xC0000080, 0x400, ok, 0, value_rule, 0}, // AMD: quirk efer_lma_flip_faults
    {0xC0000080, 0x200, reserved, 0, reserved, 0},
    {0xC0000080, 0x1000, reserved, 0, ok, 0x1000},
    {0xC0000080, 0xF000, reserved, 0, ok, 0xF000},
    {0xC0000080, 0x10000, reserved, 0, reserved, 0},
    {0x277, 0x0007040600070402, value_rule, 0, value_rule, 0},
    {0x277, 0x07070707, ok, 0x07070707, ok, 0x07070707},
    {0x277, 0x08, reserved, 0, reserved, 0},
    {0xC0011027, 0xFFFFFFFFFFFFFFFF, unknown, 0, ok, 0xFFFFFFFF},
};

testing::AssertionResult answers(const CpuModel& cpu, std::uint32_t index, u64 value, Cause cause,
                                 u64 reads) {
  CoreState state = power_up(cpu);
  const CoreState before = state;
  const Outcome outcome = execute(cpu, state, with_paging(wrmsr_of(index, value), false)).outcome;
  if (cause != ok) {
    const testing::AssertionResult fault = is_gp0(outcome, cause);
    return fault ? same(state, before) : fault;
  }
  if (const testing::AssertionResult retired = is_retired(outcome); !retired)
    return retired;
  return is_retired(execute(cpu, state, rdmsr_of(index)).outcome, reads);
}

TEST(MsrVectors, Section_6_4) {
  for (const MsrVector& vector : msr_vectors) {
    SCOPED_TRACE(hex(vector.index) + " := " + hex(vector.value));
    EXPECT_TRUE(answers(model_of(Vendor::intel), vector.index, vector.value, vector.intel,
                        vector.intel_reads));
    EXPECT_TRUE(
        answers(model_of(Vendor::amd), vector.index, vector.value, vector.amd, vector.amd_reads));
  }
}

TEST(MsrVectors, La57) { // 6.4: ok if CPUID has LA57; CR4.LA57 is no input of these rules
  for (const Vendor vendor : vendors) {
    const CpuModel cpu(with(profile_of(vendor), Feature::la57));
    for (const std::uint32_t index :
         {0xC0000082u, 0xC0000083u, 0xC0000100u, 0xC0000101u, 0xC0000102u}) {
      for (const u64 value :
           std::vector<u64>{0xFFAAAAAAAAAAAAAA, 0x00FFFFFFFFFFFFFF, 0xFF00000000000000,
                            0x0000800000000000, 0xFFFF7FFFFFFFFFFF})
        EXPECT_TRUE(answers(cpu, index, value, ok, value)) << hex(index) << ' ' << hex(value);
      for (const u64 value :
           std::vector<u64>{0x0100000000000000, 0xFEFFFFFFFFFFFFFF, 0xAAAAAAAAAAAAAAAA})
        EXPECT_TRUE(answers(cpu, index, value, non_canonical, 0))
            << hex(index) << ' ' << hex(value);
    }
  }
}

TEST(MsrVectors, Intel_bus_lock_detect) { // 6.4: 1D9 := 4
  const CpuModel cpu(with(intel(), Feature::bus_lock_detect));
  EXPECT_TRUE(answers(cpu, 0x1D9, 0x4, ok, 0x4));
  EXPECT_TRUE(answers(cpu, 0x1D9, 0x8, reserved, 0));
}

TEST(MsrVectors, Canonical_edges_of_every_checked_register) {
  struct Edge {
    u64 value;
    Cause at_48, at_57;
  };
  const Edge edges[] = {
      {0x00007FFFFFFFFFFF, ok, ok},
      {0x0000800000000000, non_canonical, ok},
      {0xFFFF7FFFFFFFFFFF, non_canonical, ok},
      {0xFFFF800000000000, ok, ok},
      {0x00FFFFFFFFFFFFFF, non_canonical, ok},
      {0x0100000000000000, non_canonical, non_canonical},
      {0xFEFFFFFFFFFFFFFF, non_canonical, non_canonical},
      {0xFF00000000000000, non_canonical, ok},
      {0xFFFFFFFFFFFFFFFF, ok, ok},
  };
  for (const Vendor vendor : vendors) {
    const CpuModel la57(with(profile_of(vendor), Feature::la57));
    for (const DatasheetRow& row : datasheet_of(vendor))
      for (const Edge& edge : edges)
        if (row.canonical) {
          SCOPED_TRACE(std::string(row.name) + " := " + hex(edge.value));
          EXPECT_TRUE(answers(model_of(vendor), row.index, edge.value, edge.at_48, edge.value));
          EXPECT_TRUE(answers(la57, row.index, edge.value, edge.at_57, edge.value));
        }
  }
}

// docs/msr-block.md 1.3, the whole list as far as the model has the registers, with the values of
// kvm-unit-tests la57.c. The width is that of CPUID, never of CR4.LA57: `CoreContext` has no such
// bit, the rules cannot see it. Profiles with LA57 therefore answer alike with CR4.LA57 0 and 1.
struct CanonicalRow {
  std::uint32_t index;
  bool intel, amd; // checked; else the row below tells what happens
};
constexpr CanonicalRow canonical_rows[] = {
    {0x175, true, false},       {0x176, true, false},
    {0x600, true, false},       {0xC0000082, true, true},
    {0xC0000083, true, true},   {0xC0000100, true, true},
    {0xC0000101, true, true},   {0xC0000102, true, true},
    {0x174, false, false}, // never: SYSENTER_CS, STAR, FMASK, TSC_AUX
    {0xC0000081, false, false}, {0xC0000084, false, false},
    {0xC0000103, false, false},
};

TEST(MsrVectors, Canonical_list_of_every_profile) {
  const struct {
    const char* profile;
    bool la57;
  } profiles[] = {
      {"intel-skylake", false}, {"intel-sierra-forest", true}, {"intel-emerald-rapids", true},
      {"intel-max", true},      {"amd-zen1", false},           {"amd-zen5", true},
      {"amd-max", true}};
  for (const auto& [name, la57] : profiles) {
    const CpuModel cpu(*find_cpu_profile(name));
    const bool is_intel = cpu.profile.vendor == Vendor::intel;
    for (const CanonicalRow& row : canonical_rows) {
      SCOPED_TRACE(std::string(name) + " " + hex(row.index));
      const bool checked = is_intel ? row.intel : row.amd;
      const auto cause = [&](u64 value) {
        CoreState state = power_up(cpu);
        return execute(cpu, state, wrmsr_of(row.index, value)).outcome.cause;
      };
      if (checked) {
        EXPECT_EQ(cause(0xFFFFAAAAAAAAAAAA), ok);
        EXPECT_EQ(cause(0xFFAAAAAAAAAAAAAA), la57 ? ok : non_canonical);
        EXPECT_EQ(cause(0xAAAAAAAAAAAAAAAA), non_canonical);
      } else {
        EXPECT_NE(cause(0xFFFFAAAAAAAAAAAA), non_canonical);
        EXPECT_NE(cause(0xFFAAAAAAAAAAAAAA), non_canonical);
        EXPECT_NE(cause(0xAAAAAAAAAAAAAAAA), non_canonical);
      }
    }
  }
}

// A tag in an address that LAM would mask, bits 62:57 or 62:48, stays: 1.3, kvm-unit-tests lam.c.
TEST(MsrVectors, Lam_does_not_untag) {
  for (const bool la57 : {false, true}) {
    const CpuModel cpu(with_if(la57, *find_cpu_profile("intel-max"), Feature::la57));
    for (const CanonicalRow& row : canonical_rows)
      if (row.intel)
        for (const u64 tagged : {0x7E00123456789000, 0x0200123456789000, 0x5A5A123456789000}) {
          EXPECT_TRUE(answers(cpu, row.index, 0x0000123456789000, ok, 0x0000123456789000));
          EXPECT_TRUE(answers(cpu, row.index, tagged, non_canonical, 0)) << hex(tagged);
        }
  }
}

// AMD drops bits 63:32 and reads back zero-extended: 1.3, 6.3; KVM selftest fixup_rdmsr_val.
TEST(MsrVectors, Amd_truncations_of_every_profile) {
  for (const char* name : {"amd-zen1", "amd-zen5", "amd-max"}) {
    const CpuModel cpu(*find_cpu_profile(name));
    for (const std::uint32_t index : {0x175u, 0x176u, 0xC0000103u})
      EXPECT_TRUE(answers(cpu, index, 0xAAAA5555AAAA5555, ok, 0xAAAA5555)) << name << hex(index);
  }
}

// ---- Operands and effects -----------------------------------------------------------------------

// ECX only (1.1): the caller hands over 32 bits, RCX[63:32] cannot arrive here.
static_assert(std::is_same_v<decltype(Request::msr), std::uint32_t>);

TEST(MsrAccess, Rdmsr_returns_all_64_bits) {
  CoreState state = power_up(model_of(Vendor::intel));
  execute(model_of(Vendor::intel), state, wrmsr_of(0xC0000081, 0x0123456789ABCDEF));
  EXPECT_TRUE(is_retired(execute(model_of(Vendor::intel), state, rdmsr_of(0xC0000081)).outcome,
                         0x0123456789ABCDEF));
}

TEST(MsrAccess, The_mode_does_not_narrow_the_value) { // EDX:EAX in every mode
  for (const Mode mode : {Mode::real, Mode::protected_mode, Mode::compatibility, Mode::long_mode}) {
    CoreState state = power_up(model_of(Vendor::amd));
    execute(model_of(Vendor::amd), state,
            in_mode(wrmsr_of(0xC0000081, 0xFFFFFFFF00000001), mode, 0));
    EXPECT_TRUE(is_retired(
        execute(model_of(Vendor::amd), state, in_mode(rdmsr_of(0xC0000081), mode, 0)).outcome,
        0xFFFFFFFF00000001));
  }
}

TEST(MsrAccess, Dropped_bits_keep_the_old_value) { // 6.1 step 10
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  state[MsrSlot::efer] = 0xD01; // LMA set by the core when it went to long mode
  for (const u64 value : {u64{0x901}, u64{0xD01}}) {
    EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(0xC0000080, value)).outcome));
    EXPECT_EQ(state[MsrSlot::efer], 0xD01u);
  }
  execute(cpu, state, wrmsr_of(0xC0000080, 0x100));
  EXPECT_EQ(state[MsrSlot::efer], 0x500u);
}

TEST(MsrAccess, General_detect_does_not_guard_msrs) { // 1.1, last bullet
  for (const Vendor vendor : vendors) {
    CoreState state = power_up(model_of(vendor));
    state.dr[7] = 0x2400;
    EXPECT_TRUE(is_retired(execute(model_of(vendor), state, wrmsr_of(0x174, 8)).outcome));
    EXPECT_TRUE(is_retired(execute(model_of(vendor), state, rdmsr_of(0x174)).outcome, 8));
  }
}

} // namespace
} // namespace icebp::test
