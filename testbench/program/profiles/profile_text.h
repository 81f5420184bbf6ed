#pragma once
// CPU profiles as users write them: a name or a file, then features to add or to mask off, as in
// "intel-emerald-rapids,-rtm,+dbext" and "my-cpu.json,-rtm".

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <string>
#include <string_view>

namespace icebp {

// The profile that `text` says; named so, or as its file names it. The same text gives the same
// object, which stays. Not for several threads at once. Throws InputError without a place.
const CpuProfile& profile_of(std::string_view text);

// The names of the profiles, for messages.
std::string legal_profiles();

} // namespace icebp
