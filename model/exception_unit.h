#pragma once

#include <icebp/model/core_clock.h>
#include <icebp/model/rules/execute.h>

#include <systemc>

namespace icebp {
inline namespace v0_1 {

// Takes an exception from the sequencer and delivers it, in a process of its own. DR6 and DR7.GD
// change at the edge where delivery begins.
class ExceptionUnit : public sc_core::sc_module {
public:
  ExceptionUnit(const sc_core::sc_module_name& name, const CpuModel& cpu, const CoreClock& clock,
                CoreState& state);

  // Queues the exception of `outcome`. Its delivery, or the exit in its place, begins `wait` cycles
  // later and takes `duration` cycles.
  void queue(const Request& request, const Outcome& outcome, std::uint32_t wait,
             std::uint32_t duration);

  // Abandons the exception under way, if there is one: it is not delivered, in this instant
  // neither.
  void cancel();

  // This event is notified at the edges where a delivery or an exit begins and where it is over.
  const sc_core::sc_event& delivery_changed() const { return delivery_changed_; }

private:
  void deliver();

  enum class Stage : std::uint8_t { none, queued, delivering };

  const CpuModel& cpu_;
  const CoreClock& clock_;
  CoreState& state_;
  Stage stage_ = Stage::none;
  std::uint32_t duration_ = 0; // cycles
  sc_core::sc_event due_{"due"};
  sc_core::sc_event delivery_changed_{"delivery_changed"};
};

} // namespace v0_1
} // namespace icebp
