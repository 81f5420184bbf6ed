#include <icebp/model/rules/cpu/unknown_profile.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

namespace icebp {
inline namespace v0_1 {

std::string unknown_profile(std::string_view name) {
  const std::string legal = names_in(cpu_profiles);
  return with_guess('"' + std::string(name) + "\" is not a profile", name, legal) + "; " + legal;
}

} // namespace v0_1
} // namespace icebp
