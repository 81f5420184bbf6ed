#pragma once
// `icebp check`: vector lines in, answers out.

#include <icebp/testbench/program/profiles/profiles.h>
#include <icebp/testbench/program/vectors/answer.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace icebp {

// What the instruction of `line` does on the untimed machine. Throws InputError.
Answer run_line(const VectorLine& line, const std::shared_ptr<const CpuModel>& cpu);

// Answers every line of `files` ("-" is `in`) on `out`, on `default_profile` where it names none;
// differences, errors and the summary go to `err`. Returns the exit status: 0 all well, 1 a
// difference, 2 an error.
int check(const std::vector<std::string>& files, Profiles& profiles,
          const CpuProfile& default_profile, std::istream& in, std::ostream& out,
          std::ostream& err);

} // namespace icebp
