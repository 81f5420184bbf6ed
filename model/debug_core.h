#pragma once

#include <icebp/model/access_unit.h>
#include <icebp/model/checkpoint.h>
#include <icebp/model/core_clock.h>
#include <icebp/model/core_waves.h>
#include <icebp/model/exception_unit.h>
#include <icebp/model/make_cpu_model.h>
#include <icebp/model/msr_package.h>
#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/plain_access.h>
#include <icebp/model/rules/registers/tsc.h>

#include <systemc>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace icebp {
inline namespace v0_1 {

// How a core spends time; both ways come to the same outcomes, state and cycles.
enum class Timing : std::uint8_t {
  timed,         // phase by phase, in processes of its own
  loosely_timed, // at once: the caller gets the cycles and accounts for them
};

enum class ResetLevel : std::uint8_t { active_high, active_low };

// The debug unit and MSR block of one core. In a timed core one operation is in flight at a time; a
// sequencer moves it through its phases (phase_plan.h), each at a clock edge: the rules are asked
// once, where `check` begins; registers change where `retire` or `deliver` begins. Operations of an
// instruction's life are over at the edge where they are issued, unless they raise a #DB. A loosely
// timed core runs no process and notifies no event; its waves show what a call leaves, at the
// simulation time of the call.
class DebugCore : public sc_core::sc_module {
public:
  // An inconsistent cycle table is SC_REPORT_ERROR `report::cycle_table`, a profile that no CPU can
  // have `report::malformed_profile` (make_cpu_model reports it before); no `cpu` is
  // `report::no_cpu_model`, and where that does not throw the first of `cpu_profiles` is taken.
  DebugCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
            const CoreClock& clock, Timing timing = Timing::timed,
            const CoreIdentity& identity = {});
  ~DebugCore() override;

  Timing timing() const { return timing_; }
  // Another one, between operations. Where one is in flight or a caller waits it is SC_REPORT_ERROR
  // `report::timing_refused`. What a caller of a loosely timed core has done ahead of simulation
  // time is done.
  void set_timing(Timing timing);
  bool idle() const { return phase_ == Phase::idle && !issued_; }
  // True while the level of `reset_in` is active.
  bool in_reset() const { return in_reset_; }
  // True of a loosely timed core that is not in RESET.
  bool executes_at_once() const { return timing_ == Timing::loosely_timed && !in_reset_; }

  // Executes `request` at once, on a loosely timed core; its caller is `ahead` of simulation time.
  // In RESET it is `cancelled`. Precondition: `is_well_formed(state(), request)`.
  Execution execute(const Request& request, const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) {
    Execution execution;
    if (state_only_ && execute_plainly(request, execution.outcome, execution.cycles))
      follow_plain(request);
    else
      execution.cycles = execute_any(request, ahead, execution.outcome);
    return execution;
  }

  // Starts `request` at this clock edge, or else at the next, on a timed core. Preconditions:
  // `idle()`, and `is_well_formed(state(), request)`. Otherwise SC_REPORT_ERROR
  // `report::issue_refused`. `issuer`, if any, is told the outcome.
  class Issuer;
  void issue(const Request& request, Issuer* issuer = nullptr);

  // Notified when the operation in flight is over; then the two hold until the next `issue`.
  const sc_core::sc_event& finished() const { return finished_; }
  const Outcome& outcome() const { return outcome_; }

  const CpuModel& cpu() const { return *cpu_; }
  const CoreClock& clock() const { return clock_; }
  // Another clock, from the next edge on, whose number goes on; `ahead` as of `execute`.
  // Precondition: no operation has begun, else SC_REPORT_ERROR `report::clock_refused`; one that is
  // issued begins at that edge.
  void set_clock(const CoreClock& clock, const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME);
  Phase phase() const { return phase_; }
  const CoreState& state() const { return state_; }
  // The identity is part of it; the TSC goes on as CoreState says. Preconditions: `idle()`, and not
  // `in_reset()`, else SC_REPORT_ERROR `report::restore_refused`.
  void restore(const CoreState& state);
  // The same as JSON text, by MSR index (checkpoint.h); the TSC goes on from the value that it had.
  // None and SC_REPORT_ERROR `report::save_refused`: an operation is in flight. False and
  // SC_REPORT_ERROR `report::restore_refused`: the text is no state of this CPU at this frequency,
  // or a precondition of the other `restore` does not hold.
  std::optional<std::string> save() const;
  bool restore(std::string_view text);
  // What `save` takes with the state.
  CoreTime time() const;

  // What RDTSC reads: the TSC counts the edges of the core's clock, or of its own. `ahead` as of
  // `execute`; `Request::now` of an operation is the edge where it is issued.
  std::uint64_t tsc(const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) const {
    return icebp::tsc::read(state_, ticks(ahead));
  }
  // The TSC goes on from its value with the edges of `clock`, whatever the core's clock does.
  void set_tsc_clock(const CoreClock& clock, const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME);
  // What instructions and events outside this model do to an MSR, at once (msr_access.h): WRFSBASE,
  // SWAPGS, a machine check, EFER.LMA. False, and empty: the CPU has no such register, or the
  // platform has it. False, and nothing changed, of any poke: RESET is active. `ahead` as of
  // `execute`.
  bool poke(std::uint32_t msr, std::uint64_t value,
            const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME);
  std::optional<std::uint64_t> peek(std::uint32_t msr,
                                    const sc_core::sc_time& ahead = sc_core::SC_ZERO_TIME) const;

  // What a debug probe, or the context switch of a hypervisor, does to a debug register 0 to 7, at
  // once: no check, no #DB; DR6 and DR7 keep their fixed bits, DR4 and DR5 are their other names.
  // False: there is no such register.
  bool poke_dr(unsigned dr, std::uint64_t value);
  // What VM entry, or RSM, does with the shadow and the traps that wait at an instruction boundary.
  bool poke_boundary(const Boundary& boundary);

  // What accesses of this core can meet a breakpoint. The object stays where it is; it changes with
  // the instruction that changes the breakpoints.
  const WatchFilter& watch() const { return watch_; }
  // Calls `armed` from then on whenever `watch()` starts or ceases to watch data or fetches, in the
  // context of what changed it. One caller.
  using Armed = std::function<void(const WatchFilter& watch)>;
  void on_armed(Armed armed) { armed_ = std::move(armed); }

  // RESET, at once: an operation in flight is over with the outcome `cancelled`, nothing of it
  // commits any more, in this instant neither, and the state is as after power-up. (INIT is an
  // operation and waits for its turn.)
  void reset();
  // Optional: RESET as a level. It takes effect where it becomes active, or at time 0. While it
  // lasts the TSC reads 0, pokes and `reset` change nothing, and what is issued to a timed core
  // waits for the first edge behind its end.
  sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> reset_in{
      "reset_in"};
  // The level at which `reset_in` is active: high, unless this says otherwise during elaboration.
  void set_reset_level(ResetLevel level) { reset_level_ = level; }
  // Notified where the level of `reset_in` ceases to be active.
  const sc_core::sc_event& reset_released() const { return reset_released_; }

  // Traces the signals into `file`, in scopes by module name (`wave_scope`); once for each file,
  // before simulation starts, otherwise SC_REPORT_ERROR `report::trace_refused`. That a loosely
  // timed core has no phases to show is SC_REPORT_INFO `report::trace_without_phases`.
  void trace(sc_core::sc_trace_file* file) const override;

protected:
  // What else makes use of the core: none may where the timing changes.
  virtual bool has_callers() const { return false; }

private:
  friend class MsrPackage;
  friend class DebugCoreTarget;

  void end_of_elaboration() override;
  void start_of_simulation() override;
  void follow_reset_in();
  bool is_reset_active() const {
    return reset_in->read() == (reset_level_ == ResetLevel::active_high);
  }
  void begin_reset_level();
  void end_reset_level();
  void advance();
  void end_reset();
  void start();
  void take_event();
  void enter_next();
  void enter(Phase phase);
  void enter(Phase phase, std::uint32_t cycles);
  void finish();
  void tell_outcome();
  AccessUnit& unit_of(const Request& request);

  void follow_state();
  void arm_watch();
  std::uint64_t ticks(const sc_core::sc_time& ahead) const;
  std::uint64_t now_for(const Request& request, const sc_core::sc_time& ahead) const;
  // Carries out what plain_access.h does; then `follow_plain` has to be called. No precondition.
  __attribute__((always_inline)) bool execute_plainly(const Request& request, Outcome& outcome,
                                                      std::uint32_t& cycles) {
    return plain_access::execute(*cpu_, state_, request, outcome, cycles);
  }
  void follow_plain(const Request& request) {
    if (changes_watch(state_, request))
      arm_watch();
  }

  // Anything else. Precondition: as of `execute`.
  std::uint32_t execute_any(const Request& request, const sc_core::sc_time& ahead,
                            Outcome& outcome);
  std::uint32_t execute_as_is(const Request& request, Outcome& outcome);
  __attribute__((noinline)) std::uint32_t execute_at(const sc_core::sc_time& ahead, Request request,
                                                     Outcome& outcome);
  void note_reset(const Request& request, std::uint64_t cycle);
  void show_in_waves(const Request& request, const Outcome& outcome);
  void choose_path() const {
    state_only_ = timing_ == Timing::loosely_timed && !in_reset_ && !waves_;
  }
  // `request` may have changed the state.
  void take_effect(const Request& request, const Outcome& outcome) {
    if (!outcome.takes_effect())
      return;
    if (may_change_watch(request))
      arm_watch();
    if (package_)
      share(request);
  }
  void share(const Request& request);

  std::shared_ptr<const CpuModel> cpu_;
  CoreClock clock_;
  std::optional<CoreClock> tsc_clock_; // none: that of the core
  Timing timing_;
  // Nothing but state, watch and package follows an operation: loosely timed, not in RESET and
  // without waves.
  mutable bool state_only_ = timing_ == Timing::loosely_timed;
  CoreState state_;
  WatchFilter watch_;
  Armed armed_;
  AccessUnit debug_unit_;
  AccessUnit msr_block_;
  ExceptionUnit exception_unit_;
  mutable std::unique_ptr<CoreWaves> waves_;
  MsrPackage* package_ = nullptr;

  Phase phase_ = Phase::idle;
  bool issued_ = false;
  Issuer* issuer_ = nullptr;
  Request request_;
  std::uint64_t started_ = 0; // cycle of its issue
  Outcome outcome_;
  PhasePlan plan_; // of the operation in flight, once it is decided
  std::size_t next_step_ = 0;
  bool resetting_ = false; // until the next delta cycle
  ResetLevel reset_level_ = ResetLevel::active_high;
  bool in_reset_ = false;
  std::uint64_t reset_ticks_ = 0; // where the level became active
  sc_core::sc_event step_{"step"};
  sc_core::sc_event reset_over_{"reset_over"};
  sc_core::sc_event reset_released_{"reset_released"};
  sc_core::sc_event finished_{"finished"};
};

// Who issues an operation and is told what became of it: once, where it is over, and before any
// process runs that waits for `finished`, whoever issues or resets in that instant. It lives until
// then.
class DebugCore::Issuer {
public:
  virtual void take_outcome(const Outcome& outcome) = 0;

protected:
  ~Issuer() = default;
};

} // namespace v0_1
} // namespace icebp
