#pragma once

#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/core/other_instruction.h>
#include <icebp/testbench/program/scenario/scenario.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
  // Puts a request to the core whose state is `state` and brings that up to date; empty if the core
  // refuses the request as malformed.
  using Transact = std::function<std::optional<Outcome>(const Request& request, CoreState& state)>;

  StepPlayer(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Transact transact);

  const CoreState& state() const { return core_.state; }

  // `place` is the step's, for errors, `now` its start in TSC ticks. Throws InputError.
  PlayedStep play(const ScenarioStep& step, const std::string& place, std::uint64_t now);

private:
  // What a handler or the firmware goes back to.
  struct Frame {
    Machine pushed;
    std::uint64_t again = 0;  // RIP where firmware executes the instruction again,
    std::uint64_t behind = 0; // and where it goes on behind it
    Request request;
    bool firmware = false;
  };

  Played play_code(const ScenarioStep& step, const std::string& place);
  Played play_instruction_of(const ScenarioStep& step, const Put& put, const std::string& place);
  Played play_event(const ScenarioStep& step, const std::string& place);
  Played play_page_fault(const ScenarioStep& step, const std::string& place);
  Played restart(Operation operation, const std::string& place);
  Played return_from_handler(const ScenarioStep& step, const std::string& place);
  void return_to(const Machine& pushed, bool rf);
  Played resume_from_firmware(const ScenarioStep& step, const std::string& place);
  Outcome transact(const Request& request, const std::string& place);
  Frame pop_frame(bool firmware, const std::string& place);
  void finish(std::uint64_t instruction, std::size_t length, const Played& played, const Put& put);
  void enter_handler(std::uint8_t vector, const Frame& frame, const Put& put);
  Put put_at(const std::string& place);

  std::string name_;
  Transact transact_;
  Core core_;
  Core completed_;
  std::vector<Frame> frames_;
};

} // namespace icebp
