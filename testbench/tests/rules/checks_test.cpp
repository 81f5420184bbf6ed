#include <icebp/model/rules/checks.h>
#include <icebp/model/rules/vocabulary/platform_msrs.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <iterator>
#include <random>

namespace icebp::test {
namespace {

using O = Operation;

const CpuModel& model_named(const char* name) {
  static const CpuModel intel_max(*find_cpu_profile("intel-max"));
  static const CpuModel amd_max(*find_cpu_profile("amd-max"));
  return std::string_view(name) == "intel-max" ? intel_max : amd_max;
}

// Each check and what it raises: "cpl gp".
std::string text_of(const CpuModel& cpu, Operation operation) {
  std::string text;
  const CheckList checks = checks_of(cpu, operation);
  SvmControls svm;
  for (std::size_t n = 0; n < checks.size(); ++n) {
    Request request = in_guest(of_operation(operation), svm);
    const Outcome outcome = checks[n].outcome(request, checks[n].cause);
    EXPECT_EQ(outcome.cause, checks[n].cause);
    text.append(n == 0 ? "" : ", ").append(name_of(checks[n].cause)).append(1, ' ');
    text += outcome.kind == OutcomeKind::exit ? "exit" : name_of(outcome.vector);
  }
  return text;
}

// docs/debug-unit.md 1.4; docs/msr-block.md 1.1, 1.2 and 6.1.
TEST(Checks, In_order) {
  const std::string bytes = "instruction_too_long #GP, lock_prefix #UD, ";
  const std::string instruction = "feature_absent #UD, cpl #GP, intercept exit, ";
  const std::string read = "msr_unknown #GP, not_in_mode #GP, msr_write_only #GP";
  const std::string write =
      "msr_unknown #GP, not_in_mode #GP, msr_read_only #GP, msr_locked #GP, msr_locked #GP, "
      "not_in_mode #GP, msr_reserved_bits #GP, msr_non_canonical #GP, msr_value #GP";
  const std::string user = "feature_absent #UD, not_in_mode #UD, not_in_mode #UD, "
                           "user_msr_bitmap #GP, user_msr_bitmap #GP, "
                           "feature_absent #UD, intercept exit, ";
  const std::string immediate = "feature_absent #UD, not_in_mode #UD, ";
  const std::string list = bytes + "feature_absent #UD, not_in_mode #UD, cpl #GP, "
                                   "list_alignment #GP";
  const std::string on_intel =
      bytes + "rex_r #UD, intercept exit, dr45_with_de #UD, general_detect #DB, cpl #GP, "
              "reserved_upper_half #GP";
  const std::string on_amd = bytes + "rex_r #UD, dr45_with_de #UD, cpl #GP, general_detect #DB, "
                                     "reserved_upper_half #GP, intercept exit";
  const struct {
    const char* profile;
    Operation operation;
    std::string checks;
  } rows[] = {
      {"intel-max", O::mov_from_dr, on_intel},
      {"intel-max", O::mov_to_dr, on_intel},
      {"amd-max", O::mov_from_dr, on_amd},
      {"amd-max", O::mov_to_dr, on_amd},
      {"intel-max", O::int1, bytes + "intercept exit"},
      {"intel-max", O::rdmsr, bytes + instruction + read},
      {"amd-max", O::rdmsr, bytes + instruction + read},
      {"intel-max", O::wrmsr, bytes + instruction + write},
      {"intel-max", O::wrmsrns, bytes + "feature_absent #UD, " + instruction + write},
      {"intel-max", O::rdmsr_imm, bytes + immediate + instruction + read},
      {"intel-max", O::wrmsrns_imm, bytes + immediate + instruction + write},
      {"intel-max", O::rdmsrlist, list},
      {"intel-max", O::wrmsrlist, list},
      {"intel-max", O::rdmsrlist_entry, "list_entry #GP, " + bytes + instruction + read},
      {"intel-max", O::wrmsrlist_entry, "list_entry #GP, " + bytes + instruction + write},
      {"intel-max", O::urdmsr, bytes + user + read},
      {"intel-max", O::uwrmsr, bytes + user + write},
      {"intel-max", O::page_fault, ""},
      {"intel-max", O::resume, ""},
      {"intel-max", O::fetch, ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(text_of(model_named(row.profile), row.operation), row.checks) << row.operation;
}

TEST(Checks, Every_one_has_a_source) {
  for (const OperationRow& row : operation_rows) {
    const CheckList checks = checks_of(model_named("intel-max"), row.operation);
    for (std::size_t n = 0; n < checks.size(); ++n)
      EXPECT_NE(checks[n].source, "") << row.name << ' ' << checks[n].cause;
  }
}

// --- all that fail, whichever wins

constexpr std::uint32_t apic_base = 0x1B, debug_interface = 0xC80, lstar = 0xC0000082,
                        smrr_physbase = 0x1F2, pat = 0x277, x2apic_eoi = 0x80B;

TEST(FailingChecks, Each_on_its_own) {
  const CpuModel& cpu = model_named("intel-max");
  CoreState state = power_up(cpu);
  state.dr[7] = 0x2400;
  const auto failing = [&](const Request& request) { return failing_checks(cpu, state, request); };
  EXPECT_EQ(failing(at_cpl(write_dr(6, u64{1} << 32), 3)),
            only(Cause::general_detect) | only(Cause::cpl) | only(Cause::reserved_upper_half));
  EXPECT_EQ(failing(with_de(with_fault(read_dr(4), Cause::rex_r))),
            only(Cause::rex_r) | only(Cause::dr45_with_de) | only(Cause::general_detect));
  state.dr[7] = 0x400;
  EXPECT_EQ(failing(read_dr(4)), 0u);
  EXPECT_EQ(failing(int1_instruction()), 0u);
  EXPECT_EQ(failing(with_fault(int1_instruction(), Cause::lock_prefix)), only(Cause::lock_prefix));

  EXPECT_EQ(failing(at_cpl(rdmsr_of(0x12345), 3)), only(Cause::cpl) | only(Cause::msr_unknown));
  EXPECT_EQ(failing(rdmsr_of(x2apic_eoi)), only(Cause::not_in_mode) | only(Cause::msr_write_only));
  EXPECT_EQ(failing(wrmsr_of(0xFE, 1)),
            only(Cause::msr_read_only) | only(Cause::msr_reserved_bits));
  EXPECT_EQ(failing(wrmsr_of(lstar, u64{1} << 63)), only(Cause::msr_non_canonical));
  EXPECT_EQ(failing(wrmsr_of(pat, 8)), only(Cause::msr_reserved_bits) | only(Cause::msr_value));
  EXPECT_EQ(failing(wrmsr_of(pat, 2)), only(Cause::msr_value));
  EXPECT_EQ(failing(wrmsr_of(smrr_physbase, 0)), only(Cause::not_in_mode));
  execute(cpu, state, wrmsr_of(debug_interface, u64{1} << 30));
  EXPECT_EQ(failing(wrmsr_of(debug_interface, 2)),
            only(Cause::msr_locked) | only(Cause::msr_reserved_bits));
  const VmxControls vmx; // every RDMSR exits
  EXPECT_EQ(failing(in_guest(rdmsr_of(apic_base), vmx)), only(Cause::intercept));

  Request list = of_operation(O::rdmsrlist);
  list.value = 4;
  EXPECT_EQ(failing(in_mode(list, Mode::compatibility, 3)),
            only(Cause::not_in_mode) | only(Cause::cpl) | only(Cause::list_alignment));
  Request user = of_operation(O::urdmsr); // IA32_USER_MSR_CTL is 0, and the bit of the bitmap
  user.msr = lstar;
  EXPECT_EQ(failing(user), only(Cause::not_in_mode) | only(Cause::user_msr_bitmap));
}

class Refusing final : public PlatformMsrs {
public:
  std::optional<u64> read(std::uint32_t) const override { return std::nullopt; }
  Cause check_write(std::uint32_t, u64) const override { return Cause::msr_value; }
  void write(std::uint32_t, u64) override {}
};

TEST(FailingChecks, The_platform_has_a_word) {
  constexpr MsrIndexRange kept[] = {{0x40000000, 0x400000FF}, {0xFE, 0xFE}};
  CpuProfile profile = *find_cpu_profile("intel-max");
  profile.platform_msrs = {kept, std::size(kept)};
  const CpuModel cpu(profile);
  const CoreState state = power_up(cpu);
  Refusing platform;
  Request read = at_cpl(rdmsr_of(0x40000000), 3);
  EXPECT_EQ(failing_checks(cpu, state, read), only(Cause::cpl) | only(Cause::msr_unknown));
  read.context.platform = &platform;
  EXPECT_EQ(failing_checks(cpu, state, read), only(Cause::cpl) | only(Cause::msr_unknown));
  Request write = wrmsr_of(0x40000000, 1);
  write.context.platform = &platform;
  EXPECT_EQ(failing_checks(cpu, state, write), only(Cause::msr_value));
  write.msr = 0xFE; // IA32_MTRRCAP is read-only where the model keeps it
  EXPECT_EQ(failing_checks(cpu, state, write), only(Cause::msr_value));
}

// --- the decision is the first of the list that fails

class Random {
public:
  bool one_in(unsigned n) { return next() % n == 0; }
  u64 next() { return engine_(); }
  template <typename T, std::size_t size>
  const T& of(const T (&all)[size]) {
    return all[next() % size];
  }

private:
  std::mt19937_64 engine_{1};
};

Request any_request(Random& random, const CpuModel& cpu) {
  constexpr Operation operations[] = {
      O::mov_from_dr, O::mov_to_dr, O::rdmsr,           O::wrmsr,          O::int1,
      O::rdmsr_imm,   O::wrmsrns,   O::wrmsrns_imm,     O::rdmsrlist,      O::wrmsrlist,
      O::urdmsr,      O::uwrmsr,    O::rdmsrlist_entry, O::wrmsrlist_entry};
  constexpr Cause faults[] = {Cause::instruction_too_long, Cause::lock_prefix, Cause::rex_r,
                              Cause::list_entry, Cause::user_msr_bitmap};
  Request request = of_operation(random.of(operations));
  request.dr = random.next() & 7;
  const auto rows = static_cast<std::size_t>(cpu.msrs.end() - cpu.msrs.begin());
  request.msr = random.one_in(8) ? static_cast<std::uint32_t>(random.next())
                                 : (cpu.msrs.begin() + random.next() % rows)->index;
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  request.value = random.one_in(3)   ? random.next()
                  : random.one_in(2) ? random.next() & msr.writable
                                     : msr.reset;
  request.user_msr_bitmap = random.one_in(2) ? 0xFF : 0;
  if (random.one_in(6))
    request.encoding_faults = only(random.of(faults));
  if (request.is_mov_dr() || request.operation == O::int1)
    request.encoding_faults &= ~(only(Cause::list_entry) | only(Cause::user_msr_bitmap));
  request.context.mode = random.one_in(3) ? Mode::protected_mode : Mode::long_mode;
  request.context.cpl = random.one_in(4) ? 3 : 0;
  request.context.cr4_de = random.one_in(2);
  return request;
}

CoreState any_state(Random& random, const CpuModel& cpu) {
  CoreState state = power_up(cpu);
  state.dr[7] = random.one_in(3) ? 0x2400 : 0x400;
  for (const ResolvedMsr& msr : cpu.msrs)
    if (random.one_in(4))
      state.msr[msr.slot] = msr.reset ^ (random.next() & msr.writable);
  return state;
}

const Check* first_failing_of(const CheckList& checks, const CpuModel& cpu, const CoreState& state,
                              const Request& request) {
  for (std::size_t n = 0; n < checks.size(); ++n)
    if (checks[n].fails(cpu, state, request))
      return &checks[n];
  return nullptr;
}

TEST(Checks, The_first_that_fails_decides) {
  const CpuModel models[] = {
      CpuModel(*find_cpu_profile("intel-max")), CpuModel(*find_cpu_profile("amd-max")),
      CpuModel(*find_cpu_profile("intel-core2")), CpuModel(intel(), intel_manuals)};
  VmxControls vmx;
  vmx.mov_dr_exiting = true;
  SvmControls svm;
  svm.dr_read = svm.dr_write = 0xFF;
  svm.icebp = true;
  Random random;
  std::size_t retired_count = 0;
  std::size_t failed_count = 0;
  for (const CpuModel& cpu : models) {
    const bool is_intel = cpu.profile.vendor == Vendor::intel;
    for (unsigned n = 0; n < 20000; ++n) {
      const CoreState state = n % 100 == 0 ? any_state(random, cpu) : power_up(cpu);
      Request request = any_request(random, cpu);
      if (random.one_in(5))
        request = is_intel ? in_guest(request, vmx) : in_guest(request, svm);
      const Outcome outcome = decide(cpu, state, request);
      const Check* check = first_failing_of(checks_of(cpu, request.operation), cpu, state, request);
      ASSERT_EQ(failing_checks(cpu, state, request) == 0, check == nullptr);
      if (!check) {
        ++retired_count;
        ASSERT_EQ(outcome.kind,
                  request.operation == O::int1 ? OutcomeKind::trap : OutcomeKind::retired)
            << request.operation << ' ' << outcome.cause;
        continue;
      }
      ++failed_count;
      ASSERT_TRUE(contains(failing_checks(cpu, state, request), check->cause));
      ASSERT_TRUE(same(outcome, check->outcome(request, check->cause))) << request.operation;
    }
  }
  EXPECT_GT(retired_count, 10000u);
  EXPECT_GT(failed_count, 10000u);
}

} // namespace
} // namespace icebp::test
