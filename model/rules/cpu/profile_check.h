#pragma once

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <optional>
#include <string>

namespace icebp {
inline namespace v0_1 {

// Gives the first number of `profile` that no CPU has, with the legal ones; nothing if a CpuModel
// can be made of it. (The profiles of the library and of profile files have none.)
std::optional<std::string> what_is_malformed(const CpuProfile& profile);

} // namespace v0_1
} // namespace icebp
