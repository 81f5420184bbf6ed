#pragma once
// The command line of a program that does one of its cases N times: PROGRAM CASE N

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>

namespace icebp {

// `cases` have a `name`; `run(chosen, count)` gives the exit status.
template <typename Cases, typename Run>
int run_case(int argc, char** argv, const Cases& cases, Run run) {
  for (const auto& candidate : cases)
    if (argc == 3 && std::string(argv[1]) == candidate.name)
      return run(candidate, static_cast<std::size_t>(std::strtoull(argv[2], nullptr, 10)));
  std::cerr << "usage: " << argv[0] << " CASE N, where CASE is one of";
  for (const auto& candidate : cases)
    std::cerr << ' ' << candidate.name;
  std::cerr << '\n';
  return 2;
}

} // namespace icebp
