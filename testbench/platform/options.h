#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace icebp::vp {

// Thrown: what is wrong with the command line, and what would be legal.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The command line of icebp-vp, whose names are QEMU's where QEMU has the option.
struct Options {
  std::string kernel;
  std::string append;
  std::optional<std::string> initrd;
  std::string profile = "intel-skylake";
  std::uint64_t memory = std::uint64_t{128} << 20; // bytes
  unsigned cores = 1;
  std::string serial = "stdio"; // a file, "stdio" or "none"
  std::string debugcon = "none";
  std::optional<std::string> vcd;
  std::optional<std::string> trace;
  std::uint64_t max_instructions = ~std::uint64_t{0};
  std::optional<unsigned> timeout; // seconds
  std::optional<unsigned> gdb;     // TCP port
  bool timed = false;
  bool help = false;
};

Options read_options(int argc, const char* const* argv);
std::string usage();

} // namespace icebp::vp
