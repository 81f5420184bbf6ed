#pragma once

#include <icebp/model/rules/instruction_loop.h>

#include <cstdint>
#include <optional>

namespace icebp::vp {

// What the engine asks of icebp: the `Core` of instruction_loop.h, over a socket or without one.
class DebugUnit {
public:
  virtual ~DebugUnit() = default;

  virtual Outcome put(const Request& request) = 0;
  const CoreState& state() const { return *state_; }
  const WatchFilter& watch() const { return *watch_; }
  const CpuModel& cpu() const { return *cpu_; }

  // What instructions outside the model do to an MSR: EFER.LMA, SWAPGS, WRFSBASE.
  virtual bool poke(std::uint32_t msr, std::uint64_t value) = 0;
  virtual std::optional<std::uint64_t> peek(std::uint32_t msr) const = 0;
  virtual void poke_cr2(std::uint64_t value) = 0;
  // What RDTSC reads.
  virtual std::uint64_t tsc() const = 0;

protected:
  DebugUnit(const CpuModel& cpu, const CoreState& state, const WatchFilter& watch)
      : cpu_(&cpu), state_(&state), watch_(&watch) {}

private:
  const CpuModel* cpu_;
  const CoreState* state_;
  const WatchFilter* watch_;
};

} // namespace icebp::vp
