#include <icebp/model/rules/exception_class.h>

#include <gtest/gtest.h>

#include <set>

namespace icebp {
namespace {

// SDM vol. 3 table 6-4, with #CP and #VE of newer editions; docs/debug-unit.md 5.5: #DB is benign.
const std::set<unsigned> contributory{0, 10, 11, 12, 13, 21};
const std::set<unsigned> page_faults{14, 20};

TEST(ExceptionClass, Of_every_vector) {
  for (unsigned vector = 0; vector < 32; ++vector) {
    const ExceptionClass expected = contributory.count(vector)  ? ExceptionClass::contributory
                                    : page_faults.count(vector) ? ExceptionClass::page_fault
                                    : vector == 8               ? ExceptionClass::double_fault
                                                                : ExceptionClass::benign;
    EXPECT_EQ(exception_class(static_cast<std::uint8_t>(vector)), expected) << vector;
  }
}

// Tables 6-4 and 6-5: a vector of each class, first and second.
constexpr std::uint8_t db = 1, df = 8, gp = 13, pf = 14;
struct Pair {
  std::uint8_t first, second;
  Escalation escalation;
};
constexpr Pair pairs[] = {
    {db, db, Escalation::serial},       {db, gp, Escalation::serial},
    {db, pf, Escalation::serial},       {gp, db, Escalation::serial},
    {gp, gp, Escalation::double_fault}, {gp, pf, Escalation::serial},
    {pf, db, Escalation::serial},       {pf, gp, Escalation::double_fault},
    {pf, pf, Escalation::double_fault}, {df, db, Escalation::serial},
    {df, gp, Escalation::shutdown},     {df, pf, Escalation::shutdown},
};

TEST(Escalation, Every_pair_of_classes) {
  for (const Pair& pair : pairs)
    EXPECT_EQ(escalation(pair.first, pair.second), pair.escalation)
        << unsigned{pair.first} << " then " << unsigned{pair.second};
}

TEST(Section_5_5, a_db_neither_makes_nor_suffers_a_double_fault) {
  for (unsigned vector = 0; vector < 32; ++vector) {
    EXPECT_EQ(escalation(db, static_cast<std::uint8_t>(vector)), Escalation::serial) << vector;
    EXPECT_EQ(escalation(static_cast<std::uint8_t>(vector), db), Escalation::serial) << vector;
  }
}

} // namespace
} // namespace icebp
