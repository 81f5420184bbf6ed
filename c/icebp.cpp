#include <icebp/c/core_handle.h>
#include <icebp/c/icebp.h>
#include <icebp/model/checkpoint.h>
#include <icebp/model/rules/cpu/unknown_profile.h>
#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/pushed_image.h>

#include <algorithm>
#include <cstring>
#include <exception>

using namespace icebp;

struct icebp_cpu {
  std::shared_ptr<const CpuModel> model;
};

namespace {

// The numbers of the header are those of the rules; a test compares the names.
static_assert(name_table<Operation>.size() == ICEBP_OP_PMI + 1);
static_assert(name_table<OutcomeKind>.size() == ICEBP_KIND_CANCELLED + 1);
static_assert(name_table<Cause>.size() == ICEBP_CAUSE_RTM_ABORT + 1);
static_assert(name_table<Mode>.size() == ICEBP_MODE_LONG + 1);
static_assert(name_table<Ending>.size() == ICEBP_ENDING_SYSCALL + 1);
static_assert(name_table<Branch>.size() == ICEBP_BRANCH_RTM_ABORT + 1);
static_assert(name_table<ResumeVerb>.size() == ICEBP_VERB_INJECT_GP + 1);

struct UntimedHandle final : icebp_core {
  UntimedHandle(std::shared_ptr<const CpuModel> model, const CoreIdentity& identity)
      : cpu_(std::move(model)), state_(power_up(*cpu_, identity)) {
    watch_.arm(state_);
  }

  const CpuModel& cpu() const override { return *cpu_; }
  const CoreState& state() const override { return state_; }
  const WatchFilter& watch() const override { return watch_; }
  const char* what_is_in_the_way() const override { return nullptr; }
  Execution execute(const Request& request) override {
    const Execution execution = icebp::execute(*cpu_, state_, request);
    if (may_change_watch(request))
      watch_.arm(state_);
    return execution;
  }
  bool poke_dr(unsigned dr, std::uint64_t value) override {
    icebp::poke_dr(cpu_->profile, state_, dr, value);
    watch_.arm(state_);
    return true;
  }
  bool poke_msr(std::uint32_t msr, std::uint64_t value, std::uint64_t now) override {
    const bool exists = icebp::poke_msr(*cpu_, state_, msr, value, now);
    watch_.arm(state_);
    return exists;
  }
  std::optional<std::uint64_t> peek_msr(std::uint32_t msr, std::uint64_t now) const override {
    return icebp::peek_msr(*cpu_, state_, msr, now);
  }
  void restore(const CoreState& state) override {
    state_ = state;
    watch_.arm(state_);
  }
  CoreTime time(std::uint64_t told) const override { return CoreTime::untimed(told); }

private:
  std::shared_ptr<const CpuModel> cpu_;
  CoreState state_;
  WatchFilter watch_;
};

icebp_status fail(icebp_core& core, icebp_status status, std::string problem) {
  core.problem = std::move(problem);
  return status;
}

// Calls `function`, from which nothing is thrown through the interface.
template <typename Function>
icebp_status guarded(icebp_core& core, Function function) noexcept {
  try {
    if (const char* problem = core.what_is_in_the_way())
      return fail(core, ICEBP_NO_CORE, problem);
    return function();
  } catch (const std::exception& exception) {
    try {
      core.problem = exception.what();
    } catch (...) {
      core.problem.clear();
    }
  } catch (...) {
    core.problem.clear();
  }
  return ICEBP_FAILED;
}

// ---- Names

// They are literals, and so end with a 0.
template <typename E>
const char* name_in(std::uint32_t number) {
  for (const auto& entry : name_table<E>)
    if (static_cast<std::uint32_t>(entry.value) == number)
      return entry.name.data();
  return nullptr;
}

const char* profile_name(std::uint32_t number) {
  return number < cpu_profiles.count ? cpu_profiles.rows[number].name.data() : nullptr;
}

constexpr const char* statuses[] = {"ok",
                                    "a pointer is null",
                                    "size of a structure",
                                    "unknown profile",
                                    "malformed request",
                                    "no such register",
                                    "text does not fit",
                                    "no state of this CPU",
                                    "no such core",
                                    "failed"};
static_assert(std::size(statuses) == ICEBP_FAILED + 1);

const char* status_name(std::uint32_t number) {
  return number < std::size(statuses) ? statuses[number] : nullptr;
}

using NameOf = const char* (*)(std::uint32_t);
constexpr NameOf lists[] = {status_name,          profile_name,    name_in<Operation>,
                            name_in<OutcomeKind>, name_in<Cause>,  name_in<icebp::Vector>,
                            name_in<Mode>,        name_in<Ending>, name_in<Branch>,
                            name_in<ResumeVerb>,  name_in<Event>,  name_in<MsrCost>};
static_assert(std::size(lists) == ICEBP_NAMES_COST + 1);

constexpr std::uint32_t most_names = 256; // vectors have numbers up to 255

// ---- Requests

template <typename E>
constexpr bool is_one_of(std::uint32_t number) {
  return number < name_table<E>.size();
}

// What is wrong with numbers that the rules do not look at, because their types have no others.
const char* what_is_out_of_range(const icebp_request& request) {
  if (!is_one_of<Operation>(request.operation))
    return "an operation that is none";
  if (!is_one_of<Mode>(request.context.mode))
    return "a mode that is none";
  if (!is_one_of<ResumeVerb>(request.verb))
    return "a verb that is none";
  if (!is_one_of<Ending>(request.ending))
    return "an ending that is none";
  if (!is_one_of<Branch>(request.branch))
    return "a branch that is none";
  const icebp_guest* guest = request.context.guest;
  if (guest && guest->hypervisor > ICEBP_HYPERVISOR_SVM)
    return "a hypervisor that is none";
  return nullptr;
}

template <typename Page>
const Page* page_of(const std::uint8_t* bytes, Page& page) {
  static_assert(std::is_trivially_copyable_v<Page>);
  if (!bytes)
    return nullptr;
  std::memcpy(&page, bytes, sizeof page);
  return &page;
}
static_assert(sizeof(VmxMsrBitmaps) == 0x1000 && sizeof(SvmMsrPermissions) == 0x1800);

// A request of the rules, and what its context points to.
class Taken {
public:
  Taken(icebp_core& core, const icebp_request& from) : core_(core) {
    request.operation = static_cast<Operation>(from.operation);
    request.dr = from.dr;
    request.gpr = from.gpr;
    request.length = from.length;
    request.verb = static_cast<ResumeVerb>(from.verb);
    request.user_msr_bitmap = from.user_msr_bitmap;
    request.mispredicted = from.mispredicted != 0;
    request.ending = static_cast<Ending>(from.ending);
    request.fast_string = from.fast_string != 0;
    request.branch = static_cast<Branch>(from.branch);
    request.t_bit = from.t_bit != 0;
    request.events = from.events;
    request.size = from.access_size;
    request.error_code = from.error_code;
    request.msr = from.msr;
    request.encoding_faults = from.encoding_faults;
    request.value = from.value;
    request.from = from.from;
    request.now = from.now;
    take(from.context);
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

  Request request;

private:
  void take(const icebp_context& from) {
    CoreContext& context = request.context;
    context.mode = static_cast<Mode>(from.mode);
    context.cpl = from.cpl;
    context.cr0_pg = from.cr0_pg != 0;
    context.cr4_de = from.cr4_de != 0;
    context.tf = from.tf != 0;
    context.rf = from.rf != 0;
    context.redirect_db = from.redirect_db != 0;
    if (from.in_rtm != 0) {
      rtm_ = {from.xbegin, from.fallback};
      context.rtm = &rtm_;
    }
    if (from.guest)
      context.guest = guest(*from.guest);
  }
  const GuestControls* guest(const icebp_guest& from) {
    const std::uint8_t* bitmap = accesses_msr(request.operation) ? from.msr_bitmap : nullptr;
    if (bitmap && !core_.pages)
      core_.pages = std::make_unique<GuestPages>();
    if (from.hypervisor == ICEBP_HYPERVISOR_VMX) {
      vmx_.exceptions = from.exceptions;
      vmx_.mov_dr_exiting = from.mov_dr_exiting != 0;
      vmx_.msr_bitmaps = bitmap ? page_of(bitmap, core_.pages->vmx) : nullptr;
      return &vmx_;
    }
    svm_.exceptions = from.exceptions;
    svm_.dr_read = from.dr_read;
    svm_.dr_write = from.dr_write;
    svm_.icebp = from.icebp != 0;
    svm_.msr_permissions = bitmap ? page_of(bitmap, core_.pages->svm) : nullptr;
    return &svm_;
  }

  icebp_core& core_;
  RtmRegion rtm_;
  VmxControls vmx_;
  SvmControls svm_;
};

// ---- Outcomes

void tell_exit(icebp_outcome& to, const Request& request, const Outcome& outcome) {
  if (request.context.vmx()) {
    const VmxExit exit = vmx_exit_of(outcome);
    to.exit_reason = exit.reason;
    to.exit_info1 = exit.qualification.value_or(0);
    to.exit_interrupt = exit.interruption_info.value_or(0);
    to.exit_error = exit.error_code.value_or(0);
  } else {
    const SvmExit exit = svm_exit_of(outcome);
    to.exit_reason = exit.code;
    to.exit_info1 = exit.info1.value_or(0);
    to.exit_info2 = exit.info2.value_or(0);
  }
}

// Where the core goes on is the value of such a request.
bool is_at_boundary(Operation operation) {
  return operation == Operation::fetch || is_end(operation);
}

icebp_outcome told(const Authority& authority, const Request& request, std::uint64_t rip,
                   const Execution& execution) {
  const Outcome& outcome = execution.outcome;
  icebp_outcome to{};
  to.size = sizeof to;
  to.kind = static_cast<std::uint32_t>(outcome.kind);
  to.cause = static_cast<std::uint32_t>(outcome.cause);
  to.vector = static_cast<std::uint32_t>(outcome.vector);
  to.has_error_code = outcome.error_code().has_value();
  to.error_code = outcome.error_code().value_or(0);
  to.cost = static_cast<std::uint32_t>(outcome.cost);
  to.cycles = execution.cycles;
  to.redirected = outcome.redirected;
  to.serializing = outcome.serializing;
  to.rf = pushed_rf(authority, request, outcome);
  to.value = outcome.aborts_rtm() ? outcome.code : outcome.value();
  to.payload = outcome.payload().value_or(0);
  to.rip = rip_after(request, outcome, is_at_boundary(request.operation) ? request.value : rip);
  if (outcome.kind == OutcomeKind::exit)
    tell_exit(to, request, outcome);
  return to;
}

icebp_status put(icebp_core& core, const icebp_request& from, icebp_outcome& to) {
  if (from.size != sizeof from || to.size != sizeof to ||
      (from.context.guest && from.context.guest->size != sizeof(icebp_guest)))
    return fail(core, ICEBP_SIZE, "size of a structure: not that of " ICEBP_VERSION);
  if (const char* problem = what_is_out_of_range(from))
    return fail(core, ICEBP_MALFORMED, problem);
  const Taken taken(core, from);
  if (!is_well_formed(core.state(), taken.request))
    return fail(core, ICEBP_MALFORMED, what_is_malformed(core.state(), taken.request));
  const Execution execution = core.execute(taken.request);
  to = told(core.cpu().authority, taken.request, from.rip, execution);
  return ICEBP_OK;
}

std::string index_text(std::uint32_t msr) {
  char digits[] = "00000000h";
  for (unsigned n = 8; n-- > 0; msr >>= 4)
    digits[n] = "0123456789ABCDEF"[msr & 0xF];
  return digits;
}

icebp_status no_msr(icebp_core& core, std::uint32_t msr) {
  return fail(core, ICEBP_NO_REGISTER,
              std::string(core.cpu().profile.name) + " has no MSR " + index_text(msr));
}

icebp_status in_reset(icebp_core& core) { return fail(core, ICEBP_FAILED, "RESET is active"); }

icebp_status no_dr(icebp_core& core) {
  return fail(core, ICEBP_NO_REGISTER, "a debug register beyond 7");
}

} // namespace

extern "C" {

const char* icebp_version(void) { return ICEBP_VERSION; }

const char* icebp_name(std::uint32_t list, std::uint32_t number) {
  return list < std::size(lists) ? lists[list](number) : nullptr;
}

std::int64_t icebp_number(std::uint32_t list, const char* name) {
  for (std::uint32_t number = 0; name && number < most_names; ++number)
    if (const char* there = icebp_name(list, number); there && std::strcmp(there, name) == 0)
      return number;
  return -1;
}

icebp_status icebp_cpu_new(const char* profile, icebp_cpu** cpu, char* message,
                           std::size_t message_size) {
  copy_text("", message, message_size);
  if (!cpu)
    return ICEBP_NULL;
  *cpu = nullptr;
  if (!profile)
    return ICEBP_NULL;
  try {
    if (const CpuProfile* found = find_cpu_profile(profile)) {
      *cpu = new icebp_cpu{std::make_shared<const CpuModel>(*found)};
      return ICEBP_OK;
    }
    copy_text(unknown_profile(profile), message, message_size);
    return ICEBP_UNKNOWN_PROFILE;
  } catch (...) {
    return ICEBP_FAILED;
  }
}

void icebp_cpu_delete(icebp_cpu* cpu) { delete cpu; }

icebp_status icebp_core_new(const icebp_cpu* cpu, std::uint32_t apic_id, int bsp,
                            icebp_core** core) {
  if (!core)
    return ICEBP_NULL;
  *core = nullptr;
  if (!cpu)
    return ICEBP_NULL;
  try {
    *core = new UntimedHandle(cpu->model, CoreIdentity{apic_id, bsp != 0});
    return ICEBP_OK;
  } catch (...) {
    return ICEBP_FAILED;
  }
}

void icebp_core_delete(icebp_core* core) { delete core; }

const char* icebp_problem(const icebp_core* core) { return core ? core->problem.c_str() : ""; }

icebp_status icebp_request_init(icebp_request* request, std::size_t size, std::uint32_t operation) {
  if (!request)
    return ICEBP_NULL;
  if (size != sizeof *request)
    return ICEBP_SIZE;
  *request = icebp_request{};
  request->size = sizeof *request;
  request->operation = operation;
  request->context.mode = ICEBP_MODE_LONG;
  request->context.cr0_pg = 1;
  request->access_size = 1;
  return ICEBP_OK;
}

icebp_status icebp_execute(icebp_core* core, const icebp_request* request, icebp_outcome* outcome) {
  if (!core || !request || !outcome)
    return ICEBP_NULL;
  return guarded(*core, [&] { return put(*core, *request, *outcome); });
}

icebp_status icebp_peek_dr(icebp_core* core, unsigned dr, std::uint64_t* value) {
  if (!core || !value)
    return ICEBP_NULL;
  return guarded(*core, [&] {
    if (dr > 7)
      return no_dr(*core);
    const bool is_alias = dr == 4 || dr == 5;
    *value = core->state().dr[is_alias ? dr + 2 : dr];
    return ICEBP_OK;
  });
}

icebp_status icebp_poke_dr(icebp_core* core, unsigned dr, std::uint64_t value) {
  if (!core)
    return ICEBP_NULL;
  return guarded(*core, [&] {
    if (dr > 7)
      return no_dr(*core);
    return core->poke_dr(dr, value) ? ICEBP_OK : in_reset(*core);
  });
}

icebp_status icebp_peek_msr(icebp_core* core, std::uint32_t msr, std::uint64_t now,
                            std::uint64_t* value) {
  if (!core || !value)
    return ICEBP_NULL;
  return guarded(*core, [&] {
    const auto there = core->peek_msr(msr, now);
    if (!there)
      return no_msr(*core, msr);
    *value = *there;
    return ICEBP_OK;
  });
}

icebp_status icebp_poke_msr(icebp_core* core, std::uint32_t msr, std::uint64_t value,
                            std::uint64_t now) {
  if (!core)
    return ICEBP_NULL;
  return guarded(*core, [&] {
    if (core->poke_msr(msr, value, now))
      return ICEBP_OK;
    return core->peek_msr(msr, now) ? in_reset(*core) : no_msr(*core, msr);
  });
}

int icebp_may_meet(const icebp_core* core, std::uint32_t operation, std::uint64_t address,
                   std::uint32_t size) {
  return core && size != 0 && is_one_of<Operation>(operation) &&
         core->watch().may_meet(static_cast<Operation>(operation), address, size);
}

std::uint32_t icebp_armed(const icebp_core* core) {
  if (!core)
    return 0;
  const WatchFilter& watch = core->watch();
  std::uint32_t armed = 0;
  if (watch.watches_data())
    armed |= ICEBP_WATCHES_DATA;
  if (watch.watches_fetches())
    armed |= ICEBP_WATCHES_FETCHES;
  if (!core->state().boundary.is_quiet())
    armed |= ICEBP_WAITS_AT_BOUNDARY;
  if (records_branches(core->state()))
    armed |= ICEBP_RECORDS_BRANCHES;
  return armed;
}

icebp_status icebp_save(icebp_core* core, std::uint64_t now, char* text, std::size_t size,
                        std::size_t* length) {
  if (!core || (!text && size != 0))
    return ICEBP_NULL;
  return guarded(*core, [&] {
    const std::string saved = save_state(core->cpu(), core->state(), core->time(now));
    if (length)
      *length = saved.size();
    copy_text(saved, text, size);
    return saved.size() < size ? ICEBP_OK : fail(*core, ICEBP_TOO_SMALL, "the text does not fit");
  });
}

icebp_status icebp_load(icebp_core* core, std::uint64_t now, const char* text) {
  if (!core || !text)
    return ICEBP_NULL;
  return guarded(*core, [&] {
    CoreState state;
    if (auto problem = load_state(core->cpu(), text, core->time(now), state))
      return fail(*core, ICEBP_BAD_STATE, std::move(*problem));
    core->restore(state);
    return ICEBP_OK;
  });
}

} // extern "C"
