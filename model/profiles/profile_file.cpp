#include <icebp/model/json/json_events.h>
#include <icebp/model/profiles/feature_change.h>
#include <icebp/model/profiles/profile_file.h>
#include <icebp/model/profiles/profile_text.h>
#include <icebp/model/rules/vocabulary/profile_fields.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace icebp {
inline namespace v0_1 {
namespace {

// A profile file as it was read. What is not given is empty, or is as in the profile it is from.
struct FileText {
  std::optional<std::string> name;
  std::optional<std::string> from;
  std::optional<std::string> source;
  std::vector<std::string> features;
  std::optional<std::uint8_t> physical_address_bits;
  std::array<std::optional<std::uint8_t>, std::size(count_fields)> counts;
  std::array<std::optional<bool>, std::size(quirk_fields)> quirks;
  std::array<std::optional<bool>, std::size(authority_quirk_fields)> authority_quirks;
  std::optional<StringGranularity> string_granularity;
  std::optional<FaultLadder> ladder;
  MsrEntries msrs;
};

constexpr const char* legal_name = "a name of its own";
constexpr const char* legal_source = "where it is from";

template <auto member>
void take_text(JsonEvents& in, const Scalar& scalar) {
  in.target<FileText>().*member = in.text_of(scalar, "text", "a string");
}

void take_physical_address_bits(JsonEvents& in, const Scalar& scalar) {
  in.target<FileText>().physical_address_bits =
      static_cast<std::uint8_t>(in.value_from(32, 52, scalar));
}

// --- features

constexpr Key feature_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                            in.target<FileText>().features.emplace_back(
                                in.text_of(scalar, "a feature", "+name, -name"));
                          }};

constexpr std::size_t most_features = name_table<Feature>.size();
constexpr Level features_level{true, "a list of features", R"(["-rtm"])",
                               find_in_list<feature_key, most_features>, close_list<most_features>};

// --- counts

constexpr Key count_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                          const std::size_t field = in.entry();
                          in.target<FileText>().counts[field] = static_cast<std::uint8_t>(
                              in.value_from(0, count_fields[field].most, scalar));
                        }};

const Key& find_count(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(count_fields); ++entry)
    if (name == count_fields[entry].name)
      return count_key;
  in.fail_unknown(name, "unknown key", names_in(count_fields));
}

constexpr Level counts_level{false, "an object of counts", R"({"mca_banks": 10})", find_count};

// --- quirks

constexpr const char* granularity = "string_granularity";

constexpr Key granularity_key{granularity, [](JsonEvents& in, const Scalar& scalar) {
                                in.target<FileText>().string_granularity =
                                    in.named<StringGranularity>(scalar, "a granularity");
                              }};

constexpr Key quirk_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                          in.target<FileText>().quirks[in.entry()] = in.truth(scalar);
                        }};

constexpr Key authority_quirk_key{
    {}, [](JsonEvents& in, const Scalar& scalar) {
      in.target<FileText>().authority_quirks[in.entry() - std::size(quirk_fields)] =
          in.truth(scalar);
    }};

// The quirks of the CPU, then those of its authority, then the granularity.
const Key& find_quirk(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = 0;
  for (const QuirkField& field : quirk_fields)
    if (name == field.name)
      return quirk_key;
    else
      ++entry;
  for (const AuthorityQuirkField& field : authority_quirk_fields)
    if (name == field.name)
      return authority_quirk_key;
    else
      ++entry;
  if (name != granularity)
    in.fail_unknown(name, "unknown key",
                    names_in(quirk_fields) + ", " + names_in(authority_quirk_fields) + ", " +
                        granularity);
  return granularity_key;
}

constexpr Level quirks_level{false, "an object of quirks", R"({"gd_sets_rf": true})", find_quirk};

// --- the order of MOV DR's checks

std::string legal_ladder() {
  std::vector<std::string_view> names;
  for (const Cause check : intel_hardware.mov_dr_ladder)
    names.push_back(name_of(check));
  return "each once: " + joined(names);
}

constexpr Key check_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                          FaultLadder& ladder = *in.target<FileText>().ladder;
                          const auto has = [](const FaultLadder& checks, Cause check) {
                            return std::find(checks.begin(), checks.end(), check) != checks.end();
                          };
                          const auto check = scalar.kind == Scalar::Kind::text
                                                 ? value_of<Cause>(scalar.text)
                                                 : std::nullopt;
                          if (!check || !has(intel_hardware.mov_dr_ladder, *check))
                            in.fail(describe(scalar) + " is not a check of MOV DR", legal_ladder());
                          if (has(ladder, *check)) // as one of more than there are always is
                            in.fail("given twice", legal_ladder());
                          ladder[in.entry()] = *check;
                        }};

const Key& find_check(JsonEvents&, std::string_view, std::size_t&) { return check_key; }

void close_ladder(JsonEvents& in, std::uint64_t length) {
  if (length != intel_hardware.mov_dr_ladder.size())
    in.fail("checks are missing", legal_ladder());
}

constexpr Level ladder_level{true, "a list of all checks of MOV DR",
                             R"(["instruction_too_long", "lock_prefix", ...])", find_check,
                             close_ladder};

// --- the file

constexpr Key file_keys[] = {
    {"name", take_text<&FileText::name>},
    {"from", take_text<&FileText::from>},
    {"source", take_text<&FileText::source>},
    {"features", nullptr, &features_level},
    {"physical_address_bits", take_physical_address_bits},
    {"counts", nullptr, &counts_level},
    {"mov_dr_ladder", nullptr, &ladder_level,
     [](JsonEvents& in) {
       in.target<FileText>().ladder.emplace();
       return Target(in.target<FileText>());
     }},
    {"quirks", nullptr, &quirks_level},
    {"msrs", nullptr, &msr_entries_level,
     [](JsonEvents& in) { return Target(in.target<FileText>().msrs); }},
    schema_key,
};

void require_text(JsonEvents& in, const char* key, const std::optional<std::string>& text,
                  const std::string& legal) {
  if (!text)
    in.fail_inside(key, "missing", legal);
  if (text->empty())
    in.fail_inside(key, "empty", legal);
}

void close_file(JsonEvents& in, std::uint64_t) {
  const FileText& file = in.target<FileText>();
  require_text(in, "name", file.name, legal_name);
  require_text(in, "from", file.from, legal_profiles());
  if (file.source)
    require_text(in, "source", file.source, legal_source);
}

constexpr Level file_level{false, "a profile", R"({"name": "my-cpu", "from": "intel-skylake"})",
                           find_key<file_keys>, close_file};

// --- what it means

std::string own_name(const std::string& name) {
  if (find_cpu_profile(name))
    throw InputError("/name", describe(Scalar::string(name)) + " is a profile already", legal_name);
  return name;
}

CpuProfile profile_from(const std::string& from) {
  const auto [name, changes] = split_profile_text(from);
  if (is_profile_file(name))
    throw InputError("/from", describe(Scalar::string(from)) + " is a file", legal_profiles());
  try {
    return with_changes(profile_named(name), changes);
  } catch (const InputError& error) {
    throw InputError("/from", error.what(), {});
  }
}

FeatureSet with_features(FeatureSet features, const std::vector<std::string>& changes) {
  FeatureSet changed;
  for (std::size_t n = 0; n < changes.size(); ++n)
    try {
      features = with_change(features, changes[n], changed);
    } catch (const InputError& error) {
      throw InputError("/features/" + std::to_string(n), error.what(), {});
    }
  return features;
}

template <typename T, typename Member>
void set_if_given(Member& member, const std::optional<T>& given) {
  if (given)
    member = *given;
}

// Out of line: GCC 12 takes the members behind the pointers of the tables for out of bounds.
template <typename Fields, typename Given, typename Whole>
__attribute__((noinline)) void set_members(Whole& whole, const Fields& fields, const Given& given) {
  auto value = given.begin();
  for (const auto& field : fields)
    set_if_given(whole.*field.member, *value++);
}

void apply(const FileText& file, CpuProfile& profile, Authority& authority) {
  profile.features = with_features(profile.features, file.features);
  set_if_given(profile.physical_address_bits, file.physical_address_bits);
  set_members(profile.msr_counts, count_fields, file.counts);
  set_members(profile.quirks, quirk_fields, file.quirks);
  set_members(authority.quirks, authority_quirk_fields, file.authority_quirks);
  set_if_given(profile.quirks.string_granularity, file.string_granularity);
  set_if_given(authority.mov_dr_ladder, file.ladder);
}

} // namespace

ProfileFile::ProfileFile(std::string_view text) {
  FileText file;
  std::string buffer;
  read_json(text, buffer, JsonReader::Place::line_and_column, file_level, file, {});
  name_ = own_name(*file.name);
  profile_ = profile_from(*file.from);
  evidence_ = file.source ? *file.source : "derived from " + *file.from;
  profile_.name = name_;
  profile_.evidence = evidence_;
  authority_ = *profile_.authority;
  profile_.authority = &authority_;
  apply(file, profile_, authority_);
  if (!file.msrs.empty())
    apply(file.msrs, profile_, msrs_);
}

} // namespace v0_1
} // namespace icebp
