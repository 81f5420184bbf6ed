#pragma once
// `icebp check`: vector lines in, answers out.

#include <icebp/model/profiles/profiles.h>
#include <icebp/testbench/program/vectors/answer.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace icebp {

// What the instruction of `line` does on the untimed machine. Throws InputError.
Answer run_line(const VectorLine& line, const std::shared_ptr<const CpuModel>& cpu);

struct CheckOptions {
  std::vector<std::string> files;      // "-" is standard input
  const CpuProfile* profile = nullptr; // of lines that name none; null: intel-skylake
  std::string junit;                   // file; empty: none
};

// Answers every line of the files on `out`; differences, errors and the summary go to `err`.
// Returns the exit status: 0 all well, 1 a difference, 2 an error. Throws std::runtime_error if the
// JUnit file cannot be written.
int check(const CheckOptions& options, Profiles& profiles, std::istream& in, std::ostream& out,
          std::ostream& err);

} // namespace icebp
