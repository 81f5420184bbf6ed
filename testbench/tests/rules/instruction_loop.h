#pragma once
// The order in which an instruction-set simulator puts an instruction's life to the debug unit.

#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/pushed_image.h>

namespace icebp::test {

// Runs one instruction of `sim`, which has `cpu`, `state`, `rip`, `watch` (armed anew after each
// operation that may change it) and the functions that are called here.
template <typename Simulator>
void run_instruction(Simulator& sim) {
  const auto raises = [&sim](Request request) {
    request.context = sim.context(); // mode, CPL, CR4.DE, TF, RF
    const Outcome outcome = execute(sim.cpu, sim.state, request).outcome;
    if (outcome.vector == Vector::none)
      return false;
    sim.enter_handler(outcome, pushed_rf(sim.cpu.authority, request, outcome)); // returns to `rip`
    return true;
  };
  const auto access = [&](Operation operation, std::uint64_t address, std::uint32_t size) {
    if (sim.watch.may_meet(operation, address, size))
      raises(request_at(operation, address, size));
  };

  if (raises(request_at(Operation::fetch, sim.rip)))
    return;
  sim.clear_rf();
  for (;;) { // once, or for each iteration of a REP instruction
    // Moves `rip` on. Gives end_of_iteration, end_of_instruction, or after an exception fault.
    const Request end = sim.execute_at_rip(access, raises);
    if (raises(end) || end.operation != Operation::end_of_iteration)
      return;
  }
}

} // namespace icebp::test
