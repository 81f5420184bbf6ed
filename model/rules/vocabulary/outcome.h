#pragma once

#include <icebp/model/rules/vocabulary/cause.h>

#include <array>
#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// `cancelled`: a RESET came before the operation was over; only in time.
enum class OutcomeKind : std::uint8_t { retired, fault, trap, exit, cancelled };
template <>
inline constexpr auto name_table<OutcomeKind> = names_in_order<OutcomeKind>("retired", "fault",
                                                                            "trap", "exit",
                                                                            "cancelled");

enum class Vector : std::uint8_t { db = 1, ud = 6, gp = 13, pf = 14, none = 0xFF };
template <>
inline constexpr auto name_table<Vector> =
    std::array{NamedValue<Vector>{Vector::db, "#DB"}, NamedValue<Vector>{Vector::ud, "#UD"},
               NamedValue<Vector>{Vector::gp, "#GP"}, NamedValue<Vector>{Vector::pf, "#PF"},
               NamedValue<Vector>{Vector::none, "none"}};

// The class of what an access to an MSR costs; CycleTable has the cycles.
enum class MsrCost : std::uint8_t {
  none, // no access, or none that retired
  fast_read,
  slow_read, // of a register outside the core
  serializing_write,
  nonserializing_write,
  flush_command, // a write that starts a flush
};
template <>
inline constexpr auto name_table<MsrCost> = names_in_order<MsrCost>(
    "none", "fast_read", "slow_read", "serializing_write", "nonserializing_write", "flush_command");

// An outcome tells what became of a request. It has 16 bytes, so that it is returned in registers.
// One that is retired with the cause `rtm_abort` has had no effect: its RTM region was aborted, and
// the core goes on at the fallback address.
struct Outcome {
  OutcomeKind kind = OutcomeKind::retired;
  Cause cause = Cause::none;
  Vector vector = Vector::none;
  bool redirected = false; // the #DB goes to debug firmware
  MsrCost cost = MsrCost::none;
  bool serializing = false; // retired, and nothing behind it starts before it is over
  std::uint16_t code = 0;   // of a #PF its error code; of an instruction exit its reason or code;
                            // of an abort the status that EAX gets
  std::uint64_t data = 0;   // a value; a payload; of an instruction exit its qualification or info;
                            // of an abort the fallback address

  // Nothing stopped it.
  constexpr bool completes() const { return kind == OutcomeKind::retired && cause == Cause::none; }
  // The operation changes registers, or aborts its RTM region, whatever follows.
  constexpr bool takes_effect() const {
    return kind == OutcomeKind::retired || kind == OutcomeKind::trap;
  }
  constexpr bool aborts_rtm() const {
    return kind == OutcomeKind::retired && cause == Cause::rtm_abort;
  }
  // The value of a read that retired; else 0.
  constexpr std::uint64_t value() const { return completes() ? data : 0; }
  // #GP has an error code, always 0 here, and #PF has one; #DB and #UD have none.
  constexpr std::optional<std::uint32_t> error_code() const {
    if (vector == Vector::gp)
      return 0;
    if (vector == Vector::pf)
      return code;
    return std::nullopt;
  }
  // #DB has a payload, in the format of payload.h, and #PF one, the address.
  constexpr std::optional<std::uint64_t> payload() const {
    if (vector == Vector::db || vector == Vector::pf)
      return data;
    return std::nullopt;
  }
};

constexpr Outcome retired(std::uint64_t value = 0) {
  Outcome outcome;
  outcome.data = value;
  return outcome;
}

// MOV to a debug register is serializing (SDM vol. 3 8.3).
constexpr Outcome retired_serializing() {
  Outcome outcome;
  outcome.serializing = true;
  return outcome;
}

// But for the value of a read.
constexpr Outcome retired_msr_access(MsrCost cost) {
  Outcome outcome;
  outcome.cost = cost;
  outcome.serializing = cost == MsrCost::serializing_write;
  return outcome;
}

// Gives the outcome of a WRMSR in a form that does not serialize.
constexpr Outcome without_serialization(Outcome outcome) {
  outcome.serializing = false;
  if (outcome.cost == MsrCost::serializing_write)
    outcome.cost = MsrCost::nonserializing_write;
  return outcome;
}

// `status` is EAX behind the abort (SDM vol. 1 table 16-1).
constexpr Outcome rtm_aborted(std::uint64_t fallback, std::uint16_t status) {
  Outcome outcome;
  outcome.cause = Cause::rtm_abort;
  outcome.code = status;
  outcome.data = fallback;
  return outcome;
}

constexpr Outcome cancelled() {
  Outcome outcome;
  outcome.kind = OutcomeKind::cancelled;
  return outcome;
}

constexpr Outcome fault(Vector vector, Cause cause) {
  Outcome outcome;
  outcome.kind = OutcomeKind::fault;
  outcome.cause = cause;
  outcome.vector = vector;
  return outcome;
}
constexpr Outcome general_protection(Cause cause) { return fault(Vector::gp, cause); } // #GP(0)
constexpr Outcome invalid_opcode(Cause cause) { return fault(Vector::ud, cause); }

constexpr Outcome page_fault_at(std::uint64_t address, std::uint16_t error_code) {
  Outcome outcome;
  outcome.kind = OutcomeKind::fault;
  outcome.cause = Cause::page_fault;
  outcome.vector = Vector::pf;
  outcome.code = error_code;
  outcome.data = address;
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
  outcome.data = payload;
  return outcome;
}

} // namespace v0_1
} // namespace icebp
