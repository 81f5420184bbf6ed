#include <icebp/model/rules/vocabulary/profile_fields.h>
#include <icebp/testbench/program/json/json_text.h>
#include <icebp/testbench/program/json/json_value.h>
#include <icebp/testbench/program/json/text_file.h>
#include <icebp/testbench/program/profiles/feature_change.h>
#include <icebp/testbench/program/profiles/profile_file.h>
#include <icebp/testbench/program/profiles/profile_text.h>

#include <algorithm>
#include <map>
#include <memory>

namespace icebp {
namespace {

using nlohmann::json;

const Names profile_keys{"name",   "from",          "source", "features", "physical_address_bits",
                         "counts", "mov_dr_ladder", "quirks", "msrs"};

std::string required_text(const json& object, const char* key, const std::string& legal) {
  required(object, key, "", legal);
  std::string text = text_in(object, key, "");
  if (text.empty())
    throw InputError(pointer_to("", key), "empty", legal);
  return text;
}

std::string read_name(const json& object) {
  std::string name = required_text(object, "name", "a name of its own");
  if (find_cpu_profile(name))
    throw InputError("/name", describe(Scalar::string(name)) + " is a profile already",
                     "a name of its own");
  return name;
}

const CpuProfile& read_from(const json& object) {
  const std::string from = required_text(object, "from", legal_profiles());
  if (is_profile_file(from.substr(0, from.find(','))))
    throw InputError("/from", describe(Scalar::string(from)) + " is a file", legal_profiles());
  try {
    return profile_of(from);
  } catch (const InputError& error) {
    throw InputError("/from", error.what(), {});
  }
}

FeatureSet read_features(const json& list, const std::string& at, FeatureSet features) {
  require_list(list, at, "a list of features", name_table<Feature>.size());
  FeatureSet changed;
  for (std::size_t n = 0; n < list.size(); ++n) {
    const std::string place = pointer_to(at, std::to_string(n));
    if (!list[n].is_string())
      refuse(list[n], place, "a feature", "+name, -name");
    try {
      features = with_change(features, list[n].get_ref<const std::string&>(), changed);
    } catch (const InputError& error) {
      throw InputError(place, error.what(), {});
    }
  }
  return features;
}

void read_counts(const json& object, const std::string& at, MsrCounts& counts) {
  require_object(object, at, "an object of counts");
  Names names;
  for (const CountField& field : count_fields)
    names.emplace_back(field.name);
  require_keys(object, at, names);
  for (const CountField& field : count_fields)
    if (object.contains(field.name))
      counts.*field.member = static_cast<std::uint8_t>(
          read_number(object[field.name], pointer_to(at, field.name), 0, field.most));
}

void read_quirks(const json& object, const std::string& at, Quirks& quirks) {
  constexpr const char* granularity = "string_granularity";
  require_object(object, at, "an object of quirks");
  Names names;
  for (const QuirkField& field : quirk_fields)
    names.emplace_back(field.name);
  names.emplace_back(granularity);
  require_keys(object, at, names);
  for (const QuirkField& field : quirk_fields)
    if (object.contains(field.name))
      quirks.*field.member = read_truth(object[field.name], pointer_to(at, field.name));
  if (object.contains(granularity))
    quirks.string_granularity =
        named<StringGranularity>(object[granularity], pointer_to(at, granularity), "a granularity");
}

std::string names_of_checks() {
  Names names;
  for (const Cause check : intel_ladder)
    names.push_back(name_of(check));
  return joined(names);
}

FaultLadder read_ladder(const json& list, const std::string& at) {
  const std::string legal = "each once: " + names_of_checks();
  if (!list.is_array() || list.size() != intel_ladder.size())
    refuse(list, at, "an order of all checks of MOV DR", legal);
  FaultLadder ladder{};
  for (std::size_t n = 0; n < ladder.size(); ++n) {
    const std::string place = pointer_to(at, std::to_string(n));
    const auto check =
        list[n].is_string() ? value_of<Cause>(list[n].get_ref<const std::string&>()) : std::nullopt;
    if (!check || std::count(intel_ladder.begin(), intel_ladder.end(), *check) == 0)
      refuse(list[n], place, "a check of MOV DR", legal);
    if (std::count(ladder.begin(), ladder.end(), *check) != 0)
      throw InputError(place, "given twice", legal);
    ladder[n] = *check;
  }
  return ladder;
}

void read_rules(const json& object, CpuProfile& profile) {
  const auto given = [&](const char* key, const auto& read) {
    if (object.contains(key))
      read(object[key], pointer_to("", key));
  };
  using Place = const std::string&;
  given("features",
        [&](const json& v, Place p) { profile.features = read_features(v, p, profile.features); });
  given("physical_address_bits", [&](const json& v, Place p) {
    profile.physical_address_bits = static_cast<std::uint8_t>(read_number(v, p, 32, 52));
  });
  given("counts", [&](const json& v, Place p) { read_counts(v, p, profile.msr_counts); });
  given("mov_dr_ladder",
        [&](const json& v, Place p) { profile.mov_dr_ladder = read_ladder(v, p); });
  given("quirks", [&](const json& v, Place p) { read_quirks(v, p, profile.quirks); });
}

} // namespace

ProfileFile::ProfileFile(std::string_view text) {
  const json document = read_json(text);
  require_object(document, "", "a profile");
  require_keys(document, "", profile_keys);
  name_ = read_name(document);
  profile_ = read_from(document);
  evidence_ = document.contains("source") ? required_text(document, "source", "where it is from")
                                          : "derived from " + std::string(profile_.name);
  profile_.name = name_;
  profile_.evidence = evidence_;
  read_rules(document, profile_);
  if (document.contains("msrs"))
    read_msrs(document["msrs"], "/msrs", profile_, msrs_);
}

bool is_profile_file(std::string_view name) {
  constexpr std::string_view ending = ".json";
  return name.size() >= ending.size() && name.substr(name.size() - ending.size()) == ending;
}

const CpuProfile& profile_in_file(const std::string& path) {
  static std::map<std::string, std::unique_ptr<const ProfileFile>> files;
  std::unique_ptr<const ProfileFile>& file = files[path];
  if (!file) {
    const std::string text = read_text_file(path, "name a profile's file");
    try {
      file = std::make_unique<const ProfileFile>(text);
    } catch (const InputError& error) {
      throw InputError(path, error.what(), {});
    }
  }
  return file->profile();
}

} // namespace icebp
