#pragma once
// A core's state as JSON text: registers by name and MSRs by index, so that it can be read by a
// later version whose tables have moved. docs/state.md has the format.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/vocabulary/core_state.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// What a core has counted since power-up, and how fast it counts. Frequencies are texts in hertz,
// as CoreClock gives them.
struct CoreTime {
  std::uint64_t tsc_ticks = 0;
  std::uint64_t cycles = 0;
  std::string hertz = "none";
  std::string tsc_hertz = "none"; // of a TSC with a clock of its own

  static CoreTime untimed(std::uint64_t ticks) { return {ticks, ticks, "none", "none"}; }
};

// Gives the text of `state`, as it is `now`.
std::string save_state(const CpuModel& cpu, const CoreState& state, const CoreTime& now);

// Reads such a text into `state`; the TSC goes on from the saved value. Gives what is wrong with
// the text, and then leaves `state` alone: it is of another profile, authority, frequency or
// version, a part is missing, or it has something that this CPU does not know.
std::optional<std::string> load_state(const CpuModel& cpu, std::string_view text,
                                      const CoreTime& now, CoreState& state);

// Gives what no core can hold of `state`; nullptr if a core can hold all of it.
const char* what_is_malformed(const CoreState& state);

// Gives `state` with the fixed bits that DR6 and DR7 of this CPU have.
CoreState legalised(const CpuModel& cpu, const CoreState& state);

} // namespace v0_1
} // namespace icebp
