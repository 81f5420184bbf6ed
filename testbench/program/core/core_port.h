#pragma once

#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/execute.h>

namespace icebp {

// A core as a scenario drives it. `Core` of the instruction loop, and what a step's keys change.
class CorePort {
public:
  CorePort() = default;
  CorePort(const CorePort&) = delete;
  CorePort& operator=(const CorePort&) = delete;
  virtual ~CorePort() = default;

  virtual const CpuModel& cpu() const = 0;
  virtual const CoreState& state() const = 0;
  virtual const WatchFilter& watch() const = 0;
  // Precondition: `is_well_formed(state(), request)`.
  virtual Outcome put(const Request& request) = 0;
  // Takes the state that the scenario begins with.
  virtual void restore(const CoreState& state) = 0;
  // Makes MSRs, debug registers and the boundary those of `wanted`, as a step's keys ask for.
  virtual void poke(const CoreState& wanted) = 0;
};

} // namespace icebp
