#pragma once
// What the tables of a scenario's keys have in common.

#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/program/vectors/vector_keys.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

extern const Level machine_level; // core_keys.cpp; of a VectorLine
extern const Level cores_level;   // of a Reading
extern const Level steps_level;   // step_keys.cpp; of a Reading
extern const Level does_level;    // does_keys.cpp; of an OtherInstruction

// --- what is being read

struct NamedExpectation {
  std::string core;
  Expectation expect;
};

// The cores that a step names: they may come behind it.
struct CoresOfStep {
  std::optional<std::vector<std::string>> on;
  std::vector<NamedExpectation> expect_on;
};

struct Reading {
  Scenario scenario;
  std::vector<CoresOfStep> cores_of_steps;

  ScenarioCore& core() { return scenario.cores.back(); }
  ScenarioStep& step() { return scenario.steps.back(); }
  CoresOfStep& cores_of_step() { return cores_of_steps.back(); }
};

inline std::optional<std::size_t> find_core(const Scenario& scenario, std::string_view name) {
  for (std::size_t i = 0; i < scenario.cores.size(); ++i)
    if (scenario.cores[i].name == name)
      return i;
  return std::nullopt;
}

// A core or a step is read into its VectorLine; this is around it.
inline Reading& around(JsonEvents& in) { return in.outer<Reading>(); }

inline constexpr const char* one_of_two = "one of the two";
inline constexpr const char* leave_it_out = "leave it out";

// --- an object with keys of a vector line among its own

struct ForeignKey {
  std::string_view name;
  const char* problem;
};
inline constexpr const char* no_place = "has no place here";

template <typename Entries, typename Entry>
bool is_among(const Entries& entries, const Entry& entry) {
  return std::find(std::begin(entries), std::end(entries), entry) != std::end(entries);
}

template <const auto& table>
bool has_name(std::string_view name) {
  return std::any_of(std::begin(table), std::end(table),
                     [&](const auto& entry) { return entry.name == name; });
}

// Those of the line that are not `foreign`.
template <const auto& foreign>
std::string names_with_line_keys(std::string names) {
  for (const std::string_view name : names_of_line_keys())
    if (!has_name<foreign>(name))
      append_name(names, name);
  return names;
}

// The keys of the line are numbered behind the own ones.
template <const auto& own, const auto& foreign>
const Key* find_own_or_line_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(own); ++entry)
    if (is_named(own[entry], name))
      return &own[entry];
  for (const ForeignKey& key : foreign)
    if (key.name == name)
      in.fail_at(name, key.problem, leave_it_out);
  const Key* const key = find_line_key(name, entry);
  entry += std::size(own);
  return key;
}

} // namespace icebp
