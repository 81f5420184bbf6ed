#include <icebp/testbench/program/profiles/source_grade.h>

#include <algorithm>
#include <iterator>

namespace icebp {
namespace {

// The first name that a source begins with counts. (docs/sources.md, Grades of registers)
constexpr GradedSource sources[] = {
    {"VB VBoxCpuReport.cpp", Grade::sw}, // what the prober knows beforehand
    {"VB", Grade::hw},
    {"libcpuid", Grade::hw},
    {"lkml 2024-08-21", Grade::hw}, // tried on CPUs of both vendors
    {"lkml 2024-10-10", Grade::vendor},
    {"lkml 2025-08-29", Grade::vendor},
    {"lkml 2025-03-31", Grade::sw},
    {"SDM", Grade::doc},
    {"ISE", Grade::doc},
    {"APM", Grade::doc},
    {"PPR", Grade::doc},
    {"WP", Grade::doc},
    {"sandpile.org", Grade::doc},
    {"KVM", Grade::sw},
    {"KT", Grade::sw},
    {"KUT", Grade::sw},
    {"LX", Grade::sw},
    {"BX", Grade::sw},
    {"XEN", Grade::sw},
    {"QEMU", Grade::sw},
    {"coreboot", Grade::sw},
    {"illumos", Grade::sw},
};

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.substr(0, word.size()) == word &&
         (text.size() == word.size() || text[word.size()] == ' ');
}

Grade grade_of_one(std::string_view source) {
  for (const GradedSource& graded : sources)
    if (begins_with_word(source, graded.name))
      return graded.grade;
  return Grade::unverified;
}

} // namespace

const Table<GradedSource> graded_sources{sources, std::size(sources)};

Grade grade_of(std::string_view sources_of_row) {
  std::string_view left = sources_of_row.substr(0, sources_of_row.find(':'));
  Grade best = Grade::unverified;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(','), left.size());
    best = std::min(best, grade_of_one(left.substr(0, end)));
    left.remove_prefix(end);
    left.remove_prefix(std::min(left.find_first_not_of(", "), left.size()));
  }
  return best;
}

} // namespace icebp
