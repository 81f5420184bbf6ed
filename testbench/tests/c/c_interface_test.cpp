// The C interface says what the rules say, and takes whatever a caller may do to it.
#include <icebp/c/icebp.h>
#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace icebp::test {
namespace {

struct Handle {
  explicit Handle(const char* profile, std::uint32_t apic_id = 0, int bsp = 1) {
    icebp_cpu* cpu = nullptr;
    EXPECT_EQ(icebp_cpu_new(profile, &cpu, nullptr, 0), ICEBP_OK);
    EXPECT_EQ(icebp_core_new(cpu, apic_id, bsp, &core), ICEBP_OK);
    icebp_cpu_delete(cpu); // the core lives on
  }
  ~Handle() { icebp_core_delete(core); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  std::string text() const {
    std::string text(100000, ' ');
    std::size_t length = 0;
    EXPECT_EQ(icebp_save(core, 0, text.data(), text.size(), &length), ICEBP_OK);
    text.resize(length);
    return text;
  }
  u64 dr(unsigned number) const {
    u64 value = 0;
    EXPECT_EQ(icebp_peek_dr(core, number, &value), ICEBP_OK);
    return value;
  }

  icebp_core* core = nullptr;
};

icebp_request request_of(icebp_operation operation) {
  icebp_request request;
  EXPECT_EQ(icebp_request_init(&request, sizeof request, operation), ICEBP_OK);
  return request;
}

icebp_outcome executed(const Handle& handle, const icebp_request& request) {
  icebp_outcome outcome{};
  outcome.size = sizeof outcome;
  EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_OK) << icebp_problem(handle.core);
  return outcome;
}

// ---- Words

using Names = std::vector<const char*>;

TEST(CInterface, NumbersHaveTheirNames) {
  const std::pair<icebp_names, Names> lists[] = {
      {ICEBP_NAMES_STATUS,
       {"ok", "a pointer is null", "size of a structure", "unknown profile", "malformed request",
        "no such register", "text does not fit", "no state of this CPU", "no such core", "failed"}},
      {ICEBP_NAMES_OPERATION,
       {"none",
        "mov_from_dr",
        "mov_to_dr",
        "rdmsr",
        "wrmsr",
        "int1",
        "page_fault",
        "resume",
        "reset",
        "init",
        "rdmsr_imm",
        "wrmsrns",
        "wrmsrns_imm",
        "rdmsrlist",
        "wrmsrlist",
        "rdmsrlist_entry",
        "wrmsrlist_entry",
        "urdmsr",
        "uwrmsr",
        "fetch",
        "data_read",
        "data_write",
        "io_access",
        "end_of_iteration",
        "end_of_instruction",
        "fault",
        "task_switch",
        "bus_lock",
        "rtm_abort",
        "branch",
        "pmi"}},
      {ICEBP_NAMES_KIND, {"retired", "fault", "trap", "exit", "cancelled"}},
      {ICEBP_NAMES_CAUSE,
       {"none",
        "instruction_too_long",
        "lock_prefix",
        "rex_r",
        "not_in_mode",
        "feature_absent",
        "intercept",
        "dr45_with_de",
        "cpl",
        "general_detect",
        "reserved_upper_half",
        "msr_unknown",
        "msr_read_only",
        "msr_write_only",
        "msr_locked",
        "msr_reserved_bits",
        "msr_non_canonical",
        "msr_value",
        "list_alignment",
        "list_entry",
        "user_msr_bitmap",
        "page_fault",
        "instruction_breakpoint",
        "int1",
        "held_trap",
        "data_breakpoint",
        "io_breakpoint",
        "single_step",
        "branch_step",
        "task_switch",
        "bus_lock",
        "rtm_abort"}},
      {ICEBP_NAMES_MODE, {"real", "v86", "protected", "compat", "long"}},
      {ICEBP_NAMES_ENDING,
       {"plain", "taken_branch", "sti", "mov_ss", "interrupt_entry", "syscall"}},
      {ICEBP_NAMES_BRANCH,
       {"jcc", "near_rel_call", "near_ind_call", "near_ret", "near_ind_jmp", "near_rel_jmp",
        "far_branch", "exception", "rtm_abort"}},
      {ICEBP_NAMES_VERB, {"reexecute", "skip", "complete", "inject_gp"}},
      {ICEBP_NAMES_EVENT,
       {"reset", "task_switch_trap", "smi", "monitor_trap_flag", "debug_trap",
        "vmx_preemption_timer", "nmi_window", "nmi", "intr", "instruction_breakpoint",
        "fetch_fault", "decode_fault", "execution_fault"}},
      {ICEBP_NAMES_COST,
       {"none", "fast_read", "slow_read", "serializing_write", "nonserializing_write",
        "flush_command"}},
  };
  for (const auto& [list, names] : lists) {
    for (std::uint32_t number = 0; number < names.size(); ++number) {
      EXPECT_STREQ(icebp_name(list, number), names[number]);
      EXPECT_EQ(icebp_number(list, names[number]), number);
    }
    EXPECT_EQ(icebp_name(list, static_cast<std::uint32_t>(names.size())), nullptr) << list;
    EXPECT_EQ(icebp_number(list, "?"), -1);
  }
}

// Those that a caller types; the numbers are part of the ABI.
TEST(CInterface, NumbersAreThoseOfTheHeader) {
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_OPERATION, ICEBP_OP_WRMSRNS_IMM), "wrmsrns_imm");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_OPERATION, ICEBP_OP_UWRMSR), "uwrmsr");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_OPERATION, ICEBP_OP_END_OF_INSTRUCTION),
               "end_of_instruction");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_OPERATION, ICEBP_OP_PMI), "pmi");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_KIND, ICEBP_KIND_EXIT), "exit");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_CAUSE, ICEBP_CAUSE_GENERAL_DETECT), "general_detect");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_CAUSE, ICEBP_CAUSE_USER_MSR_BITMAP), "user_msr_bitmap");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_CAUSE, ICEBP_CAUSE_RTM_ABORT), "rtm_abort");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_MODE, ICEBP_MODE_LONG), "long");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_ENDING, ICEBP_ENDING_SYSCALL), "syscall");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_BRANCH, ICEBP_BRANCH_EXCEPTION), "exception");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_VERB, ICEBP_VERB_INJECT_GP), "inject_gp");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_STATUS, ICEBP_FAILED), "failed");
}

TEST(CInterface, NamesVectorsAndProfiles) {
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_VECTOR, ICEBP_VECTOR_DB), "#DB");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_VECTOR, ICEBP_VECTOR_UD), "#UD");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_VECTOR, ICEBP_VECTOR_GP), "#GP");
  EXPECT_STREQ(icebp_name(ICEBP_NAMES_VECTOR, ICEBP_VECTOR_PF), "#PF");
  EXPECT_EQ(icebp_name(ICEBP_NAMES_VECTOR, 3), nullptr);
  EXPECT_EQ(icebp_number(ICEBP_NAMES_VECTOR, "none"), ICEBP_VECTOR_NONE);
  std::uint32_t profiles = 0;
  while (const char* name = icebp_name(ICEBP_NAMES_PROFILE, profiles)) {
    EXPECT_NE(find_cpu_profile(name), nullptr) << name;
    EXPECT_EQ(icebp_number(ICEBP_NAMES_PROFILE, name), profiles++);
  }
  EXPECT_EQ(profiles, cpu_profiles.count);
  EXPECT_EQ(icebp_name(12, 0), nullptr);
  EXPECT_EQ(icebp_name(~0U, 0), nullptr);
  EXPECT_EQ(icebp_number(12, "none"), -1);
  EXPECT_EQ(icebp_number(ICEBP_NAMES_CAUSE, nullptr), -1);
  EXPECT_STREQ(icebp_version(), ICEBP_VERSION);
}

// ---- The same as the rules

// A request of the rules, and the same for the C interface.
class Sampler {
public:
  explicit Sampler(unsigned seed) : random_(seed) {
    std::memset(bitmap_.data(), 0x5A, bitmap_.size());
    static_assert(sizeof vmx_pages_ == 0x1000 && sizeof svm_pages_ == 0x1800);
    std::memcpy(static_cast<void*>(&vmx_pages_), bitmap_.data(), sizeof vmx_pages_);
    std::memcpy(static_cast<void*>(&svm_pages_), bitmap_.data(), sizeof svm_pages_);
  }

  Request rules;
  icebp_request c;
  icebp_guest c_guest;

  void next() {
    rules = Request{};
    rules.operation = static_cast<Operation>(1 + below(name_table<Operation>.size() - 1));
    if (below(3) == 0)
      rules.operation = below(2) ? Operation::mov_to_dr : Operation::mov_from_dr;
    if (below(40) != 0 && group_of(rules.operation) == OperationGroup::reset)
      rules.operation = Operation::wrmsr;
    rules.dr = byte(8);
    rules.gpr = byte(16);
    rules.length = byte(16);
    rules.verb = static_cast<ResumeVerb>(below(4));
    rules.user_msr_bitmap = byte(256);
    rules.mispredicted = below(2);
    rules.ending = static_cast<Ending>(below(6));
    rules.fast_string = below(2);
    rules.branch = static_cast<Branch>(below(9));
    rules.t_bit = below(4) == 0;
    rules.events = below(8) == 0 ? static_cast<EventSet>(below(1 << 13)) : EventSet{0};
    rules.size = 1U << below(4);
    rules.error_code = static_cast<std::uint16_t>(below(0x10000));
    rules.msr = index();
    rules.encoding_faults =
        below(20) == 0 ? CauseSet{only(Cause::lock_prefix) | only(Cause::rex_r)} : CauseSet{0};
    rules.value = value();
    rules.from = value();
    rules.now = below(1000000);
    context();
    mirror();
  }

private:
  unsigned below(std::size_t end) { return static_cast<unsigned>(random_() % end); }
  std::uint8_t byte(unsigned end) { return static_cast<std::uint8_t>(below(end)); }
  u64 value() {
    constexpr u64 some[] = {0,     0x1000,  0x1004,     0xFFFF, 0x2400,
                            0x400, 0xF0401, 0x20000402, 1,      0x501};
    return below(6) == 0 ? u64{random_()} << 32 | random_() : some[below(std::size(some))];
  }
  std::uint32_t index() {
    constexpr std::uint32_t some[] = {0x10,   0x1D9,      0x1B,  0xC0000080, 0x14CE,
                                      0x14CF, 0xC8,       0x38F, 0x3A,       0x277,
                                      0x174,  0xC0010015, 0x1C,  0xC000010F, 0x6E0};
    return some[below(std::size(some))];
  }
  void context() {
    CoreContext& context = rules.context;
    context.mode = static_cast<Mode>(below(3) ? 4 : below(5));
    context.cpl = context.mode == Mode::v86 ? std::uint8_t{3} : byte(below(4) ? 1 : 4);
    if (context.mode == Mode::real)
      context.cpl = 0;
    context.cr0_pg = below(2);
    context.cr4_de = below(2);
    context.tf = below(8) == 0;
    context.rf = below(2);
    context.redirect_db = below(4) == 0;
    rtm_ = {0x7000 + below(16), 0x8000 + below(16)};
    if (below(8) == 0)
      context.rtm = &rtm_;
    vmx_.exceptions = svm_.exceptions = below(2) ? 0x6042U : 2U;
    vmx_.mov_dr_exiting = svm_.icebp = below(2);
    svm_.dr_read = static_cast<std::uint16_t>(below(256));
    svm_.dr_write = static_cast<std::uint16_t>(below(256));
    const bool has_bitmap = below(2);
    vmx_.msr_bitmaps = has_bitmap ? &vmx_pages_ : nullptr;
    svm_.msr_permissions = has_bitmap ? &svm_pages_ : nullptr;
    if (below(4) == 0)
      context.guest = below(2) ? static_cast<const GuestControls*>(&vmx_) : &svm_;
  }
  void mirror() {
    c = request_of(static_cast<icebp_operation>(rules.operation));
    c.dr = rules.dr;
    c.gpr = rules.gpr;
    c.length = rules.length;
    c.verb = static_cast<std::uint32_t>(rules.verb);
    c.user_msr_bitmap = rules.user_msr_bitmap;
    c.mispredicted = rules.mispredicted;
    c.ending = static_cast<std::uint32_t>(rules.ending);
    c.fast_string = rules.fast_string;
    c.branch = static_cast<std::uint32_t>(rules.branch);
    c.t_bit = rules.t_bit;
    c.events = rules.events;
    c.access_size = rules.size;
    c.error_code = rules.error_code;
    c.msr = rules.msr;
    c.encoding_faults = rules.encoding_faults;
    c.value = rules.value;
    c.from = rules.from;
    c.now = rules.now;
    c.rip = 0x4000 + below(256);
    const CoreContext& context = rules.context;
    c.context.mode = static_cast<std::uint32_t>(context.mode);
    c.context.cpl = context.cpl;
    c.context.cr0_pg = context.cr0_pg;
    c.context.cr4_de = context.cr4_de;
    c.context.tf = context.tf;
    c.context.rf = context.rf;
    c.context.redirect_db = context.redirect_db;
    c.context.in_rtm = context.rtm != nullptr;
    c.context.xbegin = rtm_.xbegin;
    c.context.fallback = rtm_.fallback;
    c_guest = {};
    c_guest.size = sizeof c_guest;
    c_guest.hypervisor = context.vmx() ? ICEBP_HYPERVISOR_VMX : ICEBP_HYPERVISOR_SVM;
    c_guest.exceptions = vmx_.exceptions;
    c_guest.mov_dr_exiting = vmx_.mov_dr_exiting;
    c_guest.icebp = svm_.icebp;
    c_guest.dr_read = svm_.dr_read;
    c_guest.dr_write = svm_.dr_write;
    c_guest.msr_bitmap = vmx_.msr_bitmaps ? bitmap_.data() : nullptr;
    c.context.guest = context.guest ? &c_guest : nullptr;
  }

  std::mt19937 random_;
  RtmRegion rtm_;
  VmxControls vmx_;
  SvmControls svm_;
  VmxMsrBitmaps vmx_pages_;
  SvmMsrPermissions svm_pages_;
  std::array<std::uint8_t, 0x1800> bitmap_;
};

void expect_exit(const icebp_outcome& c, const Request& request, const Outcome& outcome) {
  if (request.context.vmx()) {
    const VmxExit exit = vmx_exit_of(outcome);
    EXPECT_EQ(c.exit_reason, exit.reason);
    EXPECT_EQ(c.exit_info1, exit.qualification.value_or(0));
    EXPECT_EQ(c.exit_interrupt, exit.interruption_info.value_or(0));
    EXPECT_EQ(c.exit_error, exit.error_code.value_or(0));
  } else {
    const SvmExit exit = svm_exit_of(outcome);
    EXPECT_EQ(c.exit_reason, exit.code);
    EXPECT_EQ(c.exit_info1, exit.info1.value_or(0));
    EXPECT_EQ(c.exit_info2, exit.info2.value_or(0));
  }
}

void expect_same(const icebp_outcome& c, const CpuModel& cpu, const Request& request, u64 rip,
                 const Execution& rules) {
  const Outcome& outcome = rules.outcome;
  EXPECT_EQ(c.kind, static_cast<std::uint32_t>(outcome.kind));
  EXPECT_EQ(c.cause, static_cast<std::uint32_t>(outcome.cause));
  EXPECT_EQ(c.vector, static_cast<std::uint32_t>(outcome.vector));
  EXPECT_EQ(c.cost, static_cast<std::uint32_t>(outcome.cost));
  EXPECT_EQ(c.cycles, rules.cycles);
  EXPECT_EQ(c.has_error_code != 0, outcome.error_code().has_value());
  EXPECT_EQ(c.error_code, outcome.error_code().value_or(0));
  EXPECT_EQ(c.redirected != 0, outcome.redirected);
  EXPECT_EQ(c.serializing != 0, outcome.serializing);
  EXPECT_EQ(c.rf != 0, pushed_rf(cpu.authority, request, outcome));
  EXPECT_EQ(c.payload, outcome.payload().value_or(0));
  EXPECT_EQ(c.value, outcome.aborts_rtm() ? outcome.code : outcome.value());
  const bool at_boundary = request.operation == Operation::fetch || is_end(request.operation);
  EXPECT_EQ(c.rip, rip_after(request, outcome, at_boundary ? request.value : rip));
  if (outcome.kind == OutcomeKind::exit)
    expect_exit(c, request, outcome);
}

// Of the filter and the boundary.
std::uint32_t armed(const CoreState& state) {
  WatchFilter watch;
  watch.arm(state);
  return (watch.watches_data() ? 1U : 0U) | (watch.watches_fetches() ? 2U : 0U) |
         (state.boundary.is_quiet() ? 0U : 4U);
}

TEST(CInterface, RandomOperationsComeToWhatTheRulesSay) {
  constexpr unsigned seed = 20261126, operations = 10000;
  std::array<unsigned, 5> kinds{};
  for (const char* profile : {"intel-max", "amd-max", "intel-skylake", "amd-zen1"}) {
    const CpuModel cpu(*find_cpu_profile(profile));
    CoreState state = power_up(cpu);
    const Handle handle(profile);
    Sampler sampler(seed);
    for (unsigned n = 0; n < operations && !testing::Test::HasFailure(); ++n) {
      sampler.next();
      SCOPED_TRACE(std::string(profile) + ", seed " + std::to_string(seed) + ", operation " +
                   std::to_string(n) + ": " + std::string(name_of(sampler.rules.operation)));
      icebp_outcome outcome{};
      outcome.size = sizeof outcome;
      const icebp_status status = icebp_execute(handle.core, &sampler.c, &outcome);
      ASSERT_EQ(status == ICEBP_OK, is_well_formed(state, sampler.rules));
      if (status != ICEBP_OK) {
        ASSERT_EQ(status, ICEBP_MALFORMED);
        ASSERT_STREQ(icebp_problem(handle.core), what_is_malformed(state, sampler.rules));
        continue;
      }
      expect_same(outcome, cpu, sampler.rules, sampler.c.rip, execute(cpu, state, sampler.rules));
      ++kinds.at(outcome.kind);
      for (const unsigned dr : {0U, 1U, 2U, 3U, 6U, 7U})
        ASSERT_EQ(handle.dr(dr), state.dr[dr]);
      ASSERT_EQ(icebp_armed(handle.core) & 7U, armed(state));
      for (const ResolvedMsr& msr : cpu.msrs) {
        if (n % 100 != 0 && sampler.rules.operation != Operation::branch)
          break;
        u64 value = 0;
        const auto there = peek_msr(cpu, state, msr.index, 0);
        ASSERT_EQ(icebp_peek_msr(handle.core, msr.index, 0, &value) == ICEBP_OK, there.has_value());
        ASSERT_EQ(value, there.value_or(0)) << msr.index;
      }
    }
  }
  EXPECT_GT(kinds[ICEBP_KIND_RETIRED], 5000U);
  EXPECT_GT(kinds[ICEBP_KIND_FAULT], 5000U);
  EXPECT_GT(kinds[ICEBP_KIND_TRAP], 500U);
  EXPECT_GT(kinds[ICEBP_KIND_EXIT], 1000U);
}

// SDM vol. 1 table 16-1: EAX tells the reason; a debug exception is bit 4.
TEST(CInterface, AnAbortHasItsStatusAndItsAddress) {
  const Handle handle("intel-skylake");
  icebp_request request = request_of(ICEBP_OP_INT1);
  request.context.in_rtm = 1;
  request.context.xbegin = 0x100;
  request.context.fallback = 0x200;
  request.rip = 0x110;
  const icebp_outcome outcome = executed(handle, request);
  EXPECT_EQ(outcome.kind, ICEBP_KIND_RETIRED);
  EXPECT_EQ(outcome.cause, ICEBP_CAUSE_RTM_ABORT);
  EXPECT_EQ(outcome.rip, 0x200U);
  EXPECT_EQ(outcome.value, 0x10U);
}

// SDM vol. 3 17.12.1: bit 63 of MSR_LBR_INFO_x is MISPRED; 17.4.8: the addresses are at 680h and
// 6C0h.
TEST(CInterface, ABranchIsRecordedAsItWas) {
  const Handle handle("intel-skylake");
  icebp_poke_msr(handle.core, 0x1D9, 1, 0); // DEBUGCTL.LBR
  icebp_request request = request_of(ICEBP_OP_BRANCH);
  request.from = 0x1000;
  request.value = 0x2000;
  request.mispredicted = 1;
  executed(handle, request);
  const auto of_newest = [&](std::uint32_t first) {
    u64 newest = 0, value = 0;
    EXPECT_EQ(icebp_peek_msr(handle.core, 0x1C9, 0, &newest), ICEBP_OK); // MSR_LASTBRANCH_TOS
    EXPECT_EQ(icebp_peek_msr(handle.core, first + static_cast<std::uint32_t>(newest), 0, &value),
              ICEBP_OK);
    return value;
  };
  EXPECT_EQ(of_newest(0x680), 0x1000U);
  EXPECT_EQ(of_newest(0x6C0), 0x2000U);
  EXPECT_EQ(of_newest(0xDC0) >> 63, 1U);
}

TEST(CInterface, DefaultsAreSixtyFourBitModeAtLevelZero) {
  const icebp_request request = request_of(ICEBP_OP_RDMSR);
  const Request rules;
  EXPECT_EQ(request.operation, ICEBP_OP_RDMSR);
  EXPECT_EQ(request.context.mode, ICEBP_MODE_LONG);
  EXPECT_EQ(request.context.cpl, 0);
  EXPECT_EQ(request.context.cr0_pg, 1);
  EXPECT_EQ(request.context.cr4_de, 0);
  EXPECT_EQ(request.context.guest, nullptr);
  EXPECT_EQ(request.access_size, 1U);
  EXPECT_EQ(request.ending, static_cast<std::uint32_t>(rules.ending));
}

// ---- Around the operations

TEST(CInterface, ACoreIsWhoItIs) {
  const Handle handle("intel-skylake", 5, 0);
  u64 value = 0;
  ASSERT_EQ(icebp_peek_msr(handle.core, 0x1B, 0, &value), ICEBP_OK);
  EXPECT_EQ(value & 0x100, 0U); // IA32_APIC_BASE.BSP
  EXPECT_NE(handle.text().find("\"apic_id\":5"), std::string::npos);
}

TEST(CInterface, PokesAndPeeks) {
  const Handle handle("intel-skylake");
  EXPECT_EQ(icebp_poke_dr(handle.core, 5, 0), ICEBP_OK); // DR7
  EXPECT_EQ(handle.dr(7), 0x400U);
  EXPECT_EQ(handle.dr(5), 0x400U);
  EXPECT_EQ(handle.dr(4), 0xFFFF0FF0U);
  EXPECT_EQ(icebp_poke_dr(handle.core, 0, 0x1000), ICEBP_OK);
  EXPECT_EQ(icebp_armed(handle.core), 0U);
  EXPECT_EQ(icebp_poke_dr(handle.core, 7, 0xD0002), ICEBP_OK); // writes, 4 bytes
  EXPECT_EQ(icebp_armed(handle.core), unsigned{ICEBP_WATCHES_DATA});
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_WRITE, 0x1003, 1), 1);
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_WRITE, 0x1004, 1), 0);
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_READ, 0x1003, 1), 0);
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_WRITE, 0x1003, 0), 0);
  EXPECT_EQ(icebp_may_meet(handle.core, 999, 0x1003, 1), 0);
  EXPECT_EQ(icebp_poke_dr(handle.core, 7, 2), ICEBP_OK); // fetches
  EXPECT_EQ(icebp_armed(handle.core), unsigned{ICEBP_WATCHES_FETCHES});
  EXPECT_EQ(icebp_poke_msr(handle.core, 0x1D9, 1, 0), ICEBP_OK); // DEBUGCTL.LBR
  EXPECT_EQ(icebp_armed(handle.core), unsigned{ICEBP_WATCHES_FETCHES | ICEBP_RECORDS_BRANCHES});

  u64 value = 7;
  EXPECT_EQ(icebp_poke_msr(handle.core, 0x10, 100, 40), ICEBP_OK);
  EXPECT_EQ(icebp_peek_msr(handle.core, 0x10, 50, &value), ICEBP_OK);
  EXPECT_EQ(value, 110U);
  EXPECT_EQ(icebp_peek_msr(handle.core, 0xC0011027, 0, &value), ICEBP_NO_REGISTER);
  EXPECT_STREQ(icebp_problem(handle.core), "intel-skylake has no MSR C0011027h");
  EXPECT_EQ(icebp_poke_msr(handle.core, 0xC0011027, 0, 0), ICEBP_NO_REGISTER);
  EXPECT_EQ(icebp_peek_dr(handle.core, 8, &value), ICEBP_NO_REGISTER);
  EXPECT_EQ(icebp_poke_dr(handle.core, 8, 0), ICEBP_NO_REGISTER);
  EXPECT_EQ(value, 110U);
}

// AMD's masks, which no request changes here.
TEST(CInterface, AnAddressMaskThatIsPokedCounts) {
  const Handle handle("amd-zen1");
  icebp_poke_dr(handle.core, 0, 0x1000);
  icebp_poke_dr(handle.core, 7, 0x10002);
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_WRITE, 0x1800, 1), 0);
  EXPECT_EQ(icebp_poke_msr(handle.core, 0xC0011027, 0xFFF, 0), ICEBP_OK);
  EXPECT_EQ(icebp_may_meet(handle.core, ICEBP_OP_DATA_WRITE, 0x1800, 1), 1);
}

TEST(CInterface, AStateIsSavedAndLoaded) {
  const Handle from("intel-skylake"), to("intel-skylake"), other("amd-zen1");
  icebp_poke_dr(from.core, 1, 0x1234);
  icebp_poke_dr(from.core, 7, 0x00D00008); // G1: writes, 4 bytes
  icebp_poke_msr(from.core, 0x10, 1000, 0);
  std::size_t length = 0;
  EXPECT_EQ(icebp_save(from.core, 0, nullptr, 0, &length), ICEBP_TOO_SMALL);
  std::string text(length + 1, 'x');
  EXPECT_EQ(icebp_save(from.core, 0, text.data(), length, nullptr), ICEBP_TOO_SMALL);
  EXPECT_EQ(text[length - 1], '\0');
  EXPECT_EQ(text[length], 'x');
  EXPECT_EQ(icebp_save(from.core, 0, text.data(), length + 1, nullptr), ICEBP_OK);
  EXPECT_EQ(std::strlen(text.c_str()), length);

  EXPECT_EQ(icebp_load(to.core, 500, text.c_str()), ICEBP_OK);
  EXPECT_EQ(to.dr(1), 0x1234U);
  EXPECT_EQ(icebp_may_meet(to.core, ICEBP_OP_DATA_WRITE, 0x1234, 1), 1);
  u64 value = 0;
  EXPECT_EQ(icebp_peek_msr(to.core, 0x10, 501, &value), ICEBP_OK);
  EXPECT_EQ(value, 1001U);

  EXPECT_EQ(icebp_load(other.core, 0, text.c_str()), ICEBP_BAD_STATE);
  EXPECT_NE(std::string(icebp_problem(other.core)).find("intel-skylake"), std::string::npos);
  EXPECT_EQ(icebp_load(to.core, 0, "{"), ICEBP_BAD_STATE);
  EXPECT_EQ(icebp_load(to.core, 0, ""), ICEBP_BAD_STATE);
  EXPECT_EQ(icebp_load(to.core, 0, std::string(1000000, '[').c_str()), ICEBP_BAD_STATE);
  EXPECT_EQ(to.dr(1), 0x1234U);
}

// ---- Whatever a caller may do

TEST(CInterface, AnUnknownProfileIsToldWithTheLegalOnes) {
  icebp_cpu* cpu = nullptr;
  char message[1000] = "?";
  EXPECT_EQ(icebp_cpu_new("intel-skylark", &cpu, message, sizeof message), ICEBP_UNKNOWN_PROFILE);
  EXPECT_EQ(cpu, nullptr);
  EXPECT_EQ(
      std::string(message).find("\"intel-skylark\" is not a profile (did you mean intel-skylake?)"),
      0U);
  char small[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(icebp_cpu_new("intel-skylark", &cpu, small, 7), ICEBP_UNKNOWN_PROFILE);
  EXPECT_STREQ(small, "\"intel");
  EXPECT_EQ(small[7], 1);
  EXPECT_EQ(icebp_cpu_new("intel-skylark", &cpu, small, 0), ICEBP_UNKNOWN_PROFILE);
  EXPECT_EQ(icebp_cpu_new("intel-skylark", &cpu, nullptr, 9), ICEBP_UNKNOWN_PROFILE);
  EXPECT_EQ(icebp_cpu_new("amd-zen1", &cpu, message, sizeof message), ICEBP_OK);
  EXPECT_STREQ(message, "");
  icebp_cpu_delete(cpu);
}

TEST(CInterface, NullIsAStatus) {
  const Handle handle("intel-skylake");
  icebp_request request = request_of(ICEBP_OP_RDMSR);
  icebp_outcome outcome{};
  outcome.size = sizeof outcome;
  icebp_cpu* cpu = nullptr;
  icebp_core* core = handle.core;
  u64 value = 0;
  char text[8];
  EXPECT_EQ(icebp_cpu_new(nullptr, &cpu, text, sizeof text), ICEBP_NULL);
  EXPECT_EQ(icebp_cpu_new("intel-skylake", nullptr, nullptr, 0), ICEBP_NULL);
  EXPECT_EQ(icebp_core_new(nullptr, 0, 1, &core), ICEBP_NULL);
  EXPECT_EQ(core, nullptr);
  EXPECT_EQ(icebp_core_new(cpu, 0, 1, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_request_init(nullptr, sizeof request, ICEBP_OP_RDMSR), ICEBP_NULL);
  EXPECT_EQ(icebp_execute(nullptr, &request, &outcome), ICEBP_NULL);
  EXPECT_EQ(icebp_execute(handle.core, nullptr, &outcome), ICEBP_NULL);
  EXPECT_EQ(icebp_execute(handle.core, &request, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_peek_dr(nullptr, 0, &value), ICEBP_NULL);
  EXPECT_EQ(icebp_peek_dr(handle.core, 0, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_poke_dr(nullptr, 0, 0), ICEBP_NULL);
  EXPECT_EQ(icebp_peek_msr(nullptr, 0x10, 0, &value), ICEBP_NULL);
  EXPECT_EQ(icebp_peek_msr(handle.core, 0x10, 0, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_poke_msr(nullptr, 0x10, 0, 0), ICEBP_NULL);
  EXPECT_EQ(icebp_save(nullptr, 0, text, sizeof text, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_save(handle.core, 0, nullptr, 8, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_load(nullptr, 0, "{}"), ICEBP_NULL);
  EXPECT_EQ(icebp_load(handle.core, 0, nullptr), ICEBP_NULL);
  EXPECT_EQ(icebp_may_meet(nullptr, ICEBP_OP_FETCH, 0, 1), 0);
  EXPECT_EQ(icebp_armed(nullptr), 0U);
  EXPECT_STREQ(icebp_problem(nullptr), "");
  EXPECT_STREQ(icebp_problem(handle.core), "");
  icebp_core_delete(nullptr);
  icebp_cpu_delete(nullptr);
}

// A structure of another size is another header's.
TEST(CInterface, SizesAreLookedAt) {
  const Handle handle("intel-skylake");
  icebp_request request = request_of(ICEBP_OP_MOV_FROM_DR);
  EXPECT_EQ(icebp_request_init(&request, sizeof request - 8, ICEBP_OP_RDMSR), ICEBP_SIZE);
  EXPECT_EQ(request.operation, ICEBP_OP_MOV_FROM_DR);
  icebp_outcome outcome{};
  EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_SIZE);
  outcome.size = sizeof outcome;
  request.size -= 8;
  EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_SIZE);
  request.size = sizeof request;
  icebp_guest guest{};
  request.context.guest = &guest;
  EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_SIZE);
  guest.size = sizeof guest;
  EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_OK);
}

TEST(CInterface, AMalformedRequestIsTold) {
  const Handle handle("intel-skylake");
  const std::string before = handle.text();
  const auto problem_of = [&](auto change) -> std::string {
    icebp_request request = request_of(ICEBP_OP_MOV_TO_DR);
    request.value = 0x1234;
    change(request);
    icebp_outcome outcome{};
    outcome.size = sizeof outcome;
    EXPECT_EQ(icebp_execute(handle.core, &request, &outcome), ICEBP_MALFORMED);
    EXPECT_EQ(outcome.cycles, 0U);
    return icebp_problem(handle.core);
  };
  icebp_guest guest{};
  guest.size = sizeof guest;
  guest.hypervisor = 2;
  using R = icebp_request;
  EXPECT_EQ(problem_of([](R& r) { r.operation = 0; }), "an operation that is none");
  EXPECT_EQ(problem_of([](R& r) { r.operation = 31; }), "an operation that is none");
  EXPECT_EQ(problem_of([](R& r) { r.operation = 256 + 2; }), "an operation that is none");
  EXPECT_EQ(problem_of([](R& r) { r.dr = 8; }), "a debug register beyond 7");
  EXPECT_EQ(problem_of([](R& r) { r.gpr = 16; }), "a general register beyond 15");
  EXPECT_EQ(problem_of([](R& r) { r.context.cpl = 4; }), "a privilege level that the mode has not");
  EXPECT_EQ(problem_of([](R& r) { r.context.mode = 5; }), "a mode that is none");
  EXPECT_EQ(problem_of([](R& r) { r.context.mode = 256 + 4; }), "a mode that is none");
  EXPECT_EQ(problem_of([](R& r) { r.verb = 4; }), "a verb that is none");
  EXPECT_EQ(problem_of([](R& r) { r.ending = 6; }), "an ending that is none");
  EXPECT_EQ(problem_of([](R& r) { r.branch = 9; }), "a branch that is none");
  EXPECT_EQ(problem_of([&](R& r) { r.context.guest = &guest; }), "a hypervisor that is none");
  EXPECT_EQ(problem_of([](R& r) {
              r.operation = ICEBP_OP_DATA_READ;
              r.access_size = 0;
            }),
            "an access of 0 bytes");
  EXPECT_EQ(problem_of([](R& r) { r.operation = ICEBP_OP_RESUME; }),
            "a resume that no instruction waits for");
  EXPECT_EQ(handle.text(), before);
}

// Under the sanitizers too.
TEST(CInterface, RandomBytesAreAnOutcomeOrAStatus) {
  std::mt19937 random(1);
  const auto fill = [&](void* bytes, std::size_t size) {
    for (std::size_t n = 0; n < size; ++n)
      static_cast<unsigned char*>(bytes)[n] =
          static_cast<unsigned char>(random() % 4 == 0 ? random() : random() % 8);
  };
  const auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
  const Handle handles[] = {Handle("intel-max"), Handle("amd-max")};
  std::array<std::uint8_t, 0x1800> bitmap;
  fill(bitmap.data(), bitmap.size());
  std::array<unsigned, 2> seen{};
  for (unsigned n = 0; n < 20000; ++n) {
    icebp_request request;
    icebp_guest guest;
    fill(&request, sizeof request);
    fill(&guest, sizeof guest);
    request.size = sizeof request;
    guest.size = sizeof guest;
    guest.hypervisor = below(3);
    guest.msr_bitmap = below(2) == 0 ? bitmap.data() : nullptr;
    request.operation = below(32);
    request.context.mode = below(6);
    request.verb = below(5);
    request.ending = below(7);
    request.branch = below(10);
    request.context.guest = below(2) == 0 ? &guest : nullptr;
    icebp_outcome outcome;
    outcome.size = sizeof outcome;
    const icebp_status status = icebp_execute(handles[n % 2].core, &request, &outcome);
    ASSERT_TRUE(status == ICEBP_OK || status == ICEBP_MALFORMED) << status;
    ASSERT_TRUE(status != ICEBP_OK || outcome.kind <= ICEBP_KIND_EXIT);
    ++seen[status == ICEBP_OK];
  }
  EXPECT_GT(seen[0], 1000U);
  EXPECT_GT(seen[1], 1000U);
}

} // namespace
} // namespace icebp::test
