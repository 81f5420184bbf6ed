#include <icebp/model/make_cpu_model.h>
#include <icebp/model/report_ids.h>
#include <icebp/model/rules/cpu/unknown_profile.h>

#include <systemc>

namespace icebp {

std::shared_ptr<const CpuModel> make_cpu_model(std::string_view profile) {
  if (const CpuProfile* found = find_cpu_profile(profile))
    return std::make_shared<const CpuModel>(*found);
  SC_REPORT_ERROR(report::unknown_profile, unknown_profile(profile).c_str());
  return nullptr;
}

} // namespace icebp
