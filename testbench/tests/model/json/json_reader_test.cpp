#include <icebp/model/json/json_reader.h>
#include <icebp/model/json/scalar.h>

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
  void other_number(std::string_view digits) { events.append("number ").append(digits) += ' '; }
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
  bool number_integer(number_integer_t value) override {
    return value == 0 ? log.integer(0) : log.other_number(std::to_string(value)), true;
  }
  bool number_unsigned(number_unsigned_t value) override { return log.integer(value), true; }
  bool number_float(number_float_t, const string_t& digits) override {
    return log.other_number(digits), true;
  }
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

std::string events_of(const std::string& text) {
  Log log;
  std::string buffer;
  JsonReader(text, buffer).read(log);
  return log.events;
}

std::string error_of(const std::string& text) {
  try {
    events_of(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(JsonReader, TellsWhatIsThere) {
  EXPECT_EQ(
      events_of(R"( { "a" : [ 0 , 18446744073709551615 , true , false , null ] , "b\n" : {} } )"),
      "{ key a [ 0 18446744073709551615 true false null end key b\n { end end ");
  EXPECT_EQ(events_of("\xEF\xBB\xBF\"\xC3\xA9\\u00e9\\ud83d\\ude00\""),
            "text \xC3\xA9\xC3\xA9\xF0\x9F\x98\x80 ");
}

TEST(JsonReader, TellsOtherNumbersByTheirDigits) {
  EXPECT_EQ(
      events_of(
          "[-0,-1,-9223372036854775809,18446744073709551616,1.50,-0.0,1e3,2E-02,3e+4,\"\\n\",7.0]"),
      "[ 0 number -1 number -9223372036854775809 number 18446744073709551616 number 1.50 "
      "number -0.0 number 1e3 number 2E-02 number 3e+4 text \n number 7.0 end ");
}

TEST(JsonReader, SaysWhatIsNoJson) {
  const struct {
    std::string text;
    const char* error;
  } cases[] = {
      {"", "line 1, column 1: syntax error: no JSON value"},
      {"\n {", "line 2, column 3: syntax error: no key in double quotes, but the end"},
      {"[1,\n]", "line 2, column 1: syntax error: no JSON value, but ]"},
      {"[1 2]", "line 1, column 4: syntax error: neither a comma nor ], but 2"},
      {R"({"a":1,})", "line 1, column 8: syntax error: no key in double quotes, but }"},
      {R"({"a"})", "line 1, column 5: syntax error: no colon behind a key, but }"},
      {R"({"a":1 "b"})", "line 1, column 8: syntax error: neither a comma nor }, but \""},
      {"{a:1}", "line 1, column 2: syntax error: no key in double quotes, but a"},
      {"NaN", "line 1, column 1: syntax error: no JSON value, but N"},
      {"-Infinity", "line 1, column 2: syntax error: no JSON value, but I"},
      {"1.x", "line 1, column 3: syntax error: no digit behind the decimal point, but x"},
      {"1e", "line 1, column 3: syntax error: no digit in the exponent, but the end"},
      {"1e999", "line 1, column 1: syntax error: a number too big"},
      {"{} {}", "line 1, column 4: syntax error: the text goes on behind the JSON value, but {"},
      {"// x\n1", "line 1, column 1: syntax error: no JSON value, but /"},
      {"'a'", "line 1, column 1: syntax error: no JSON value, but '"},
      {R"("\x")",
       "line 1, column 2: syntax error: an escape or control character that no string has"},
      {"\"\t\"",
       "line 1, column 2: syntax error: an escape or control character that no string has"},
      {R"("\u12g4")", "line 1, column 2: syntax error: \\u without four hex digits"},
      {R"("\ud800")", "line 1, column 2: syntax error: half a surrogate pair"},
      {R"(["\udc00"])", "line 1, column 2: syntax error: a string that is no UTF-8"},
      {"{\"\xC0\x80\":1}", "line 1, column 2: syntax error: a string that is no UTF-8"},
      {"[\"\xED\xA0\x80\"]", "line 1, column 2: syntax error: a string that is no UTF-8"},
      {"[\"\xE2\x82\"]", "line 1, column 2: syntax error: a string that is no UTF-8"},
      {std::string("[1]\0]", 5), "line 1, column 4: syntax error: a NUL byte"},
  };
  for (const auto& [text, error] : cases)
    EXPECT_EQ(error_of(text), error) << text;
  EXPECT_EQ(error_of("\"a").substr(0, 49), "line 1, column 3: syntax error: a string without ");
}

// Whatever it reads is JSON and means the same, and it reads all that is JSON.
TEST(JsonReader, AgreesWithAnotherReaderOnDamagedTexts) {
  const std::string line =
      R"({"id":12,"code":"0f 23 f8","dr":[0,"0x2",30,-4],"gpr":{"rax":5},"x":[true,false,null],)"
      R"("y":"\u00e9\ud83d\ude00\n)"
      "\xC3\xA9\xF0\x9F\x98\x80\"}";
  constexpr std::string_view alphabet = "{}[]\",: 0123456789truefalsnx\\-.e\t\xC3\xA9\xF0\x98";
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int good = 0;
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
    SaxLog sax;
    const bool is_json = json::sax_parse(text, &sax);
    ASSERT_EQ(error_of(text) == "no error", is_json) << text;
    if (!is_json)
      continue;
    ++good;
    ASSERT_EQ(events_of(text), sax.log.events) << text;
  }
  EXPECT_GT(good, 5000);
}

// ---- The line of an error in a file

std::string error_at(const char* place, const char* text) {
  return error_in_file("f", text, InputError(place, "wrong", "")).what();
}

TEST(ErrorInFile, TellsTheLineOfAPlace) {
  constexpr const char* text =
      "{\"a\": 1,\n\"b~/\\n\": [\n 0, {\"c\\n\": \"\\n\",\n \"d\": [\n]}\n],\n\"a\": 2}";
  EXPECT_EQ(error_at("/b~0~1\n/0", text), "f: line 3, /b~0~1\n/0: wrong");
  EXPECT_EQ(error_at("/b~0~1\n/1/c\n", text), "f: line 3, /b~0~1\n/1/c\n: wrong");
  EXPECT_EQ(error_at("/b~0~1\n/1/d", text), "f: line 4, /b~0~1\n/1/d: wrong");
  EXPECT_EQ(error_at("/a", text), "f: line 7, /a: wrong");                     // the second
  EXPECT_EQ(error_at("/b~0~1\n/1/e", text), "f: line 3, /b~0~1\n/1/e: wrong"); // missing
  EXPECT_EQ(error_at("/e", text), "f: line 1, /e: wrong");
  EXPECT_EQ(error_at("/a", "{\n\"a\":\n1\n\"x"), "f: line 2, /a: wrong"); // an error behind it
  EXPECT_EQ(error_at("/a/b", "{\"a\":{\n\"b\":1},\n\"c\":{\n\"b\":2}}"), "f: line 2, /a/b: wrong");
  EXPECT_EQ(error_at("/0/1", "{\n\"0\":\n[1,\n[2\n]]}"), "f: line 4, /0/1: wrong");
}

TEST(ErrorInFile, LooksNoDeeperThanItCan) {
  const std::string deep = "{\n\"a\":" + std::string(1000000, '[');
  EXPECT_EQ(error_in_file("f", deep, InputError("/a", "wrong", "")).what(),
            std::string("f: line 2, /a: wrong"));
}

TEST(ErrorInFile, TellsNoLineOfTheWholeText) {
  EXPECT_EQ(error_at("", "5"), "f: wrong");
  EXPECT_EQ(error_at("line 3, column 1", "x"), "f: line 3, column 1: wrong");
}

TEST(LinesOfEntries, AreThoseOfTheListItself) {
  constexpr const char* text =
      "{\n\"a\": [1,\n2],\n\"steps\": [\n{\"steps\": [1,\n2]},\n3,\n[4,\n5], \"x\",\nnull, "
      "true,\n-1, 1.5],\n\"b\": [6]}";
  EXPECT_EQ(lines_of_entries(text, "steps"),
            (std::vector<std::size_t>{5, 7, 8, 9, 10, 10, 11, 11}));
  EXPECT_EQ(lines_of_entries(text, "b"), std::vector<std::size_t>{12});
  EXPECT_EQ(lines_of_entries("\xEF\xBB\xBF{\"b\":[\n1,\n\n2\n,3]}", "b"),
            (std::vector<std::size_t>{2, 4, 5}));
  EXPECT_TRUE(lines_of_entries(text, "c").empty());
}

// A message does not end within a character.
TEST(Describe, CutsLongTextBetweenCharacters) {
  const std::string letters(58, 'a');
  EXPECT_EQ(describe(Scalar::string(letters)), '"' + letters + '"');
  EXPECT_EQ(describe(Scalar::string(letters + "bc")), '"' + letters + "b...");
  EXPECT_EQ(describe(Scalar::string(letters + "\xC3\xA9z")), '"' + letters + "...");
}

} // namespace
} // namespace icebp
