#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/answer.h>
#include <icebp/testbench/program/scalar.h>

namespace icebp {
namespace {

template <typename Array>
std::uint64_t changed(const Array& before, const Array& after) {
  std::uint64_t bits = 0;
  if (before == after)
    return bits;
  for (std::size_t i = 0; i < after.size(); ++i)
    bits |= std::uint64_t{before[i] != after[i]} << i;
  return bits;
}

constexpr bool has(std::uint64_t bits, std::size_t i) { return (bits >> i & 1) != 0; }

std::optional<std::uint64_t> number_of(Vector vector) {
  if (vector == Vector::none)
    return std::nullopt;
  return static_cast<std::uint64_t>(vector);
}

// --- JSON text

void put(std::string& out, std::string_view name) { // of an enumeration: no escapes
  out += '"';
  out += name;
  out += '"';
}

void put_hex(std::string& out, std::uint64_t value) {
  out += '"';
  append_hex(out, value);
  out += '"';
}

void put(std::string& out, bool value) { out += value ? "true" : "false"; }

template <typename T, typename Put>
void put_or_null(std::string& out, const std::optional<T>& value, Put put_value) {
  if (value)
    put_value(out, *value);
  else
    out += "null";
}

// `{"rax":"0x1","rcx":"0x2"`: the key of the next entry and its value.
void put_entry(std::string& out, bool& first, std::string_view key, std::uint64_t value) {
  out += first ? '{' : ',';
  first = false;
  put(out, key);
  out += ':';
  put_hex(out, value);
}

void put_gprs(std::string& out, const Answer& answer) {
  bool first = true;
  for (std::size_t i = 0; answer.gpr_changed >> i != 0; ++i)
    if (has(answer.gpr_changed, i))
      put_entry(out, first, name_of(static_cast<Gpr>(i)), answer.gpr[i]);
  out += first ? "{}" : "}";
}

void put_msrs(std::string& out, const Answer& answer) {
  if (answer.msr_changed == 0) {
    out += "{}";
    return;
  }
  bool first = true;
  std::string index;
  for (const ResolvedMsr& msr : *answer.msrs)
    if (has(answer.msr_changed, msr.slot)) {
      index.clear();
      append_hex(index, msr.index);
      put_entry(out, first, index, answer.msr[msr.slot]);
    }
  out += first ? "{}" : "}";
}

void put_drs(std::string& out, const Answer& answer) {
  char before = '[';
  for (const std::uint64_t dr : answer.dr) {
    out += before;
    put_hex(out, dr);
    before = ',';
  }
  out += ']';
}

} // namespace

Answer make_answer(const Core& before, const Core& after, const Outcome& outcome,
                   std::uint32_t cycles) {
  Answer answer;
  answer.outcome = outcome.kind;
  answer.vector = outcome.vector;
  answer.cause = outcome.cause;
  answer.redirected = outcome.redirected;
  answer.error_code = outcome.error_code();
  answer.payload = outcome.payload();
  answer.rip = after.machine.rip;
  if (outcome.kind != OutcomeKind::retired)
    answer.rf = pushed_rf(after.cpu->profile, outcome, (before.machine.rflags & rflags_rf) != 0);
  answer.gpr = after.machine.gpr;
  answer.gpr_changed = static_cast<std::uint16_t>(changed(before.machine.gpr, after.machine.gpr));
  answer.msr = after.state.msr;
  answer.msr_changed = changed(before.state.msr, after.state.msr);
  answer.msrs = &after.cpu->msrs;
  for (std::size_t i = 0; i < answer.dr.size(); ++i)
    answer.dr[i] = after.state.dr[i];
  answer.dr6 = after.state.dr[6];
  answer.dr7 = after.state.dr[7];
  answer.cycles = cycles;
  return answer;
}

void append_json(std::string& out, const Answer& answer) {
  out += '{';
  if (!answer.id.empty())
    out.append("\"id\":").append(answer.id) += ',';
  put(out += "\"outcome\":", name_of(answer.outcome));
  put_or_null(out += ",\"vector\":", number_of(answer.vector), append_decimal);
  put_or_null(out += ",\"error_code\":", answer.error_code, append_decimal);
  put(out += ",\"cause\":", name_of(answer.cause));
  put_or_null(out += ",\"payload\":", answer.payload, put_hex);
  put(out += ",\"exit\":null,\"redirected\":", answer.redirected);
  put_hex(out += ",\"rip\":", answer.rip);
  put_or_null(out += ",\"rf\":", answer.rf, append_decimal);
  put_gprs(out += ",\"gpr\":", answer);
  put_msrs(out += ",\"msr\":", answer);
  put_drs(out += ",\"mem\":{},\"dr\":", answer);
  put_hex(out += ",\"dr6\":", answer.dr6);
  put_hex(out += ",\"dr7\":", answer.dr7);
  append_decimal(out += ",\"cycles\":", answer.cycles);
  out += '}';
}

} // namespace icebp
