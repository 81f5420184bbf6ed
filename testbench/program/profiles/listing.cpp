#include <icebp/model/json/input_error.h>
#include <icebp/model/rules/cpu/cpuid.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/vocabulary/profile_fields.h>
#include <icebp/testbench/program/profiles/listing.h>
#include <icebp/testbench/program/profiles/msr_text.h>
#include <icebp/testbench/program/profiles/source_grade.h>

#include <algorithm>
#include <iomanip>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace icebp {
namespace {

// ---- MSRs

std::vector<const ResolvedMsr*> by_index(const MsrTable& table) {
  std::vector<const ResolvedMsr*> rows;
  for (const ResolvedMsr& msr : table)
    rows.push_back(&msr);
  std::sort(rows.begin(), rows.end(),
            [](const ResolvedMsr* a, const ResolvedMsr* b) { return a->index < b->index; });
  return rows;
}

std::regex filter_of(const std::string& text) try {
  return std::regex(text, std::regex::icase);
} catch (const std::regex_error&) {
  throw InputError("--filter", json_string(text) + " is not a regular expression",
                   "such as 'MTRR|PAT'");
}

// Of a run the first and the last.
std::string index_of(const ResolvedMsr& msr) {
  const std::string first = padded_hex(msr.index, 8);
  return msr.last == msr.index ? first : first + '-' + padded_hex(msr.last, 8);
}

void put_row(std::ostream& out, const ResolvedMsr& msr) {
  out << index_of(msr) << "  " << std::left << std::setw(3) << access_of(msr) << "  "
      << padded_hex(msr.writable, 16) << "  " << padded_hex(msr.gp, 16) << "  "
      << padded_hex(msr.reset, 16) << "  " << std::setw(5) << name_of(msr.on_init) << "  "
      << unsigned{msr.canonical_bits} << "  " << std::setw(7) << name_of(msr.scope) << "  "
      << std::setw(20) << name_of(cost_of_write(msr)) << "  " << std::setw(10)
      << name_of(grade_of(msr.source)) << "  " << full_name(msr) << (msr.in_catalogue ? "" : " ?")
      << '\n';
}

void put_json(std::ostream& out, const ResolvedMsr& msr) {
  out << '{' << json_members_of(msr) << "}\n";
}

// ---- CPUID

struct CpuidRegister {
  const char* name;
  std::uint32_t CpuidResult::*member;
};
constexpr CpuidRegister cpuid_registers[] = {{"eax", &CpuidResult::eax},
                                             {"ebx", &CpuidResult::ebx},
                                             {"ecx", &CpuidResult::ecx},
                                             {"edx", &CpuidResult::edx}};

std::vector<CpuidLeaf> leaves_of(const CpuModel& cpu) {
  std::vector<CpuidLeaf> leaves;
  for (const CpuidLeaf& leaf : cpuid_leaves)
    if (has_cpuid_leaf(cpu, leaf))
      leaves.push_back(leaf);
  return leaves;
}

void put_row(std::ostream& out, const CpuModel& cpu, const CpuidLeaf& leaf) {
  const CpuidResult result = cpuid(cpu, leaf.leaf, leaf.subleaf);
  out << "CPUID " << hex_digits_of(leaf.leaf, 8) << '.' << leaf.subleaf;
  for (const CpuidRegister& reg : cpuid_registers)
    out << "  " << reg.name << ' ' << hex_digits_of(result.*reg.member, 8);
  out << '\n';
}

void put_json(std::ostream& out, const CpuModel& cpu, const CpuidLeaf& leaf) {
  const CpuidResult result = cpuid(cpu, leaf.leaf, leaf.subleaf);
  out << "{\"leaf\":" << json_string(padded_hex(leaf.leaf, 8)) << ",\"subleaf\":" << leaf.subleaf;
  for (const CpuidRegister& reg : cpuid_registers)
    out << ",\"" << reg.name << "\":" << json_string(padded_hex(result.*reg.member, 8));
  out << '}';
}

// ---- Profiles

void put_row(std::ostream& out, const CpuProfile& profile) {
  out << std::left << std::setw(22) << profile.name << profile.evidence << '\n';
}

// `write` for each of `entries`, with commas between.
template <typename Entries, typename Write>
void put_list(std::ostream& out, const Entries& entries, Write write) {
  const char* before = "";
  for (const auto& entry : entries) {
    out << before;
    write(entry);
    before = ",";
  }
}

std::vector<std::string_view> features_of(const CpuProfile& profile) {
  std::vector<std::string_view> names;
  for (const auto& feature : name_table<Feature>)
    if (profile.has(feature.value))
      names.push_back(feature.name);
  return names;
}

void put_json(std::ostream& out, const CpuProfile& profile) {
  const auto cpu = std::make_unique<CpuModel>(profile);
  out << "{\"name\":" << json_string(profile.name)
      << ",\"vendor\":" << json_string(name_of(profile.vendor))
      << ",\"physical_address_bits\":" << unsigned{profile.physical_address_bits}
      << ",\"features\":[";
  put_list(out, features_of(profile), [&](std::string_view name) { out << json_string(name); });
  out << "],\"counts\":{";
  put_list(out, count_fields, [&](const CountField& field) {
    out << json_string(field.name) << ':' << unsigned{profile.msr_counts.*field.member};
  });
  out << R"(},"quirks":{"string_granularity":)"
      << json_string(name_of(profile.quirks.string_granularity)) << ',';
  put_list(out, quirk_fields, [&](const QuirkField& field) {
    out << json_string(field.name) << ':' << (profile.quirks.*field.member ? "true" : "false");
  });
  for (const AuthorityQuirkField& field : authority_quirk_fields)
    out << ',' << json_string(field.name) << ':'
        << (profile.authority->quirks.*field.member ? "true" : "false");
  out << "},\"authority\":" << json_string(profile.authority->name)
      << ",\"evidence\":" << json_string(profile.evidence) << ",\"cpuid\":[";
  put_list(out, leaves_of(*cpu), [&](const CpuidLeaf& leaf) { put_json(out, *cpu, leaf); });
  out << "]}\n";
}

void put_details(std::ostream& out, const CpuProfile& profile) {
  const auto cpu = std::make_unique<CpuModel>(profile);
  put_row(out, profile);
  out << "features:";
  for (const std::string_view name : features_of(profile))
    out << ' ' << name;
  out << "\ncounts:";
  for (const CountField& field : count_fields)
    out << ' ' << field.name << ' ' << unsigned{profile.msr_counts.*field.member};
  out << "\nquirks: string_granularity " << profile.quirks.string_granularity;
  for (const QuirkField& field : quirk_fields)
    if (profile.quirks.*field.member)
      out << ' ' << field.name;
  out << "\nauthority: " << profile.authority->name;
  for (const AuthorityQuirkField& field : authority_quirk_fields)
    if (profile.authority->quirks.*field.member)
      out << ' ' << field.name;
  out << '\n';
  for (const CpuidLeaf& leaf : leaves_of(*cpu))
    put_row(out, *cpu, leaf);
}

template <typename Entry>
void put(std::ostream& out, const Entry& entry, bool as_json) {
  if (as_json)
    put_json(out, entry);
  else
    put_row(out, entry);
}

// ---- Comparison

bool is_alike(const ResolvedMsr& a, const ResolvedMsr& b) {
  return a.present == b.present && access_of(a) == access_of(b) && a.writable == b.writable &&
         a.gp == b.gp && a.reset == b.reset && a.on_init == b.on_init &&
         a.canonical_bits == b.canonical_bits;
}

class Filter {
public:
  explicit Filter(const std::string& text) : text_(text), wanted_(filter_of(text)) {}

  bool wants(const ResolvedMsr& msr) const {
    return std::regex_search(full_name(msr), wanted_) ||
           std::regex_search(padded_hex(msr.index, 8), wanted_);
  }
  // Throws if nothing was found.
  void require(bool found, const CpuProfile& profile) const {
    if (!found)
      throw InputError("--filter",
                       "no MSR of " + std::string(profile.name) + " matches " + json_string(text_),
                       "icebp msrs lists their indices and names");
  }

private:
  std::string text_;
  std::regex wanted_;
};

void put_side(std::ostream& out, const char* mark, const ResolvedMsr& msr) {
  if (!msr.present)
    return;
  out << mark;
  put_row(out, msr);
}

void put_side_json(std::ostream& out, const ResolvedMsr& msr) {
  std::ostringstream row;
  if (msr.present)
    put_json(row, msr);
  else
    row << "null\n";
  const std::string text = row.str();
  out << text.substr(0, text.size() - 1);
}

// The indices of both, in order.
std::set<std::uint32_t> indices_of(const MsrTable& a, const MsrTable& b) {
  std::set<std::uint32_t> indices;
  for (const MsrTable* table : {&a, &b})
    for (const ResolvedMsr& msr : *table)
      indices.insert(msr.index);
  return indices;
}

} // namespace

void compare_msrs(const CpuProfile& profile, const CpuProfile& other, const std::string& filter,
                  bool as_json, std::ostream& out) {
  const Filter wanted(filter);
  const auto ours = std::make_unique<MsrTable>(profile);
  const auto theirs = std::make_unique<MsrTable>(other);
  bool found = false;
  for (const std::uint32_t index : indices_of(*ours, *theirs)) {
    const ResolvedMsr& a = ours->find(index);
    const ResolvedMsr& b = theirs->find(index);
    const bool is_wanted = wanted.wants(a.present ? a : b);
    found = found || is_wanted;
    if (!is_wanted || is_alike(a, b))
      continue;
    if (as_json) {
      out << "{\"index\":" << json_string(padded_hex(index, 8)) << ",\"profile\":";
      put_side_json(out, a);
      out << ",\"other\":";
      put_side_json(out, b);
      out << "}\n";
    } else {
      put_side(out, "- ", a);
      put_side(out, "+ ", b);
    }
  }
  wanted.require(found, profile);
}

void list_msrs(const CpuProfile& profile, const std::string& filter, bool as_json,
               std::ostream& out) {
  const Filter wanted(filter);
  const auto table = std::make_unique<MsrTable>(profile);
  std::vector<const ResolvedMsr*> rows = by_index(*table);
  const auto is_unwanted = [&](const ResolvedMsr* msr) { return !wanted.wants(*msr); };
  rows.erase(std::remove_if(rows.begin(), rows.end(), is_unwanted), rows.end());
  wanted.require(!rows.empty(), profile);
  if (!as_json)
    out << "index       use  writable            #GP if 1            reset               "
           "INIT   canonical (64: any), scope, cost of a write, grade, name (?: not of the "
           "catalogue)\n";
  for (const ResolvedMsr* msr : rows)
    put(out, *msr, as_json);
}

void list_profiles(bool as_json, std::ostream& out) {
  for (const CpuProfile& profile : cpu_profiles)
    put(out, profile, as_json);
}

void show_profile(const CpuProfile& profile, bool as_json, std::ostream& out) {
  if (as_json)
    put_json(out, profile);
  else
    put_details(out, profile);
}

} // namespace icebp
