#pragma once

#include <icebp/model/profiles/profile_file.h>
#include <icebp/model/rules/cpu/cpu_model.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {
inline namespace v0_1 {

// The profiles that a run names, and their CpuModels; each is made when first asked for and stays.
class Profiles {
public:
  Profiles() = default;
  Profiles(const Profiles&) = delete;
  Profiles& operator=(const Profiles&) = delete;

  // The profile that `text` says (profile_text.h); named so, or as its file names it. The same text
  // gives the same object. Throws InputError without a place, or with the file as its place.
  const CpuProfile& named(std::string_view text);

  const std::shared_ptr<const CpuModel>& model_of(const CpuProfile& profile);

  // The files that were read.
  std::vector<std::string> files() const;

private:
  const CpuProfile& in_file(const std::string& path);
  const CpuProfile& named_or_in_file(std::string_view name);

  std::map<std::string, std::unique_ptr<const ProfileFile>> files_; // by path
  std::map<std::string, CpuProfile, std::less<>> changed_;          // by text, which names them
  std::map<const CpuProfile*, std::shared_ptr<const CpuModel>> models_;
};

} // namespace v0_1
} // namespace icebp
