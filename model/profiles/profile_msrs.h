#pragma once

#include <icebp/model/profiles/msr_entry.h>
#include <icebp/model/rules/cpu/msr_row.h>

#include <deque>
#include <string>
#include <vector>

namespace icebp {
inline namespace v0_1 {

// The MSRs of a derived profile, which points here.
struct ProfileMsrs {
  std::deque<std::string> names;
  std::vector<OwnMsr> own;
  std::vector<MsrDeviation> deviations;
  std::vector<MsrModelValue> values;
  CpuMsrs all; // the above, and the runs of the profile that it is from
};

// Puts the registers of a profile file into `profile`, which has the rest of the file already.
// Throws InputError where the CPU would not do what the file says: where a feature is missing that
// a bit needs.
void apply(const MsrEntries& entries, CpuProfile& profile, ProfileMsrs& tables);

} // namespace v0_1
} // namespace icebp
