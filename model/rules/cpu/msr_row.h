#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>
#include <string_view>

namespace icebp {

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

// Tells what a write does that passed its checks (docs/msr-block.md 6.1, step 10).
enum class MsrOnWrite : std::uint8_t {
  store,         // the writable bits are stored
  clear,         // the register becomes 0; `rule` says which values may be written
  pulse,         // nothing stays
  sign_extend32, // bits 31:0 are stored, sign-extended to the counter's 48 bits
  tsc,           // the TSC counts on from there, IA32_TSC_ADJUST moves by the same delta
  tsc_adjust,    // stored; the TSC moves by the same delta
  hwcr,          // SmmLock stays once it is 1
  vm_cr,         // LOCK and SVMDIS stay once LOCK is 1
};

struct MsrUse {
  MsrAccess access;
  MsrOnWrite on_write;
};

// Restricts the values that may be written, where no mask can tell them; others are #GP(0).
enum class MsrValueRule : std::uint8_t {
  any,
  pat,        // each byte a memory type: 0, 1, 4, 5, 6 or 7
  mtrr_fixed, // each byte a memory type of MTRRs: 0, 1, 4, 5 or 6
  mtrr_type,  // bits 2:0 a memory type of MTRRs
  efer,       // LME is fixed while CR0.PG=1; LMA by the quirk; SVME not with VM_CR.SVMDIS
  apic_base,  // the moves between disabled, xAPIC and x2APIC that exist
  cet,        // SUPPRESS and TRACKER are not both 1
  mci_ctl,    // all zeros or all ones, but for bits 0 and 10
  mci_status, // 0, or anything with HWCR.McStatusWrEn
  vm_cr,      // SVMDIS not with EFER.SVME
  rtit_ctl,   // nothing but TraceEn changes while TraceEn is 1
  lbr_depth,  // a multiple of 8 up to 64
};

// Tells whether a value must be canonical. `checked_on_intel`: AMD's registers take any value.
// `ler_from`: bit 63 is free, the bits below are checked.
enum class MsrCanonical : std::uint8_t { unchecked, checked, checked_on_intel, ler_from };

// As long as this bit is 1, writes of the register are #GP(0).
enum class MsrLock : std::uint8_t {
  none,
  own_bit_0,     // IA32_FEATURE_CONTROL.LOCK
  own_bit_30,    // IA32_DEBUG_INTERFACE.LOCK
  hwcr_smm_lock, // HWCR.SmmLock
  trace_en,      // IA32_RTIT_CTL.TraceEn
};

// Without this state of the core RDMSR and WRMSR of the register are #GP(0).
enum class MsrNeeds : std::uint8_t { nothing, x2apic_mode, lmce_on };

// A row stands for a range of registers alike; the profile's `MsrCounts` tell how many, or the
// range itself. The index grows by 1 where nothing else is said.
enum class MsrRange : std::uint8_t {
  one,
  mca_banks,      // every 4th index
  cmci_banks,     // CTL2 of the MCA banks
  mtrr_pairs,     // every 2nd index
  rtit_ranges,    // every 2nd index
  lbr_stack,      // FROM or TO
  counters,       // or their event selectors
  fixed_counters, // from 309h
  two,            // every 2nd index
  eight,
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

// Tells which bits of the reset value do not come from the row: they follow the profile's counts
// and features, or the core's identity.
enum class MsrReset : std::uint8_t {
  literal,
  mtrrcap,
  mcg_cap,
  arch_capabilities,
  apic_base,
  x2apic_id,
  x2apic_ldr,
};

// Of a physical address, the bits from MAXPHYADDR up are treated as bit 63 is: #GP, or dropped.
enum class MsrWidth : std::uint8_t { whole, physical_address };

// Traits are what few registers have; the defaults are those of a plain register.
struct MsrTraits {
  MsrCanonical canonical = MsrCanonical::unchecked;
  MsrValueRule rule = MsrValueRule::any;
  MsrLock lock = MsrLock::none;
  MsrNeeds needs = MsrNeeds::nothing;
  MsrRange range = MsrRange::one;
  MsrReset reset = MsrReset::literal;
  MsrWidth width = MsrWidth::whole;
  MsrOrder order = MsrOrder::serializing;
  MsrScope scope = MsrScope::thread;
  MsrSlot slot = MsrSlot::first_unnamed; // MsrTable gives it one

  constexpr void set(MsrCanonical to) { canonical = to; }
  constexpr void set(MsrValueRule to) { rule = to; }
  constexpr void set(MsrLock to) { lock = to; }
  constexpr void set(MsrNeeds to) { needs = to; }
  constexpr void set(MsrRange to) { range = to; }
  constexpr void set(MsrReset to) { reset = to; }
  constexpr void set(MsrWidth to) { width = to; }
  constexpr void set(MsrOrder to) { order = to; }
  constexpr void set(MsrScope to) { scope = to; }
  constexpr void set(MsrSlot to) { slot = to; }
};

template <typename... Traits>
constexpr MsrTraits as(Traits... traits) {
  MsrTraits all;
  (all.set(traits), ...);
  return all;
}

// A row of the catalogue describes one register, or a range. Of a written value the bits of
// `writable` are stored, a 1 in `gp` is #GP(0), every other bit is dropped.
struct MsrRow {
  std::uint32_t index;   // of the first register of a range
  std::string_view name; // of a range too: its number is the first 0
  FeatureSet gate;       // the register exists with any of these features
  std::uint64_t reset;
  std::uint64_t writable;
  std::uint64_t gp;
  MsrUse use;
  MsrInit on_init;
  std::string_view source;
  MsrTraits traits = {};
};

// Tells what becomes of a bit whose feature the CPU lacks: written 1 it is #GP(0), or dropped.
enum class MsrAbsentBits : std::uint8_t { fault, drop };

// Makes bits of a row writable only on a CPU with one of the features.
struct MsrBitGate {
  std::uint32_t index;
  MsrVendor vendor;
  FeatureSet features;
  std::uint64_t bits;
  MsrAbsentBits without;
};

// Replaces access and masks of a row for one profile.
struct MsrDeviation {
  std::uint32_t index;
  MsrAccess access;
  std::uint64_t writable;
  std::uint64_t gp;
  std::string_view source;
};

// Replaces the reset value of a row for one profile, but for the bits that `MsrReset` computes.
struct MsrModelValue {
  std::uint32_t index;
  std::uint64_t value;
  std::string_view source;
};

} // namespace icebp
