#include <icebp/model/exception_unit.h>

namespace icebp {

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
  duration_ = clock_.cycles(duration);
  due_.notify(clock_.cycles(wait));
}

void ExceptionUnit::cancel() {
  due_.cancel();
  delivering_ = false;
}

void ExceptionUnit::deliver() {
  delivering_ = !delivering_;
  if (delivering_) {
    deliver_exception(cpu_, state_);
    due_.notify(duration_);
  }
  delivery_changed_.notify();
}

} // namespace icebp
