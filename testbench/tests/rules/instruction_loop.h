#pragma once
// The order in which an instruction-set simulator puts an instruction's life to the debug unit.

#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/pushed_image.h>
#include <icebp/model/rules/watch_filter.h>

namespace icebp::test {

// Runs one instruction of `sim`, which has `cpu`, `state`, `rip`, `watch` (armed anew after each
// MOV to DR) and the functions that are called here.
template <typename Simulator>
void run_instruction(Simulator& sim) {
  const auto raises = [&sim](Request request) {
    request.context = sim.context(); // mode, CPL, CR4.DE, TF, RF
    const Outcome outcome = execute(sim.cpu, sim.state, request).outcome;
    if (outcome.vector == Vector::none)
      return false;
    sim.enter_handler(outcome, pushed_rf(sim.cpu.profile, request, outcome)); // returns to `rip`
    return true;
  };

  if (raises(request_at(Operation::fetch, sim.rip)))
    return;
  sim.clear_rf();
  for (;;) {                                // once, or for each iteration of a REP instruction
    const auto done = sim.execute_at_rip(); // moves `rip` on, past a REP after the last iteration
    for (const auto& access : done.accesses)
      if (access.writes ? sim.watch.may_write(access.address, access.size)
                        : sim.watch.may_read(access.address, access.size))
        raises(request_at(access.writes ? Operation::data_write : Operation::data_read,
                          access.address, access.size));
    Request end = request_at(done.end, sim.rip); // end_of_instruction, end_of_iteration, fault
    end.ending = done.ending;
    if (raises(end) || done.end != Operation::end_of_iteration)
      return;
  }
}

} // namespace icebp::test
