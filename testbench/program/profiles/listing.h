#pragma once

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <ostream>
#include <string>

namespace icebp {

// `icebp msrs`: the MSRs of a profile, a line each, as a table or as JSON objects. `filter` is a
// regular expression that a name or an index such as 0x000001d9 must contain; empty: all of them.
// Throws InputError if it is none, or none matches.
void list_msrs(const CpuProfile& profile, const std::string& filter, bool as_json,
               std::ostream& out);

// `icebp msrs --compare`: what differs in presence, access, masks, values and what INIT does; a
// register's line as `profile` has it behind a -, as `other` has it behind a +. Throws as above.
void compare_msrs(const CpuProfile& profile, const CpuProfile& other, const std::string& filter,
                  bool as_json, std::ostream& out);

// `icebp profiles`: a line each.
void list_profiles(bool as_json, std::ostream& out);

// `icebp profiles --profile P`: one with its features, counts, quirks and CPUID
// leaves, which in JSON all have.
void show_profile(const CpuProfile& profile, bool as_json, std::ostream& out);

} // namespace icebp
