#pragma once
// One line of `icebp check` as it was read; a scenario's cores and steps too. A key that was not
// given is empty: it takes the page's default in a fresh core, the carried value in a step.

#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/outcome.h>
#include <icebp/testbench/program/machine.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace icebp {

// A register's expected bits: those of `value` where `mask` is 1.
struct MaskedValue {
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};

  constexpr bool matches(std::uint64_t got) const { return ((value ^ got) & mask) == 0; }
};

struct ExpectedGpr {
  Gpr reg;
  MaskedValue value;
};

struct ExpectedMsr {
  std::uint32_t index;
  MaskedValue value;
};

// The object `expect`. Of two nested optionals the outer tells that the key was given, the inner is
// empty for JSON null.
struct Expectation {
  std::string id; // JSON text; empty: not given
  std::optional<OutcomeKind> outcome;
  std::optional<std::optional<std::uint32_t>> vector;
  std::optional<std::optional<std::uint32_t>> error_code;
  std::optional<Cause> cause;
  std::optional<std::optional<MaskedValue>> payload;
  std::optional<bool> redirected;
  std::optional<MaskedValue> rip;
  std::optional<std::optional<bool>> rf;
  std::vector<ExpectedGpr> gpr;
  std::vector<ExpectedMsr> msr;
  std::optional<std::array<MaskedValue, 4>> dr;
  std::optional<MaskedValue> dr6;
  std::optional<MaskedValue> dr7;
  std::optional<std::uint64_t> cycles;
};

struct MsrValue {
  std::uint32_t index;
  std::uint64_t value;
};

struct VectorLine {
  std::string id;                 // JSON text, as it comes back; empty: not given
  std::vector<std::uint8_t> code; // empty: not given
  const CpuProfile* profile = nullptr;
  std::optional<Mode> mode;
  std::optional<std::uint8_t> cpl;
  std::optional<std::uint64_t> rip;
  std::optional<std::uint64_t> rflags;
  std::optional<std::uint64_t> cr0;
  std::optional<std::uint64_t> cr4;
  std::optional<std::uint64_t> efer;
  std::optional<std::array<std::uint64_t, 4>> dr;
  std::optional<std::uint32_t> dr6;
  std::optional<std::uint32_t> dr7;
  std::array<std::optional<std::uint64_t>, 16> gpr;
  std::vector<MsrValue> msr;
  std::optional<bool> redirect_db;
  bool has_expectation = false;
  Expectation expect;

  // Nothing given; buffers keep their memory.
  void clear();
};

} // namespace icebp
