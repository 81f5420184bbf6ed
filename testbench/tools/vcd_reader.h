#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace icebp {

struct VcdChange {
  std::uint64_t time; // in units of the file's timescale
  std::string signal; // full path, such as "SystemC.intel.debug_unit.dr6"
  std::string value;  // hexadecimal digits as wide as the signal; x or z where a digit has any

  friend bool operator<(const VcdChange& a, const VcdChange& b) {
    return a.time != b.time ? a.time < b.time : a.signal < b.signal;
  }
};

struct Vcd {
  std::map<std::string, unsigned> widths; // by full path, bits
  std::vector<VcdChange> changes;         // by time, then by signal; the start values at time 0
};

// Reads the VCD that SystemC writes. Throws std::runtime_error on anything else.
Vcd read_vcd(std::istream& in);

} // namespace icebp
