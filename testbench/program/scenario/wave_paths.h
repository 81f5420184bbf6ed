#pragma once

#include <optional>
#include <string>
#include <vector>

namespace icebp {

// The scenarios that `words` name, in order: files, and the *.json files of folders by name. Throws
// InputError for a folder without one.
std::vector<std::string> scenario_files(const std::vector<std::string>& words);

// Where the waves of each scenario go. `vcd` is a file, a folder or "-"; empty: this folder. Throws
// InputError where one file would get the waves of two scenarios.
std::vector<std::string> wave_paths(const std::vector<std::string>& scenarios,
                                    const std::optional<std::string>& vcd);

} // namespace icebp
