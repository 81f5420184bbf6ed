#pragma once

#include <icebp/model/rules/instruction_loop.h>
#include <icebp/testbench/program/core/core_port.h>

#include <memory>
#include <utility>

namespace icebp {

// A core without time.
class UntimedPort final : public CorePort {
public:
  explicit UntimedPort(std::shared_ptr<const CpuModel> cpu)
      : cpu_(std::move(cpu)), state_(power_up(*cpu_)), core_(*cpu_, state_) {}

  const CpuModel& cpu() const override { return *cpu_; }
  const CoreState& state() const override { return state_; }
  const WatchFilter& watch() const override { return core_.watch(); }
  Outcome put(const Request& request) override { return core_.put(request); }
  void restore(const CoreState& state) override { poke(state); }
  void poke(const CoreState& wanted) override {
    state_ = wanted;
    core_.arm();
  }

private:
  std::shared_ptr<const CpuModel> cpu_;
  CoreState state_;
  UntimedCore core_;
};

} // namespace icebp
