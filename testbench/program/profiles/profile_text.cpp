#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/scalar.h>
#include <icebp/testbench/program/profiles/feature_change.h>
#include <icebp/testbench/program/profiles/profile_file.h>
#include <icebp/testbench/program/profiles/profile_text.h>

#include <functional>
#include <map>

namespace icebp {
namespace {

// Takes what stands before the next comma off `text`.
std::string_view take_entry(std::string_view& text) {
  const std::string_view entry = text.substr(0, text.find(','));
  text.remove_prefix(entry.size());
  return entry;
}

// A name, or a file.
const CpuProfile& named_profile(std::string_view name) {
  if (is_profile_file(name))
    return profile_in_file(std::string(name));
  if (const CpuProfile* named = find_cpu_profile(name))
    return *named;
  throw InputError({}, describe(Scalar::string(name)) + " is not a profile", legal_profiles());
}

CpuProfile parse_profile(std::string_view text) {
  CpuProfile profile = named_profile(take_entry(text));
  FeatureSet changed;
  while (!text.empty()) {
    text.remove_prefix(1); // the comma
    profile.features = with_change(profile.features, take_entry(text), changed);
  }
  return profile;
}

} // namespace

const CpuProfile& profile_of(std::string_view text) {
  if (text.find(',') == text.npos)
    return named_profile(text);
  static std::map<std::string, CpuProfile, std::less<>> changed; // by text, which names them
  auto found = changed.find(text);
  if (found == changed.end()) {
    found = changed.emplace(text, parse_profile(text)).first;
    found->second.name = found->first;
  }
  return found->second;
}

std::string legal_profiles() {
  std::string names;
  for (const CpuProfile& profile : cpu_profiles)
    names.append(names.empty() ? "" : ", ").append(profile.name);
  return names;
}

} // namespace icebp
