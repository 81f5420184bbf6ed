#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// CPUs of these vendors have the register as the row says.
enum class MsrVendor : std::uint8_t { intel, amd, both };
constexpr bool applies(MsrVendor vendor, Vendor of) {
  return vendor == MsrVendor::both || (vendor == MsrVendor::intel) == (of == Vendor::intel);
}

// `smm_only` registers are read everywhere and written in SMM only; `absent` ones no CPU has.
enum class MsrAccess : std::uint8_t { read_write, read_only, write_only, smm_only, absent };
template <>
inline constexpr auto name_table<MsrAccess> = names_in_order<MsrAccess>("rw", "ro", "wo", "smm",
                                                                        "absent");

// Of a written value the bits of `writable` are stored, a 1 in `gp` is #GP(0), every other bit is
// dropped.
struct MsrMasks {
  std::uint64_t writable;
  std::uint64_t gp;
};

// A WRMSR that passed the register's masks and canonical rule.
struct MsrWrite {
  const CpuProfile& profile;
  const CoreState& state;
  bool paging; // CR0.PG
  std::uint64_t old_value;
  std::uint64_t value;
};

// A WRMSR that is carried out.
struct MsrWritten {
  std::uint64_t old_value; // of the register
  std::uint64_t value;     // the operand
  std::uint64_t now;       // as in Request
};

// What a register does that masks cannot tell, each a small function beside its row; nullptr:
// nothing of the kind. `own` is the register itself, `now` as in Request.
struct MsrFunctions {
  // False: RDMSR and WRMSR of the register, with this number in its range, are #GP(0).
  bool (*is_reachable)(const CoreState&, unsigned number) = nullptr;
  // True: a WRMSR is #GP(0).
  bool (*is_locked)(const CoreState&, std::uint64_t own) = nullptr;
  // False: the WRMSR is #GP(0).
  bool (*is_legal)(const MsrWrite&) = nullptr;
  // Does the rest of a WRMSR, after `own` took the writable bits.
  void (*on_write)(CoreState&, std::uint64_t& own, const MsrWritten&) = nullptr;
  // Gives what RDMSR reads, and what is stored so that it reads `value`.
  std::uint64_t (*read)(const CoreState&, std::uint64_t own, std::uint64_t now) = nullptr;
  std::uint64_t (*stored)(std::uint64_t value, std::uint64_t now) = nullptr;

  // A register whose functions all are absent is read, and written, as its masks say.
  constexpr bool reads_as_stored() const { return !is_reachable && !read; }
  constexpr bool writes_by_masks() const { return !is_reachable && !is_locked && !is_legal; }
};
static_assert(sizeof(MsrFunctions) == 6 * sizeof(void (*)()),
              "a new function bears on reads or writes: say so above");

inline constexpr MsrFunctions no_functions;

// Tells whether a value must be canonical. `checked_on_intel`: AMD's registers take any value.
// `lbr_from`: as many bits from 63 down are flags as the CPU's format of last branches has (SDM
// vol. 3 17.4.8.1), the bits below are checked; `ler_from`: so, and bit 63 at least.
enum class MsrCanonical : std::uint8_t { unchecked, checked, checked_on_intel, ler_from, lbr_from };

// A row stands for a range of registers alike. Its length is a count of the profile, at most
// `most`.
struct MsrRange {
  std::uint8_t most = 1;
  std::uint8_t step = 1;                    // from index to index
  std::uint8_t MsrCounts::*count = nullptr; // nullptr: always as many
};

constexpr unsigned count_of(const CpuProfile& profile, const MsrRange& range) {
  return range.count ? std::min(profile.msr_counts.*range.count, range.most) : range.most;
}

// The register is another name of the one at this index.
struct MsrAlias {
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t of = none;
};

// Tells how a WRMSR to the register is ordered (Wikipedia note 6; SDM WRMSR).
enum class MsrOrder : std::uint8_t {
  serializing,
  nonserializing,
  nonserializing_by_feature, // with CPUID.80000021:EAX[1]
  flush_command,             // not serializing; starts a flush
};

// Tells what shares the register: nothing, the threads of a core, or the cores of a package. A
// register of package scope is slow to read.
enum class MsrScope : std::uint8_t { thread, core, package };
template <>
inline constexpr auto name_table<MsrScope> = names_in_order<MsrScope>("thread", "core", "package");

// Tells what INIT does to the register: it gives the reset value, as RESET always does, or keeps
// it.
enum class MsrInit : std::uint8_t { reset, keep };
template <>
inline constexpr auto name_table<MsrInit> = names_in_order<MsrInit>("reset", "keep");

// Of a physical address, the bits from MAXPHYADDR up are treated as bit 63 is: #GP, or dropped.
enum class MsrWidth : std::uint8_t { whole, physical_address };

// Tells what becomes of a bit whose feature the CPU lacks: written 1 it is #GP(0), or dropped.
enum class MsrAbsentBits : std::uint8_t { fault, drop };

// Makes bits of a register writable only on a CPU with one of the features.
struct MsrBitGate {
  FeatureSet features;
  std::uint64_t bits;
  MsrAbsentBits without = MsrAbsentBits::fault;
};

// Gives what follows the counts, features or values of the profile: the masks of the register with
// this number in its range, the bits of the reset value; and what follows the core's identity.
using MsrMasksOf = MsrMasks (*)(const CpuProfile&, unsigned number, MsrMasks of_row);
using MsrResetOf = std::uint64_t (*)(const CpuProfile&, std::uint64_t of_row);
using MsrResetFor = std::uint64_t (*)(const CoreIdentity&, std::uint64_t reset);

// Traits are what few registers have; the defaults are those of a plain register.
struct MsrTraits {
  MsrFunctions does;
  Table<MsrBitGate> bit_gates = {nullptr, 0};
  MsrMasksOf masks_of = nullptr;
  MsrResetOf reset_of = nullptr;
  MsrResetFor reset_for = nullptr;
  MsrRange range;
  MsrCanonical canonical = MsrCanonical::unchecked;
  MsrWidth width = MsrWidth::whole;
  MsrOrder order = MsrOrder::serializing;
  MsrScope scope = MsrScope::thread;
  MsrSlot slot = MsrSlot::first_unnamed; // MsrTable gives it one
  MsrAlias alias = {};

  constexpr void set(decltype(MsrFunctions::is_reachable) to) { does.is_reachable = to; }
  constexpr void set(decltype(MsrFunctions::is_locked) to) { does.is_locked = to; }
  constexpr void set(decltype(MsrFunctions::is_legal) to) { does.is_legal = to; }
  constexpr void set(decltype(MsrFunctions::on_write) to) { does.on_write = to; }
  constexpr void set(decltype(MsrFunctions::read) to) { does.read = to; }
  constexpr void set(decltype(MsrFunctions::stored) to) { does.stored = to; }
  constexpr void set(Table<MsrBitGate> to) { bit_gates = to; }
  constexpr void set(MsrMasksOf to) { masks_of = to; }
  constexpr void set(MsrResetOf to) { reset_of = to; }
  constexpr void set(MsrResetFor to) { reset_for = to; }
  constexpr void set(MsrRange to) { range = to; }
  constexpr void set(MsrCanonical to) { canonical = to; }
  constexpr void set(MsrWidth to) { width = to; }
  constexpr void set(MsrOrder to) { order = to; }
  constexpr void set(MsrScope to) { scope = to; }
  constexpr void set(MsrSlot to) { slot = to; }
  constexpr void set(MsrAlias to) { alias = to; }
};

template <typename... Traits>
constexpr MsrTraits as(Traits... traits) {
  MsrTraits all;
  (all.set(traits), ...);
  return all;
}

// A row of the catalogue describes one register, or a range. It exists with any of the features of
// `gate`.
struct MsrRow {
  std::uint32_t index; // of the first register of a range
  MsrVendor vendor;
  std::string_view name; // of a range too: its number is the first 0
  FeatureSet gate;
  std::uint64_t reset;
  std::uint64_t writable;
  std::uint64_t gp;
  MsrAccess access;
  MsrInit on_init;
  std::string_view source;
  MsrTraits traits = {};
};

// ---- What one CPU has otherwise than the catalogue

// Replaces access and masks of a register.
struct MsrDeviation {
  std::uint32_t index;
  MsrAccess access;
  std::uint64_t writable;
  std::uint64_t gp;
};

// Replaces the reset value of a register, but for the bits that its function computes.
struct MsrModelValue {
  std::uint32_t index;
  std::uint64_t value;
};

// A register where the CPU has none of the catalogue. What it does beside its masks is not known.
struct OwnMsr {
  std::uint32_t index;
  std::string_view name;
  MsrAccess access;
  std::uint64_t reset;
  std::uint64_t writable;
  std::uint64_t gp;
  MsrInit on_init = MsrInit::keep;
  MsrAlias alias = {};
};

// Stands for registers that are alike from `first` to `last`: they read `value` and ignore what is
// written.
struct MsrRun {
  std::uint32_t first;
  std::uint32_t last;
  std::string_view name;
  std::uint64_t value;
};

// All of it. There are as many own registers and runs as have room (`MsrTable::left_out`).
struct CpuMsrs {
  std::string_view source;
  FeatureSet features; // of the CPU that it is about
  Table<MsrDeviation> deviations = {nullptr, 0};
  Table<MsrModelValue> values = {nullptr, 0};
  Table<OwnMsr> own = {nullptr, 0};
  Table<MsrRun> runs = {nullptr, 0}; // in the order of indices
};
inline constexpr CpuMsrs as_the_catalogue;

inline const CpuMsrs& msrs_of(const CpuProfile& profile) {
  return profile.msrs ? *profile.msrs : as_the_catalogue;
}

} // namespace v0_1
} // namespace icebp
