#pragma once

#include <icebp/model/rules/vocabulary/outcome.h>

#include <cstdint>
#include <ostream>
#include <string>

namespace icebp {

// One row of the timeline: what one core did in one step.
struct TimelineRow {
  std::size_t step = 0; // also the wave signal `step`
  std::uint64_t cycle = 0;
  std::string time;
  std::string core;
  std::string instruction; // or event
  Outcome outcome;
  std::uint64_t dr6 = 0; // after the step
  std::uint64_t dr7 = 0;
};

void print_timeline_head(std::ostream& out);
void print_timeline_row(std::ostream& out, const TimelineRow& row);

// `#DB fault, payload 2000, to debug firmware`; `retired`.
std::string description_of(const Outcome& outcome);

} // namespace icebp
