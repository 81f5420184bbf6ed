#pragma once

#include <icebp/model/profiles/profiles.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace icebp {

struct RunOptions {
  std::vector<std::string> scenarios;  // files, and folders of *.json files
  const CpuProfile* profile = nullptr; // of cores that name none; null: intel-skylake
  std::optional<std::string> vcd;      // file, folder or "-"; empty: the scenario's name, here
  bool no_vcd = false;
  bool quiet = false;         // no timeline, only differences and the summary
  bool loosely_timed = false; // cores without phases; no waves
  bool json = false;          // answers, an object a line, on `out`; the rest on `err`
  bool color = false;
  std::string junit; // file; empty: none
};

// `icebp run`: plays scenarios over TLM, after all of them are read and found to be good. All cores
// of a step start it at the same time, and the next one begins when all are through. Returns the
// exit status: 0 all as expected, 1 a difference. Throws InputError for bad input, with the file's
// name in front, and std::runtime_error for output that cannot be written.
int run(const RunOptions& options, Profiles& profiles, std::ostream& out, std::ostream& err);

} // namespace icebp
