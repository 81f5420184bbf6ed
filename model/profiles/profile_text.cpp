#include <icebp/model/json/input_error.h>
#include <icebp/model/json/scalar.h>
#include <icebp/model/profiles/feature_change.h>
#include <icebp/model/profiles/profile_text.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// Takes what stands before the next comma off `text`.
std::string_view take_entry(std::string_view& text) {
  const std::string_view entry = text.substr(0, text.find(','));
  text.remove_prefix(entry.size());
  return entry;
}

} // namespace

ProfileText split_profile_text(std::string_view text) {
  const std::string_view name = take_entry(text);
  return {name, text};
}

bool is_profile_file(std::string_view name) {
  constexpr std::string_view ending = ".json";
  return name.size() >= ending.size() && name.substr(name.size() - ending.size()) == ending;
}

const CpuProfile& profile_named(std::string_view name) {
  if (const CpuProfile* named = find_cpu_profile(name))
    return *named;
  throw InputError(
      {}, with_guess(describe(Scalar::string(name)) + " is not a profile", name, legal_profiles()),
      legal_profiles());
}

CpuProfile with_changes(CpuProfile profile, std::string_view changes) {
  FeatureSet changed;
  while (!changes.empty()) {
    changes.remove_prefix(1); // the comma
    profile.features = with_change(profile.features, take_entry(changes), changed);
  }
  return profile;
}

std::string legal_profiles() { return names_in(cpu_profiles); }

} // namespace v0_1
} // namespace icebp
