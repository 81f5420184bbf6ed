#pragma once

#include <icebp/model/access_unit.h>
#include <icebp/model/core_clock.h>
#include <icebp/model/core_waves.h>
#include <icebp/model/exception_unit.h>
#include <icebp/model/rules/execute.h>

#include <systemc>

#include <memory>

namespace icebp {

// The debug unit and MSR block of one core, in time. One operation is in flight at a time; a
// sequencer moves it through its phases (cycle_table.h), each at a clock edge: the rules are asked
// once, where `check` begins; registers change where `retire` or `deliver` begins.
class DebugCore : public sc_core::sc_module {
public:
  // An inconsistent cycle table is SC_REPORT_ERROR `report::cycle_table`.
  DebugCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
            const CoreClock& clock);
  ~DebugCore() override;

  bool idle() const { return phase_ == Phase::idle && !issued_; }

  // Starts `request` at this clock edge, or else at the next. Preconditions: `idle()`, and
  // `is_well_formed(state(), request)`. Otherwise SC_REPORT_ERROR `report::issue_refused`.
  void issue(const Request& request);

  // Notified when the operation in flight is over; then the two hold until the next `issue`.
  const sc_core::sc_event& finished() const { return finished_; }
  const Outcome& outcome() const { return outcome_; }

  const CpuModel& cpu() const { return *cpu_; }
  const CoreClock& clock() const { return clock_; }
  Phase phase() const { return phase_; }
  const CoreState& state() const { return state_; }
  // Precondition: `idle()`, else SC_REPORT_ERROR `report::restore_refused`.
  void restore(const CoreState& state);

  // Traces the core's signals into `file`, in scopes by module name. Once, before simulation
  // starts; otherwise SC_REPORT_ERROR `report::trace_refused`.
  void trace(sc_core::sc_trace_file* file);

private:
  void advance();
  void after_check();
  void enter(Phase phase);
  void enter(Phase phase, const CycleFigure& figure);
  void finish();
  AccessUnit& unit_of(const Request& request);

  std::shared_ptr<const CpuModel> cpu_;
  CoreClock clock_;
  CoreState state_;
  AccessUnit debug_unit_;
  AccessUnit msr_block_;
  ExceptionUnit exception_unit_;
  std::unique_ptr<CoreWaves> waves_;

  Phase phase_ = Phase::idle;
  bool issued_ = false;
  Request request_;
  Outcome outcome_;
  sc_core::sc_event step_{"step"};
  sc_core::sc_event finished_{"finished"};
};

} // namespace icebp
