#pragma once
// Profiles that JSON files derive from named ones: docs/profiles.md.

#include <icebp/testbench/program/profiles/profile_msrs.h>

#include <string>
#include <string_view>

namespace icebp {

// A derived profile with the texts and tables that it points to.
class ProfileFile {
public:
  // `text` is the JSON. Throws InputError.
  explicit ProfileFile(std::string_view text);
  ProfileFile(const ProfileFile&) = delete;
  ProfileFile& operator=(const ProfileFile&) = delete;

  const CpuProfile& profile() const { return profile_; }

private:
  CpuProfile profile_;
  std::string name_;
  std::string evidence_;
  ProfileMsrs msrs_;
};

// By its name: "my-cpu.json".
bool is_profile_file(std::string_view name);

// The profile of a file, read when first asked for; the same path gives the same object, which
// stays. Not for several threads at once. Throws InputError with the path in front.
const CpuProfile& profile_in_file(const std::string& path);

} // namespace icebp
