// The keys of `expect`.

#include <icebp/testbench/program/vectors/key_lookup.h>

#include <type_traits>

namespace icebp {
namespace {

// --- registers

constexpr Key expected_dr_key{{}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
                                auto& dr = in.expect().dr;
                                if (!dr)
                                  dr.emplace();
                                return (*dr)[in.entry()];
                              }};

constexpr Key expected_gpr_key{
    {}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
      return entry_for(in.expect().gpr, &ExpectedGpr::reg, static_cast<Gpr>(in.entry())).value;
    }};

constexpr Key expected_msr_key{{}, nullptr, nullptr, [](JsonEvents& in) -> MaskedValue& {
                                 return in.expect().msr[in.entry()].value;
                               }};

const Key& find_expected_msr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  entry = position_in(in, in.expect().msr, name);
  return expected_msr_key;
}

std::vector<MemoryRange>& memory_of_expect(JsonEvents& in) { return in.expect().memory; }

constexpr Level expected_dr_level{true, "a list of four values", find_dr<expected_dr_key>,
                                  close_dr};
constexpr Level expected_gpr_level{false, "an object of registers", find_gpr<expected_gpr_key>};
constexpr Level expected_msr_level{false, "an object of MSRs", find_expected_msr};
constexpr Level expected_memory_level{false, "an object of memory", find_memory<memory_of_expect>};

// --- the others

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

void close_expect(JsonEvents& in, std::uint64_t) { in.line().has_expectation = true; }

} // namespace

const Level expect_level{false, "an object of answer keys", find_key<expect_keys>};
const Level line_expect_level{false, "an object of answer keys", find_key<expect_keys>,
                              close_expect};

} // namespace icebp
