#pragma once

#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <cstdint>
#include <optional>

namespace icebp {

// Both ends belong to it.
struct MsrIndexRange {
  std::uint32_t first;
  std::uint32_t last;
};

// MSRs that the platform keeps, in place of the model: synthetic ones of a hypervisor
// (40000000h-400000FFh, SDM vol. 4 2.1), counters, the local APIC. A profile says which. Asked
// behind the checks of the instruction and the mode that the catalogue asks for; CoreContext has
// the object.
class PlatformMsrs {
public:
  // Empty: #GP(0), cause `msr_unknown`.
  virtual std::optional<std::uint64_t> read(std::uint32_t index) const = 0;
  // The cause of the #GP(0) that a WRMSR of `value` is; or `none`.
  virtual Cause check_write(std::uint32_t index, std::uint64_t value) const = 0;
  // After `check_write` gave `none`.
  virtual void write(std::uint32_t index, std::uint64_t value) = 0;

protected:
  ~PlatformMsrs() = default;
};

} // namespace icebp
