#pragma once
// CPU profiles as users write them: a name or a file, then features to add or to mask off, as in
// "intel-emerald-rapids,-rtm,+dbext" and "my-cpu.json,-rtm".

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

struct ProfileText {
  std::string_view name;    // or a file
  std::string_view changes; // ",-rtm,+dbext"
};
ProfileText split_profile_text(std::string_view text);

// By its name: "my-cpu.json".
bool is_profile_file(std::string_view name);

// The profile that comes with the program. Throws InputError without a place.
const CpuProfile& profile_named(std::string_view name);

// `profile` with features added and masked off. Throws InputError without a place.
CpuProfile with_changes(CpuProfile profile, std::string_view changes);

// The names of the profiles, for messages.
std::string legal_profiles();

} // namespace v0_1
} // namespace icebp
