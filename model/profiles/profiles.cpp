#include <icebp/model/json/input_error.h>
#include <icebp/model/json/text_file.h>
#include <icebp/model/profiles/profile_text.h>
#include <icebp/model/profiles/profiles.h>

#include <filesystem>
#include <system_error>

namespace icebp {
inline namespace v0_1 {
namespace {

// Of a path, or of what lies there under another name than a profile's file has.
bool looks_like_a_file(std::string_view name) {
  std::error_code unknown; // then it is taken for a profile's name
  return name.find_first_of("./") != std::string_view::npos ||
         (!name.empty() && std::filesystem::exists(name, unknown));
}

} // namespace

const CpuProfile& Profiles::in_file(const std::string& path) {
  const auto found = files_.find(path);
  if (found != files_.end())
    return found->second->profile();
  const std::string text = read_text_file(path, "name a profile's file");
  try {
    return files_.emplace(path, std::make_unique<const ProfileFile>(text)).first->second->profile();
  } catch (const InputError& error) {
    throw error_in_file(path, text, error);
  }
}

const CpuProfile& Profiles::named_or_in_file(std::string_view name) {
  if (is_profile_file(name))
    return in_file(std::string(name));
  if (!find_cpu_profile(name) && looks_like_a_file(name))
    throw InputError({}, '"' + std::string(name) + "\" is not a profile's file",
                     "a file's name ends in .json; a profile is one of " + legal_profiles());
  return profile_named(name);
}

const CpuProfile& Profiles::named(std::string_view text) {
  const auto [name, changes] = split_profile_text(text);
  if (changes.empty())
    return named_or_in_file(name);
  const auto found = changed_.find(text);
  if (found != changed_.end())
    return found->second;
  CpuProfile profile = with_changes(named_or_in_file(name), changes);
  auto& [key, kept] = *changed_.emplace(text, profile).first;
  kept.name = key;
  return kept;
}

const std::shared_ptr<const CpuModel>& Profiles::model_of(const CpuProfile& profile) {
  std::shared_ptr<const CpuModel>& model = models_[&profile];
  if (!model)
    model = std::make_shared<CpuModel>(profile);
  return model;
}

std::vector<std::string> Profiles::files() const {
  std::vector<std::string> paths;
  for (const auto& [path, file] : files_)
    paths.push_back(path);
  return paths;
}

} // namespace v0_1
} // namespace icebp
