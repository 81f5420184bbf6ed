#pragma once
// The names of values for the wave viewers, from the model's tables of names.

#include <icebp/model/wave_signals.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace icebp {

struct ValueName {
  std::uint64_t value;
  std::string name;
};

// Ascending by value; none if `values` are numbers or text.
std::vector<ValueName> names_of(WaveValues values);

// The translate filter of GTKWave that names the values of `signal`, or its absence: the file's
// name without ".txt"; empty if it needs none.
std::string filter_of(const WaveSignal& signal);

// The format of Surfer that shows `signal`: a mapping of `write_mappings`, or one of its own.
std::string surfer_format_of(const WaveSignal& signal);

// Write the filters, and Surfer's mappings, into `folder`, which is made if it is not there. A file
// that has its text already stays as it is. Throw std::runtime_error.
void write_filters(const std::filesystem::path& folder);
void write_mappings(const std::filesystem::path& folder);

} // namespace icebp
