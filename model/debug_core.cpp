#include <icebp/model/debug_core.h>
#include <icebp/model/report_ids.h>

#include <utility>

namespace icebp {

DebugCore::DebugCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
                     const CoreClock& clock)
    : sc_module(name), cpu_(std::move(cpu)), clock_(clock), state_(power_up(*cpu_)),
      debug_unit_("debug_unit", *cpu_, clock_, state_),
      msr_block_("msr_block", *cpu_, clock_, state_),
      exception_unit_("exception_unit", *cpu_, clock_, state_) {
  if (!is_consistent(cpu_->cycles))
    SC_REPORT_ERROR(report::cycle_table, "a phase needs at least 1 cycle, and an instruction more "
                                         "than issue, check and retire together");
  SC_HAS_PROCESS(DebugCore);
  SC_METHOD(advance);
  sensitive << step_ << debug_unit_.finished() << msr_block_.finished()
            << exception_unit_.delivery_changed();
  dont_initialize();
}

DebugCore::~DebugCore() = default;

void DebugCore::issue(const Request& request) {
  if (!idle() || !is_well_formed(state_, request)) {
    SC_REPORT_ERROR(report::issue_refused,
                    idle() ? "the request is malformed" : "an operation is in flight");
    return;
  }
  request_ = request;
  issued_ = true;
  step_.notify(clock_.until_edge());
}

void DebugCore::restore(const CoreState& state) {
  if (!idle()) {
    SC_REPORT_ERROR(report::restore_refused, "an operation is in flight");
    return;
  }
  state_ = state;
  enter(Phase::idle);
}

void DebugCore::trace(sc_core::sc_trace_file* file) {
  if (waves_ || sc_core::sc_get_status() >= sc_core::SC_START_OF_SIMULATION) {
    SC_REPORT_ERROR(report::trace_refused, "trace a core once, before simulation starts");
    return;
  }
  waves_ = std::make_unique<CoreWaves>(
      file, WaveScopes{name(), debug_unit_.name(), msr_block_.name(), exception_unit_.name()});
  enter(Phase::idle);
}

void DebugCore::advance() {
  const CycleTable& cycles = cpu_->cycles;
  switch (phase_) {
  case Phase::idle:
    issued_ = false;
    return enter(Phase::issue, cycles.issue);
  case Phase::issue:
    outcome_ = decide(*cpu_, state_, request_);
    return enter(Phase::check, cycles.check);
  case Phase::check:
    return after_check();
  case Phase::execute:
    if (outcome_.kind != OutcomeKind::trap)
      return enter(Phase::retire, cycles.retire);
    exception_unit_.queue(request_, outcome_, cycles.retire, cycles.deliver);
    return enter(Phase::retire);
  case Phase::fault:
    return enter(outcome_.kind == OutcomeKind::exit ? Phase::exit : Phase::deliver);
  case Phase::retire:
    return outcome_.kind == OutcomeKind::trap ? enter(Phase::deliver) : finish();
  case Phase::deliver:
  case Phase::exit:
    return finish();
  }
}

void DebugCore::after_check() {
  const CycleTable& cycles = cpu_->cycles;
  switch (outcome_.kind) {
  case OutcomeKind::retired:
  case OutcomeKind::trap:
    unit_of(request_).begin(request_, outcome_);
    return enter(Phase::execute);
  case OutcomeKind::fault:
    exception_unit_.queue(request_, outcome_, cycles.fault, cycles.deliver);
    return enter(Phase::fault);
  case OutcomeKind::exit:
    break;
  }
  if (outcome_.vector == Vector::none)
    return enter(Phase::exit, cycles.exit);
  exception_unit_.queue(request_, outcome_, cycles.fault, cycles.exit);
  enter(Phase::fault);
}

void DebugCore::enter(Phase phase) {
  phase_ = phase;
  if (waves_)
    waves_->sample(phase_, request_, outcome_, state_);
}

void DebugCore::enter(Phase phase, const CycleFigure& figure) {
  step_.notify(clock_.cycles(figure.cycles));
  enter(phase);
}

void DebugCore::finish() {
  enter(Phase::idle);
  finished_.notify();
}

AccessUnit& DebugCore::unit_of(const Request& request) {
  const bool msr_access =
      request.operation == Operation::rdmsr || request.operation == Operation::wrmsr;
  return msr_access ? msr_block_ : debug_unit_;
}

} // namespace icebp
