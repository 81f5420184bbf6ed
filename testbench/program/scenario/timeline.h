#pragma once

#include <icebp/testbench/program/vectors/answer.h>

#include <array>
#include <cstdint>
#include <ostream>
#include <string>

namespace icebp {

// One row of the timeline: what one core did in one step.
struct TimelineRow {
  std::size_t step = 0; // from 1; also the wave signal `step`
  std::size_t line = 0; // in the scenario's file
  std::uint64_t cycle = 0;
  std::string time;
  std::string core;
  std::string instruction;           // or event
  std::array<std::uint64_t, 4> dr{}; // DR0 to DR3 before the step
  std::uint64_t rip = 0;             // before the step
  Answer answer;                     // what it came to
  bool different = false;            // from what the scenario expects
};

// Prints rows in columns, each with a second line that tells what changed and what it cost. With
// `color`, as a terminal shows it.
class Timeline {
public:
  // `core_width`: characters of the longest core's name.
  Timeline(std::ostream& out, std::size_t core_width, bool color)
      : out_(out), core_width_(core_width), color_(color) {}

  void head();
  void row(const TimelineRow& row);
  // A line that stands out: a difference.
  void difference(const std::string& text);
  void note(const std::string& text);

private:
  using Cells = std::array<std::string, 10>;

  std::string line_of(const Cells& cells) const;
  void put(const char* style, const std::string& text);

  std::ostream& out_;
  std::size_t core_width_;
  bool color_;
};

// "rip=1003 rbx=2400 LSTAR=ffff800000000000; 3 cycles, serializing".
std::string changes_text(const TimelineRow& row);

} // namespace icebp
