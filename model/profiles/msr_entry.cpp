#include <icebp/model/profiles/msr_entry.h>
#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/cpu/msr_table.h>

#include <algorithm>

namespace icebp {
inline namespace v0_1 {
namespace {

void take_name(JsonEvents& in, const Scalar& scalar) {
  constexpr const char* what = "a register's name";
  constexpr const char* legal = "1 to 64 of A-Z, a-z, 0-9 and _";
  constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  const std::string_view name = in.text_of(scalar, what, legal);
  if (name.empty() || name.size() > 64 || name.find_first_not_of(letters) != name.npos)
    in.fail(describe(scalar) + " is not " + what, legal);
  in.target<MsrEntry>().name = name;
}

template <auto member>
void take_value(JsonEvents& in, const Scalar& scalar) {
  in.target<MsrEntry>().*member = in.value64(scalar);
}

constexpr Key entry_keys[] = {
    {"name", take_name},
    {"access",
     [](JsonEvents& in, const Scalar& s) {
       in.target<MsrEntry>().access = in.named<MsrAccess>(s, "an access");
     }},
    {"writable", take_value<&MsrEntry::writable>},
    {"gp", take_value<&MsrEntry::gp>},
    {"reset", take_value<&MsrEntry::reset>},
    {"on_init",
     [](JsonEvents& in, const Scalar& s) {
       in.target<MsrEntry>().on_init = in.named<MsrInit>(s, "what INIT does");
     }},
};

void close_entry(JsonEvents& in, std::uint64_t seen) {
  if (seen == 0)
    in.fail("says nothing", names_in(entry_keys));
}

constexpr Level entry_level{false, "a register", R"({"access": "ro"})", find_key<entry_keys>,
                            close_entry};

constexpr Key entry_key{{}, nullptr, &entry_level, [](JsonEvents& in) -> Target {
                          return in.target<MsrEntries>().back();
                        }};

const Key& find_entry(JsonEvents& in, std::string_view name, std::size_t& entry) {
  std::optional<std::uint64_t> index = parse_hex(name);
  if (!index)
    index = msr_index_of(name);
  if (!index || *index > 0xFFFFFFFF)
    in.fail_at(name,
               with_msr_guess(describe(Scalar::string(name)) + " is not the index of an MSR", name),
               "\"0x\" and 1 to 8 hex digits, or a name that icebp msrs lists");
  MsrEntries& entries = in.target<MsrEntries>();
  const bool is_there = std::any_of(entries.begin(), entries.end(),
                                    [&](const MsrEntry& other) { return other.index == *index; });
  if (is_there)
    in.fail_at(name, "given twice", "each index once");
  MsrEntry& added = entries.emplace_back();
  added.at = pointer_to(msrs_place, name);
  added.index = static_cast<std::uint32_t>(*index);
  entry = counts_itself;
  return entry_key;
}

} // namespace

const Level msr_entries_level{false, "an object of registers by index",
                              R"({"0x1a0": {"access": "ro"}})", find_entry};

} // namespace v0_1
} // namespace icebp
