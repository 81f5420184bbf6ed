#pragma once

#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>
#include <string_view>

namespace icebp {

// Which vendors have the register as the row says.
enum class MsrVendor : std::uint8_t { intel, amd, both };
constexpr bool applies(MsrVendor vendor, Vendor of) {
  return vendor == MsrVendor::both || (vendor == MsrVendor::intel) == (of == Vendor::intel);
}

// `smm_only`: read everywhere, written in SMM only. `absent`: never on hardware.
enum class MsrAccess : std::uint8_t { read_write, read_only, write_only, smm_only, absent };
template <>
inline constexpr auto name_table<MsrAccess> = names_in_order<MsrAccess>("rw", "ro", "wo", "smm",
                                                                        "absent");

// What a write that is accepted does. (docs/msr-block.md 6.1, step 10)
enum class MsrOnWrite : std::uint8_t {
  store,         // the writable bits
  clear,         // the register; the value was 0, or anything where a rule allows it
  pulse,         // nothing stays
  sign_extend32, // the low half, sign-extended to the counter's 48 bits
  tsc,           // it counts on from there, and IA32_TSC_ADJUST moves along
  tsc_adjust,    // and the TSC moves along
  hwcr,          // SmmLock stays once it is 1
  vm_cr,         // LOCK and SVMDIS stay once LOCK is 1
};

struct MsrUse {
  MsrAccess access;
  MsrOnWrite on_write;
};

// Values that no mask can tell.
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

// `checked_on_intel`: AMD's take any value. `ler_from`: checked, but for bit 63, which is free.
enum class MsrCanonical : std::uint8_t { unchecked, checked, checked_on_intel, ler_from };

// What makes writes #GP for as long as it is 1.
enum class MsrLock : std::uint8_t {
  none,
  own_bit_0,     // IA32_FEATURE_CONTROL.LOCK
  own_bit_30,    // IA32_DEBUG_INTERFACE.LOCK
  hwcr_smm_lock, // HWCR.SmmLock
  trace_en,      // IA32_RTIT_CTL.TraceEn
};

// The state of the core without which neither RDMSR nor WRMSR reaches the register.
enum class MsrNeeds : std::uint8_t { nothing, x2apic_mode, lmce_on };

// Registers of which a CPU has several, by its `MsrCounts` or always as many.
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

// How a WRMSR to the register is ordered. (Wikipedia, X86 instruction listings, system
// instructions, note 6; SDM WRMSR)
enum class MsrOrder : std::uint8_t {
  serializing,
  nonserializing,
  nonserializing_by_feature, // with CPUID.80000021:EAX[1]
  flush_command,             // not serializing; starts a flush
};

// What shares the register. `core`: its threads; `package`: its cores. A register outside the core
// is slow to read.
enum class MsrScope : std::uint8_t { thread, core, package };
template <>
inline constexpr auto name_table<MsrScope> = names_in_order<MsrScope>("thread", "core", "package");

// INIT against RESET: a RESET always gives the reset value.
enum class MsrInit : std::uint8_t { reset, keep };
template <>
inline constexpr auto name_table<MsrInit> = names_in_order<MsrInit>("reset", "keep");

// What of the reset value is not the row's: bits that tell what the profile counts and has, or
// which core it is.
enum class MsrReset : std::uint8_t {
  literal,
  mtrrcap,
  mcg_cap,
  arch_capabilities,
  apic_base,
  x2apic_id,
  x2apic_ldr,
};

// A physical address: bits from MAXPHYADDR up are as bit 63 is, #GP or dropped.
enum class MsrWidth : std::uint8_t { whole, physical_address };

// What few registers have.
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
  MsrSlot slot = MsrSlot::first_unnamed; // the table gives one

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

// A row of the catalogue. Bits of a written value are stored (`writable`), #GP if 1 (`gp`), or
// dropped, which is every other bit.
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

// What becomes of bits whose feature is not there.
enum class MsrAbsentBits : std::uint8_t { fault, drop };

// Bits of a row that are writable only with one of the features.
struct MsrBitGate {
  std::uint32_t index;
  MsrVendor vendor;
  FeatureSet features;
  std::uint64_t bits;
  MsrAbsentBits without;
};

// What a profile's CPU has otherwise than the row says.
struct MsrDeviation {
  std::uint32_t index;
  MsrAccess access;
  std::uint64_t writable;
  std::uint64_t gp;
  std::string_view source;
};

// A reset value that differs from model to model. Bits that `MsrReset` tells stay as they are told.
struct MsrModelValue {
  std::uint32_t index;
  std::uint64_t value;
  std::string_view source;
};

} // namespace icebp
