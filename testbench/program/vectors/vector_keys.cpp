// The keys of a vector line, in the order of messages.

#include <icebp/model/profiles/profile_text.h>
#include <icebp/model/profiles/profiles.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/program/core/assembler.h>
#include <icebp/testbench/program/vectors/key_lookup.h>
#include <icebp/testbench/program/vectors/vector_keys.h>

namespace icebp {
namespace {

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The bytes in hex, or the instruction's text: no mnemonic of the model begins with a hex digit.
void take_code(JsonEvents& in, const Scalar& scalar) {
  const std::size_t first = scalar.text.find_first_not_of(" \t");
  const bool is_text = first != scalar.text.npos && is_letter(scalar.text[first]) &&
                       hex_digit(scalar.text[first]) < 0;
  std::vector<std::uint8_t>& code = in.target<VectorLine>().code;
  if (!is_text)
    return take_bytes(in, scalar, "code", code);
  std::optional<std::vector<std::uint8_t>> assembled = assemble(scalar.text);
  if (!assembled)
    in.fail(describe(scalar) + " is no instruction of the model",
            std::string(legal_assembly) +
                "; of any other its bytes in hex, in a scenario with \"does\" beside them");
  code = std::move(*assembled);
}

void take_profile(JsonEvents& in, const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::text)
    in.fail(describe(scalar) + " is not a profile", "a string, " + legal_profiles());
  try {
    in.target<VectorLine>().profile = &in.context<Profiles>().named(scalar.text);
  } catch (const InputError& error) {
    in.fail(error.what(), {});
  }
}

template <auto member>
void take_value64(JsonEvents& in, const Scalar& scalar) {
  in.target<VectorLine>().*member = in.value64(scalar);
}

template <auto member>
void take_value32(JsonEvents& in, const Scalar& scalar) {
  in.target<VectorLine>().*member = in.value_of_width<std::uint32_t>(scalar);
}

void take_pending(JsonEvents& in, const Scalar& scalar) {
  const std::uint64_t payload = payload::from_vmx_field(in.value64(scalar));
  constexpr std::uint64_t of_traps = payload::all & ~payload::general_detect;
  if ((payload & ~of_traps) != 0)
    in.fail(describe(scalar) + " has bits that no trap has",
            "B0-B3, BLD 0x800, BS 0x4000, BT 0x8000, RTM 0x10000; 0x1000 is dropped");
  in.target<VectorLine>().pending = payload;
}

// --- registers by number, name or index

constexpr Key dr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                       auto& dr = in.target<VectorLine>().dr;
                       if (!dr)
                         dr.emplace();
                       (*dr)[in.entry()] = in.value64(scalar);
                     }};

constexpr Key gpr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                        in.target<VectorLine>().gpr[in.entry()] = value_or_msr(in, scalar);
                      }};

constexpr Key msr_key{{}, [](JsonEvents& in, const Scalar& scalar) {
                        in.target<VectorLine>().msr[in.entry()].value = in.value64(scalar);
                      }};

const Key& find_msr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = position_in(in, in.target<VectorLine>().msr, name);
  return msr_key;
}

std::vector<MemoryRange>& memory_of_line(JsonEvents& in) { return in.target<VectorLine>().memory; }

constexpr Level dr_level{true, "a list of four values", R"(["0x0", "0x0", "0x0", "0x0"])",
                         find_dr<dr_key>, close_dr};
constexpr Level gpr_level{false, "an object of registers", R"({"rax": "0x1"})", find_gpr<gpr_key>};
constexpr Level msr_level{false, "an object of MSRs", R"({"0x1d9": "0x1"})", find_msr};
constexpr Level memory_level{false, "an object of memory", R"({"0x1000": "00 11"})",
                             find_memory<memory_of_line>};

// --- an RTM region

template <auto member>
void take_address(JsonEvents& in, const Scalar& scalar) {
  auto& rtm = in.target<VectorLine>().rtm;
  if (!rtm)
    rtm.emplace();
  if (!*rtm)
    rtm->emplace();
  (**rtm).*member = in.value64(scalar);
}

constexpr Key rtm_keys[] = {{"xbegin", take_address<&RtmRegion::xbegin>},
                            {"fallback", take_address<&RtmRegion::fallback>}};

void close_rtm(JsonEvents& in, std::uint64_t seen) {
  for (std::size_t n = 0; n < std::size(rtm_keys); ++n)
    if ((seen >> n & 1) == 0)
      in.fail_inside(rtm_keys[n].name, "missing", "an address");
}

constexpr Level rtm_level{false, "an RTM region",
                          R"({"xbegin": "0x800", "fallback": "0x900"}, null)", find_key<rtm_keys>,
                          close_rtm};

// --- the line

template <auto object>
void take_null(JsonEvents& in, const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::null)
    in.refuse(scalar);
  (in.target<VectorLine>().*object).emplace();
}

constexpr Key line_keys[] = {
    {"id", [](JsonEvents& in, const Scalar& s) { take_id(in, s, in.target<VectorLine>().id); }},
    {"code", take_code},
    {"profile", take_profile},
    {"apic_id", take_value32<&VectorLine::apic_id>},
    {"bsp", [](JsonEvents& in, const Scalar& s) { in.target<VectorLine>().bsp = in.truth(s); }},
    {"mode", [](JsonEvents& in,
                const Scalar& s) { in.target<VectorLine>().mode = in.named<Mode>(s, "a mode"); }},
    {"cpl",
     [](JsonEvents& in, const Scalar& s) {
       in.target<VectorLine>().cpl =
           static_cast<std::uint8_t>(in.integer_up_to(3, s, "a privilege level"));
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
     [](JsonEvents& in, const Scalar& s) {
       in.target<VectorLine>().shadow = in.named<Shadow>(s, "a shadow");
     }},
    {"pending", take_pending},
    {"redirect_db",
     [](JsonEvents& in, const Scalar& s) { in.target<VectorLine>().redirect_db = in.truth(s); }},
    {"rtm", take_null<&VectorLine::rtm>, &rtm_level},
    {"vmx", take_null<&VectorLine::vmx>, &vmx_level},
    {"svm", take_null<&VectorLine::svm>, &svm_level},
    {"expect", nullptr, &expect_level,
     [](JsonEvents& in) -> Target {
       in.target<VectorLine>().has_expectation = true;
       return in.target<VectorLine>().expect;
     }},
};
static_assert(line_keys[id_key].name == "id" && line_keys[code_key].name == "code");

const Key& find_in_line(JsonEvents& in, std::string_view name, std::size_t& entry) {
  if (const Key* key = find_line_key(name, entry))
    return *key;
  if (is_named(schema_key, name))
    return schema_key;
  std::string legal = names_in(line_keys);
  append_name(legal, schema_key.name);
  in.fail_unknown(name, "unknown key", legal);
}

void close_line(JsonEvents& in, std::uint64_t seen) {
  if ((seen >> id_key & 1) == 0)
    in.fail_inside("id", "missing", "an integer or a string");
  if ((seen >> code_key & 1) == 0)
    in.fail_inside("code", "missing", "one instruction's bytes in hex");
}

} // namespace

const Level line_level{false, "an object", R"({"id": 1, "code": "f1"})", find_in_line, close_line};

const Key* find_line_key(std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(line_keys); ++entry)
    if (is_named(line_keys[entry], name))
      return &line_keys[entry];
  return nullptr;
}

std::vector<std::string_view> names_of_line_keys() {
  std::vector<std::string_view> names;
  for (const Key& key : line_keys)
    names.push_back(key.name);
  return names;
}

} // namespace icebp
