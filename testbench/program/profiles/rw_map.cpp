#include <icebp/model/json/input_error.h>
#include <icebp/model/json/scalar.h>
#include <icebp/testbench/program/profiles/msr_text.h>
#include <icebp/testbench/program/profiles/rw_map.h>
#include <icebp/testbench/program/profiles/source_grade.h>

#include <algorithm>
#include <cctype>
#include <iomanip>
#include <memory>
#include <optional>

namespace icebp {
namespace {

constexpr bool is_set(std::uint64_t value, unsigned bit) { return (value >> bit & 1) != 0; }

// ---- Bits

BitWrite write_of(const ResolvedMsr& msr, unsigned bit) {
  if (!msr.accepts_writes)
    return BitWrite::refused;
  if (is_set(msr.gp, bit))
    return BitWrite::gp;
  if (!msr.readable)
    return BitWrite::taken;
  if (!is_set(msr.writable, bit))
    return BitWrite::dropped;
  const bool is_upper = bit + 1u >= msr.canonical_bits && bit < 64u - msr.flags;
  return is_upper && msr.canonical_bits != 64 ? BitWrite::canonical : BitWrite::stored;
}

bool is_alike(const BitRange& a, const BitRange& b) {
  return a.write == b.write && a.field == b.field;
}

std::string place_of(const BitRange& bits) {
  const std::string high = std::to_string(bits.high);
  return bits.high == bits.low ? high : high + ':' + std::to_string(bits.low);
}

std::string reset_of(const ResolvedMsr& msr, const BitRange& bits) {
  std::string text;
  append_hex(text, (msr.reset >> bits.low) & (~std::uint64_t{0} >> (63 - bits.high + bits.low)));
  return text;
}

// ---- What masks do not tell

std::vector<const char*> besides_of(const MsrFunctions& does) {
  std::vector<const char*> all;
  const auto add_if = [&](bool holds, const char* text) {
    if (holds)
      all.push_back(text);
  };
  add_if(does.is_reachable, "in some states of the CPU only: else #GP, reads too");
  add_if(does.is_locked, "may be locked: then a write is #GP");
  add_if(does.is_legal, "not every value that its bits allow is legal: else #GP");
  add_if(does.on_write, "a write does more than to store the value");
  add_if(does.read, "what is read is computed");
  return all;
}

// ---- The register that is meant

std::string upper_case(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

// As this CPU names it, whole or behind IA32_ or MSR_.
const ResolvedMsr* find_by_name(const MsrTable& table, const std::string& name) {
  for (const char* prefix : {"", "IA32_", "MSR_"})
    for (const ResolvedMsr& msr : table)
      if (upper_case(full_name(msr)) == prefix + name)
        return &msr;
  return nullptr;
}

[[noreturn]] void refuse(const CpuProfile& profile, const std::string& problem) {
  throw InputError("--rw-map", problem,
                   "icebp msrs --profile " + std::string(profile.name) +
                       " lists its MSRs: an index such as 0x1d9, or a name");
}

const ResolvedMsr& register_of(const CpuProfile& profile, const MsrTable& table,
                               const std::string& wanted) {
  const std::string name = upper_case(wanted);
  if (const ResolvedMsr* msr = find_by_name(table, name))
    return *msr;
  std::optional<std::uint64_t> index = parse_hex(wanted);
  if (!index)
    index = msr_index_of(name); // as the other vendor names it
  if (!index)
    refuse(profile, with_msr_guess(json_string(wanted) + " is not an MSR", name));
  const bool is_index = *index <= 0xFFFFFFFF;
  const ResolvedMsr& msr = table.find(is_index ? static_cast<std::uint32_t>(*index) : 0);
  if (!is_index || !msr.present)
    refuse(profile, std::string(profile.name) + " does not have " + wanted);
  return msr;
}

// ---- Output

void put_table(std::ostream& out, const CpuProfile& profile, const ResolvedMsr& msr,
               const MsrFields* fields) {
  out << full_name(msr) << (msr.in_catalogue ? "" : " ?") << ' ' << padded_hex(msr.index, 8) << ' '
      << access_of(msr) << ", " << profile.name << "\nsource  " << msr.source << " ("
      << name_of(grade_of(msr.source)) << ")\n";
  if (fields)
    out << "fields  " << fields->source << '\n';
  out << "INIT    " << name_of(msr.on_init) << "\nscope   " << name_of(msr.scope)
      << "\n\nbits   RESET               written    field\n";
  for (const BitRange& bits : bit_ranges_of(msr, fields)) {
    out << std::left << std::setw(7) << place_of(bits);
    if (bits.field)
      out << std::setw(20) << reset_of(msr, bits) << std::setw(11) << name_of(bits.write)
          << bits.field->name << '\n';
    else
      out << std::setw(20) << reset_of(msr, bits) << name_of(bits.write) << '\n';
  }
  for (const char* text : besides_of(*msr.does))
    out << "besides: " << text << '\n';
}

void put_json(std::ostream& out, const CpuProfile& profile, const ResolvedMsr& msr,
              const MsrFields* fields) {
  out << "{\"profile\":" << json_string(profile.name) << ',' << json_members_of(msr)
      << ",\"fields_source\":" << json_string(fields ? fields->source : "") << ",\"bits\":[";
  const char* before = "";
  for (const BitRange& bits : bit_ranges_of(msr, fields)) {
    out << before << "{\"high\":" << bits.high << ",\"low\":" << bits.low
        << ",\"reset\":" << json_string(reset_of(msr, bits))
        << ",\"written\":" << json_string(name_of(bits.write)) << ",\"field\":";
    if (bits.field)
      out << json_string(bits.field->name) << '}';
    else
      out << "null}";
    before = ",";
  }
  out << "],\"besides\":[";
  before = "";
  for (const char* text : besides_of(*msr.does)) {
    out << before << json_string(text);
    before = ",";
  }
  out << "]}\n";
}

} // namespace

std::vector<BitRange> bit_ranges_of(const ResolvedMsr& msr, const MsrFields* fields) {
  std::vector<BitRange> ranges;
  for (unsigned bit = 64; bit-- > 0;) {
    const BitRange here{bit, bit, write_of(msr, bit), field_at(fields, bit)};
    if (!ranges.empty() && is_alike(ranges.back(), here))
      ranges.back().low = bit;
    else
      ranges.push_back(here);
  }
  return ranges;
}

void show_rw_map(const CpuProfile& profile, const std::string& wanted, bool as_json,
                 std::ostream& out) {
  const auto table = std::make_unique<MsrTable>(profile);
  const ResolvedMsr& msr = register_of(profile, *table, wanted);
  const MsrFields* fields = msr.in_catalogue ? msr_fields_of(profile.vendor, msr.index) : nullptr;
  if (as_json)
    put_json(out, profile, msr, fields);
  else
    put_table(out, profile, msr, fields);
}

} // namespace icebp
