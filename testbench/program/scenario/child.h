#pragma once

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>

namespace icebp {

struct StepTotals {
  std::size_t as_expected = 0;
  std::size_t different = 0;
  std::size_t without_expectation = 0;
};

struct PlayedScenario {
  StepTotals totals;
  std::string junit; // its suite; empty: not asked for
};

// Calls `play` in a process of its own, which shares the streams. Throws std::runtime_error if that
// ends without a result; it has told why on standard error, unless a signal ended it. `answers` may
// be null.
PlayedScenario play_in_child(const std::function<PlayedScenario()>& play, std::ostream& text,
                             std::ostream* answers);

} // namespace icebp
