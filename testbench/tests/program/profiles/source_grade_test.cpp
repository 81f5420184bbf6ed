#include <icebp/testbench/program/profiles/source_grade.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

// docs/sources.md
TEST(SourceGrade, Is_that_of_the_best_source) {
  const struct {
    const char* sources;
    Grade grade;
  } rows[] = {
      {"VB i7-6700K, SDM 17.4.1", Grade::hw},
      {"SDM WRMSR, KUT msr.c, VB", Grade::hw},
      {"SDM WRMSR, lkml 2024-08-21", Grade::hw},
      {"LX, lkml 2024-10-10", Grade::vendor},
      {"KVM msrs.c, BX, SDM", Grade::doc},
      {"SDM 10.9, 10.12", Grade::doc},
      {"LX, APM vol. 2", Grade::doc},
      {"KVM vmx.c, BX", Grade::sw},
      {"BX msr.cc", Grade::sw},
      {"VB VBoxCpuReport.cpp", Grade::sw}, // the prober's own knowledge
      {"VB i7-6700K, VB VBoxCpuReport.cpp", Grade::hw},
      {"10.12, KT", Grade::sw},
      {"LX: as VB", Grade::sw}, // a note is no source
      {"VBox", Grade::unverified},
      {"an example", Grade::unverified},
      {"", Grade::unverified},
  };
  for (const auto& row : rows)
    EXPECT_EQ(grade_of(row.sources), row.grade) << row.sources;
}

} // namespace
} // namespace icebp::test
