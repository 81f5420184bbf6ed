#include <icebp/model/json/input_error.h>
#include <icebp/testbench/program/scenario/wave_paths.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace icebp {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".json")
      files.push_back(entry.path().string());
  if (error)
    throw InputError(folder, "cannot be read: " + error.message(), "name a scenario file");
  if (files.empty())
    throw InputError(folder, "has no *.json file", "name a scenario file, or a folder of some");
  std::sort(files.begin(), files.end());
  return files;
}

std::string wave_path(const std::string& scenario, const std::string& folder) {
  return (fs::path(folder) / fs::path(scenario).stem()).string() + ".vcd";
}

bool is_folder(const std::string& path) {
  std::error_code unknown; // then opening it tells what is wrong
  return fs::is_directory(path, unknown);
}

bool means_folder(const std::string& vcd, const std::vector<std::string>& words,
                  const std::vector<std::string>& scenarios) {
  if (is_folder(vcd) || (!vcd.empty() && vcd.back() == '/'))
    return true;
  std::error_code unknown;
  const bool is_file = fs::exists(vcd, unknown) || fs::path(vcd).extension() == ".vcd";
  return !is_file && vcd != "-" &&
         (scenarios.size() > 1 || std::any_of(words.begin(), words.end(), is_folder));
}

} // namespace

std::vector<std::string> scenario_files(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (is_folder(word))
      for (std::string& file : files_in(word))
        files.push_back(std::move(file));
    else
      files.push_back(word);
  }
  return files;
}

WavePlaces wave_places(const std::vector<std::string>& words,
                       const std::vector<std::string>& scenarios,
                       const std::optional<std::string>& vcd) {
  if (vcd && !means_folder(*vcd, words, scenarios)) {
    if (scenarios.size() > 1)
      throw InputError("--vcd",
                       *vcd + " would get the waves of " + std::to_string(scenarios.size()) +
                           " scenarios",
                       "name a folder, or --no-vcd");
    return {{*vcd}, {}};
  }
  std::vector<std::string> paths;
  for (const std::string& scenario : scenarios) {
    const std::string path = wave_path(scenario, vcd.value_or(""));
    const auto twin = std::find(paths.begin(), paths.end(), path);
    if (twin != paths.end())
      throw InputError(scenario,
                       path + " would get the waves of " +
                           scenarios[static_cast<std::size_t>(twin - paths.begin())] + " too",
                       "play them one by one, or with --no-vcd");
    paths.push_back(path);
  }
  return {paths, vcd && !is_folder(*vcd) ? *vcd : ""};
}

} // namespace icebp
