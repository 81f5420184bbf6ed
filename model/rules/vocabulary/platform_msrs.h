#pragma once

#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// Both ends belong to the range.
struct MsrIndexRange {
  std::uint32_t first;
  std::uint32_t last;
};

// The platform keeps some MSRs in place of the model: synthetic ones of a hypervisor
// (40000000h-400000FFh, SDM vol. 4 2.1), counters, the local APIC. A profile says which. The model
// asks this object, which CoreContext has, behind the checks of the instruction and the mode that
// the catalogue asks for.
class PlatformMsrs {
public:
  // Returns the value; empty makes the RDMSR #GP(0), with cause `msr_unknown`.
  virtual std::optional<std::uint64_t> read(std::uint32_t index) const = 0;
  // Returns the cause if a WRMSR of `value` is #GP(0), else `none`.
  virtual Cause check_write(std::uint32_t index, std::uint64_t value) const = 0;
  // Writes; the model calls it only after `check_write` returned `none`.
  virtual void write(std::uint32_t index, std::uint64_t value) = 0;

protected:
  ~PlatformMsrs() = default;
};

} // namespace v0_1
} // namespace icebp
