#include <icebp/model/json/scalar.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/pushed_image.h>
#include <icebp/testbench/program/json/text_writer.h>
#include <icebp/testbench/program/vectors/answer.h>

namespace icebp {
namespace {

template <std::size_t count>
std::bitset<count> changed(const std::array<std::uint64_t, count>& before,
                           const std::array<std::uint64_t, count>& after) {
  std::bitset<count> entries;
  if (before == after)
    return entries;
  for (std::size_t i = 0; i < count; ++i)
    if (before[i] != after[i])
      entries.set(i);
  return entries;
}

constexpr bool has(std::uint64_t bits, std::size_t i) { return (bits >> i & 1) != 0; }

std::optional<std::uint64_t> number_of(Vector vector) {
  if (vector == Vector::none)
    return std::nullopt;
  return static_cast<std::uint64_t>(vector);
}

std::optional<ExitAnswer> exit_of(const Machine& machine, const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::exit)
    return std::nullopt;
  ExitAnswer answer;
  if (machine.vmx) {
    const VmxExit exit = vmx_exit_of(outcome);
    answer[ExitField::reason] = exit.reason;
    answer[ExitField::qualification] = exit.qualification;
    answer[ExitField::intr_info] = exit.interruption_info;
    answer[ExitField::error_code] = exit.error_code;
  } else {
    const SvmExit exit = svm_exit_of(outcome);
    answer.of_svm = true;
    answer[ExitField::code] = exit.code;
    answer[ExitField::info1] = exit.info1;
    answer[ExitField::info2] = exit.info2;
  }
  return answer;
}

// --- JSON text

void put(TextWriter& out, std::string_view name) { // of an enumeration: no escapes
  out += '"';
  out += name;
  out += '"';
}

void put_decimal(TextWriter& out, std::uint64_t value) { out.append_number(value, 10); }

void put_hex(TextWriter& out, std::uint64_t value) {
  out += "\"0x";
  out.append_number(value, 16);
  out += '"';
}

void put(TextWriter& out, bool value) { out += value ? "true" : "false"; }

template <typename T, typename Put>
void put_or_null(TextWriter& out, const std::optional<T>& value, Put put_value) {
  if (value)
    put_value(out, *value);
  else
    out += "null";
}

// `{"rax":"0x1","rcx":"0x2"`: the key of the next entry and its value.
void put_entry(TextWriter& out, bool& first, std::string_view key, std::uint64_t value) {
  out += first ? '{' : ',';
  first = false;
  put(out, key);
  out += ':';
  put_hex(out, value);
}

void put_gprs(TextWriter& out, const Answer& answer) {
  bool first = true;
  for (std::size_t i = 0; answer.gpr_changed >> i != 0; ++i)
    if (has(answer.gpr_changed, i))
      put_entry(out, first, name_of(static_cast<Gpr>(i)), answer.after.machine.gpr[i]);
  out += first ? "{}" : "}";
}

void put_msrs(TextWriter& out, const Answer& answer) {
  if (answer.msr_changed.none()) {
    out += "{}";
    return;
  }
  bool first = true;
  std::string index;
  for (const ResolvedMsr& msr : answer.after.cpu->msrs)
    if (answer.msr_changed[msr.slot]) {
      index.clear();
      append_hex(index, msr.index);
      put_entry(out, first, index, answer.value_of(msr));
    }
  out += first ? "{}" : "}";
}

void put_memory(TextWriter& out, const Answer& answer) {
  if (answer.memory_changes.empty()) {
    out += "{}";
    return;
  }
  bool first = true;
  for (const MemoryRange& range : answer.memory_changes) {
    out += first ? "{\"0x" : ",\"0x";
    first = false;
    out.append_number(range.address, 16);
    out += "\":\"";
    for (const std::uint8_t byte : range.bytes) {
      out.append_number(byte >> 4, 16);
      out.append_number(byte & 0xF, 16);
    }
    out += '"';
  }
  out += '}';
}

void put_exit(TextWriter& out, const ExitAnswer& exit) {
  char before = '{';
  for (const auto& [field, name] : name_table<ExitField>) {
    if (!exit.has(field))
      continue;
    put(out += before, name);
    put_or_null(out += ':', exit[field], put_hex);
    before = ',';
  }
  out += '}';
}

void put_drs(TextWriter& out, const Answer& answer) {
  char before = '[';
  for (std::size_t n = 0; n < 4; ++n) {
    out += before;
    put_hex(out, answer.after.state.dr[n]);
    before = ',';
  }
  out += ']';
}

} // namespace

void complete(Answer& answer, const Core& before, const Played& played, std::uint32_t cycles) {
  const Core& after = answer.after;
  const Outcome& outcome = played.outcome;
  answer.outcome = outcome.kind;
  answer.vector = outcome.vector;
  answer.cause = outcome.cause;
  answer.redirected = outcome.redirected;
  answer.error_code = outcome.error_code();
  answer.payload = outcome.payload();
  answer.exit = exit_of(before.machine, outcome);
  if (outcome.kind != OutcomeKind::retired)
    answer.rf = pushed_rf(before.cpu->authority, played.request, outcome);
  answer.gpr_changed =
      static_cast<std::uint16_t>(changed(before.machine.gpr, after.machine.gpr).to_ulong());
  answer.msr_changed = changed(before.state.msr, after.state.msr);
  answer.memory_changes = after.memory.changes_since(before.memory);
  if (outcome.kind == OutcomeKind::fault && outcome.vector == Vector::pf)
    answer.cr2 = after.state.cr2;
  answer.serializing = played.serializing;
  answer.cost = played.cost;
  answer.cycles = cycles;
}

void append_json(std::string& to, const ExitAnswer& exit) {
  TextWriter out(to);
  put_exit(out, exit);
}

void append_json(std::string& to, const Answer& answer) {
  TextWriter out(to);
  out += '{';
  if (!answer.id.empty())
    ((out += "\"id\":") += answer.id) += ',';
  put(out += "\"outcome\":", name_of(answer.outcome));
  put_or_null(out += ",\"vector\":", number_of(answer.vector), put_decimal);
  put_or_null(out += ",\"error_code\":", answer.error_code, put_decimal);
  put(out += ",\"cause\":", name_of(answer.cause));
  put_or_null(out += ",\"payload\":", answer.payload, put_hex);
  put_or_null(out += ",\"exit\":", answer.exit, put_exit);
  put(out += ",\"redirected\":", answer.redirected);
  put_hex(out += ",\"rip\":", answer.after.machine.rip);
  put_or_null(out += ",\"rf\":", answer.rf, put_decimal);
  put_gprs(out += ",\"gpr\":", answer);
  put_msrs(out += ",\"msr\":", answer);
  put_memory(out += ",\"mem\":", answer);
  if (answer.cr2)
    put_hex(out += ",\"cr2\":", *answer.cr2);
  put_drs(out += ",\"dr\":", answer);
  put_hex(out += ",\"dr6\":", answer.after.state.dr[6]);
  put_hex(out += ",\"dr7\":", answer.after.state.dr[7]);
  put(out += ",\"serializing\":", answer.serializing);
  put(out += ",\"cost\":", name_of(answer.cost));
  put_decimal(out += ",\"cycles\":", answer.cycles);
  out += '}';
}

} // namespace icebp
