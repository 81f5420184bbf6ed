#include <icebp/model/exception_unit.h>

namespace icebp {
inline namespace v0_1 {

ExceptionUnit::ExceptionUnit(const sc_core::sc_module_name& name, const CpuModel& cpu,
                             const CoreClock& clock, CoreState& state)
    : sc_module(name), cpu_(cpu), clock_(clock), state_(state) {
  SC_HAS_PROCESS(ExceptionUnit);
  SC_METHOD(deliver);
  sensitive << due_;
  dont_initialize();
}

void ExceptionUnit::queue(const Request& request, const Outcome& outcome, std::uint32_t wait,
                          std::uint32_t duration) {
  queue_exception(cpu_, state_, request, outcome);
  stage_ = Stage::queued;
  duration_ = duration;
  due_.notify(clock_.cycles(wait));
}

// `deliver` may be runnable already.
void ExceptionUnit::cancel() {
  due_.cancel();
  stage_ = Stage::none;
}

void ExceptionUnit::deliver() {
  switch (stage_) {
  case Stage::none:
    return;
  case Stage::queued:
    stage_ = Stage::delivering;
    deliver_exception(cpu_, state_);
    due_.notify(clock_.cycles(duration_));
    break;
  case Stage::delivering:
    stage_ = Stage::none;
    break;
  }
  delivery_changed_.notify();
}

} // namespace v0_1
} // namespace icebp
