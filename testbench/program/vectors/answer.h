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

// What happened, and the core as the handler's first instruction finds it (or as it is after
// retirement). GPRs and MSRs are all there; a bit of `..._changed` tells which ones changed.
struct Answer {
  std::string id; // JSON text; empty: none
  OutcomeKind outcome = OutcomeKind::retired;
  Vector vector = Vector::none;
  Cause cause = Cause::none;
  bool redirected = false;
  std::optional<std::uint32_t> error_code;
  std::optional<std::uint64_t> payload;
  std::optional<ExitAnswer> exit;
  std::uint64_t rip = 0;
  std::optional<bool> rf;
  std::uint16_t gpr_changed = 0;           // by register number
  std::bitset<msr_slot_count> msr_changed; // by slot
  std::array<std::uint64_t, 16> gpr{};
  std::array<std::uint64_t, msr_slot_count> msr; // by slot; filled by make_answer
  const MsrTable* msrs = nullptr;                // the core's, which must outlive the answer
  Memory memory;
  std::vector<MemoryRange> memory_changes;
  std::optional<std::uint64_t> cr2; // where #PF set it
  std::array<std::uint64_t, 4> dr{};
  std::uint64_t dr6 = 0;
  std::uint64_t dr7 = 0;
  bool serializing = false;
  MsrCost cost = MsrCost::none;
  std::uint32_t cycles = 0;
};

// `after` is the core with `complete()` done and the exception delivered. `played` is what raised
// the exception, or the instruction that retired.
Answer make_answer(const Core& before, const Core& after, const Played& played,
                   std::uint32_t cycles);

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
