#pragma once

#include <icebp/testbench/program/answer.h>
#include <icebp/testbench/program/scenario.h>
#include <icebp/testbench/program/timeline.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace icebp {

// What one core did in one step.
struct StepResult {
  TimelineRow row;
  bool has_expectation = false;
  std::vector<Difference> differences;
};

// A core behind its instruction socket, with the registers around it and the handlers that
// it is in. A handler starts at 100000h + 10h x vector, debug firmware at F0000h, at CPL 0.
class BenchCore {
public:
  BenchCore(const ScenarioCore& core, std::shared_ptr<const CpuModel> cpu, Timing timing);

  const std::string& name() const { return name_; }
  void trace(sc_core::sc_trace_file* file) { target_.trace(file); }

  // Plays one step, from a thread process. `expect` may be null. Throws InputError.
  StepResult play(const ScenarioStep& step, const std::string& place, const Expectation* expect);

private:
  // What a handler or the firmware goes back to.
  struct Frame {
    Machine pushed;
    std::uint64_t instruction = 0; // its RIP
    Request request;
    bool firmware = false;
  };

  Outcome play_instruction(const ScenarioStep& step, const std::string& place);
  Outcome play_page_fault(const ScenarioStep& step, const std::string& place);
  Outcome play_request(const Request& request, const std::string& place);
  Outcome play_event(const ScenarioStep& step, const std::string& place);
  Outcome restart(Operation operation, const std::string& place);
  Outcome return_from_handler(const std::string& place);
  void return_to(const Machine& pushed);
  Outcome resume_from_firmware(const ScenarioStep& step, const std::string& place);
  Outcome transact(const Request& request, const std::string& place);
  Frame pop_frame(bool firmware, const std::string& place);
  void enter_handler(std::uint64_t instruction, const Request& request, const Outcome& outcome);

  std::string name_;
  InstructionInitiator initiator_;
  DebugCoreTarget target_;
  Core core_;
  Core completed_; // after the instruction, before the handler is entered
  std::vector<Frame> frames_;
};

} // namespace icebp
