#pragma once
// Profiles that JSON files derive from named ones: docs/profiles.md.

#include <icebp/model/profiles/profile_msrs.h>

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

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
  Authority authority_;
  std::string name_;
  std::string evidence_;
  ProfileMsrs msrs_;
};

} // namespace v0_1
} // namespace icebp
