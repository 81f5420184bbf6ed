#pragma once

#include <icebp/model/core_clock.h>
#include <icebp/model/rules/execute.h>

#include <systemc>

namespace icebp {
inline namespace v0_1 {

// Carries out an access that passed its checks, in a process of its own: registers change at its
// end. A core has two: the debug unit and the MSR block.
class AccessUnit : public sc_core::sc_module {
public:
  AccessUnit(const sc_core::sc_module_name& name, const CpuModel& cpu, const CoreClock& clock,
             CoreState& state);

  // The access ends `cycles` from now. Request and outcome must live until then.
  void begin(const Request& request, const Outcome& outcome, std::uint32_t cycles);

  // Abandons the access under way, if there is one: it never ends, in this instant neither.
  void cancel();

  // This event is notified at the edge where the access ends.
  const sc_core::sc_event& finished() const { return finished_; }

private:
  void finish();

  const CpuModel& cpu_;
  const CoreClock& clock_;
  CoreState& state_;
  const Request* request_ = nullptr;
  const Outcome* outcome_ = nullptr;
  sc_core::sc_event due_{"due"};
  sc_core::sc_event finished_{"finished"};
};

} // namespace v0_1
} // namespace icebp
