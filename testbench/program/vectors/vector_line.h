#pragma once
// One line of `icebp check` as it was read; a scenario's cores and steps too. A key that was not
// given is empty: it takes the page's default in a fresh core, the carried value in a step.

#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/testbench/program/core/machine.h>

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

// A field of an exit: the keys of the object `exit`.
enum class ExitField : std::uint8_t {
  // VMX
  reason,
  qualification,
  intr_info,
  error_code,
  // SVM
  code,
  info1,
  info2,
};
template <>
inline constexpr auto name_table<ExitField> = names_in_order<ExitField>("reason", "qualification",
                                                                        "intr_info", "error_code",
                                                                        "code", "info1", "info2");

struct ExpectedExitField {
  ExitField field;
  std::optional<MaskedValue> value; // empty for null: not valid
};

// The keys of `expect` that hold no memory of their own. Of two nested optionals the outer tells
// that the key was given, the inner is empty for JSON null.
struct ExpectedScalars {
  std::optional<OutcomeKind> outcome;
  std::optional<std::optional<std::uint32_t>> vector;
  std::optional<std::optional<std::uint32_t>> error_code;
  std::optional<Cause> cause;
  std::optional<std::optional<MaskedValue>> payload;
  std::optional<bool> redirected;
  std::optional<MaskedValue> rip;
  std::optional<std::optional<bool>> rf;
  std::optional<std::optional<MaskedValue>> cr2;
  std::optional<std::array<MaskedValue, 4>> dr;
  std::optional<MaskedValue> dr6;
  std::optional<MaskedValue> dr7;
  std::optional<bool> serializing;
  std::optional<MsrCost> cost;
  std::optional<std::uint64_t> cycles;
};

// The object `expect`.
struct Expectation : ExpectedScalars {
  std::string id; // JSON text; empty: not given
  std::optional<std::optional<std::vector<ExpectedExitField>>> exit;
  std::vector<ExpectedGpr> gpr;
  std::vector<ExpectedMsr> msr;
  std::vector<MemoryRange> memory;

  // Nothing given; buffers keep their memory.
  void clear();
};

// Puts what `over` gives in place of what `expect` does; the registers, ranges and fields of an
// exit that it does not name stay.
void lay_over(Expectation& expect, const Expectation& over);

struct MsrValue {
  std::uint32_t index;
  std::uint64_t value;
};

// The object `vmx`; lists by MSR index.
struct VmxKeys {
  bool mov_dr_exiting = false;
  std::uint32_t exception_bitmap = 0;
  bool use_msr_bitmaps = false;
  std::vector<std::uint32_t> msr_read;
  std::vector<std::uint32_t> msr_write;
};

// The object `svm`.
struct SvmKeys {
  std::uint16_t dr_read = 0;
  std::uint16_t dr_write = 0;
  std::uint32_t exceptions = 0;
  bool icebp = false;
  bool msr_prot = false;
  std::vector<std::uint32_t> msr_read;
  std::vector<std::uint32_t> msr_write;
};

// The keys of a line that hold no memory of their own.
struct LineScalars {
  const CpuProfile* profile = nullptr;
  std::optional<std::uint32_t> apic_id;
  std::optional<bool> bsp;
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
  std::optional<Shadow> shadow;
  std::optional<std::uint64_t> pending; // payload of a debug trap; bit 12 is dropped
  std::optional<bool> redirect_db;
  std::optional<std::optional<RtmRegion>> rtm; // null: in no region
  bool has_expectation = false;
};

struct VectorLine : LineScalars {
  std::string id;                 // JSON text, as it comes back; empty: not given
  std::vector<std::uint8_t> code; // empty: not given
  std::vector<MsrValue> msr;
  std::vector<MemoryRange> memory;
  std::optional<std::optional<VmxKeys>> vmx; // null takes the guest away, as in `Expectation`
  std::optional<std::optional<SvmKeys>> svm;
  Expectation expect;

  // Nothing given; buffers keep their memory.
  void clear();
};

} // namespace icebp
