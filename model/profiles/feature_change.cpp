#include <icebp/model/json/input_error.h>
#include <icebp/model/json/scalar.h>
#include <icebp/model/profiles/feature_change.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

namespace icebp {
inline namespace v0_1 {
namespace {

[[noreturn]] void refuse(std::string_view what, const std::string& problem,
                         const std::string& legal) {
  throw InputError({}, describe(Scalar::string(what)) + problem, legal);
}

} // namespace

FeatureSet with_change(const FeatureSet& features, std::string_view change, FeatureSet& changed) {
  const bool add = change.substr(0, 1) == "+";
  if (!add && change.substr(0, 1) != "-")
    refuse(change, " does not say whether to add or to mask off a feature", "+name, -name");
  const std::string_view name = change.substr(1);
  const std::optional<Feature> feature = value_of<Feature>(name);
  if (!feature)
    refuse(name, with_guess(" is not a feature", name, names_of<Feature>()), names_of<Feature>());
  if (changed.has(*feature))
    refuse(name, " is given twice", "once");
  changed = changed.with(*feature);
  return add ? features.with(*feature) : features.without(*feature);
}

} // namespace v0_1
} // namespace icebp
