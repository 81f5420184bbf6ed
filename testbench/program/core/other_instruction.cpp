#include <icebp/testbench/program/core/other_instruction.h>

namespace icebp {

Request access_of(const Machine& machine, const Request& first, std::uint64_t n) {
  constexpr std::uint64_t rflags_df = 0x400;
  Request access = first;
  const std::uint64_t distance = n * access.size;
  const bool down = (machine.rflags & rflags_df) != 0;
  access.value = down ? access.value - distance : access.value + distance;
  if (!context_of(machine).is_64_bit())
    access.value &= low_half;
  return access;
}

Operation abort_of(const OtherInstruction& instruction) {
  constexpr std::uint8_t bp = 3;
  if (instruction.rtm_abort || instruction.vector == bp)
    return Operation::rtm_abort;
  return instruction.vector ? Operation::fault : Operation::none;
}

void leave(Machine& machine, const OtherInstruction& instruction, unsigned length) {
  machine.rip = instruction.to.value_or(
      return_address(OutcomeKind::retired, machine.rip, length, context_of(machine).is_64_bit()));
  machine.rflags = instruction.rflags.value_or(machine.rflags);
}

} // namespace icebp
