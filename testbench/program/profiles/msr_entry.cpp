#include <icebp/testbench/program/json/json_value.h>
#include <icebp/testbench/program/profiles/msr_entry.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <set>

namespace icebp {
namespace {

using nlohmann::json;

std::uint32_t read_index(const std::string& key, const std::string& at) {
  const std::optional<std::uint64_t> index = parse_hex(key);
  if (!index || *index > 0xFFFFFFFF)
    throw InputError(at, describe(Scalar::string(key)) + " is not the index of an MSR",
                     "\"0x\" and 1 to 8 hex digits");
  return static_cast<std::uint32_t>(*index);
}

std::string read_name(const json& value, const std::string& at) {
  constexpr const char* legal = "1 to 64 of A-Z, a-z, 0-9 and _";
  constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  if (!value.is_string())
    refuse(value, at, "a register's name", legal);
  auto name = value.get<std::string>();
  if (name.empty() || name.size() > 64 || name.find_first_not_of(letters) != name.npos)
    refuse(value, at, "a register's name", legal);
  return name;
}

MsrEntry read_entry(const std::string& key, const json& object, const std::string& at) {
  MsrEntry entry{at, read_index(key, at), {}, {}, {}, {}, {}, {}};
  require_object(object, at, "a register");
  require_keys(object, at, {"name", "access", "writable", "gp", "reset", "on_init"});
  if (object.empty())
    throw InputError(at, "says nothing", "name, access, writable, gp, reset, on_init");
  const auto given = [&](const char* name, const auto& read) {
    if (object.contains(name))
      read(object[name], entry.place(name));
  };
  using Place = const std::string&;
  given("name", [&](const json& v, Place p) { entry.name = read_name(v, p); });
  given("access",
        [&](const json& v, Place p) { entry.access = named<MsrAccess>(v, p, "an access"); });
  given("writable", [&](const json& v, Place p) { entry.writable = read_value(v, p); });
  given("gp", [&](const json& v, Place p) { entry.gp = read_value(v, p); });
  given("reset", [&](const json& v, Place p) { entry.reset = read_value(v, p); });
  given("on_init",
        [&](const json& v, Place p) { entry.on_init = named<MsrInit>(v, p, "what INIT does"); });
  return entry;
}

} // namespace

std::string MsrEntry::place(const char* key) const { return pointer_to(at, key); }

std::vector<MsrEntry> read_msr_entries(const json& msrs, const std::string& at) {
  require_object(msrs, at, "an object of registers by index");
  std::vector<MsrEntry> entries;
  std::set<std::uint32_t> seen;
  for (const auto& [key, object] : msrs.items()) {
    entries.push_back(read_entry(key, object, pointer_to(at, key)));
    if (!seen.insert(entries.back().index).second)
      throw InputError(entries.back().at, "the index is given twice", "once");
  }
  return entries;
}

} // namespace icebp
