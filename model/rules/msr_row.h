#pragma once

#include <icebp/model/rules/core_state.h>
#include <icebp/model/rules/cpu_profile.h>

#include <cstdint>
#include <string_view>

namespace icebp {

// Which vendors have the register as the row says.
enum class MsrVendor : std::uint8_t { intel, amd, both };

enum class MsrAccess : std::uint8_t { read_write, read_only, write_only };

// Values that no mask can tell.
enum class MsrValueRule : std::uint8_t {
  any,
  pat,  // each byte a memory type: 0, 1, 4, 5, 6 or 7
  efer, // LME is fixed while CR0.PG=1; LMA by the quirk efer_lma_flip_faults
};

enum class MsrCanonical : std::uint8_t { unchecked, checked };

// INIT against RESET: a RESET always gives the reset value.
enum class MsrInit : std::uint8_t { reset, keep };

// A row of the catalogue. Bits of a written value are stored (`writable`), #GP if 1 (`gp`), or
// dropped, which is every other bit.
struct MsrRow {
  std::uint32_t index;
  std::string_view name;
  MsrVendor vendor;
  FeatureSet gate; // the register exists with any of these features
  std::uint64_t reset;
  std::uint64_t writable;
  std::uint64_t gp;
  MsrCanonical canonical;
  MsrValueRule rule;
  MsrInit on_init;
  MsrAccess access;
  MsrSlot slot; // first_unnamed: the table gives one
  std::string_view source;
};

// Bits of a row that are writable only with a feature, and #GP without it.
struct MsrBitGate {
  std::uint32_t index;
  MsrVendor vendor;
  Feature feature;
  std::uint64_t bits;
};

} // namespace icebp
