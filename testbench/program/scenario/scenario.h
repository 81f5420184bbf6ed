#pragma once
// A scenario: one or more cores and what happens to them, step by step.

#include <icebp/model/profiles/profiles.h>
#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/testbench/program/core/other_instruction.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

// A step that is not an instruction.
enum class ScenarioEvent : std::uint8_t {
  handler_returns,
  firmware_resumes,
  page_fault,
  reset,
  init,
  pmi
};
template <>
inline constexpr auto
    name_table<ScenarioEvent> = names_in_order<ScenarioEvent>("handler_returns", "firmware_resumes",
                                                              "page_fault", "reset", "init", "pmi");

struct ScenarioCore {
  std::string name;
  std::string place;  // for `core_of`: "/cores/0", "/machine", or empty: a default core
  VectorLine machine; // `profile` null: the default profile
};

struct ScenarioStep {
  std::string note;
  std::vector<std::size_t> cores;          // positions in Scenario::cores, ascending
  VectorLine line;                         // keys that override the carried state; the instruction
  std::optional<ScenarioEvent> event;      // else `line.code`
  ResumeVerb verb = ResumeVerb::reexecute; // of firmware_resumes
  std::uint64_t value = 0;                 // of the verb `complete`
  std::uint64_t address = 0;               // of page_fault
  std::uint16_t error_code = 0;            // of page_fault
  std::uint64_t overflowed = 0;            // of pmi: bits of the global status
  bool rf = false;                         // of the two returns: RF in the image they take back
  std::optional<OtherInstruction> does;    // of code that the model does not decode
  std::vector<Expectation> expect;         // one for each of `cores`; or empty: none at all
};

struct Scenario {
  std::string title;
  std::string source;
  std::string note;
  std::vector<ScenarioCore> cores;
  std::vector<ScenarioStep> steps;
};

inline constexpr std::size_t max_scenario_cores = 8;
inline constexpr std::size_t max_scenario_steps = 100000;

// Reads a scenario's text; its cores are of `profiles`. Throws InputError.
Scenario read_scenario(std::string_view text, Profiles& profiles);

// The place of a step for `apply` and `instruction_of`: "/steps/3".
std::string step_place(std::size_t step);

} // namespace icebp
