#include <icebp/model/rules/cpu/unknown_profile.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

TEST(LegalNames, Guess_what_was_meant) {
  const struct {
    const char* name;
    const char* guess; // empty: none is near
  } rows[] = {
      {"itn1", "int1"},        // two letters swapped count as one change
      {"INT1", "int1"},        // case counts for nothing
      {"profile", "profiles"}, // one left out
      {"chexk", "check"},      // one replaced
      {"zzzz", ""},
      {"in", ""}, // two changes of so short a name
      {"x", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    const std::string guess =
        *row.guess == 0 ? "" : " (did you mean " + std::string(row.guess) + "?)";
    EXPECT_EQ(with_guess("no", row.name, "check, int1, profiles"), "no" + guess) << row.name;
  }
}

TEST(LegalNames, Of_profiles) {
  EXPECT_EQ(unknown_profile("intel-skylaek").substr(0, 71),
            "\"intel-skylaek\" is not a profile (did you mean intel-skylake?); intel-c");
  EXPECT_EQ(unknown_profile("z80").substr(0, 35), "\"z80\" is not a profile; intel-core2");
}

} // namespace
} // namespace icebp
