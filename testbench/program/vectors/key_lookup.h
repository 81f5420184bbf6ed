#pragma once
// What the tables of keys have in common: entries by number or index, and values that more than one
// of them takes.

#include <icebp/model/json/input_error.h>
#include <icebp/model/json/json_events.h>
#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/program/vectors/vector_keys.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

extern const Level vmx_level;    // guest_keys.cpp
extern const Level svm_level;    //
extern const Level masked_level; // expect_keys.cpp; of a MaskedValue

// --- entries

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

template <const Key& key>
const Key& find_dr(JsonEvents& in, std::string_view, std::size_t& entry) {
  if (entry > 3)
    in.fail("one value too many", "four, DR0 to DR3");
  return key;
}

inline void close_dr(JsonEvents& in, std::uint64_t length) {
  if (length != 4)
    in.fail("values are missing", "four, DR0 to DR3");
}

template <const Key& key>
const Key& find_gpr(JsonEvents& in, std::string_view name, std::size_t& entry) {
  const std::optional<Gpr> reg = value_of<Gpr>(name);
  if (!reg)
    in.fail_unknown(name, "unknown register", names_of<Gpr>());
  entry = static_cast<std::size_t>(*reg);
  return key;
}

// Of one object: an entry has a bit of a word in JsonEvents.
inline constexpr std::size_t most_msrs = 64;

inline constexpr const char* legal_msr =
    "\"0x0\" to \"0xffffffff\", or a name that icebp msrs lists";

inline std::uint32_t msr_index(JsonEvents& in, std::string_view name) {
  const std::optional<std::uint64_t> index = parse_hex(name);
  if (index && *index <= 0xFFFFFFFF)
    return static_cast<std::uint32_t>(*index);
  const std::optional<std::uint32_t> named = msr_index_of(name);
  if (!named)
    in.fail_at(name, with_msr_guess("not an MSR", name), legal_msr);
  return *named;
}

// A 64-bit value, or the index of the MSR that it names.
inline std::uint64_t value_or_msr(JsonEvents& in, const Scalar& scalar) {
  if (const std::optional<std::uint64_t> value = parse_value(scalar))
    return *value;
  if (scalar.kind == Scalar::Kind::text)
    if (const std::optional<std::uint32_t> named = msr_index_of(scalar.text))
      return *named;
  in.fail(with_msr_guess(describe(scalar) + " is not a 64-bit value or an MSR", scalar.text),
          std::string(legal_value) + ", or a name that icebp msrs lists");
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

inline constexpr std::size_t most_memory_ranges = 64;

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

// --- values

inline bool is_whole(std::string_view number) {
  return number.find_first_not_of("-0123456789") == std::string_view::npos;
}

// The JSON text of an id; empty if `scalar` is none.
inline std::string id_text(const Scalar& scalar) {
  std::string id;
  if (scalar.kind == Scalar::Kind::integer)
    append_decimal(id, scalar.number);
  else if (scalar.kind == Scalar::Kind::text)
    append_json_string(id, scalar.text);
  else if (scalar.kind == Scalar::Kind::other_number && is_whole(scalar.text))
    id = scalar.text;
  return id;
}

inline void take_id(JsonEvents& in, const Scalar& scalar, std::string& id) {
  id = id_text(scalar);
  if (id.empty())
    in.fail(describe(scalar) + " is not an id", "an integer or a string");
}

inline void take_bytes(JsonEvents& in, const Scalar& scalar, const char* what,
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

} // namespace icebp
