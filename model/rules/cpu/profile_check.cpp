#include <icebp/model/rules/cpu/profile_check.h>
#include <icebp/model/rules/vocabulary/profile_fields.h>

namespace icebp {
inline namespace v0_1 {
namespace {

std::optional<std::string> beyond(const char* name, unsigned value, unsigned least, unsigned most) {
  if (value >= least && value <= most)
    return std::nullopt;
  return std::string(name) + " is " + std::to_string(value) + "; " + std::to_string(least) +
         " to " + std::to_string(most);
}

} // namespace

std::optional<std::string> what_is_malformed(const CpuProfile& profile) {
  if (auto problem = beyond("physical_address_bits", profile.physical_address_bits, 32, 52))
    return problem;
  for (const CountField& field : count_fields)
    if (auto problem = beyond(field.name, profile.msr_counts.*field.member, 0, field.most))
      return problem;
  if (profile.authority == nullptr)
    return "there is no authority";
  return std::nullopt;
}

} // namespace v0_1
} // namespace icebp
