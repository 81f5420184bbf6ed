#pragma once

#include <string>
#include <vector>

namespace icebp {

// What becomes of a file that stands in the place of one of these and is not of this program.
enum class IfOfUser { leave, refuse };

// Writes beside a VCD what GTKWave and Surfer want to show it: X.gtkw and X.sucl for X.vcd; the
// names of values in icebp.filters and .surfer/mappings. Returns the first two. Throws InputError
// if `vcd` has no core's signals, std::runtime_error if a file cannot be written or is refused.
std::vector<std::string> write_viewer_files(const std::string& vcd,
                                            IfOfUser of_user = IfOfUser::leave);

} // namespace icebp
