#pragma once
// What a wave viewer reads beside a VCD of this model: a save file of GTKWave, a command file of
// Surfer.

#include <icebp/model/wave_signals.h>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace icebp {

// A signal of a VCD that has a row in `wave_signals`.
struct VcdSignal {
  std::string path; // "SystemC.intel.debug_unit.dr6"
  std::string core; // "SystemC.intel"; empty: of none
  const WaveSignal* row;
  bool changes = false; // after time 0
};

// What a viewer can show of a VCD. Times are in units of the VCD.
struct VcdOverview {
  std::vector<VcdSignal> signals;         // by row of `wave_signals`
  std::vector<std::string> cores;         // in the order of the VCD
  std::vector<std::uint64_t> steps;       // where each begins
  std::optional<std::uint64_t> exception; // where the first one is raised
  std::uint64_t end = 0;                  // the last change
};

// Throws std::runtime_error if `vcd` is none.
VcdOverview overview_of(std::istream& vcd);

// How a window shows the waves.
struct WaveView {
  std::uint64_t start = 0;             // at its left edge
  std::optional<std::uint64_t> marker; // where the viewer's marker stands
  unsigned time_per_pixel = 25;
  unsigned width = 1400; // pixels
  bool has_tree = true;  // of the scopes, beside the signals
  // What the groups show: "dr6", or "debug_unit.data". Empty: what changes, by rank.
  std::vector<std::string> signals;
};

// Opens with the first exception in view, and with the step that raises it where both have room.
WaveView view_of(const VcdOverview& overview);

// `place` is where the save file will be, an absolute path, and `filters` the folder of the
// translate filters, relative to its folder: GTKWave finds them wherever the two are moved to.
void write_save_file(std::ostream& out, const VcdOverview& overview, const WaveView& view,
                     const std::filesystem::path& place, const std::filesystem::path& filters);

void write_command_file(std::ostream& out, const VcdOverview& overview, const WaveView& view);

} // namespace icebp
