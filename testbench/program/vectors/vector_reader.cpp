#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/json_events.h>
#include <icebp/testbench/program/json/json_text.h>
#include <icebp/testbench/program/json/plain_json.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace icebp {
namespace {

using nlohmann::json;

// The parser's events, told to `JsonEvents`.
class Sax final : public json::json_sax_t {
public:
  explicit Sax(JsonEvents& events) : events_(events) {}

  bool null() override { return events_.null(), true; }
  bool boolean(bool value) override { return events_.boolean(value), true; }
  bool number_unsigned(number_unsigned_t value) override { return events_.integer(value), true; }
  bool number_integer(number_integer_t value) override {
    if (value == 0) // "-0"
      return events_.integer(0), true;
    return events_.other_number(std::to_string(value)), true;
  }
  bool number_float(number_float_t, const string_t& digits) override {
    return events_.other_number(digits), true;
  }
  bool string(string_t& value) override { return events_.text(value), true; }
  bool binary(binary_t&) override { return false; } // not in JSON text
  bool start_object(std::size_t) override { return events_.start_object(), true; }
  bool start_array(std::size_t) override { return events_.start_list(), true; }
  bool key(string_t& name) override { return events_.key(keys_.emplace_back(name)), true; }
  bool end_object() override { return events_.end(), true; }
  bool end_array() override { return events_.end(), true; }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    throw syntax_error(error.what(), Place::column);
  }

private:
  JsonEvents& events_;
  std::deque<std::string> keys_; // the parser's do not stay
};

void tell(const json& value, JsonEvents& events);

void tell_object(const json& object, const ObjectKeys& keys, std::string_view at,
                 JsonEvents& events) {
  const auto has = [](const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!object.is_object())
    return tell(object, events);
  events.start_object();
  for (const auto& [name, value] : object.items()) {
    if (has(keys.also, name))
      continue;
    if (has(keys.not_here, name))
      throw InputError(pointer_to(at, name), "has no place here", "");
    events.key(name);
    tell(value, events);
  }
  events.end();
}

void tell(const json& value, JsonEvents& events) {
  switch (value.type()) {
  case json::value_t::object:
    return tell_object(value, {}, {}, events);
  case json::value_t::array:
    events.start_list();
    for (const json& entry : value)
      tell(entry, events);
    return events.end();
  case json::value_t::string:
    return events.text(value.get_ref<const std::string&>());
  case json::value_t::boolean:
    return events.boolean(value.get<bool>());
  case json::value_t::number_unsigned:
    return events.integer(value.get<std::uint64_t>());
  case json::value_t::number_integer:
    if (value == 0) // "-0"
      return events.integer(0);
    return events.other_number(value.dump());
  case json::value_t::number_float:
    return events.other_number(value.dump());
  default:
    return events.null();
  }
}

} // namespace

void Expectation::clear() {
  static_cast<ExpectedScalars&>(*this) = {};
  id.clear();
  exit.reset();
  gpr.clear();
  msr.clear();
  memory.clear();
}

void VectorLine::clear() {
  static_cast<LineScalars&>(*this) = {};
  id.clear();
  code.clear();
  msr.clear();
  memory.clear();
  vmx.reset();
  svm.reset();
  expect.clear();
}

void read_vector_line(std::string_view text, VectorLine& line) {
  line.clear();
  if (text.find('\0') != text.npos) // the JSON library would stop there
    throw InputError("", "a NUL byte in the line", "JSON text");
  JsonEvents plain(line_level, &line, line.expect);
  if (PlainJson(text, plain).read())
    return;
  line.clear();
  JsonEvents events(line_level, &line, line.expect);
  Sax sax(events);
  json::sax_parse(text.begin(), text.end(), &sax);
}

void read_machine(const json& object, const ObjectKeys& keys, std::string_view at,
                  VectorLine& line) {
  JsonEvents events(machine_level, &line, line.expect, at, &keys);
  tell_object(object, keys, at, events);
}

void read_expectation(const json& object, std::string_view at, Expectation& expect) {
  JsonEvents events(expect_level, nullptr, expect, at);
  tell(object, events);
}

std::uint64_t read_value(const json& value, std::string_view at) {
  std::uint64_t read = 0;
  const auto take = [&](const Scalar& scalar) {
    const std::optional<std::uint64_t> parsed = parse_value(scalar);
    if (!parsed)
      throw InputError(std::string(at), describe(scalar) + " is not a 64-bit value", legal_value);
    read = *parsed;
  };
  if (value.is_string())
    take(Scalar::string(value.get_ref<const std::string&>()));
  else if (value.is_number_unsigned())
    take(Scalar::integer(value.get<std::uint64_t>()));
  else
    take(Scalar::other_number(value.dump()));
  return read;
}

} // namespace icebp
