#pragma once
// The checks of an instruction as data: its decision follows from the first in order that fails.

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace icebp {
inline namespace v0_1 {

struct CpuModel;

// How well a fact is known, the best first: measured on hardware, told by an engineer of the
// vendor, documented, done by software that runs on the hardware or imitates it, or none of these.
enum class Grade : std::uint8_t { hw, vendor, doc, sw, unverified };
template <>
inline constexpr auto name_table<Grade> = names_in_order<Grade>("HW", "VENDOR", "DOC", "SW",
                                                                "UNVERIFIED");

// One check of an instruction.
struct Check {
  Cause cause;
  // Looks at nothing that another check decides: each can be asked on its own.
  bool (*fails)(const CpuModel& cpu, const CoreState& state, const Request& request);
  // What the instruction comes to if this is the first check that fails.
  Outcome (*outcome)(const Request& request, Cause cause);
  std::string_view source;
  Grade grade;
};

// The checks of an instruction, the strongest first.
using Checks = Table<Check>;

// nullptr if none fails.
inline const Check* first_failing(const Checks& checks, const CpuModel& cpu, const CoreState& state,
                                  const Request& request) {
  for (const Check& check : checks)
    if (check.fails(cpu, state, request))
      return &check;
  return nullptr;
}

// `checks` is a constant array: none of them costs a call.
template <const auto& checks, std::size_t n>
CauseSet failing_at(const CpuModel& cpu, const CoreState& state, const Request& request) {
  constexpr auto fails = checks[n].fails;
  constexpr CauseSet cause = only(checks[n].cause);
  return fails(cpu, state, request) ? cause : 0;
}
template <const auto& checks, std::size_t... n>
CauseSet all_failing(const CpuModel& cpu, const CoreState& state, const Request& request,
                     std::index_sequence<n...>) {
  return (failing_at<checks, n>(cpu, state, request) | ...);
}
template <const auto& checks>
CauseSet all_failing(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return all_failing<checks>(cpu, state, request, std::make_index_sequence<checks.size()>());
}

// Lists one behind the other.
template <std::size_t... sizes>
constexpr std::array<Check, (sizes + ...)> joined(const std::array<Check, sizes>&... parts) {
  std::array<Check, (sizes + ...)> all{};
  std::size_t next = 0;
  const auto append = [&](const auto& part) {
    for (const Check& check : part)
      all[next++] = check;
  };
  (append(parts), ...);
  return all;
}

template <std::size_t size>
constexpr Checks view_of(const std::array<Check, size>& checks) {
  return {checks.data(), size};
}

// --- columns that several instructions share

inline Outcome raise_ud(const Request&, Cause cause) { return invalid_opcode(cause); }
inline Outcome raise_gp(const Request&, Cause cause) { return general_protection(cause); }

template <Cause cause>
bool has_encoding_fault(const CpuModel&, const CoreState&, const Request& request) {
  return contains(request.encoding_faults, cause);
}
inline bool is_not_64_bit(const CpuModel&, const CoreState&, const Request& request) {
  return !request.context.is_64_bit();
}
inline bool is_not_cpl_0(const CpuModel&, const CoreState&, const Request& request) {
  return request.context.cpl != 0;
}

// Of every instruction: the length limit comes before what the bytes mean.
inline constexpr std::array<Check, 2> encoding_checks{{
    {Cause::instruction_too_long, has_encoding_fault<Cause::instruction_too_long>, raise_gp,
     "SDM vol. 3 table 6-2", Grade::doc},
    {Cause::lock_prefix, has_encoding_fault<Cause::lock_prefix>, raise_ud, "SDM vol. 2 LOCK",
     Grade::doc},
}};

} // namespace v0_1
} // namespace icebp
