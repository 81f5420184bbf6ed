#pragma once

#include <icebp/testbench/program/core/core_port.h>
#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/core/other_instruction.h>
#include <icebp/testbench/program/scenario/scenario.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace icebp {

// A step as it went on one core.
struct PlayedStep {
  Core before; // with the step's keys applied
  Played played;
  Core completed; // after the step, before a handler is entered
};

// Plays the steps of a scenario on one core: the registers around the debug unit and MSR block, and
// the handlers that the core is in. A handler starts at 100000h + 10h x vector, debug firmware at
// F0000h, at CPL 0.
class StepPlayer {
public:
  // `port` is a core at power-up, and takes the state that `core` begins with. It must live as
  // long.
  StepPlayer(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, CorePort& port);

  // Applies the step's keys; `play` follows. `place` is the step's, for errors, `now` its start in
  // TSC ticks. Both throw InputError.
  const Core& begin(const ScenarioStep& step, const std::string& place, std::uint64_t now);
  PlayedStep play(const ScenarioStep& step, const std::string& place);

  // As it is between two steps.
  const Machine& machine() const { return core_.machine; }

private:
  // What a handler or the firmware goes back to.
  struct Frame {
    Machine pushed;
    std::uint64_t again = 0;  // RIP where firmware executes the instruction again,
    std::uint64_t behind = 0; // and where it goes on behind it
    Request request;
    bool firmware = false;
  };

  Core now() const;
  Played play_code(const ScenarioStep& step, const std::string& place);
  Played play_instruction_of(const ScenarioStep& step, const std::string& place);
  Played play_event(const ScenarioStep& step, const std::string& place);
  Played play_page_fault(const ScenarioStep& step);
  Played play_pmi(const ScenarioStep& step);
  Played restart(Operation operation);
  Played return_from_handler(const ScenarioStep& step, const std::string& place);
  void return_to(const Machine& pushed, bool rf);
  Played resume_from_firmware(const ScenarioStep& step, const std::string& place);
  Outcome put(Request request);
  void put_branch(Branch branch, std::uint64_t from);
  Frame pop_frame(bool firmware, const std::string& place);
  void finish(std::uint64_t instruction, std::size_t length, const Played& played);
  void enter_handler(std::uint8_t vector, const Frame& frame);

  std::string name_;
  CorePort& port_;
  Core core_; // its state is that of the last snapshot; the port has the present one
  Core completed_;
  std::vector<Frame> frames_;
};

} // namespace icebp
