#pragma once
// An instruction that this model does not decode: what it does is told, as far as the debug unit
// sees it.

#include <icebp/testbench/program/core/instruction_player.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace icebp {

struct OtherInstruction {
  std::vector<Request> accesses; // data_read, data_write, io_access; of a REP the first iteration's
  bool repeats = false;     // REP: RCX iterations, each access further by its size, by RFLAGS.DF
  bool fast_string = false; // in blocks, where the CPU does
  bool bus_lock = false;
  std::optional<bool> task_switch;        // the new task's T bit
  std::optional<std::uint64_t> rtm_abort; // aborts an RTM region, as INT3 does: RIP of XBEGIN
  Ending ending = Ending::plain;
  std::optional<Branch> branch;        // taken, for the last-branch records
  std::optional<bool> mispredicted;    // that branch
  std::optional<std::uint64_t> to;     // RIP behind it, if not the next instruction; of an abort
                                       // where it goes on, if not at XBEGIN
  std::optional<std::uint64_t> rflags; // RFLAGS behind it
  std::optional<std::uint8_t> vector;  // INT n, INT3, INTO: of the handler that it enters
};

// The access of iteration `n`, the first is 0.
Request access_of(const Machine& machine, const Request& access, std::uint64_t n);

// RIP and RFLAGS behind the instruction of `length` bytes.
void leave(Machine& machine, const OtherInstruction& instruction, unsigned length);

// What aborts the open region at the instruction's end; none if nothing of its own does.
Operation abort_of(const OtherInstruction& instruction);

// Plays the instruction at RIP. With `vector`, `enter` takes the core into the handler before the
// end. Gives what raised an exception or exit, or the end.
template <typename Port, typename Enter>
Played play_other(Port& port, Machine& machine, const OtherInstruction& instruction,
                  unsigned length, const Enter& enter) {
  std::uint64_t& count = machine[Gpr::rcx];
  const std::uint64_t iterations = instruction.repeats ? count : 1;
  std::uint64_t n = 0;
  Request end;
  if (instruction.rtm_abort)
    open_region(machine, {*instruction.rtm_abort, instruction.to.value_or(*instruction.rtm_abort)});

  const auto body = [&](auto& life) {
    if (n != iterations)
      for (const Request& first : instruction.accesses)
        life.put(access_of(machine, first, n)); // a scenario shows misses too
    if (instruction.repeats && n != iterations)
      --count;
    if (n + 1 < iterations) {
      ++n;
      end = at_rip(machine, Operation::end_of_iteration);
      end.fast_string = instruction.fast_string;
      return end;
    }
    if (instruction.bus_lock)
      life.put(at_rip(machine, Operation::bus_lock));
    if (instruction.task_switch) {
      Request request = at_rip(machine, Operation::task_switch);
      request.t_bit = *instruction.task_switch;
      life.put(request);
    }
    if (life.is_over())
      return end;
    if (machine.rtm && abort_of(instruction) != Operation::none) {
      end = at_rip(machine, abort_of(instruction));
      return end;
    }
    const std::uint64_t address = machine.rip;
    leave(machine, instruction, length);
    if (instruction.branch)
      life.branch(*instruction.branch, address, machine.rip,
                  instruction.mispredicted.value_or(false));
    if (instruction.vector)
      enter(*instruction.vector);
    end = at_rip(machine, Operation::end_of_instruction);
    end.ending = instruction.ending;
    return end;
  };
  const std::optional<Played> taken = play(port, machine, body);
  return taken ? *taken : Played(end, retired());
}

} // namespace icebp
