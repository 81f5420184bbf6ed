#pragma once
// The program's own simulator: it plays one instruction of a core through the instruction loop and
// keeps what raised an exception or exit, for the caller to take.

#include <icebp/model/rules/instruction_loop.h>
#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/core/msr_list_player.h>
#include <icebp/testbench/program/core/user_msr_bitmap.h>

#include <cstdint>
#include <optional>

namespace icebp {

// An operation of `machine` between two instructions, or within the one at RIP.
inline Request at_rip(const Machine& machine, Operation operation) {
  return request_at(operation, machine.rip);
}

// `body` executes the instruction: it gets the life, moves RIP and gives the end.
template <typename Body>
class InstructionPlayer {
public:
  InstructionPlayer(Machine& machine, const Body& body) : machine_(machine), body_(body) {}

  CoreContext context() const { return context_of(machine_); }
  std::uint64_t rip() const { return machine_.rip; }
  void clear_rf() { machine_.rflags &= ~rflags_rf; }
  template <typename Life>
  Request execute_at_rip(Life& life) {
    return body_(life);
  }
  void take(const Delivery& delivery) {
    taken_.emplace(delivery.request, delivery.outcome);
    if (delivery.outcome.cause == Cause::rtm_abort)
      abort_region(machine_, delivery.rip, delivery.outcome);
    else
      machine_.rip = delivery.rip;
  }

  const std::optional<Played>& taken() const { return taken_; }

private:
  Machine& machine_;
  const Body& body_;
  std::optional<Played> taken_;
};

// What raised an exception or exit; empty: the instruction retired.
template <typename Port, typename Body>
std::optional<Played> play(Port& port, Machine& machine, const Body& body) {
  InstructionPlayer<Body> player(machine, body);
  run_instruction(port, player);
  return player.taken();
}

// Plays `instruction`, one of the model, as the core has it at RIP: the operation that raised an
// exception or exit, or the retired instruction.
template <typename Port>
Played play_instruction(Port& port, Core& core, const Request& instruction) {
  Played itself;
  const auto body = [&](auto& life) {
    const Request operation = with_user_msr_bitmap(core, port.state(), instruction);
    itself = {operation, life.put(operation)};
    if (is_msr_list(operation.operation) && !life.is_over())
      itself =
          play_msr_list(core, operation, [&](const Request& entry) { return life.put(entry); });
    if (!life.is_over())
      complete(core.machine, itself.request, itself.outcome);
    return at_rip(core.machine, Operation::end_of_instruction);
  };
  std::optional<Played> taken = play(port, core.machine, body);
  if (!taken)
    return itself;
  if (is_end(taken->request.operation)) { // the instruction retired before
    taken->cost = itself.cost;
    taken->serializing = itself.serializing;
  }
  return *taken;
}

} // namespace icebp
