// The limits that docs/vectors.md and docs/scenarios.md tell: the last value on this side is taken,
// the next one refused, by the reader and by the schema.
#include <icebp/testbench/tests/program/formats/formats.h>

#include <gtest/gtest.h>

#include <functional>

namespace icebp::test {
namespace {

std::string hex(std::size_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%zx", value);
  return text;
}

// An object of `count` values by index.
json by_index(std::size_t count, const json& value) {
  json object;
  for (std::size_t n = 0; n < count; ++n)
    object[hex(0x10 * n)] = value;
  return object;
}

json repeated(std::size_t count, const json& value) {
  json list;
  for (std::size_t n = 0; n < count; ++n)
    list.push_back(value);
  return list;
}

json line_with(const char* key, const json& value) {
  return {{"id", 1}, {"code", "f1"}, {key, value}};
}

json scenario_with(const json& step) { return {{"title", ""}, {"steps", {step}}}; }

json scenario_of_cores(std::size_t count) {
  json scenario = scenario_with({{"code", "f1"}});
  for (std::size_t n = 0; n < count; ++n)
    scenario["cores"].push_back({{"name", std::string(1, static_cast<char>('a' + n))}});
  return scenario;
}

struct Limit {
  Format format;
  std::size_t most;
  std::function<json(std::size_t)> text;
};

const Limit limits[] = {
    {Format::vector, 64, [](std::size_t n) { return line_with("msr", by_index(n, 0)); }},
    {Format::vector, 64, [](std::size_t n) { return line_with("mem", by_index(n, "00")); }},
    {Format::vector, 64,
     [](std::size_t n) {
       return line_with("expect", {{"msr", by_index(n, 0)}});
     }},
    {Format::vector, 64,
     [](std::size_t n) {
       return line_with("expect", {{"mem", by_index(n, "00")}});
     }},
    {Format::scenario, 8, scenario_of_cores},
    {Format::scenario, 16,
     [](std::size_t n) {
       const json access = {{"read", 0}, {"size", 1}};
       return scenario_with({{"code", "90"}, {"does", {{"accesses", repeated(n, access)}}}});
     }},
    {Format::scenario, 4096,
     [](std::size_t n) {
       const json access = {{"read", 0}, {"size", n}};
       return scenario_with({{"code", "90"}, {"does", {{"accesses", {access}}}}});
     }},
};

TEST(Limits, Are_as_the_pages_tell) {
  for (const Limit& limit : limits) {
    const std::string last = limit.text(limit.most).dump();
    EXPECT_EQ(refusal_by_reader(limit.format, last), "") << last;
    EXPECT_EQ(refusal_by_schema(limit.format, last), "") << last;
    const std::string next = limit.text(limit.most + 1).dump();
    EXPECT_NE(refusal_by_reader(limit.format, next), "") << next;
    EXPECT_NE(refusal_by_schema(limit.format, next), "") << next;
  }
}

TEST(Limits, Of_steps) {
  const auto scenario = [](std::size_t steps) {
    return json{{"title", ""}, {"steps", repeated(steps, {{"code", "f1"}})}}.dump();
  };
  EXPECT_EQ(refusal_by_reader(Format::scenario, scenario(100000)), "");
  EXPECT_NE(refusal_by_reader(Format::scenario, scenario(100001)), "");
  EXPECT_EQ(schema_of(Format::scenario).at("/properties/steps/maxItems"_json_pointer), 100000);
}

TEST(Limits, Of_length_there_are_none) {
  const json line = {{"id", std::string(100000, 'x')},
                     {"code", "f1"},
                     {"mem", {{"0x1000", json(std::string(200000, '0'))}}}};
  EXPECT_EQ(refusal_by_reader(Format::vector, line.dump()), "");
}

// The deepest text that has a meaning, and one level more.
TEST(Limits, Of_nesting) {
  const char* line = R"({"id":1,"code":"f1","expect":{"gpr":{"rax":{"value":%}}}})";
  const char* scenario = R"({"title":"","cores":[{"name":"a"}],"steps":[{"code":"f1",
      "expect_on":{"a":{"gpr":{"rax":{"value":%}}}}}]})";
  const auto with = [](std::string text, const char* value) {
    return text.replace(text.find('%'), 1, value);
  };
  EXPECT_EQ(refusal_by_reader(Format::vector, with(line, "0")), "");
  EXPECT_EQ(refusal_by_reader(Format::vector, with(line, "{}")).substr(0, 22),
            "/expect/gpr/rax/value:");
  EXPECT_EQ(refusal_by_reader(Format::scenario, with(scenario, "0")), "");
  EXPECT_EQ(refusal_by_reader(Format::scenario, with(scenario, "[[]]")).substr(0, 41),
            "/steps/0/expect_on/a/gpr/rax/value: a lis");
}

TEST(Limits, Of_encoding) {
  const std::string line = R"({"id":"é","code":"f1"})";
  EXPECT_EQ(refusal_by_reader(Format::vector, line), "");
  EXPECT_EQ(refusal_by_reader(Format::vector, "\xEF\xBB\xBF" + line), "");
  EXPECT_NE(refusal_by_reader(Format::vector, "{\"id\":\"\xE9\",\"code\":\"f1\"}"), "");
  EXPECT_NE(refusal_by_reader(Format::vector, line + '\0'), "");
}

} // namespace
} // namespace icebp::test
