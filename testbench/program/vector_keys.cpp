// Every key of a vector line, in the order of messages.

#include <icebp/testbench/program/json_events.h>

#include <algorithm>

namespace icebp {
namespace {

// Names of which some are not there yet.
struct Word {
  std::string_view name;
  bool supported;
};

constexpr Word authorities[] = {
    {"hardware", true},  {"kvm-6.12", false},  {"bochs-2.7", false},
    {"qemu-7.2", false}, {"gem5-24.0", false},
};

constexpr Word shadows[] = {{"none", true}, {"sti", false}, {"mov_ss", false}};

template <const auto& words>
std::string supported_words() {
  std::string names;
  for (const Word& word : words)
    if (word.supported)
      names.append(names.empty() ? "" : ", ").append(word.name);
  return names;
}

// Of these words only the first is ever supported, and it says nothing.
template <const auto& words>
void take_word(JsonEvents& in, const Scalar& scalar) {
  for (const Word& word : words)
    if (scalar.kind == Scalar::Kind::text && scalar.text == word.name) {
      if (word.supported)
        return;
      in.fail(describe(scalar) + " is not supported yet", supported_words<words>());
    }
  in.fail(describe(scalar) + " is unknown", supported_words<words>());
}

void refuse(JsonEvents& in, const Scalar&) { in.fail("not supported yet", "leave it out"); }

bool is_whole(std::string_view number) {
  return number.find_first_not_of("-0123456789") == std::string_view::npos;
}

void take_id(JsonEvents& in, const Scalar& scalar, std::string& id) {
  id.clear();
  if (scalar.kind == Scalar::Kind::integer)
    append_decimal(id, scalar.number);
  else if (scalar.kind == Scalar::Kind::text)
    append_json_string(id, scalar.text);
  else if (scalar.kind == Scalar::Kind::other_number && is_whole(scalar.text))
    id = scalar.text;
  else
    in.fail(describe(scalar) + " is not an id", "an integer or a string");
}

void take_code(JsonEvents& in, const Scalar& scalar) {
  constexpr const char* legal = "two hex digits a byte, blanks between bytes";
  if (scalar.kind != Scalar::Kind::text)
    in.fail(describe(scalar) + " is not code", "a string with two hex digits a byte");
  std::vector<std::uint8_t>& code = in.line().code;
  code.clear();
  const std::string_view text = scalar.text;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
      continue;
    }
    const int high = hex_digit(text[i]);
    const int low = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    if (high < 0 || low < 0)
      in.fail(describe(scalar) + " has no byte at character " + std::to_string(i + 1), legal);
    code.push_back(static_cast<std::uint8_t>(high << 4 | low));
    i += 2;
  }
  if (code.empty())
    in.fail(describe(scalar) + " has no byte", legal);
}

std::string profile_names() {
  std::string names;
  for (const CpuProfile& profile : cpu_profiles)
    names.append(names.empty() ? "" : ", ").append(profile.name);
  return names;
}

void take_profile(JsonEvents& in, const Scalar& scalar) {
  const CpuProfile* profile =
      scalar.kind == Scalar::Kind::text ? find_cpu_profile(scalar.text) : nullptr;
  if (!profile)
    in.fail(describe(scalar) + " is not a profile", profile_names());
  in.line().profile = profile;
}

template <auto member>
void take_value64(JsonEvents& in, const Scalar& scalar) {
  in.line().*member = in.value64(scalar);
}

template <auto member>
void take_value32(JsonEvents& in, const Scalar& scalar) {
  in.line().*member = in.value32(scalar);
}

void take_pending(JsonEvents& in, const Scalar& scalar) {
  if (in.value64(scalar) != 0)
    in.fail(describe(scalar) + " is not supported yet", "0");
}

// --- registers by number, name or index

constexpr Key dr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                       auto& dr = in.line().dr;
                       if (!dr)
                         dr.emplace();
                       (*dr)[in.entry()] = in.value64(scalar);
                     }};
constexpr Key expected_dr_key{{}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
                                auto& dr = in.expect().dr;
                                if (!dr)
                                  dr.emplace();
                                return (*dr)[in.entry()];
                              }};

template <const Key& key>
const Key& find_dr(JsonEvents& in, std::string_view, std::size_t& entry) {
  if (entry > 3)
    in.fail("one value too many", "four, DR0 to DR3");
  return key;
}

void close_dr(JsonEvents& in, std::uint64_t seen) {
  if (seen != 0xF)
    in.fail("values are missing", "four, DR0 to DR3");
}

constexpr Key gpr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                        in.line().gpr[in.entry()] = in.value64(scalar);
                      }};
constexpr Key expected_gpr_key{{}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
                                 auto& all = in.expect().gpr;
                                 const auto reg = static_cast<Gpr>(in.entry());
                                 for (ExpectedGpr& expected : all)
                                   if (expected.reg == reg)
                                     return expected.value;
                                 return all.emplace_back(ExpectedGpr{reg, {}}).value;
                               }};

template <const Key& key>
const Key& find_gpr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  const std::optional<Gpr> reg = value_of<Gpr>(name);
  if (!reg)
    in.fail_at(name, "unknown register", names_of<Gpr>());
  entry = static_cast<std::size_t>(*reg);
  return key;
}

constexpr Key msr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                        in.line().msr[in.entry()].value = in.value64(scalar);
                      }};
constexpr Key expected_msr_key{{}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
                                 return in.expect().msr[in.entry()].value;
                               }};

std::uint32_t msr_index(JsonEvents& in, std::string_view name) {
  const std::optional<std::uint64_t> index = parse_hex(name);
  if (!index || *index > 0xFFFFFFFF)
    in.fail_at(name, "not an MSR's index", "\"0x0\" to \"0xffffffff\"");
  return static_cast<std::uint32_t>(*index);
}

// The position of an MSR among `all`, at the end if it was not there.
template <typename Values>
std::size_t position_in(JsonEvents& in, Values& all, std::string_view name) {
  const std::uint32_t index = msr_index(in, name);
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& value) { return value.index == index; });
  const auto position = static_cast<std::size_t>(found - all.begin());
  if (position == msr_slot_count)
    in.fail_at(name, "more MSRs than any profile has", std::to_string(msr_slot_count));
  if (found == all.end())
    all.push_back({index, {}});
  return position;
}

const Key& find_msr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = position_in(in, in.line().msr, name);
  return msr_key;
}

const Key& find_expected_msr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = position_in(in, in.expect().msr, name);
  return expected_msr_key;
}

const Key& find_memory(JsonEvents& in, std::string_view name, std::size_t&) {
  in.fail_at(name, "not supported yet", "leave it out");
}

constexpr Level dr_level{true, "a list of four values", find_dr<dr_key>, close_dr};
constexpr Level gpr_level{false, "an object of registers", find_gpr<gpr_key>};
constexpr Level msr_level{false, "an object of MSRs", find_msr};
constexpr Level expected_dr_level{true, "a list of four values", find_dr<expected_dr_key>,
                                  close_dr};
constexpr Level expected_gpr_level{false, "an object of registers", find_gpr<expected_gpr_key>};
constexpr Level expected_msr_level{false, "an object of MSRs", find_expected_msr};
constexpr Level expected_memory_level{false, "an object of memory", find_memory};

// --- `expect`

template <auto member>
MaskedValue& masked_value(JsonEvents& in) {
  return (in.expect().*member).emplace();
}

template <auto member, std::uint64_t most>
void take_integer_or_null(JsonEvents& in, const Scalar& scalar) {
  auto& entry = (in.expect().*member).emplace();
  if (scalar.kind == Scalar::Kind::null)
    return;
  if (scalar.kind != Scalar::Kind::integer || scalar.number > most)
    in.fail(describe(scalar) + " is not legal here", "0 to " + std::to_string(most) + ", null");
  entry = static_cast<typename std::decay_t<decltype(entry)>::value_type>(scalar.number);
}

void take_payload(JsonEvents& in, const Scalar& scalar) {
  auto& payload = in.expect().payload.emplace();
  if (scalar.kind != Scalar::Kind::null)
    payload = MaskedValue{in.value64(scalar)};
}

MaskedValue& masked_payload(JsonEvents& in) { return in.expect().payload.emplace().emplace(); }

void take_exit(JsonEvents& in, const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::null)
    in.fail(describe(scalar) + " is not supported yet", "null");
}

constexpr Key expect_keys[] = {
    {"id", [](JsonEvents& in, const Scalar& s) { take_id(in, s, in.expect().id); }},
    {"outcome",
     [](JsonEvents& in, const Scalar& s) {
       in.expect().outcome = in.named<OutcomeKind>(s, "an outcome");
     }},
    {"vector", take_integer_or_null<&Expectation::vector, 0xFF>},
    {"error_code", take_integer_or_null<&Expectation::error_code, 0xFFFFFFFF>},
    {"cause",
     [](JsonEvents& in, const Scalar& s) { in.expect().cause = in.named<Cause>(s, "a cause"); }},
    {"payload", take_payload, nullptr, masked_payload},
    {"exit", take_exit},
    {"redirected", [](JsonEvents& in, const Scalar& s) { in.expect().redirected = in.truth(s); }},
    {"rip", nullptr, nullptr, masked_value<&Expectation::rip>},
    {"rf", take_integer_or_null<&Expectation::rf, 1>},
    {"gpr", nullptr, &expected_gpr_level},
    {"msr", nullptr, &expected_msr_level},
    {"mem", nullptr, &expected_memory_level},
    {"cr2", refuse},
    {"dr", nullptr, &expected_dr_level},
    {"dr6", nullptr, nullptr, masked_value<&Expectation::dr6>},
    {"dr7", nullptr, nullptr, masked_value<&Expectation::dr7>},
    {"cycles",
     [](JsonEvents& in, const Scalar& s) {
       in.expect().cycles = in.integer_up_to(~std::uint64_t{0}, s, "a number of cycles");
     }},
};

// --- the line

bool listed(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <typename Keys>
std::string legal_keys(const Keys& keys, const ObjectKeys* differences) {
  std::string names;
  const auto add = [&](std::string_view name) {
    names.append(names.empty() ? "" : ", ").append(name);
  };
  if (differences)
    for (const std::string_view name : differences->also)
      add(name);
  for (const Key& key : keys)
    if (!differences || !listed(differences->not_here, key.name))
      add(key.name);
  return names;
}

template <const auto& keys>
const Key& find_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(keys); ++entry)
    if (keys[entry].name == name)
      return keys[entry];
  in.fail_at(name, "unknown key", legal_keys(keys, in.keys()));
}

void close_expect(JsonEvents& in, std::uint64_t) { in.line().has_expectation = true; }

constexpr Level line_expect_level{false, "an object of answer keys", find_key<expect_keys>,
                                  close_expect};

constexpr Key line_keys[] = {
    {"id", [](JsonEvents& in, const Scalar& s) { take_id(in, s, in.line().id); }},
    {"code", take_code},
    {"profile", take_profile},
    {"authority", take_word<authorities>},
    {"mode", [](JsonEvents& in, const Scalar& s) { in.line().mode = in.named<Mode>(s, "a mode"); }},
    {"cpl",
     [](JsonEvents& in, const Scalar& s) {
       in.line().cpl = static_cast<std::uint8_t>(in.integer_up_to(3, s, "a privilege level"));
     }},
    {"rip", take_value64<&VectorLine::rip>},
    {"rflags", take_value64<&VectorLine::rflags>},
    {"cr0", take_value64<&VectorLine::cr0>},
    {"cr4", take_value64<&VectorLine::cr4>},
    {"efer", take_value64<&VectorLine::efer>},
    {"dr", nullptr, &dr_level},
    {"dr6", take_value32<&VectorLine::dr6>},
    {"dr7", take_value32<&VectorLine::dr7>},
    {"gpr", nullptr, &gpr_level},
    {"msr", nullptr, &msr_level},
    {"mem", refuse},
    {"shadow", take_word<shadows>},
    {"pending", take_pending},
    {"redirect_db", [](JsonEvents& in, const Scalar& s) { in.line().redirect_db = in.truth(s); }},
    {"vmx", refuse},
    {"svm", refuse},
    {"expect", nullptr, &line_expect_level},
};
static_assert(line_keys[0].name == "id" && line_keys[1].name == "code");

void close_line(JsonEvents& in, std::uint64_t seen) {
  if ((seen & 1) == 0)
    in.fail_inside("id", "missing", "an integer or a string");
  if ((seen & 2) == 0)
    in.fail_inside("code", "missing", "one instruction's bytes in hex");
}

} // namespace

const Level line_level{false, "an object", find_key<line_keys>, close_line};
const Level machine_level{false, "an object", find_key<line_keys>};
const Level expect_level{false, "an object of answer keys", find_key<expect_keys>};

} // namespace icebp
