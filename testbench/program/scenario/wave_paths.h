#pragma once

#include <optional>
#include <string>
#include <vector>

namespace icebp {

// The scenarios that `words` name, in order: files, and the *.json files of folders by name. Throws
// InputError for a folder without one.
std::vector<std::string> scenario_files(const std::vector<std::string>& words);

// Where the waves of each scenario go.
struct WavePlaces {
  std::vector<std::string> files;
  std::string folder; // of all; empty: none that would have to be made
};

// `vcd` is a file, a folder or "-"; empty: this folder. It is a folder if there is one, if it ends
// with a slash, and, unless it ends with .vcd, for several scenarios or those of a folder among the
// `words`. Throws InputError where one file would get the waves of two scenarios.
WavePlaces wave_places(const std::vector<std::string>& words,
                       const std::vector<std::string>& scenarios,
                       const std::optional<std::string>& vcd);

} // namespace icebp
