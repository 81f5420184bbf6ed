#include <icebp/model/make_cpu_model.h>
#include <icebp/model/profiles/load_cpu_model.h>
#include <icebp/model/report_ids.h>
#include <icebp/model/rules/cpu/profile_check.h>
#include <icebp/model/rules/cpu/unknown_profile.h>

#include <systemc>

#include <string>

namespace icebp {
inline namespace v0_1 {

std::shared_ptr<const CpuModel> make_cpu_model(std::string_view profile) {
  if (const CpuProfile* found = find_cpu_profile(profile))
    return std::make_shared<const CpuModel>(*found);
  SC_REPORT_ERROR(report::unknown_profile, unknown_profile(profile).c_str());
  return nullptr;
}

std::shared_ptr<const CpuModel> make_cpu_model(const CpuProfile& profile,
                                               const CycleTable& cycles) {
  if (const auto problem = what_is_malformed(profile)) {
    SC_REPORT_ERROR(report::malformed_profile,
                    ('"' + std::string(profile.name) + "\": " + *problem).c_str());
    return nullptr;
  }
  return std::make_shared<const CpuModel>(profile, cycles);
}

std::shared_ptr<const CpuModel> make_cpu_model_from_file(std::string_view file,
                                                         const CycleTable& cycles) {
  std::shared_ptr<const CpuModel> cpu;
  if (const auto problem = load_cpu_model(file, cpu, cycles))
    SC_REPORT_ERROR(report::profile_file, problem->c_str());
  return cpu;
}

} // namespace v0_1
} // namespace icebp
