#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/core/other_instruction.h>

namespace icebp {
namespace {

constexpr std::uint64_t rflags_df = 0x400;

// The access of iteration `n`, the first is 0.
Request access_of(const Machine& machine, Request access, std::uint64_t n) {
  const std::uint64_t distance = n * access.size;
  const bool down = (machine.rflags & rflags_df) != 0;
  access.value = down ? access.value - distance : access.value + distance;
  access.context = context_of(machine);
  if (!access.context.is_64_bit())
    access.value &= low_half;
  return access;
}

void put_accesses(const Core& core, const OtherInstruction& instruction, std::uint64_t n,
                  const Put& put) {
  for (const Request& access : instruction.accesses)
    put(access_of(core.machine, access, n));
}

void put_events(const Core& core, const OtherInstruction& instruction, const Put& put) {
  if (instruction.bus_lock)
    put(at_boundary(core, Operation::bus_lock));
  if (instruction.task_switch) {
    Request request = at_boundary(core, Operation::task_switch);
    request.t_bit = *instruction.task_switch;
    put(request);
  }
}

Played put_rtm_abort(Core& core, std::uint64_t xbegin, const Put& put) {
  core.machine.rip = xbegin;
  const Request request = at_boundary(core, Operation::rtm_abort);
  return {request, put(request)};
}

} // namespace

Played play_other(Core& core, const OtherInstruction& instruction, unsigned length, const Put& put,
                  const std::function<void(std::uint8_t vector)>& enter) {
  Machine& machine = core.machine;
  const std::uint64_t address = machine.rip;
  std::uint64_t& count = machine[Gpr::rcx];
  const std::uint64_t iterations = instruction.repeats ? count : 1;
  for (std::uint64_t n = 0; n < iterations; ++n) {
    put_accesses(core, instruction, n, put);
    if (instruction.repeats)
      --count;
    if (n + 1 == iterations)
      break;
    Request end = at_boundary(core, Operation::end_of_iteration);
    end.fast_string = instruction.fast_string;
    const Outcome outcome = put(end);
    if (outcome.vector != Vector::none)
      return {end, outcome};
  }
  put_events(core, instruction, put);
  if (instruction.rtm_abort)
    return put_rtm_abort(core, *instruction.rtm_abort, put);

  machine.rip = instruction.to.value_or(
      return_address(OutcomeKind::retired, machine.rip, length,
                     at_boundary(core, Operation::fetch).context.is_64_bit()));
  machine.rflags = instruction.rflags.value_or(machine.rflags);
  if (instruction.branch)
    put_branch(core, *instruction.branch, address, put);
  if (instruction.vector)
    enter(*instruction.vector);
  Request end = at_boundary(core, Operation::end_of_instruction);
  end.ending = instruction.ending;
  return {end, put(end)};
}

} // namespace icebp
