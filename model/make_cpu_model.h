#pragma once

#include <icebp/model/rules/execute.h>

#include <memory>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// The CPU of a profile that comes with the library, for any number of cores. An unknown name is
// SC_REPORT_ERROR `report::unknown_profile` with the legal ones; null where that does not throw.
std::shared_ptr<const CpuModel> make_cpu_model(std::string_view profile);

// The CPU of a profile of one's own. One that no CPU can have is SC_REPORT_ERROR
// `report::malformed_profile`; null where that does not throw.
std::shared_ptr<const CpuModel> make_cpu_model(const CpuProfile& profile,
                                               const CycleTable& cycles = default_cycle_table);

// The CPU of a profile's file (load_cpu_model.h). What is wrong with the file is SC_REPORT_ERROR
// `report::profile_file`; null where that does not throw.
std::shared_ptr<const CpuModel>
make_cpu_model_from_file(std::string_view file, const CycleTable& cycles = default_cycle_table);

} // namespace v0_1
} // namespace icebp
