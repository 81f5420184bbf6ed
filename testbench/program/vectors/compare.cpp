#include <icebp/model/json/scalar.h>
#include <icebp/testbench/program/vectors/answer.h>

#include <string_view>
#include <utility>

namespace icebp {
namespace {

// --- values as JSON text

std::string text_of(std::string_view name) { return std::string(1, '"').append(name) + '"'; }

std::string text_of(bool value) { return value ? "true" : "false"; }

std::string decimal(std::uint64_t value) { return std::to_string(value); }

std::string hex(std::uint64_t value) {
  std::string text = "\"";
  append_hex(text, value);
  return text + '"';
}

std::string text_of(const MaskedValue& expected) {
  if (expected.mask == MaskedValue{}.mask)
    return hex(expected.value);
  return "{\"value\": " + hex(expected.value) + ", \"mask\": " + hex(expected.mask) + "}";
}

template <typename T, typename Text>
std::string or_null(const std::optional<T>& value, Text text) {
  return value ? text(*value) : "null";
}

std::string masked_text_or_null(const std::optional<MaskedValue>& expected) {
  return or_null(expected, [](const MaskedValue& value) { return text_of(value); });
}

std::optional<std::uint32_t> number_of(Vector vector) {
  if (vector == Vector::none)
    return std::nullopt;
  return static_cast<std::uint32_t>(vector);
}

class Comparison {
public:
  template <typename Expected, typename Got, typename Text>
  void equal(std::string_view key, const std::optional<Expected>& expected, const Got& got,
             Text text) {
    if (expected && *expected != got)
      differ(key, text(*expected), text(got));
  }

  void masked(std::string_view key, const MaskedValue& expected, std::uint64_t got) {
    if (!expected.matches(got))
      differ(key, text_of(expected), hex(got));
  }
  void masked(std::string_view key, const std::optional<MaskedValue>& expected, std::uint64_t got) {
    if (expected)
      masked(key, *expected, got);
  }

  // Null is expected where `expected` is empty.
  void masked_or_null(std::string_view key, const std::optional<MaskedValue>& expected,
                      const std::optional<std::uint64_t>& got) {
    const bool equal = expected && got ? expected->matches(*got) : !expected && !got;
    if (!equal)
      differ(key, masked_text_or_null(expected), or_null(got, hex));
  }
  void masked_or_null(std::string_view key,
                      const std::optional<std::optional<MaskedValue>>& expected,
                      const std::optional<std::uint64_t>& got) {
    if (expected)
      masked_or_null(key, *expected, got);
  }

  void differ(std::string_view key, std::string expected, std::string got) {
    differences_.push_back({std::string(key), std::move(expected), std::move(got)});
  }

  std::vector<Difference> take() { return std::move(differences_); }

private:
  std::vector<Difference> differences_;
};

std::string entry_of(std::string_view key, std::string_view name) {
  return std::string(key).append(1, '/').append(name);
}

void compare_registers(const Expectation& expect, const Answer& answer, Comparison& result) {
  for (const ExpectedGpr& expected : expect.gpr) {
    const std::uint64_t got = answer.after.machine.gpr[static_cast<std::size_t>(expected.reg)];
    if (!expected.value.matches(got))
      result.masked(entry_of("gpr", name_of(expected.reg)), expected.value, got);
  }
  for (std::size_t i = 0; expect.dr && i < expect.dr->size(); ++i)
    if (!(*expect.dr)[i].matches(answer.after.state.dr[i]))
      result.masked(entry_of("dr", std::to_string(i)), (*expect.dr)[i], answer.after.state.dr[i]);
  result.masked("dr6", expect.dr6, answer.after.state.dr[6]);
  result.masked("dr7", expect.dr7, answer.after.state.dr[7]);
}

void compare_msrs(const Expectation& expect, const Answer& answer, Comparison& result) {
  for (const ExpectedMsr& expected : expect.msr) {
    std::string index;
    append_hex(index, expected.index);
    const ResolvedMsr& row = answer.after.cpu->msrs.find(expected.index);
    if (!row.present)
      result.differ(entry_of("msr", index), text_of(expected.value), "no such MSR");
    else
      result.masked(entry_of("msr", index), expected.value, answer.value_of(row));
  }
}

std::string bytes_text(const std::vector<std::uint8_t>& bytes) {
  std::string text = "\"";
  for (const std::uint8_t byte : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[byte >> 4];
    text += digits[byte & 0xF];
  }
  return text + '"';
}

void compare_memory(const Expectation& expect, const Answer& answer, Comparison& result) {
  for (const MemoryRange& expected : expect.memory) {
    MemoryRange got;
    for (std::size_t i = 0; i < expected.bytes.size(); ++i)
      if (const auto byte = answer.after.memory.byte_at(expected.address + i))
        got.bytes.push_back(*byte);
    std::string address;
    append_hex(address, expected.address);
    if (got.bytes != expected.bytes)
      result.differ(entry_of("mem", address), bytes_text(expected.bytes), bytes_text(got.bytes));
  }
}

std::string text_of(const std::vector<ExpectedExitField>& fields) {
  std::string text = "{";
  for (const ExpectedExitField& expected : fields) {
    text += text.size() > 1 ? ", " : "";
    text += text_of(name_of(expected.field)) + ": " + masked_text_or_null(expected.value);
  }
  return text + '}';
}

void compare_exits(const Expectation& expect, const Answer& answer, Comparison& result) {
  if (!expect.exit)
    return;
  const auto& expected = *expect.exit;
  const auto& got = answer.exit;
  if (!expected || !got) {
    if (expected || got)
      result.differ("exit", or_null(expected, [](const auto& fields) { return text_of(fields); }),
                    or_null(got, [](const ExitAnswer& exit) {
                      std::string text;
                      append_json(text, exit);
                      return text;
                    }));
    return;
  }
  for (const ExpectedExitField& entry : *expected) {
    const std::string key = entry_of("exit", name_of(entry.field));
    if (got->has(entry.field))
      result.masked_or_null(key, entry.value, (*got)[entry.field]);
    else
      result.differ(key, masked_text_or_null(entry.value), "no such field");
  }
}

} // namespace

std::vector<Difference> compare(const Expectation& expect, const Answer& answer) {
  const auto name = [](auto value) { return text_of(name_of(value)); };
  const auto number_or_null = [](const auto& value) {
    return or_null(value, [](auto number) { return decimal(number); });
  };
  Comparison result;
  if (!expect.id.empty() && expect.id != answer.id)
    result.differ("id", expect.id, answer.id.empty() ? "null" : answer.id);
  result.equal("outcome", expect.outcome, answer.outcome, name);
  result.equal("vector", expect.vector, number_of(answer.vector), number_or_null);
  result.equal("error_code", expect.error_code, answer.error_code, number_or_null);
  result.equal("cause", expect.cause, answer.cause, name);
  result.masked_or_null("payload", expect.payload, answer.payload);
  compare_exits(expect, answer, result);
  result.equal("redirected", expect.redirected, answer.redirected,
               [](bool value) { return text_of(value); });
  result.masked("rip", expect.rip, answer.after.machine.rip);
  result.equal("rf", expect.rf, answer.rf, number_or_null);
  compare_registers(expect, answer, result);
  compare_msrs(expect, answer, result);
  compare_memory(expect, answer, result);
  result.masked_or_null("cr2", expect.cr2, answer.cr2);
  result.equal("serializing", expect.serializing, answer.serializing,
               [](bool value) { return text_of(value); });
  result.equal("cost", expect.cost, answer.cost, name);
  result.equal("cycles", expect.cycles, answer.cycles, decimal);
  return result.take();
}

} // namespace icebp
