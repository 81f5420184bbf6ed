#pragma once

#include <icebp/model/rules/cpu/cycle_table.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// A phase tells where an operation stands between its issue and its end.
enum class Phase : std::uint8_t {
  idle,
  issue,
  check,   // the rules have decided
  execute, // the unit works
  retire,  // registers have changed
  fault,   // an exception of fault class waits for its delivery
  trap,    // one of trap class waits; the instruction has retired
  deliver, // DR6, or CR2, has changed
  exit,    // the hypervisor takes over
};
template <>
inline constexpr auto name_table<Phase> = names_in_order<Phase>("idle", "issue", "check", "execute",
                                                                "retire", "fault", "trap",
                                                                "deliver", "exit");

struct PhaseStep {
  Phase phase;
  std::uint32_t cycles; // at least 1
};

// Lists the phases that an operation goes through, in order.
class PhasePlan {
public:
  constexpr void add(Phase phase, std::uint32_t cycles) { steps_[size_++] = {phase, cycles}; }

  constexpr std::size_t size() const { return size_; }
  constexpr const PhaseStep& operator[](std::size_t n) const { return steps_[n]; }
  constexpr const PhaseStep* begin() const { return steps_.data(); }
  constexpr const PhaseStep* end() const { return steps_.data() + size_; }

private:
  std::array<PhaseStep, 5> steps_{};
  std::size_t size_ = 0;
};

// Makes the plan of `request`, which came to `outcome`. An operation that takes no time of its own
// has the phases of its exception only. `Phase::trap` of an instruction takes the cycles of its
// retirement.
PhasePlan plan(const CycleTable& table, const Request& request, const Outcome& outcome);

// Gives the core cycles of the whole plan. (`execute` is what the other phases leave of an
// instruction's figure, so that one which retires needs no sum.)
std::uint32_t total_cycles(const CycleTable& table, const Request& request, const Outcome& outcome);

} // namespace v0_1
} // namespace icebp
