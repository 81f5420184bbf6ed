#include <icebp/testbench/program/json/json_value.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <algorithm>

namespace icebp {
namespace {

using nlohmann::json;

std::string described(const json& value) {
  if (value.is_object())
    return describe(Scalar::object());
  if (value.is_array())
    return describe(Scalar::list());
  if (value.is_string())
    return describe(Scalar::string(value.get_ref<const std::string&>()));
  return value.dump();
}

} // namespace

std::string joined(const Names& names) {
  std::string all;
  for (const std::string_view name : names)
    all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

void refuse(const json& value, const std::string& at, const char* what, const std::string& legal) {
  throw InputError(at, described(value) + " is not " + what, legal);
}

void require_object(const json& value, const std::string& at, const char* what) {
  if (!value.is_object())
    refuse(value, at, what, "an object");
}

void require_list(const json& value, const std::string& at, const char* what, std::size_t most) {
  if (!value.is_array())
    refuse(value, at, what, "a list");
  if (value.empty() || value.size() > most)
    throw InputError(at, std::to_string(value.size()) + " entries", "1 to " + std::to_string(most));
}

void require_keys(const json& object, const std::string& at, const Names& legal) {
  for (const auto& [name, value] : object.items())
    if (std::find(legal.begin(), legal.end(), name) == legal.end())
      throw InputError(pointer_to(at, name), "unknown key", joined(legal));
}

const json& required(const json& object, const char* key, const std::string& at,
                     const std::string& legal) {
  if (!object.contains(key))
    throw InputError(pointer_to(at, key), "missing", legal);
  return object[key];
}

std::string text_in(const json& object, const char* key, const std::string& at) {
  if (!object.contains(key))
    return {};
  if (!object[key].is_string())
    refuse(object[key], pointer_to(at, key), "text", "a string");
  return object[key].get<std::string>();
}

bool read_truth(const json& value, const std::string& at) {
  if (!value.is_boolean())
    refuse(value, at, "a truth value", "true, false");
  return value.get<bool>();
}

std::uint64_t read_number(const json& value, const std::string& at, std::uint64_t least,
                          std::uint64_t most) {
  const std::uint64_t number = read_value(value, at);
  if (number < least || number > most)
    refuse(value, at, "in range", std::to_string(least) + " to " + std::to_string(most));
  return number;
}

} // namespace icebp
