// Every key of a vector line, in the order of messages.

#include <icebp/model/rules/payload.h>
#include <icebp/testbench/program/input_error.h>
#include <icebp/testbench/program/json_events.h>
#include <icebp/testbench/program/profile_text.h>

#include <algorithm>
#include <type_traits>

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

template <const auto& words>
std::string supported_words() {
  std::string names;
  for (const Word& word : words)
    if (word.supported)
      names.append(names.empty() ? "" : ", ").append(word.name);
  return names;
}

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

// The entry of `all` whose `key` is `wanted`, put at the end if it was not there.
template <typename Entry, typename Id>
Entry& entry_for(std::vector<Entry>& all, Id Entry::*key, Id wanted) {
  for (Entry& entry : all)
    if (entry.*key == wanted)
      return entry;
  Entry& added = all.emplace_back();
  added.*key = wanted;
  return added;
}

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

void take_bytes(JsonEvents& in, const Scalar& scalar, const char* what,
                std::vector<std::uint8_t>& code) {
  constexpr const char* legal = "two hex digits a byte, blanks between bytes";
  if (scalar.kind != Scalar::Kind::text)
    in.fail(describe(scalar) + " is not " + what, "a string with two hex digits a byte");
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

void take_code(JsonEvents& in, const Scalar& scalar) {
  take_bytes(in, scalar, "code", in.line().code);
}

void take_profile(JsonEvents& in, const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::text)
    in.fail(describe(scalar) + " is not a profile", "a string, " + legal_profiles());
  try {
    in.line().profile = &profile_of(scalar.text);
  } catch (const InputError& error) {
    in.fail(error.what(), {});
  }
}

template <auto member>
void take_value64(JsonEvents& in, const Scalar& scalar) {
  in.line().*member = in.value64(scalar);
}

template <auto member>
void take_value32(JsonEvents& in, const Scalar& scalar) {
  in.line().*member = in.value_of_width<std::uint32_t>(scalar);
}

void take_pending(JsonEvents& in, const Scalar& scalar) {
  const std::uint64_t payload = payload::from_vmx_field(in.value64(scalar));
  constexpr std::uint64_t of_traps = payload::all & ~payload::general_detect;
  if ((payload & ~of_traps) != 0)
    in.fail(describe(scalar) + " has bits that no trap has",
            "B0-B3, BLD 0x800, BS 0x4000, BT 0x8000, RTM 0x10000; 0x1000 is dropped");
  in.line().pending = payload;
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

void close_dr(JsonEvents& in, std::uint64_t length) {
  if (length != 4)
    in.fail("values are missing", "four, DR0 to DR3");
}

constexpr Key gpr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                        in.line().gpr[in.entry()] = in.value64(scalar);
                      }};
constexpr Key expected_gpr_key{
    {}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
      return entry_for(in.expect().gpr, &ExpectedGpr::reg, static_cast<Gpr>(in.entry())).value;
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

// Of one object: an entry has a bit of a word in JsonEvents.
constexpr std::size_t most_msrs = 64;

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
  if (position == most_msrs)
    in.fail_at(name, "more MSRs than a line takes", std::to_string(most_msrs));
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

constexpr std::size_t most_memory_ranges = 64;

std::vector<MemoryRange>& memory_of_line(JsonEvents& in) { return in.line().memory; }
std::vector<MemoryRange>& memory_of_expect(JsonEvents& in) { return in.expect().memory; }

template <auto& memory>
constexpr Key memory_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                           take_bytes(in, scalar, "memory", memory(in)[in.entry()].bytes);
                         }};

template <auto& memory>
const Key& find_memory(JsonEvents& in, std::string_view name, std::size_t& entry) {
  const std::optional<std::uint64_t> address = parse_hex(name);
  if (!address)
    in.fail_at(name, "not an address", "\"0x0\" to \"0xffffffffffffffff\"");
  std::vector<MemoryRange>& ranges = memory(in);
  for (entry = 0; entry < ranges.size(); ++entry)
    if (ranges[entry].address == *address)
      return memory_key<memory>;
  if (entry == most_memory_ranges)
    in.fail_at(name, "too many ranges", std::to_string(most_memory_ranges));
  ranges.push_back({*address, {}});
  return memory_key<memory>;
}

// --- the hypervisor; `guest` is VectorLine's `vmx` or `svm`

// The object that is being read.
template <auto guest>
auto& guest_of(JsonEvents& in) {
  auto& given = in.line().*guest;
  if (!given)
    given.emplace();
  if (!*given)
    given->emplace();
  return **given;
}

template <auto guest>
void take_no_guest(JsonEvents& in, const Scalar&) {
  (in.line().*guest).emplace();
}

// An object without a key is a guest too.
template <auto guest>
void close_guest(JsonEvents& in, std::uint64_t) {
  guest_of<guest>(in);
}

template <auto guest, auto member>
void take_truth(JsonEvents& in, const Scalar& scalar) {
  guest_of<guest>(in).*member = in.truth(scalar);
}

template <auto guest, auto member>
void take_bits(JsonEvents& in, const Scalar& scalar) {
  auto& bits = guest_of<guest>(in).*member;
  bits = in.value_of_width<std::decay_t<decltype(bits)>>(scalar);
}

template <auto guest, auto list>
constexpr Key intercepted_msr_key{
    {}, [](JsonEvents& in, const Scalar& scalar) {
      (guest_of<guest>(in).*list).push_back(in.value_of_width<std::uint32_t>(scalar));
    }};

template <auto guest, auto list>
const Key& find_intercepted_msr(JsonEvents&, std::string_view, std::size_t&) {
  return intercepted_msr_key<guest, list>;
}

template <auto guest, auto list>
constexpr Level intercepted_msrs{true, "a list of MSR indices", find_intercepted_msr<guest, list>};

constexpr auto vmx = &VectorLine::vmx;
constexpr Key vmx_keys[] = {
    {"mov_dr_exiting", take_truth<vmx, &VmxKeys::mov_dr_exiting>},
    {"exception_bitmap", take_bits<vmx, &VmxKeys::exception_bitmap>},
    {"use_msr_bitmaps", take_truth<vmx, &VmxKeys::use_msr_bitmaps>},
    {"msr_read", nullptr, &intercepted_msrs<vmx, &VmxKeys::msr_read>},
    {"msr_write", nullptr, &intercepted_msrs<vmx, &VmxKeys::msr_write>},
};

constexpr auto svm = &VectorLine::svm;
constexpr Key svm_keys[] = {
    {"dr_read", take_bits<svm, &SvmKeys::dr_read>},
    {"dr_write", take_bits<svm, &SvmKeys::dr_write>},
    {"exceptions", take_bits<svm, &SvmKeys::exceptions>},
    {"icebp", take_truth<svm, &SvmKeys::icebp>},
    {"msr_prot", take_truth<svm, &SvmKeys::msr_prot>},
    {"msr_read", nullptr, &intercepted_msrs<svm, &SvmKeys::msr_read>},
    {"msr_write", nullptr, &intercepted_msrs<svm, &SvmKeys::msr_write>},
};

constexpr Level dr_level{true, "a list of four values", find_dr<dr_key>, close_dr};
constexpr Level gpr_level{false, "an object of registers", find_gpr<gpr_key>};
constexpr Level msr_level{false, "an object of MSRs", find_msr};
constexpr Level expected_dr_level{true, "a list of four values", find_dr<expected_dr_key>,
                                  close_dr};
constexpr Level expected_gpr_level{false, "an object of registers", find_gpr<expected_gpr_key>};
constexpr Level expected_msr_level{false, "an object of MSRs", find_expected_msr};
constexpr Level memory_level{false, "an object of memory", find_memory<memory_of_line>};
constexpr Level expected_memory_level{false, "an object of memory", find_memory<memory_of_expect>};

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

void take_value_or_null(JsonEvents& in, const Scalar& scalar, std::optional<MaskedValue>& value) {
  value.reset();
  if (scalar.kind != Scalar::Kind::null)
    value = MaskedValue{in.value64(scalar)};
}

template <auto member>
void take_value_or_null(JsonEvents& in, const Scalar& scalar) {
  take_value_or_null(in, scalar, (in.expect().*member).emplace());
}

template <auto member>
MaskedValue& masked_value_or_null(JsonEvents& in) {
  return (in.expect().*member).emplace().emplace();
}

void take_no_exit(JsonEvents& in, const Scalar&) { in.expect().exit.emplace(); }

std::vector<ExpectedExitField>& expected_exit(JsonEvents& in) {
  auto& exit = in.expect().exit;
  if (!exit)
    exit.emplace();
  if (!*exit)
    exit->emplace();
  return **exit;
}

std::optional<MaskedValue>& expected_exit_field(JsonEvents& in) {
  return entry_for(expected_exit(in), &ExpectedExitField::field, static_cast<ExitField>(in.entry()))
      .value;
}

constexpr Key exit_key{
    {},
    [](JsonEvents& in, const Scalar& scalar) {
      take_value_or_null(in, scalar, expected_exit_field(in));
    },
    nullptr,
    [](JsonEvents& in) -> MaskedValue& { return expected_exit_field(in).emplace(); }};

const Key& find_exit_field(JsonEvents& in, std::string_view name, std::size_t& entry) {
  const std::optional<ExitField> field = value_of<ExitField>(name);
  if (!field)
    in.fail_at(name, "unknown key", names_of<ExitField>());
  entry = static_cast<std::size_t>(*field);
  return exit_key;
}

void close_exit(JsonEvents& in, std::uint64_t) { expected_exit(in); }

constexpr Level exit_level{false, "an object of an exit's fields", find_exit_field, close_exit};

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
    {"payload", take_value_or_null<&Expectation::payload>, nullptr,
     masked_value_or_null<&Expectation::payload>},
    {"exit", take_no_exit, &exit_level},
    {"redirected", [](JsonEvents& in, const Scalar& s) { in.expect().redirected = in.truth(s); }},
    {"rip", nullptr, nullptr, masked_value<&Expectation::rip>},
    {"rf", take_integer_or_null<&Expectation::rf, 1>},
    {"gpr", nullptr, &expected_gpr_level},
    {"msr", nullptr, &expected_msr_level},
    {"mem", nullptr, &expected_memory_level},
    {"cr2", take_value_or_null<&Expectation::cr2>, nullptr,
     masked_value_or_null<&Expectation::cr2>},
    {"dr", nullptr, &expected_dr_level},
    {"dr6", nullptr, nullptr, masked_value<&Expectation::dr6>},
    {"dr7", nullptr, nullptr, masked_value<&Expectation::dr7>},
    {"serializing", [](JsonEvents& in, const Scalar& s) { in.expect().serializing = in.truth(s); }},
    {"cost",
     [](JsonEvents& in, const Scalar& s) { in.expect().cost = in.named<MsrCost>(s, "a cost"); }},
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

// The first letters decide most comparisons without a call.
bool is_named(const Key& key, std::string_view name) {
  return !name.empty() && key.name.front() == name.front() && key.name == name;
}

template <const auto& keys>
const Key& find_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(keys); ++entry)
    if (is_named(keys[entry], name))
      return keys[entry];
  in.fail_at(name, "unknown key", legal_keys(keys, in.keys()));
}

void close_expect(JsonEvents& in, std::uint64_t) { in.line().has_expectation = true; }

constexpr Level vmx_level{false, "an object of VMX controls", find_key<vmx_keys>, close_guest<vmx>};
constexpr Level svm_level{false, "an object of SVM controls", find_key<svm_keys>, close_guest<svm>};
constexpr Level line_expect_level{false, "an object of answer keys", find_key<expect_keys>,
                                  close_expect};

constexpr Key line_keys[] = {
    {"id", [](JsonEvents& in, const Scalar& s) { take_id(in, s, in.line().id); }},
    {"code", take_code},
    {"profile", take_profile},
    {"authority", take_word<authorities>},
    {"apic_id", take_value32<&VectorLine::apic_id>},
    {"bsp", [](JsonEvents& in, const Scalar& s) { in.line().bsp = in.truth(s); }},
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
    {"mem", nullptr, &memory_level},
    {"shadow",
     [](JsonEvents& in, const Scalar& s) { in.line().shadow = in.named<Shadow>(s, "a shadow"); }},
    {"pending", take_pending},
    {"redirect_db", [](JsonEvents& in, const Scalar& s) { in.line().redirect_db = in.truth(s); }},
    {"vmx", take_no_guest<vmx>, &vmx_level},
    {"svm", take_no_guest<svm>, &svm_level},
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
