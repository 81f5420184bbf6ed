#pragma once

#include <icebp/testbench/program/profiles/profiles.h>

#include <iosfwd>
#include <string>

namespace icebp {

struct RunOptions {
  std::string scenario;                        // file
  std::string vcd;                             // file; empty: the scenario's name with .vcd, here
  const CpuProfile* default_profile = nullptr; // of cores that name none
  bool quiet = false;                          // no timeline, only differences and the summary
  bool loosely_timed = false;                  // cores without phases; no waves
};

// `icebp run`: plays a scenario over TLM. All cores of a step start it at the same time,
// and the next one begins when all are through. Returns the exit status: 0 all as expected, 1 a
// difference. Throws InputError with the file's name in front, or std::runtime_error for the waves.
int run(const RunOptions& options, Profiles& profiles, std::ostream& out);

} // namespace icebp
