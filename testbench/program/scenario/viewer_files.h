#pragma once

#include <string>

namespace icebp {

// Writes beside a VCD what GTKWave and Surfer want to show it: X.gtkw and X.sucl for X.vcd, unless
// such a file is there that is not of this program; the names of values in icebp.filters and
// .surfer/mappings. Throws std::runtime_error.
void write_viewer_files(const std::string& vcd);

} // namespace icebp
