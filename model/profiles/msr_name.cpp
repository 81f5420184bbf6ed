#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// As users write it: with the vendor's prefix or without.
void append_names(std::string& names, const std::string& name) {
  append_name(names, name);
  for (const std::string_view prefix : {"IA32_", "MSR_"})
    if (name.compare(0, prefix.size(), prefix) == 0)
      append_name(names, std::string_view(name).substr(prefix.size()));
}

std::string names_of_all_msrs() {
  std::string names;
  for (const char* profile : {"intel-max", "amd-max"})
    for (const ResolvedMsr& msr : MsrTable(*find_cpu_profile(profile)))
      append_names(names, full_name(msr));
  return names;
}

} // namespace

std::string with_msr_guess(const std::string& problem, std::string_view name) {
  return with_guess(problem, name, names_of_all_msrs());
}

} // namespace v0_1
} // namespace icebp
