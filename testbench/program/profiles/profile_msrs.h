#pragma once

#include <icebp/model/rules/cpu/msr_row.h>

#include <nlohmann/json_fwd.hpp>

#include <deque>
#include <string>
#include <vector>

namespace icebp {

// The MSRs of a derived profile, which points here.
struct ProfileMsrs {
  std::deque<std::string> names;
  std::vector<MsrRow> rows;
  std::vector<MsrDeviation> deviations;
  std::vector<MsrModelValue> values;
};

// Reads the object `msrs` of a profile file over `profile`, which has the rest of the file already.
// Throws InputError, also where the CPU would not do what the file says: where a feature is missing
// that a bit needs.
void read_msrs(const nlohmann::json& msrs, const std::string& at, CpuProfile& profile,
               ProfileMsrs& tables);

} // namespace icebp
