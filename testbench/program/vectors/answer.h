#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/testbench/program/core/instruction_player.h>
#include <icebp/testbench/program/core/machine.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

// An exit as the hypervisor reads it; a field that is not valid is empty.
struct ExitAnswer {
  bool of_svm = false;
  std::array<std::optional<std::uint64_t>, name_table<ExitField>.size()> fields; // by ExitField

  bool has(ExitField field) const { return (field >= ExitField::code) == of_svm; }
  std::optional<std::uint64_t>& operator[](ExitField field) {
    return fields[static_cast<std::size_t>(field)];
  }
  const std::optional<std::uint64_t>& operator[](ExitField field) const {
    return fields[static_cast<std::size_t>(field)];
  }
};

// What happened, and the core behind it. A bit of `..._changed` tells which GPRs and MSRs changed.
struct Answer {
  Answer() = default;
  explicit Answer(const Core& core) : after(core) {}

  std::string id; // JSON text; empty: none
  OutcomeKind outcome = OutcomeKind::retired;
  Vector vector = Vector::none;
  Cause cause = Cause::none;
  bool redirected = false;
  std::optional<std::uint32_t> error_code;
  std::optional<std::uint64_t> payload;
  std::optional<ExitAnswer> exit;
  std::optional<bool> rf;
  std::uint16_t gpr_changed = 0;           // by register number
  std::bitset<msr_slot_count> msr_changed; // by slot
  std::vector<MemoryRange> memory_changes;
  std::optional<std::uint64_t> cr2; // where #PF set it
  bool serializing = false;
  MsrCost cost = MsrCost::none;
  std::uint32_t cycles = 0;
  // As the handler's first instruction finds it, with `complete()` done and the exception
  // delivered; or as it is after retirement.
  Core after;

  // What RDMSR reads, of the TSC too.
  std::uint64_t value_of(const ResolvedMsr& msr) const {
    const bool is_tsc = msr.slot == static_cast<std::size_t>(MsrSlot::tsc);
    return after.state.msr[msr.slot] + (is_tsc ? after.now : 0);
  }
};

// Tells the rest of an answer whose `after` is there. `played` is what raised the exception, or the
// instruction that retired.
void complete(Answer& answer, const Core& before, const Played& played, std::uint32_t cycles);

// The answer as one JSON object without a line end; "id" is left out if there is none.
void append_json(std::string& out, const Answer& answer);

void append_json(std::string& out, const ExitAnswer& exit);

// An entry of the answer that is not as expected; values as JSON text. An entry within another has
// a key such as "gpr/rax" or "dr/2".
struct Difference {
  std::string key;
  std::string expected;
  std::string got;
};

std::vector<Difference> compare(const Expectation& expect, const Answer& answer);

} // namespace icebp
