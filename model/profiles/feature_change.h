#pragma once

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <string_view>

namespace icebp {
inline namespace v0_1 {

// `features` with "+name" added or "-name" masked off; `changed` gets the feature, which it must
// not have yet. Throws InputError without a place.
FeatureSet with_change(const FeatureSet& features, std::string_view change, FeatureSet& changed);

} // namespace v0_1
} // namespace icebp
