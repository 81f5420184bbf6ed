// Malformed values of each key, typed from docs/vectors.md, docs/scenarios.md and docs/profiles.md:
// neither the reader nor the schema takes them.
#include <icebp/testbench/tests/program/formats/formats.h>

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

namespace icebp::test {
namespace {

struct Malformed {
  const char* keys;
  const char* values; // a JSON list
};

struct Rows {
  Place place; // a good text
  std::vector<Malformed> rows;
};

// A type that it is not, the first value beyond each end of its range, and an unknown name.
constexpr const char* not_64_bits =
    R"([null, true, -1, 1.5, 18446744073709551616, "", "12", "0x", "0X1", "0x1g",
        "0x10000000000000000", [], [1], {}])";
constexpr const char* not_32_bits =
    R"([null, false, -1, 0.5, 4294967296, "0x100000000", "ffffffff", [], {}])";
constexpr const char* not_16_bits = R"([null, true, -1, 65536, "0x10000", "ffff", [], {}])";
constexpr const char* no_truth = R"([null, 0, 1, "true", "", [], {}])";
constexpr const char* no_string = R"([null, true, 0, [], {}])";
constexpr const char* no_id = R"([null, true, 1.5, [], {}])";
constexpr const char* not_four_values =
    R"([null, 0, "0x0", {}, [], [0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, null], [0, 0, 0, -1]])";
constexpr const char* no_msr_values =
    R"([null, 0, [], {"lstar": 0}, {"0x": 0}, {"0x100000000": 0}, {"0x174": null}, {"0x174": -1}])";
constexpr const char* no_memory =
    R"([null, "00", [], {"4096": "00"}, {"0x10000000000000000": "00"}, {"0x1000": 0},
        {"0x1000": ""}, {"0x1000": "0"}, {"0x1000": "0x00"}])";
constexpr const char* no_bytes = R"([null, 15, [], "", " ", "f", "f1 f", "0xf1", "f1,f1", "nop"])";
constexpr const char* no_expectation = R"([null, true, 0, "retired", [], {"outcomes": "retired"},
    {"outcome": "retire"}, {"vector": 256}])";
constexpr const char* no_masked_value =
    R"([null, true, -1, "12", "0x1g", [], {}, {"mask": 1}, {"value": null}, {"value": 1, "bits": 1},
        {"value": 1, "mask": -1}])";
constexpr const char* no_masked_value_or_null =
    R"([true, -1, "12", "0x1g", [], {}, {"mask": 1}, {"value": null}, {"value": 1, "mask": null}])";
constexpr const char* no_profile =
    R"([null, 1, [], {}, "", "i486", "intel_skylake", "intel-skylake,", "intel-skylake,rtm",
        "intel-skylake,-tsx", "Intel-Skylake"])";
constexpr const char* registers = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15";

const std::vector<Malformed> of_a_machine = {
    {"profile", no_profile},
    {"apic_id", not_32_bits},
    {"bsp", no_truth},
    {"mode", R"([null, 64, "", "Long", "smm", []])"},
    {"cpl", R"([null, true, -1, 4, "0", "0x0", 1.5, []])"},
    {"rip rflags cr0 cr4 efer", not_64_bits},
    {"dr", not_four_values},
    {"dr6 dr7", not_32_bits},
    {"gpr", R"([null, 0, [], {"eax": 0}, {"RAX": 0}, {"rax": null}, {"rax": -1}, {"rax": "1"}])"},
    {"msr", no_msr_values},
    {"mem", no_memory},
    {"shadow", R"([null, true, 0, "", "ss", "mov ss", []])"},
    {"pending", R"([null, true, -1, "0x10", "0x2000", "0x20000", "0x100000000", [], {}])"},
    {"redirect_db", no_truth},
    {"rtm",
     R"([0, true, "", [], {}, {"xbegin": 1}, {"fallback": 1}, {"xbegin": 1, "fallback": "1"}])"},
    {"vmx", R"([0, true, "", [], {"icebp": true}, {"mov_dr_exiting": 1}])"},
    {"svm", R"([0, true, "", [], {"mov_dr_exiting": true}, {"icebp": 1}])"},
};

std::vector<Malformed> of_a_machine_and(const std::vector<Malformed>& more) {
  std::vector<Malformed> rows = of_a_machine;
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

const std::vector<Rows> all = {
    {{Format::vector, "", R"({"id":1,"code":"f1"})", ""},
     of_a_machine_and({
         {"$schema", no_string},
         {"id", no_id},
         {"code", no_bytes},
         {"expect", no_expectation},
         {"authority cpuid ID Code", "[0, null, \"\", {}]"},
     })},
    {{Format::vector, "/properties/gpr", R"({"id":1,"code":"f1","gpr":{}})", "/gpr"},
     {{registers, not_64_bits}, {"eax r16 rip 0", "[0]"}}},
    {{Format::vector, "/definitions/rtm", R"({"id":1,"code":"f1","rtm":{"xbegin":1,"fallback":2}})",
      "/rtm"},
     {{"xbegin fallback", not_64_bits}, {"to rtm_abort", "[0]"}}},
    {{Format::vector, "/definitions/vmx", R"({"id":1,"code":"f1","vmx":{}})", "/vmx"},
     {{"mov_dr_exiting use_msr_bitmaps", no_truth},
      {"exception_bitmap", not_32_bits},
      {"msr_read msr_write", R"([null, 1, "0x10", {}, [null], [-1], ["10"], ["0x100000000"]])"},
      {"dr_read exceptions", "[0]"}}},
    {{Format::vector, "/definitions/svm", R"({"id":1,"code":"f1","svm":{}})", "/svm"},
     {{"icebp msr_prot", no_truth},
      {"dr_read dr_write", not_16_bits},
      {"exceptions", not_32_bits},
      {"msr_read msr_write", R"([null, 1, "0x10", {}, [null], [-1], ["10"], ["0x100000000"]])"},
      {"exception_bitmap", "[0]"}}},
    {{Format::vector, "/definitions/expect", R"({"id":1,"code":"f1","expect":{}})", "/expect"},
     {{"id", no_id},
      {"outcome", R"([null, 0, "", "faults", "Fault", []])"},
      {"vector", R"([true, -1, 256, 1.5, "1", "0x1", "#DB", [], {}])"},
      {"error_code", R"([true, -1, 4294967296, "0x0", [], {}])"},
      {"cause", R"([null, 0, "", "gd", "General_detect", []])"},
      {"payload cr2", no_masked_value_or_null},
      {"exit", R"([0, true, "", [], {"exit": 0}, {"reason": -1}, {"reason": {}}])"},
      {"redirected serializing", no_truth},
      {"rip dr6 dr7", no_masked_value},
      {"rf", R"([true, false, -1, 2, "0", []])"},
      {"gpr", R"([null, 0, [], {"eax": 0}, {"rax": null}, {"rax": {"mask": 1}}])"},
      {"msr", no_msr_values},
      {"mem", no_memory},
      {"dr", not_four_values},
      {"cost", R"([null, 0, "", "fast", []])"},
      {"cycles", R"([null, true, -1, 1.5, "1", "0x1", 18446744073709551616, []])"},
      {"code mode error eflags", "[0]"}}},
    {{Format::vector, "/definitions/expect/properties/gpr",
      R"({"id":1,"code":"f1","expect":{"gpr":{}}})", "/expect/gpr"},
     {{registers, no_masked_value}, {"eax r16", "[0]"}}},
    {{Format::vector, "/definitions/expect/properties/exit/anyOf/1",
      R"({"id":1,"code":"f1","expect":{"exit":{}}})", "/expect/exit"},
     {{"reason qualification intr_info error_code code info1 info2", no_masked_value_or_null},
      {"exitcode vector", "[0, null]"}}},
    {{Format::vector, "/definitions/value_and_mask",
      R"({"id":1,"code":"f1","expect":{"dr6":{"value":1}}})", "/expect/dr6"},
     {{"value mask", not_64_bits}, {"bits", "[0]"}}},

    {{Format::scenario, "", R"({"title":"","steps":[{"code":"f1"}]})", ""},
     {{"$schema title source note", no_string},
      {"machine", R"([null, 0, "", [], {"name": "core"}, {"code": "f1"}, {"cpl": 4}])"},
      {"cores", R"([null, 0, "", {}, [], [0], [{}], [{"name": ""}], [{"name": "A"}],
                    [{"name": "a", "code": "f1"}], [{"name": "a", "cpl": 4}],
                    [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}, {"name": "e"},
                     {"name": "f"}, {"name": "g"}, {"name": "h"}, {"name": "i"}]])"},
      {"steps", R"([null, 0, "", {}, [], [0], [{}], [{"cpl": 0}], [{"code": 0}],
                    [{"code": "f1", "event": "reset"}], [{"code": "f1"}, {"event": "sleep"}]])"},
      {"step core machines Title", "[0, \"\"]"}}},
    {{Format::scenario, "/properties/machine",
      R"({"title":"","machine":{},"steps":[{"code":"f1"}]})", "/machine"},
     of_a_machine_and({{"$schema name id code expect steps", "[0, \"f1\", {}]"}})},
    {{Format::scenario, "/definitions/core",
      R"({"title":"","cores":[{"name":"core"}],"steps":[{"code":"f1"}]})", "/cores/0"},
     of_a_machine_and({{"name", R"([null, 0, "", "Core", "1st", "_a", "a-b", "a b", []])"},
                       {"$schema id code expect steps", "[0, \"f1\", {}]"}})},
    {{Format::scenario, "/definitions/step", R"({"title":"","steps":[{"code":"f1"}]})", "/steps/0"},
     of_a_machine_and({
         {"code", no_bytes},
         {"does", R"([null, true, "", [], {"writes": 0}, {"to": "1"}])"},
         {"note", no_string},
         {"on", R"([null, "core", {}, [], [0], [null], ["Core"], ["core", "core"]])"},
         {"id", no_id},
         {"expect", no_expectation},
         {"expect_on",
          R"([null, 0, "", [], {"core": null}, {"core": {"vector": -1}}, {"Core": {}}])"},
         {"event", R"(["reset", "handler_returns", "page_fault"])"},
         {"verb value address error_code rf overflowed", R"([0, false, "skip"])"},
         {"profile apic_id bsp $schema", R"([0, true, "intel-skylake"])"},
     })},
    {{Format::scenario, "/definitions/step", R"({"title":"","steps":[{"event":"reset"}]})",
      "/steps/0"},
     {{"event", R"([null, 0, "", "sleep", "Reset", "firmware_resumes", "page_fault", []])"},
      {"verb value address error_code rf overflowed", R"([0, false, "skip"])"},
      {"code does mode cpl rip dr6 shadow", R"([0, "f1", "long", "none", {}])"},
      {"note", no_string},
      {"id", no_id},
      {"expect", no_expectation}}},
    {{Format::scenario, "/definitions/step",
      R"({"title":"","steps":[{"event":"firmware_resumes","verb":"skip"}]})", "/steps/0"},
     {{"verb", R"([null, 0, "", "go", "complete", []])"},
      {"value address error_code overflowed", "[0]"},
      {"rf", no_truth}}},
    {{Format::scenario, "/definitions/step",
      R"({"title":"","steps":[{"event":"firmware_resumes","verb":"complete","value":1}]})",
      "/steps/0"},
     {{"verb", R"(["skip", "reexecute", "inject_gp"])"}, {"value", not_64_bits}}},
    {{Format::scenario, "/definitions/step",
      R"({"title":"","steps":[{"event":"page_fault","address":1,"error_code":2}]})", "/steps/0"},
     {{"address", not_64_bits},
      {"error_code", R"([null, true, -1, 65536, 1.5, "0x2", []])"},
      {"verb value rf overflowed", R"([0, true, "skip"])"}}},
    {{Format::scenario, "/definitions/step",
      R"({"title":"","steps":[{"event":"pmi","overflowed":1}]})", "/steps/0"},
     {{"overflowed", not_64_bits}, {"verb value address error_code rf", R"([0, true, "skip"])"}}},
    {{Format::scenario, "/definitions/does", R"({"title":"","steps":[{"code":"90","does":{}}]})",
      "/steps/0/does"},
     {{"accesses", R"([null, 0, {}, [], [0], [{}], [{"read": 1}], [{"size": 1}],
                       [{"read": 1, "write": 1, "size": 1}], [{"read": 1, "size": 0}]])"},
      {"repeats bus_lock task_switch", no_truth},
      {"fast_string", R"([null, true, 0, "true"])"}, // true goes with repeats only
      {"rtm_abort to rflags", not_64_bits},
      {"ending", R"([null, 0, "", "jump", []])"},
      {"mispredicted", R"([null, 0, "true", true, false])"}, // goes with taken_branch only
      {"branch", R"([null, 0, "", "call", "jcc", []])"},     // goes with taken_branch only
      {"interrupt", R"([null, true, -1, 256, "0x100", "3", []])"},
      {"code access write", "[0]"}}},
    {{Format::scenario, "/definitions/does",
      R"({"title":"","steps":[{"code":"90","does":{"ending":"taken_branch"}}]})", "/steps/0/does"},
     {{"branch", R"([null, 0, "", "call", []])"}, {"interrupt", "[0, 3]"}}},
    {{Format::scenario, "/definitions/access",
      R"({"title":"","steps":[{"code":"90","does":{"accesses":[{"read":1,"size":1}]}}]})",
      "/steps/0/does/accesses/0"},
     {{"read", not_64_bits},
      {"write io", "[0, \"0x1\", null]"}, // a second address
      {"size", R"([null, true, -1, 0, 4097, "0x0", "0x1001", "1", []])"},
      {"port address", "[0]"}}},

    {{Format::profile, "", R"({"name":"mine","from":"intel-skylake"})", ""},
     {{"$schema", no_string},
      {"name", R"([null, 0, "", "intel-skylake", "amd-max", []])"},
      {"from", no_profile},
      {"from", R"(["mine.json", "mine.json,-rtm"])"},
      {"source", R"([null, 0, "", []])"},
      {"features", R"([null, "+rtm", {}, [], [0], ["rtm"], ["+tsx"], ["-rtm", "-rtm"]])"},
      {"physical_address_bits", R"([null, true, 31, 53, "0x1f", "0x35", "46", []])"},
      {"counts", R"([null, 0, [], {"banks": 1}, {"mca_banks": 33}])"},
      {"mov_dr_ladder",
       R"([null, "cpl", {}, [], ["cpl"],
           ["instruction_too_long", "lock_prefix", "rex_r", "intercept", "dr45_with_de",
            "general_detect", "cpl"],
           ["instruction_too_long", "lock_prefix", "rex_r", "intercept", "dr45_with_de",
            "general_detect", "cpl", "cpl"],
           ["instruction_too_long", "lock_prefix", "rex_r", "intercept", "dr45_with_de",
            "general_detect", "cpl", "single_step"],
           ["instruction_too_long", "lock_prefix", "rex_r", "intercept", "dr45_with_de",
            "general_detect", "cpl", "reserved_upper_half", "cpl"]])"},
      {"quirks", R"([null, true, [], {"gd": true}, {"gd_sets_rf": 1}])"},
      {"msrs", R"([null, 0, [], {"lstar": {"name": "A"}}, {"0x100000000": {"name": "A"}},
                   {"0x40000000": null}, {"0x40000000": {}}, {"0x40000000": {"mask": 0}}])"},
      {"msr mode feature", "[0]"}}},
    {{Format::profile, "/properties/counts",
      R"({"name":"mine","from":"intel-skylake","counts":{}})", "/counts"},
     {{"mca_banks lbr_entries", R"([null, true, -1, 33, "0x21", "1", []])"},
      {"mtrr_pairs", R"([null, -1, 11, "0xb", "1", []])"},
      {"rtit_ranges fixed_counters", R"([null, -1, 5, "0x5", "1", []])"},
      {"counters", R"([null, -1, 9, "0x9", "1", []])"},
      {"lbr_depths", R"([null, -1, 256, "0x100", "1", []])"},
      {"banks", "[1]"}}},
    {{Format::profile, "/properties/quirks",
      R"({"name":"mine","from":"intel-skylake","quirks":{}})", "/quirks"},
     {{"int1_keeps_b bld_writable_needs_debugctl efer_lma_flip_faults disabled_breakpoints_set_b "
       "mov_ss_inhibits_code_breakpoint traps_merge_with_code_breakpoint "
       "flush_cmd_drops_reserved_bits other_db_sets_rtm "
       "gd_sets_rf fault_drops_held_traps init_keeps_apic_base",
       no_truth},
      {"string_granularity", R"([null, 64, true, "", "late"])"},
      {"gd movss_inhibits_code_bp", "[true]"}}},
    {{Format::profile, "/definitions/register",
      R"({"name":"mine","from":"intel-skylake","msrs":{"0x40000000":{"name":"MINE"}}})",
      "/msrs/0x40000000"},
     {{"name",
       R"([null, 0, "", "A B", "A-B", "A23456789_123456789_123456789_123456789_123456789_123456789_12345"])"},
      {"access", R"([null, 0, "", "rx", "RW", []])"},
      {"writable gp reset", not_64_bits},
      {"on_init", R"([null, true, "", "clear", []])"},
      {"mask value index", "[0]"}}},
};

std::vector<std::string> words_of(const char* text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;)
    words.push_back(word);
  return words;
}

TEST(Malformed, Begins_with_a_good_text) {
  for (const Rows& rows : all) {
    EXPECT_EQ(refusal_by_reader(rows.place.format, rows.place.document), "") << rows.place;
    EXPECT_EQ(refusal_by_schema(rows.place.format, rows.place.document), "") << rows.place;
  }
}

TEST(Malformed, Is_refused_by_the_reader_and_by_the_schema) {
  std::size_t refused = 0;
  for (const Rows& rows : all)
    for (const Malformed& row : rows.rows)
      for (const std::string& key : words_of(row.keys))
        for (const json& value : json::parse(row.values)) {
          const std::string text = rows.place.with(key, value);
          const std::string by_reader = refusal_by_reader(rows.place.format, text);
          EXPECT_NE(by_reader, "") << text;
          EXPECT_NE(refusal_by_schema(rows.place.format, text), "") << text;
          EXPECT_EQ(by_reader.substr(0, 1), "/") << text << ": " << by_reader;
          EXPECT_NE(by_reader.find("; "), std::string::npos)
              << text << ": " << by_reader; // with what would be legal
          ++refused;
        }
  EXPECT_GT(refused, 1000u);
}

// Where a message ends with an example of what is legal, as JSON, the reader takes it.
TEST(Malformed, Is_told_with_a_good_example) {
  std::size_t examples = 0;
  for (const Place& place : places)
    for (const auto& [key, schema] : place.object_schema().at("properties").items()) {
      const std::string message = refusal_by_reader(place.format, place.with(key, 1.5));
      std::string example = message.substr(message.rfind("; ") + 2);
      example = example.substr(0, example.rfind(", null"));
      if (!json::accept(example) || !json::parse(example).is_structured())
        continue;
      ++examples;
      // In a step of the other kind the key has no place whatever it holds.
      const std::string then =
          refusal_by_reader(place.format, place.with(key, json::parse(example)));
      EXPECT_EQ(then.find(" is not "), std::string::npos) << message << '\n' << then;
    }
  EXPECT_GT(examples, 40u);
}

TEST(Malformed, Has_a_row_for_every_key) {
  std::map<std::pair<Format, std::string_view>, std::set<std::string>> keys;
  for (const Rows& rows : all)
    for (const Malformed& row : rows.rows)
      for (const std::string& key : words_of(row.keys))
        keys[{rows.place.format, rows.place.schema}].insert(key);
  for (const Place& place : places)
    for (const auto& [key, schema] : place.object_schema().at("properties").items())
      EXPECT_TRUE((keys[{place.format, place.schema}].count(key))) << place << ' ' << key;
}

// Of required keys each one.
TEST(Malformed, Is_what_lacks_a_key) {
  const struct {
    Format format;
    const char* text;
  } rows[] = {
      {Format::vector, "{}"},
      {Format::vector, R"({"id":1})"},
      {Format::vector, R"({"code":"f1"})"},
      {Format::vector, R"({"id":1,"code":"f1","expect":{"rip":{"mask":1}}})"},
      {Format::scenario, R"({"title":""})"},
      {Format::scenario, R"({"steps":[{"code":"f1"}]})"},
      {Format::scenario, R"({"title":"","cores":[{"cpl":0}],"steps":[{"code":"f1"}]})"},
      {Format::scenario,
       R"({"title":"","machine":{},"cores":[{"name":"a"}],"steps":[{"code":"f1"}]})"},
      {Format::scenario, R"({"title":"","steps":[{"event":"firmware_resumes"}]})"},
      {Format::scenario,
       R"({"title":"","steps":[{"event":"firmware_resumes","verb":"complete"}]})"},
      {Format::scenario, R"({"title":"","steps":[{"event":"page_fault","address":0}]})"},
      {Format::scenario, R"({"title":"","steps":[{"event":"page_fault","error_code":0}]})"},
      {Format::scenario, R"({"title":"","steps":[{"event":"pmi"}]})"},
      {Format::profile, R"({"name":"mine"})"},
      {Format::profile, R"({"from":"intel-skylake"})"},
      {Format::profile, "[]"},
      {Format::scenario, "[]"},
      {Format::vector, "[]"},
      {Format::vector, "5"},
  };
  for (const auto& row : rows) {
    EXPECT_NE(refusal_by_reader(row.format, row.text), "") << row.text;
    EXPECT_NE(refusal_by_schema(row.format, row.text), "") << row.text;
  }
}

} // namespace
} // namespace icebp::test
