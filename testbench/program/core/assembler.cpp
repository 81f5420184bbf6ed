#include <icebp/model/json/scalar.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/testbench/program/core/assembler.h>
#include <icebp/testbench/program/core/machine.h>

#include <algorithm>
#include <string>

namespace icebp {
namespace {

using Bytes = std::vector<std::uint8_t>;

enum class Kind : std::uint8_t { none, gpr, dr, msr };

constexpr std::uint8_t low3(std::uint32_t number) { return static_cast<std::uint8_t>(number & 7); }
constexpr bool is_high(std::uint32_t number) { return number >= 8; }

// [REX] opcode ModRM with two registers: mod = 11b.
Bytes registers(const Bytes& prefix, const Bytes& opcode, std::uint32_t reg, std::uint32_t rm) {
  Bytes code = prefix;
  if (is_high(reg) || is_high(rm))
    code.push_back(
        static_cast<std::uint8_t>(0x40 | (is_high(reg) ? 4 : 0) | (is_high(rm) ? 1 : 0)));
  code.insert(code.end(), opcode.begin(), opcode.end());
  code.push_back(static_cast<std::uint8_t>(0xC0 | low3(reg) << 3 | low3(rm)));
  return code;
}

// VEX.128.pp.MAP7.W0 opcode /0 id (SDM vol. 2 RDMSR); pp is 2 for F3, 3 for F2.
Bytes immediate(std::uint8_t pp, std::uint8_t opcode, std::uint32_t rm, std::uint32_t index) {
  Bytes code{0xC4, static_cast<std::uint8_t>(is_high(rm) ? 0xC7 : 0xE7),
             static_cast<std::uint8_t>(0x78 | pp), opcode,
             static_cast<std::uint8_t>(0xC0 | low3(rm))};
  for (int shift = 0; shift < 32; shift += 8)
    code.push_back(static_cast<std::uint8_t>(index >> shift));
  return code;
}

struct Form {
  std::string_view mnemonic;
  Kind first, second;
  Bytes (*encode)(std::uint32_t first, std::uint32_t second);
};
// Encodings: SDM vol. 2, by instruction.
constexpr Form forms[] = {
    {"mov", Kind::dr, Kind::gpr,
     [](std::uint32_t dr, std::uint32_t gpr) {
       return registers({}, {0x0F, 0x23}, dr, gpr);
     }},
    {"mov", Kind::gpr, Kind::dr,
     [](std::uint32_t gpr, std::uint32_t dr) {
       return registers({}, {0x0F, 0x21}, dr, gpr);
     }},
    {"int1", Kind::none, Kind::none, [](std::uint32_t, std::uint32_t) { return Bytes{0xF1}; }},
    {"icebp", Kind::none, Kind::none, [](std::uint32_t, std::uint32_t) { return Bytes{0xF1}; }},
    {"rdmsr", Kind::none, Kind::none,
     [](std::uint32_t, std::uint32_t) {
       return Bytes{0x0F, 0x32};
     }},
    {"wrmsr", Kind::none, Kind::none,
     [](std::uint32_t, std::uint32_t) {
       return Bytes{0x0F, 0x30};
     }},
    {"wrmsrns", Kind::none, Kind::none,
     [](std::uint32_t, std::uint32_t) {
       return Bytes{0x0F, 0x01, 0xC6};
     }},
    {"rdmsrlist", Kind::none, Kind::none,
     [](std::uint32_t, std::uint32_t) {
       return Bytes{0xF2, 0x0F, 0x01, 0xC6};
     }},
    {"wrmsrlist", Kind::none, Kind::none,
     [](std::uint32_t, std::uint32_t) {
       return Bytes{0xF3, 0x0F, 0x01, 0xC6};
     }},
    {"rdmsr", Kind::gpr, Kind::msr,
     [](std::uint32_t gpr, std::uint32_t msr) { return immediate(3, 0xF6, gpr, msr); }},
    {"wrmsrns", Kind::msr, Kind::gpr,
     [](std::uint32_t msr, std::uint32_t gpr) { return immediate(2, 0xF6, gpr, msr); }},
    {"urdmsr", Kind::gpr, Kind::gpr,
     [](std::uint32_t to, std::uint32_t index) {
       return registers({0xF2}, {0x0F, 0x38, 0xF8}, index, to);
     }},
    {"uwrmsr", Kind::gpr, Kind::gpr,
     [](std::uint32_t index, std::uint32_t from) {
       return registers({0xF3}, {0x0F, 0x38, 0xF8}, index, from);
     }},
    {"urdmsr", Kind::gpr, Kind::msr,
     [](std::uint32_t gpr, std::uint32_t msr) { return immediate(3, 0xF8, gpr, msr); }},
    {"uwrmsr", Kind::msr, Kind::gpr,
     [](std::uint32_t msr, std::uint32_t gpr) { return immediate(2, 0xF8, gpr, msr); }},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Takes what stands before `end` off `text`, and `end` too.
std::string_view take_until(std::string_view& text, const char* end) {
  const std::string_view taken = text.substr(0, text.find_first_of(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return trimmed(taken);
}

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return all;
}

std::optional<std::uint32_t> gpr_of(const std::string& name) {
  for (const auto& [reg, wide] : name_table<Gpr>)
    if (name == wide || (wide[1] > '9' && name == "e" + std::string(wide.substr(1))))
      return static_cast<std::uint32_t>(reg);
  return std::nullopt;
}

std::optional<std::uint32_t> dr_of(const std::string& name) {
  for (std::uint32_t dr = 0; dr < 16; ++dr)
    if (name == "dr" + std::to_string(dr))
      return dr;
  return std::nullopt;
}

// The operand of that kind; empty if `text` is none.
std::optional<std::uint32_t> operand_of(Kind kind, std::string_view text) {
  switch (kind) {
  case Kind::none:
    return text.empty() ? std::optional<std::uint32_t>(0) : std::nullopt;
  case Kind::gpr:
    return gpr_of(lower(text));
  case Kind::dr:
    return dr_of(lower(text));
  case Kind::msr:
    break;
  }
  const std::optional<std::uint64_t> index = parse_hex(text);
  if (index && *index <= low_half)
    return static_cast<std::uint32_t>(*index);
  return msr_index_of(text);
}

} // namespace

std::optional<Bytes> assemble(std::string_view text) {
  text = trimmed(text);
  const std::string mnemonic = lower(take_until(text, " \t"));
  const std::string_view first = take_until(text, ",");
  const std::string_view second = trimmed(text);
  for (const Form& form : forms) {
    if (form.mnemonic != mnemonic)
      continue;
    const auto one = operand_of(form.first, first);
    const auto two = operand_of(form.second, second);
    if (one && two)
      return form.encode(*one, *two);
  }
  return std::nullopt;
}

} // namespace icebp
