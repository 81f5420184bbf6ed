#include <icebp/testbench/program/input_error.h>
#include <icebp/testbench/program/json_events.h>
#include <icebp/testbench/program/profile_text.h>
#include <icebp/testbench/program/scalar.h>

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

[[noreturn]] void refuse(std::string_view what, const std::string& problem,
                         const std::string& legal) {
  throw InputError({}, describe(Scalar::string(what)) + problem, legal);
}

FeatureSet with_change(const FeatureSet& features, std::string_view change, FeatureSet& changed) {
  const bool add = change.substr(0, 1) == "+";
  if (!add && change.substr(0, 1) != "-")
    refuse(change, " does not say whether to add or to mask off a feature", "+name, -name");
  const std::string_view name = change.substr(1);
  const std::optional<Feature> feature = value_of<Feature>(name);
  if (!feature)
    refuse(name, " is not a feature", names_of<Feature>());
  if (changed.has(*feature))
    refuse(name, " is given twice", "once");
  changed = changed.with(*feature);
  return add ? features.with(*feature) : features.without(*feature);
}

CpuProfile parse_profile(std::string_view text) {
  const std::string_view name = take_entry(text);
  const CpuProfile* named = find_cpu_profile(name);
  if (!named)
    refuse(name, " is not a profile", legal_profiles());
  CpuProfile profile = *named;
  FeatureSet changed;
  while (!text.empty()) {
    text.remove_prefix(1); // the comma
    profile.features = with_change(profile.features, take_entry(text), changed);
  }
  return profile;
}

} // namespace

const CpuProfile& profile_of(std::string_view text) {
  if (const CpuProfile* named = find_cpu_profile(text))
    return *named;
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
