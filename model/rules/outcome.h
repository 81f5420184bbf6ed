#pragma once

#include <icebp/model/rules/cause.h>

#include <array>
#include <cstdint>
#include <optional>

namespace icebp {

enum class OutcomeKind : std::uint8_t { retired, fault, trap, exit };
template <>
inline constexpr auto name_table<OutcomeKind> = names_in_order<OutcomeKind>("retired", "fault",
                                                                            "trap", "exit");

enum class Vector : std::uint8_t { db = 1, ud = 6, gp = 13, pf = 14, none = 0xFF };
template <>
inline constexpr auto name_table<Vector> =
    std::array{NamedValue<Vector>{Vector::db, "#DB"}, NamedValue<Vector>{Vector::ud, "#UD"},
               NamedValue<Vector>{Vector::gp, "#GP"}, NamedValue<Vector>{Vector::pf, "#PF"},
               NamedValue<Vector>{Vector::none, "none"}};

// What became of a request.
struct Outcome {
  OutcomeKind kind = OutcomeKind::retired;
  Cause cause = Cause::none;
  Vector vector = Vector::none;
  bool redirected = false;                 // the #DB goes to debug firmware
  std::optional<std::uint32_t> error_code; // of #GP and #PF; #DB and #UD have none
  std::optional<std::uint64_t> payload;    // of #DB, format as in payload.h; of #PF the address
  std::uint64_t value = 0;                 // retired: what a read returns
};

constexpr Outcome retired(std::uint64_t value = 0) {
  Outcome outcome;
  outcome.value = value;
  return outcome;
}

// Checks whose fault is #UD.
inline constexpr CauseSet invalid_opcode_causes = only(Cause::lock_prefix) | only(Cause::rex_r) |
                                                  only(Cause::feature_absent) |
                                                  only(Cause::dr45_with_de);

// The fault of a check other than a #DB or #PF: #UD, or #GP(0).
constexpr Outcome fault(Cause check) {
  Outcome outcome;
  outcome.kind = OutcomeKind::fault;
  outcome.cause = check;
  if (contains(invalid_opcode_causes, check)) {
    outcome.vector = Vector::ud;
  } else {
    outcome.vector = Vector::gp;
    outcome.error_code = 0;
  }
  return outcome;
}

// `kind` is fault or trap.
constexpr Outcome debug_exception(OutcomeKind kind, Cause cause, std::uint64_t payload,
                                  bool redirected) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.cause = cause;
  outcome.vector = Vector::db;
  outcome.redirected = redirected;
  outcome.payload = payload;
  return outcome;
}

} // namespace icebp
