#pragma once
// RDMSRLIST and WRMSRLIST, entry by entry.

#include <icebp/testbench/program/core/machine.h>

#include <functional>

namespace icebp {

// Walks the entries of `list`, an rdmsrlist or wrmsrlist that retired, by RCX: completed ones stay
// done and RCX tells. `put` takes a request to `core.state` and gives its outcome. Gives the
// request that did not retire and its outcome, or `list` retired.
Played play_msr_list(Core& core, const Request& list,
                     const std::function<Outcome(const Request&)>& put);

} // namespace icebp
