#include <icebp/model/rules/vocabulary/event_priority.h>

#include <gtest/gtest.h>

#include <iterator>

namespace icebp {
namespace {

// docs/debug-unit.md 5.1, highest first.
constexpr Event ranks[] = {
    Event::reset,                  // 1
    Event::task_switch_trap,       // 2
    Event::smi,                    // 3
    Event::monitor_trap_flag,      // 3.5
    Event::debug_trap,             // 4
    Event::vmx_preemption_timer,   // 4.3
    Event::nmi_window,             // 4.6
    Event::nmi,                    // 5
    Event::intr,                   // 6
    Event::instruction_breakpoint, // 7
    Event::fetch_fault,            // 8
    Event::decode_fault,           // 9
    Event::execution_fault,        // 10
};

TEST(Section_5_1, every_pair_of_events) {
  EXPECT_EQ(std::size(ranks), name_table<Event>.size());
  for (std::size_t a = 0; a < std::size(ranks); ++a) {
    EXPECT_TRUE(is_first(ranks[a], 0));
    EXPECT_TRUE(is_first(ranks[a], only(ranks[a])));
    for (std::size_t b = 0; b < std::size(ranks); ++b)
      EXPECT_EQ(is_first(ranks[a], only(ranks[b])), a <= b) << ranks[a] << " and " << ranks[b];
  }
}

TEST(Section_5_1, one_of_many_is_enough) {
  EventSet all = 0;
  for (const Event event : ranks)
    all = static_cast<EventSet>(all | only(event));
  for (const Event event : ranks) {
    EXPECT_EQ(is_first(event, all), event == Event::reset) << event;
    EXPECT_EQ(is_first(event, static_cast<EventSet>(all & ~only(Event::reset))),
              event == Event::reset || event == Event::task_switch_trap)
        << event;
  }
}

TEST(Event, Names) {
  constexpr const char* names[] = {
      "reset",          "task_switch_trap",       "smi",         "monitor_trap_flag",
      "debug_trap",     "vmx_preemption_timer",   "nmi_window",  "nmi",
      "intr",           "instruction_breakpoint", "fetch_fault", "decode_fault",
      "execution_fault"};
  for (std::size_t n = 0; n < std::size(ranks); ++n)
    EXPECT_EQ(name_of(ranks[n]), names[n]);
}

} // namespace
} // namespace icebp
