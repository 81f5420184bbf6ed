#include <icebp/testbench/program/json/plain_json.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace icebp {
namespace {

using nlohmann::json;

// Writes down the events of both readers in the same words.
struct Log {
  std::string events;

  void null() { events += "null "; }
  void boolean(bool value) { events += value ? "true " : "false "; }
  void integer(std::uint64_t value) { events += std::to_string(value) + ' '; }
  void text(std::string_view value) { events.append("text ").append(value) += ' '; }
  void key(std::string_view value) { events.append("key ").append(value) += ' '; }
  void start_object() { events += "{ "; }
  void start_list() { events += "[ "; }
  void end() { events += "end "; }
};

struct SaxLog final : json::json_sax_t {
  Log log;

  bool null() override { return log.null(), true; }
  bool boolean(bool value) override { return log.boolean(value), true; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_unsigned(number_unsigned_t value) override { return log.integer(value), true; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool string(string_t& value) override { return log.text(value), true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return log.start_object(), true; }
  bool key(string_t& value) override { return log.key(value), true; }
  bool end_object() override { return log.end(), true; }
  bool start_array(std::size_t) override { return log.start_list(), true; }
  bool end_array() override { return log.end(), true; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }
};

bool is_plain(const std::string& text) {
  Log log;
  return PlainJson(text, log).read();
}

TEST(PlainJson, ReadsPlainLines) {
  for (const char* text :
       {"{}", "[]", " { } ", "[ ]", R"({"a":1,"b":[true,false,null,"x"],"c":{"d":{}}})",
        R"( { "a" : 1 , "b" : [ 0 , 9999999999999999999 ] } )", "5", "\"\""})
    EXPECT_TRUE(is_plain(text)) << text;
}

TEST(PlainJson, LeavesTheRestToTheOtherReader) {
  for (const char* text : {"",
                           "{",
                           "[1",
                           "[1,]",
                           "{\"a\":1,}",
                           "{\"a\"}",
                           "{a:1}",
                           "01",
                           "-1",
                           "1.0",
                           "1e3",
                           "1x",
                           "10000000000000000000",
                           "tru",
                           "nul",
                           "\"a",
                           "\"\\n\"",
                           "\"\t\"",
                           "\"\xC3\xA9\"",
                           "1 2",
                           "{} {}",
                           "/* */ {}",
                           "'a'",
                           "\xEF\xBB\xBF{}",
                           "{\"a\":1}}"})
    EXPECT_FALSE(is_plain(text)) << text;
}

// Whatever is read as plain is JSON, and means the same.
TEST(PlainJson, AgreesWithTheOtherReaderOnDamagedTexts) {
  const std::string line =
      R"({"id":12,"code":"0f 23 f8","dr":[0,"0x2",30,4],"gpr":{"rax":5},"x":[true,false,null]})";
  constexpr std::string_view alphabet = "{}[]\",: 0123456789truefalsnx\\-.e\t";
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int plain = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text = line;
    for (std::size_t changes = 1 + below(3); changes != 0; --changes) {
      const std::size_t at = below(text.size());
      const char c = alphabet[below(alphabet.size())];
      switch (below(3)) {
      case 0:
        text[at] = c;
        break;
      case 1:
        text.insert(at, 1, c);
        break;
      default:
        text.erase(at, 1);
      }
    }
    Log log;
    if (!PlainJson(text, log).read())
      continue;
    ++plain;
    SaxLog sax;
    ASSERT_TRUE(json::sax_parse(text, &sax)) << text;
    ASSERT_EQ(log.events, sax.log.events) << text;
  }
  EXPECT_GT(plain, 5000);
}

} // namespace
} // namespace icebp
