#pragma once
// The signals of the waves, one row each: from it come the trace, the files of the wave viewers and
// docs/waves.md.

#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <cstdint>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// What an operation came to, as a wave shows it; `redirected`: a #DB that goes to debug firmware.
enum class WaveOutcome : std::uint8_t { none, retired, fault, trap, exit, redirected };
template <>
inline constexpr auto name_table<WaveOutcome> = names_in_order<WaveOutcome>("none", "retired",
                                                                            "fault", "trap", "exit",
                                                                            "redirected");

enum class WaveScope : std::uint8_t { scenario, core, debug_unit, msr_block, exception_unit };
template <>
inline constexpr auto name_table<WaveScope> = names_in_order<WaveScope>("scenario", "core",
                                                                        "debug_unit", "msr_block",
                                                                        "exception_unit");

// How a viewer shows the values of a signal: as a number, or by the names of one table.
enum class WaveValues : std::uint8_t {
  hexadecimal,
  decimal,
  bit,
  text, // ASCII, the last character in bits 7:0, 0 in front
  phase,
  operation,
  outcome,
  cause,
  mode,
  shadow,
  vector,
  cost,
  msr, // of both vendors
};
template <>
inline constexpr auto
    name_table<WaveValues> = names_in_order<WaveValues>("hexadecimal", "decimal", "bit", "text",
                                                        "phase", "operation", "outcome", "cause",
                                                        "mode", "shadow", "vector", "cost", "msr");

// How a viewer's window shows a signal: `detail` in a group that is closed.
enum class WaveRank : std::uint8_t { highlighted, plain, detail };

struct WaveAccess {
  Operation operation = Operation::none; // none: no access is shown
  std::uint64_t address = 0;
  std::uint32_t size = 0;
};

// What the waves of a core keep from one moment to the next.
struct WaveHistory {
  WaveAccess access;
  std::uint32_t retired = 0;
  std::uint32_t matches = 0;
  std::uint32_t delivered = 0;
  std::uint32_t exits = 0;
  bool reset = false;
};

// What a core is sampled from.
struct WaveMoment {
  Phase phase;
  const Request& request;
  const Outcome& outcome;
  const CoreState& state;
  const WaveHistory& history;
  std::uint64_t cycle;
};

struct WaveSignal {
  WaveScope scope;
  std::string_view name;
  unsigned width; // bits
  WaveValues values;
  bool may_be_absent; // then all ones
  WaveRank rank;
  std::string_view meaning;
  std::uint64_t (*sample)(const WaveMoment&); // null: not of DebugCore
};

Table<WaveSignal> wave_signals();

inline constexpr unsigned wave_text_characters = 48;
inline constexpr unsigned wave_opcode_characters = 3 * 15 - 1; // 15 bytes, a blank between two

} // namespace v0_1
} // namespace icebp
