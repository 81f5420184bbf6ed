#pragma once
// What an instruction is checked for, in order, and which of its checks fail.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/check.h>

#include <array>
#include <cstddef>

namespace icebp {
inline namespace v0_1 {

// The checks of one instruction on one CPU, the strongest first.
class CheckList {
public:
  constexpr void add(const Check& check) { checks_[size_++] = &check; }

  constexpr std::size_t size() const { return size_; }
  constexpr const Check& operator[](std::size_t n) const { return *checks_[n]; }

private:
  std::array<const Check*, 18> checks_{};
  std::size_t size_ = 0;
};

// Of MOV DR in the order of the CPU's authority. Empty: `operation` is no instruction that is
// checked.
CheckList checks_of(const CpuModel& cpu, Operation operation);

// Every check that fails, whichever wins; of a register that the platform keeps also what it says.
// Empty: the instruction retires, or traps as INT1 does.
CauseSet failing_checks(const CpuModel& cpu, const CoreState& state, const Request& request);

} // namespace v0_1
} // namespace icebp
