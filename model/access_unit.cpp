#include <icebp/model/access_unit.h>

namespace icebp {
inline namespace v0_1 {

AccessUnit::AccessUnit(const sc_core::sc_module_name& name, const CpuModel& cpu,
                       const CoreClock& clock, CoreState& state)
    : sc_module(name), cpu_(cpu), clock_(clock), state_(state) {
  SC_HAS_PROCESS(AccessUnit);
  SC_METHOD(finish);
  sensitive << due_;
  dont_initialize();
}

void AccessUnit::begin(const Request& request, const Outcome& outcome, std::uint32_t cycles) {
  request_ = &request;
  outcome_ = &outcome;
  due_.notify(clock_.cycles(cycles));
}

// `finish` may be runnable already.
void AccessUnit::cancel() {
  due_.cancel();
  request_ = nullptr;
}

void AccessUnit::finish() {
  if (!request_)
    return;
  retire(cpu_, state_, *request_, *outcome_);
  finished_.notify();
}

} // namespace v0_1
} // namespace icebp
