#pragma once
// An instruction that this model does not decode: what it does is told, as far as the debug unit
// sees it.

#include <icebp/testbench/program/core/instruction_life.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace icebp {

struct OtherInstruction {
  std::vector<Request> accesses; // data_read, data_write, io_access; of a REP the first iteration's
  bool repeats = false;     // REP: RCX iterations, each access further by its size, by RFLAGS.DF
  bool fast_string = false; // in blocks, where the CPU does
  bool bus_lock = false;
  std::optional<bool> task_switch;        // the new task's T bit
  std::optional<std::uint64_t> rtm_abort; // of a debug exception in an RTM region: RIP of XBEGIN
  Ending ending = Ending::plain;
  std::optional<Branch> branch;        // taken, for the last-branch records
  std::optional<std::uint64_t> to;     // RIP behind it, if not the next instruction
  std::optional<std::uint64_t> rflags; // RFLAGS behind it
  std::optional<std::uint8_t> vector;  // INT n, INT3, INTO: of the handler that it enters
};

using Put = std::function<Outcome(const Request&)>;

// Runs the instruction at RIP, `length` bytes, but for its fetch. With `vector`, `enter` takes the
// core into the handler before the end. Gives what raised an exception or exit, or the end.
Played play_other(Core& core, const OtherInstruction& instruction, unsigned length, const Put& put,
                  const std::function<void(std::uint8_t vector)>& enter);

} // namespace icebp
