#include <icebp/model/profiles/profile_file.h>
#include <icebp/testbench/program/scenario/scenario.h>
#include <icebp/testbench/tests/docs/docs_text.h>
#include <icebp/testbench/tests/program/formats/formats.h>
#include <icebp/testbench/tests/program/program_test.h>

#include <array>
#include <fstream>
#include <iterator>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

namespace icebp::test {
namespace {

constexpr std::array schema_names{"vector.schema.json", "scenario.schema.json",
                                  "profile.schema.json"};

std::string schema_text(std::string_view name) {
  std::ifstream file(root() / "docs/schema" / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// RapidJSON 1.1 forgets which schema a property has that a pattern matches where no others are
// allowed: `false` is told as a schema that nothing fits.
void spell_out_no_other_properties(json& schema) {
  if (schema.is_object() && schema.contains("patternProperties") &&
      schema.value("/additionalProperties"_json_pointer, json()) == false)
    schema["additionalProperties"] = json::parse(R"({"not":{}})");
  if (schema.is_structured())
    for (json& inside : schema)
      spell_out_no_other_properties(inside);
}

const rapidjson::SchemaDocument& compiled(std::string_view name);

class OtherSchemas : public rapidjson::IRemoteSchemaDocumentProvider {
public:
  // RapidJSON gives one character less than the address has.
  const rapidjson::SchemaDocument* GetRemoteDocument(const char* address,
                                                     rapidjson::SizeType) override {
    const std::string_view text = address;
    return &compiled(text.substr(0, text.find('#')));
  }
};

const rapidjson::SchemaDocument& compiled(std::string_view name) {
  static std::map<std::string, rapidjson::SchemaDocument, std::less<>> all;
  const auto found = all.find(name);
  if (found != all.end())
    return found->second;
  json schema = json::parse(schema_text(name));
  spell_out_no_other_properties(schema);
  rapidjson::Document document;
  document.Parse(schema.dump().c_str());
  OtherSchemas others;
  return all.emplace(name, rapidjson::SchemaDocument(document, &others)).first->second;
}

} // namespace

std::string refusal_by_reader(Format format, const std::string& text) try {
  switch (format) {
  case Format::vector:
    read(text);
    break;
  case Format::scenario:
    read_scenario(text, profiles());
    break;
  case Format::profile:
    ProfileFile file(text);
    break;
  }
  return {};
} catch (const InputError& error) {
  return error.what();
}

std::string refusal_by_schema(Format format, const std::string& text) {
  rapidjson::Document document;
  if (document.Parse(text.c_str()).HasParseError())
    return "no JSON";
  rapidjson::SchemaValidator validator(compiled(schema_names[static_cast<unsigned>(format)]));
  if (document.Accept(validator))
    return {};
  rapidjson::StringBuffer where;
  validator.GetInvalidDocumentPointer().Stringify(where);
  return where.GetString() + std::string(": ") + validator.GetInvalidSchemaKeyword();
}

const json& schema_of(Format format) {
  static const std::array schemas{json::parse(schema_text(schema_names[0])),
                                  json::parse(schema_text(schema_names[1])),
                                  json::parse(schema_text(schema_names[2]))};
  return schemas[static_cast<unsigned>(format)];
}

std::string Place::with(const std::string& key, const json& value) const {
  json whole = json::parse(document);
  whole.at(json::json_pointer(std::string(object)))[key] = value;
  return whole.dump();
}

const std::vector<Place> places = {
    {Format::vector, "", R"({"id":1,"code":"f1"})", ""},
    {Format::vector, "/properties/gpr", R"({"id":1,"code":"f1","gpr":{}})", "/gpr"},
    {Format::vector, "/definitions/rtm", R"({"id":1,"code":"f1","rtm":{"xbegin":1,"fallback":2}})",
     "/rtm"},
    {Format::vector, "/definitions/vmx", R"({"id":1,"code":"f1","vmx":{}})", "/vmx"},
    {Format::vector, "/definitions/svm", R"({"id":1,"code":"f1","svm":{}})", "/svm"},
    {Format::vector, "/definitions/expect", R"({"id":1,"code":"f1","expect":{}})", "/expect"},
    {Format::vector, "/definitions/expect/properties/gpr",
     R"({"id":1,"code":"f1","expect":{"gpr":{}}})", "/expect/gpr"},
    {Format::vector, "/definitions/expect/properties/exit/anyOf/1",
     R"({"id":1,"code":"f1","expect":{"exit":{}}})", "/expect/exit"},
    {Format::vector, "/definitions/value_and_mask",
     R"({"id":1,"code":"f1","expect":{"dr6":{"value":1}}})", "/expect/dr6"},

    {Format::scenario, "", R"({"title":"","steps":[{"code":"f1"}]})", ""},
    {Format::scenario, "/properties/machine",
     R"({"title":"","machine":{},"steps":[{"code":"f1"}]})", "/machine"},
    {Format::scenario, "/definitions/core",
     R"({"title":"","cores":[{"name":"core"}],"steps":[{"code":"f1"}]})", "/cores/0"},
    {Format::scenario, "/definitions/step", R"({"title":"","steps":[{}]})", "/steps/0"},
    {Format::scenario, "/definitions/step", R"({"title":"","steps":[{"code":"f1"}]})", "/steps/0"},
    {Format::scenario, "/definitions/step", R"({"title":"","steps":[{"event":"handler_returns"}]})",
     "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"firmware_resumes","verb":"skip"}]})", "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"firmware_resumes","verb":"complete","value":1}]})",
     "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"firmware_resumes","value":1}]})", "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"page_fault","address":1,"error_code":2}]})", "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"page_fault","address":1}]})", "/steps/0"},
    {Format::scenario, "/definitions/step", R"({"title":"","steps":[{"event":"reset"}]})",
     "/steps/0"},
    {Format::scenario, "/definitions/step",
     R"({"title":"","steps":[{"event":"pmi","overflowed":1}]})", "/steps/0"},
    {Format::scenario, "/definitions/step", R"({"title":"","steps":[{"event":"init"}]})",
     "/steps/0"},
    {Format::scenario, "/definitions/does", R"({"title":"","steps":[{"code":"90","does":{}}]})",
     "/steps/0/does"},
    {Format::scenario, "/definitions/does",
     R"({"title":"","steps":[{"code":"90","does":{"repeats":true}}]})", "/steps/0/does"},
    {Format::scenario, "/definitions/does",
     R"({"title":"","steps":[{"code":"90","does":{"fast_string":true}}]})", "/steps/0/does"},
    {Format::scenario, "/definitions/does",
     R"({"title":"","steps":[{"code":"90","does":{"ending":"taken_branch"}}]})", "/steps/0/does"},
    {Format::scenario, "/definitions/does",
     R"({"title":"","steps":[{"code":"90","does":{"branch":"jcc"}}]})", "/steps/0/does"},
    {Format::scenario, "/definitions/does",
     R"({"title":"","steps":[{"code":"90","does":{"interrupt":3}}]})", "/steps/0/does"},
    {Format::scenario, "/definitions/access",
     R"({"title":"","steps":[{"code":"90","does":{"accesses":[{"size":1}]}}]})",
     "/steps/0/does/accesses/0"},
    {Format::scenario, "/definitions/access",
     R"({"title":"","steps":[{"code":"90","does":{"accesses":[{"read":1}]}}]})",
     "/steps/0/does/accesses/0"},

    {Format::profile, "", R"({"name":"mine","from":"intel-skylake"})", ""},
    {Format::profile, "/properties/counts", R"({"name":"mine","from":"intel-skylake","counts":{}})",
     "/counts"},
    {Format::profile, "/properties/quirks", R"({"name":"mine","from":"intel-skylake","quirks":{}})",
     "/quirks"},
    {Format::profile, "/definitions/register",
     R"({"name":"mine","from":"intel-skylake","msrs":{"0x40000000":{"name":"MINE"}}})",
     "/msrs/0x40000000"},
};

std::ostream& operator<<(std::ostream& out, const Place& place) {
  return out << schema_names[static_cast<unsigned>(place.format)] << '#' << place.schema << " at "
             << place.object << " of " << place.document;
}

} // namespace icebp::test
