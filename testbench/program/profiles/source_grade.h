#pragma once

#include <icebp/model/rules/vocabulary/check.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <string_view>

namespace icebp {

// What kind of source stands behind a name of docs/sources.md.
struct GradedSource {
  std::string_view name;
  Grade grade;
};
extern const Table<GradedSource> graded_sources;

// Gives the best grade of sources such as "VB i7-6700K, SDM 17.4.1: a note"; unverified if none of
// them is graded. What was measured on one CPU is HW on each that has the row: the source names it.
Grade grade_of(std::string_view sources);

} // namespace icebp
