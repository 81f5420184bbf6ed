#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

// Takes a VCD as it is read.
class VcdVisitor {
public:
  virtual ~VcdVisitor() = default;
  // Signals are numbered from 0 in this order; `path` is such as "SystemC.intel.debug_unit.dr6",
  // `code` the identifier, which SystemC gives in the order of tracing.
  virtual void declare(const std::string& path, unsigned width, const std::string& code) = 0;
  // `time` in units of the file's timescale; `bits` as they stand, without leading zeros.
  virtual void change(std::uint64_t time, std::size_t signal, std::string_view bits) = 0;
};

// Reads the VCD that SystemC writes. Throws std::runtime_error on anything else.
void read_vcd(std::istream& in, VcdVisitor& visitor);

struct VcdChange {
  std::uint64_t time;
  std::string signal;
  // Hexadecimal digits as wide as the signal; x or z where a digit has any. Of a signal wider than
  // 64 bits its text in quotation marks.
  std::string value;

  friend bool operator<(const VcdChange& a, const VcdChange& b) {
    return a.time != b.time ? a.time < b.time : a.signal < b.signal;
  }
};

struct Vcd {
  std::map<std::string, unsigned> widths; // by full path, bits
  std::vector<VcdChange> changes;         // by time, then by signal; the start values at time 0
};

Vcd read_vcd(std::istream& in);

} // namespace icebp
