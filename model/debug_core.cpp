#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/model/debug_core.h>
#include <icebp/model/report_ids.h>
#include <icebp/model/report_text.h>
#include <icebp/model/rules/cpu/profile_check.h>
#include <icebp/model/rules/cpu/reset.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/msr/msr_access.h>

#include <utility>

namespace icebp {
inline namespace v0_1 {
namespace {

std::shared_ptr<const CpuModel> present(std::shared_ptr<const CpuModel> cpu,
                                        const sc_core::sc_object& core) {
  if (cpu)
    return cpu;
  SC_REPORT_ERROR(report::no_cpu_model,
                  report::text_of(core, "there is no CPU; make_cpu_model makes one").c_str());
  return std::make_shared<const CpuModel>(*cpu_profiles.begin());
}

} // namespace

DebugCore::DebugCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
                     const CoreClock& clock, Timing timing, const CoreIdentity& identity)
    : sc_module(name), cpu_(present(std::move(cpu), *this)), clock_(clock), timing_(timing),
      state_(power_up(*cpu_, identity)), debug_unit_("debug_unit", *cpu_, clock_, state_),
      msr_block_("msr_block", *cpu_, clock_, state_),
      exception_unit_("exception_unit", *cpu_, clock_, state_) {
  if (const auto problem = what_is_malformed(cpu_->profile))
    SC_REPORT_ERROR(report::malformed_profile, report::text_of(*this, *problem).c_str());
  if (!is_consistent(cpu_->cycles))
    SC_REPORT_ERROR(report::cycle_table,
                    report::text_of(*this, "a phase needs at least 1 cycle, and an instruction "
                                           "more than issue, check and retire together")
                        .c_str());
  SC_HAS_PROCESS(DebugCore);
  SC_METHOD(advance);
  sensitive << step_ << debug_unit_.finished() << msr_block_.finished()
            << exception_unit_.delivery_changed();
  dont_initialize();
  SC_METHOD(end_reset);
  sensitive << reset_over_;
  dont_initialize();
}

DebugCore::~DebugCore() = default;

void DebugCore::set_timing(Timing timing) {
  const char* problem = !idle()         ? "an operation is in flight"
                        : has_callers() ? "a caller waits"
                                        : nullptr;
  if (problem) {
    SC_REPORT_ERROR(report::timing_refused, report::text_of(*this, problem).c_str());
    return;
  }
  timing_ = timing;
  choose_path();
}

void DebugCore::set_clock(const CoreClock& clock, const sc_core::sc_time& ahead) {
  if (phase_ != Phase::idle) {
    SC_REPORT_ERROR(report::clock_refused,
                    report::text_of(*this, "an operation is in flight").c_str());
    return;
  }
  const sc_core::sc_time time = sc_core::sc_time_stamp() + ahead;
  clock_ = clock.counted_from(clock_.edge_from(time), clock_.cycle_from(time));
}

void DebugCore::set_tsc_clock(const CoreClock& clock, const sc_core::sc_time& ahead) {
  tsc_clock_ = clock.counted_from(clock_.edge_from(sc_core::sc_time_stamp() + ahead), ticks(ahead));
}

// What an operation would find that is issued then, at the edge that comes.
std::uint64_t DebugCore::ticks(const sc_core::sc_time& ahead) const {
  if (in_reset_)
    return reset_ticks_;
  const sc_core::sc_time time = sc_core::sc_time_stamp() + ahead;
  return tsc_clock_ ? tsc_clock_->cycle_at(clock_.edge_from(time)) : clock_.cycle_from(time);
}

// The SDM counts core clocks between two records of branches, at whatever rate the TSC runs.
std::uint64_t DebugCore::now_for(const Request& request, const sc_core::sc_time& ahead) const {
  return request.operation == Operation::branch
             ? clock_.cycle_from(sc_core::sc_time_stamp() + ahead)
             : ticks(ahead);
}

void DebugCore::end_of_elaboration() {
  if (reset_in.size() == 0)
    return;
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&reset_in->value_changed_event());
  sc_core::sc_spawn([this] { follow_reset_in(); }, sc_core::sc_gen_unique_name("on_reset"),
                    &options);
}

// What runs at time 0 may call before a process of the core has run.
void DebugCore::start_of_simulation() {
  if (reset_in.size() != 0)
    follow_reset_in();
}

void DebugCore::follow_reset_in() {
  if (is_reset_active() == in_reset_)
    return;
  in_reset_ ? end_reset_level() : begin_reset_level();
}

void DebugCore::begin_reset_level() {
  reset();
  reset_ticks_ = ticks(sc_core::SC_ZERO_TIME);
  in_reset_ = true;
  choose_path();
  if (waves_)
    waves_->note_reset(true);
}

// The TSC, which stood still, counts from 0.
void DebugCore::end_reset_level() {
  in_reset_ = false;
  choose_path();
  state_[MsrSlot::tsc] += reset_ticks_ - ticks(sc_core::SC_ZERO_TIME);
  if (waves_)
    waves_->note_reset(false);
  if (issued_)
    step_.notify(clock_.until_edge());
  reset_released_.notify();
}

void DebugCore::reset() {
  if (in_reset_)
    return;
  step_.cancel();
  debug_unit_.cancel();
  msr_block_.cancel();
  exception_unit_.cancel();
  icebp::reset(cpu_->msrs, state_, ticks(sc_core::SC_ZERO_TIME));
  state_.last_branch_at = clock_.cycle_from(sc_core::sc_time_stamp());
  arm_watch();
  if (package_)
    package_->publish_all(*this);
  const bool in_flight = !idle();
  issued_ = false;
  if (in_flight)
    outcome_ = cancelled();
  enter(Phase::idle);
  if (in_flight)
    tell_outcome();
  if (timing_ == Timing::timed) {
    resetting_ = true;
    reset_over_.notify(sc_core::SC_ZERO_TIME);
  }
}

// No process is runnable any more for what was cancelled; what was issued meanwhile starts.
void DebugCore::end_reset() {
  if (resetting_ && issued_ && !in_reset_)
    step_.notify(clock_.until_edge());
  resetting_ = false;
}

void DebugCore::issue(const Request& request, Issuer* issuer) {
  const char* problem = timing_ == Timing::loosely_timed   ? "the core is loosely timed"
                        : !idle()                          ? "an operation is in flight"
                        : !is_well_formed(state_, request) ? "the request is malformed"
                                                           : nullptr;
  if (problem) {
    SC_REPORT_ERROR(report::issue_refused, report::text_of(*this, problem).c_str());
    return;
  }
  request_ = request;
  issuer_ = issuer;
  issued_ = true;
  if (!resetting_ && !in_reset_)
    step_.notify(clock_.until_edge());
}

void DebugCore::restore(const CoreState& state) {
  const char* problem = !idle()     ? "an operation is in flight"
                        : in_reset_ ? "RESET is active"
                                    : what_is_malformed(state);
  if (problem) {
    SC_REPORT_ERROR(report::restore_refused, report::text_of(*this, problem).c_str());
    return;
  }
  state_ = legalised(*cpu_, state);
  if (package_)
    package_->publish_all(*this);
  follow_state();
}

CoreTime DebugCore::time() const {
  return {ticks(sc_core::SC_ZERO_TIME), clock_.cycle_from(sc_core::sc_time_stamp()), clock_.hertz(),
          tsc_clock_ ? tsc_clock_->hertz() : "none"};
}

std::optional<std::string> DebugCore::save() const {
  if (idle())
    return save_state(*cpu_, state_, time());
  SC_REPORT_ERROR(report::save_refused,
                  report::text_of(*this, "an operation is in flight").c_str());
  return std::nullopt;
}

bool DebugCore::restore(std::string_view text) {
  CoreState state;
  if (const auto problem = load_state(*cpu_, text, time(), state)) {
    SC_REPORT_ERROR(report::restore_refused, report::text_of(*this, *problem).c_str());
    return false;
  }
  const bool accepted = idle() && !in_reset_;
  restore(state);
  return accepted;
}

// The state has changed by no operation of the core's own.
void DebugCore::follow_state() {
  arm_watch();
  if (waves_)
    waves_->take_values();
}

bool DebugCore::poke_dr(unsigned dr, std::uint64_t value) {
  if (in_reset_ || dr > 7)
    return false;
  icebp::poke_dr(cpu_->profile, state_, dr, value);
  follow_state();
  return true;
}

bool DebugCore::poke_boundary(const Boundary& boundary) {
  if (in_reset_)
    return false;
  state_.boundary = boundary;
  follow_state();
  return true;
}

bool DebugCore::poke(std::uint32_t msr, std::uint64_t value, const sc_core::sc_time& ahead) {
  if (in_reset_)
    return false;
  const bool exists = poke_msr(*cpu_, state_, msr, value, ticks(ahead));
  if (exists && package_)
    package_->publish(*this, cpu_->msrs.find(msr));
  follow_state();
  return exists;
}

std::optional<std::uint64_t> DebugCore::peek(std::uint32_t msr,
                                             const sc_core::sc_time& ahead) const {
  return peek_msr(*cpu_, state_, msr, ticks(ahead));
}

std::uint32_t DebugCore::execute_any(const Request& request, const sc_core::sc_time& ahead,
                                     Outcome& outcome) {
  if (in_reset_) {
    outcome = cancelled();
    return 0;
  }
  const std::uint32_t cycles = tsc::depends_on_time(request) ? execute_at(ahead, request, outcome)
                                                             : execute_as_is(request, outcome);
  if (waves_)
    show_in_waves(request, outcome);
  return cycles;
}

inline std::uint32_t DebugCore::execute_as_is(const Request& request, Outcome& outcome) {
  const std::uint32_t cycles = icebp::execute(*cpu_, state_, request, outcome);
  take_effect(request, outcome);
  watch_.note(state_.boundary);
  return cycles;
}

std::uint32_t DebugCore::execute_at(const sc_core::sc_time& ahead, Request request,
                                    Outcome& outcome) {
  request.now = now_for(request, ahead);
  const std::uint32_t cycles = execute_as_is(request, outcome);
  note_reset(request, clock_.cycle_from(sc_core::sc_time_stamp() + ahead));
  return cycles;
}

// The rules know the time of a RESET by the TSC; branch records count cycles from it.
void DebugCore::note_reset(const Request& request, std::uint64_t cycle) {
  if (request.operation == Operation::reset)
    state_.last_branch_at = cycle;
}

void DebugCore::show_in_waves(const Request& request, const Outcome& outcome) {
  request_ = request;
  outcome_ = outcome;
  waves_->note_at_once(plan(cpu_->cycles, request, outcome), request, outcome);
  waves_->sample(Phase::idle, request_, outcome_, state_);
}

void DebugCore::share(const Request& request) {
  if (request.operation == Operation::reset)
    package_->publish_all(*this);
  if (writes_msr(request.operation))
    package_->publish(*this, cpu_->msrs.find(request.msr));
}

void DebugCore::trace(sc_core::sc_trace_file* file) const {
  const char* problem = sc_core::sc_get_status() >= sc_core::SC_START_OF_SIMULATION
                            ? "trace a core before simulation starts"
                        : waves_ && waves_->are_in(file)
                            ? "the core is traced into this file already"
                            : nullptr;
  if (problem) {
    SC_REPORT_ERROR(report::trace_refused, report::text_of(*this, problem).c_str());
    return;
  }
  if (timing_ == Timing::loosely_timed)
    SC_REPORT_INFO(
        report::trace_without_phases,
        report::text_of(*this, "while it is loosely timed, waves have no phases").c_str());
  if (!waves_)
    waves_ = std::make_unique<CoreWaves>(
        WaveScopes{name(), debug_unit_.name(), msr_block_.name(), exception_unit_.name()}, clock_);
  choose_path();
  waves_->trace_into(file);
  waves_->sample(phase_, request_, outcome_, state_);
}

void DebugCore::advance() {
  if (resetting_)
    return;
  switch (phase_) {
  case Phase::idle:
    return start();
  case Phase::issue:
    outcome_ = decide(*cpu_, state_, request_);
    plan_ = plan(cpu_->cycles, request_, outcome_);
    next_step_ = 1;
    return enter_next();
  case Phase::execute: // its unit has retired it
    take_effect(request_, outcome_);
    note_reset(request_, started_);
    return enter_next();
  case Phase::check:
  case Phase::retire:
  case Phase::fault:
  case Phase::trap:
  case Phase::deliver:
  case Phase::exit:
    return enter_next();
  }
}

void DebugCore::start() {
  issued_ = false;
  if (tsc::depends_on_time(request_)) {
    started_ = clock_.cycle();
    request_.now = now_for(request_, sc_core::SC_ZERO_TIME);
  }
  if (takes_no_time(request_.operation))
    return take_event();
  enter(Phase::issue, cpu_->cycles.issue.cycles);
}

// Nothing happens before its time: such an operation decides and retires at one edge.
void DebugCore::take_event() {
  outcome_ = decide(*cpu_, state_, request_);
  if (outcome_.takes_effect())
    retire(*cpu_, state_, request_, outcome_);
  take_effect(request_, outcome_);
  if (waves_)
    waves_->note_event(request_, outcome_);
  plan_ = plan(cpu_->cycles, request_, outcome_);
  next_step_ = 0;
  enter_next();
}

// The units end what they do themselves; the others of the plan's phases end by the clock.
void DebugCore::enter_next() {
  if (next_step_ == plan_.size())
    return finish();
  const PhaseStep& step = plan_[next_step_++];
  switch (step.phase) {
  case Phase::execute:
    unit_of(request_).begin(request_, outcome_, step.cycles);
    return enter(step.phase);
  case Phase::fault:
  case Phase::trap:
    exception_unit_.queue(request_, outcome_, step.cycles, plan_[next_step_].cycles);
    return enter(step.phase);
  case Phase::deliver:
    return enter(step.phase);
  case Phase::exit:
    if (outcome_.vector != Vector::none)
      return enter(step.phase);
    break;
  case Phase::idle:
  case Phase::issue:
  case Phase::check:
  case Phase::retire:
    break;
  }
  enter(step.phase, step.cycles);
}

void DebugCore::enter(Phase phase) {
  phase_ = phase;
  if (waves_)
    waves_->sample(phase_, request_, outcome_, state_);
}

void DebugCore::enter(Phase phase, std::uint32_t cycles) {
  step_.notify(clock_.cycles(cycles));
  enter(phase);
}

void DebugCore::finish() {
  enter(Phase::idle);
  watch_.note(state_.boundary);
  tell_outcome();
}

void DebugCore::tell_outcome() {
  finished_.notify();
  if (Issuer* const issuer = std::exchange(issuer_, nullptr))
    issuer->take_outcome(outcome_);
}

void DebugCore::arm_watch() {
  const bool data = watch_.watches_data();
  const bool fetches = watch_.watches_fetches();
  watch_.arm(state_);
  if (armed_ && (watch_.watches_data() != data || watch_.watches_fetches() != fetches))
    armed_(watch_);
}

AccessUnit& DebugCore::unit_of(const Request& request) {
  switch (row_of(request.operation).unit) {
  case Unit::debug_unit:
    return debug_unit_;
  case Unit::msr_block:
    break;
  }
  return msr_block_;
}

} // namespace v0_1
} // namespace icebp
