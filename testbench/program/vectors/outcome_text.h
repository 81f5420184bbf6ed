#pragma once
// What an outcome, a payload and an exit read like in the timeline.

#include <icebp/testbench/program/vectors/answer.h>

#include <cstdint>
#include <string>

namespace icebp {

// A #DB payload in hex with the names of its bits: "2000 BD", "4001 B0 BS"; "0" has none.
std::string payload_text(std::uint64_t payload);

// "#DB fault, payload 2000 BD, to firmware"; "exit 29 DR_ACCESS"; "retired".
std::string outcome_text(const Answer& answer);

} // namespace icebp
