// The keys of `expect`.

#include <icebp/testbench/program/vectors/key_lookup.h>

#include <type_traits>

namespace icebp {
namespace {

// --- registers

// An expected value, with its mask if an object gives one.
template <MaskedValue& (*place)(JsonEvents&)>
constexpr Key masked_key(std::string_view name = {}) {
  return {name, [](JsonEvents& in, const Scalar& s) { place(in) = MaskedValue{in.value64(s)}; },
          &masked_level, [](JsonEvents& in) -> Target { return place(in) = MaskedValue{}; }};
}

MaskedValue& expected_dr(JsonEvents& in) {
  auto& dr = in.target<Expectation>().dr;
  if (!dr)
    dr.emplace();
  return (*dr)[in.entry()];
}

MaskedValue& expected_gpr(JsonEvents& in) {
  return entry_for(in.target<Expectation>().gpr, &ExpectedGpr::reg, static_cast<Gpr>(in.entry()))
      .value;
}

MaskedValue& expected_msr(JsonEvents& in) { return in.target<Expectation>().msr[in.entry()].value; }

constexpr Key expected_dr_key = masked_key<expected_dr>();
constexpr Key expected_gpr_key = masked_key<expected_gpr>();
constexpr Key expected_msr_key = masked_key<expected_msr>();

const Key& find_expected_msr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = position_in(in, in.target<Expectation>().msr, name);
  return expected_msr_key;
}

std::vector<MemoryRange>& memory_of_expect(JsonEvents& in) {
  return in.target<Expectation>().memory;
}

constexpr Level expected_dr_level{true, "a list of four values", R"(["0x0", "0x0", "0x0", "0x0"])",
                                  find_dr<expected_dr_key>, close_dr};
constexpr Level expected_gpr_level{false, "an object of registers", R"({"rax": "0x1"})",
                                   find_gpr<expected_gpr_key>};
constexpr Level expected_msr_level{false, "an object of MSRs", R"({"0x1d9": "0x1"})",
                                   find_expected_msr};
constexpr Level expected_memory_level{false, "an object of memory", R"({"0x1000": "00 11"})",
                                      find_memory<memory_of_expect>};

// --- the others

template <auto member>
MaskedValue& masked_value(JsonEvents& in) {
  return (in.target<Expectation>().*member).emplace();
}

template <auto member, std::uint64_t most>
void take_integer_or_null(JsonEvents& in, const Scalar& scalar) {
  auto& entry = (in.target<Expectation>().*member).emplace();
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

// The same or null.
template <std::optional<MaskedValue>& (*place)(JsonEvents&)>
constexpr Key masked_or_null_key(std::string_view name = {}) {
  return {name, [](JsonEvents& in, const Scalar& s) { take_value_or_null(in, s, place(in)); },
          &masked_level, [](JsonEvents& in) -> Target { return place(in).emplace(); }};
}

template <auto member>
std::optional<MaskedValue>& value_or_null(JsonEvents& in) {
  return (in.target<Expectation>().*member).emplace();
}

void take_no_exit(JsonEvents& in, const Scalar& scalar) {
  if (scalar.kind != Scalar::Kind::null)
    in.refuse(scalar);
  in.target<Expectation>().exit.emplace();
}

std::vector<ExpectedExitField>& expected_exit(JsonEvents& in) {
  auto& exit = in.target<Expectation>().exit;
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

constexpr Key exit_key = masked_or_null_key<expected_exit_field>();

const Key& find_exit_field(JsonEvents& in, std::string_view name, std::size_t& entry) {
  const std::optional<ExitField> field = value_of<ExitField>(name);
  if (!field)
    in.fail_unknown(name, "unknown key", names_of<ExitField>());
  entry = static_cast<std::size_t>(*field);
  return exit_key;
}

void close_exit(JsonEvents& in, std::uint64_t) { expected_exit(in); }

constexpr Level exit_level{false, "an object of an exit's fields", R"({"reason": "0x1d"}, null)",
                           find_exit_field, close_exit};

constexpr Key expect_keys[] = {
    {"id", [](JsonEvents& in, const Scalar& s) { take_id(in, s, in.target<Expectation>().id); }},
    {"outcome",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Expectation>().outcome = in.named<OutcomeKind>(s, "an outcome");
     }},
    {"vector", take_integer_or_null<&Expectation::vector, 0xFF>},
    {"error_code", take_integer_or_null<&Expectation::error_code, 0xFFFFFFFF>},
    {"cause",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Expectation>().cause = in.named<Cause>(s, "a cause");
     }},
    masked_or_null_key<value_or_null<&Expectation::payload>>("payload"),
    {"exit", take_no_exit, &exit_level},
    {"redirected",
     [](JsonEvents& in, const Scalar& s) { in.target<Expectation>().redirected = in.truth(s); }},
    masked_key<masked_value<&Expectation::rip>>("rip"),
    {"rf", take_integer_or_null<&Expectation::rf, 1>},
    {"gpr", nullptr, &expected_gpr_level},
    {"msr", nullptr, &expected_msr_level},
    {"mem", nullptr, &expected_memory_level},
    masked_or_null_key<value_or_null<&Expectation::cr2>>("cr2"),
    {"dr", nullptr, &expected_dr_level},
    masked_key<masked_value<&Expectation::dr6>>("dr6"),
    masked_key<masked_value<&Expectation::dr7>>("dr7"),
    {"serializing",
     [](JsonEvents& in, const Scalar& s) { in.target<Expectation>().serializing = in.truth(s); }},
    {"cost",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Expectation>().cost = in.named<MsrCost>(s, "a cost");
     }},
    {"cycles",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Expectation>().cycles =
           in.integer_up_to(~std::uint64_t{0}, s, "a number of cycles");
     }},
};

// --- {"value", "mask"}

constexpr Key masked_keys[] = {
    {"value",
     [](JsonEvents& in, const Scalar& s) { in.target<MaskedValue>().value = in.value64(s); }},
    {"mask",
     [](JsonEvents& in, const Scalar& s) { in.target<MaskedValue>().mask = in.value64(s); }},
};

void close_masked(JsonEvents& in, std::uint64_t seen) {
  if ((seen & 1) == 0)
    in.fail_inside("value", "missing", "the expected value");
}

} // namespace

const Level masked_level{false, "an expected value", R"({"value": "0x1", "mask": "0xf"})",
                         find_key<masked_keys>, close_masked};
const Level expect_level{false, "an object of answer keys", R"({"outcome": "retired"})",
                         find_key<expect_keys>};

} // namespace icebp
