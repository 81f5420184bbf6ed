#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/program/files/output_file.h>
#include <icebp/testbench/program/scenario/wave_names.h>

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>

namespace icebp {
namespace {

namespace fs = std::filesystem;

template <typename E>
std::vector<ValueName> names_of_enum() {
  std::vector<ValueName> names;
  for (const auto& entry : name_table<E>)
    names.push_back({static_cast<std::uint64_t>(entry.value), std::string(entry.name)});
  return names;
}

std::vector<ValueName> names_of_msrs() {
  std::map<std::uint64_t, std::string> names; // vendors may name a register differently
  for (const char* profile : {"intel-max", "amd-max"})
    for (const ResolvedMsr& msr : MsrTable(*find_cpu_profile(profile))) {
      std::string& name = names[msr.index];
      const std::string here = full_name(msr);
      if (name != here)
        name += (name.empty() ? "" : "|") + here;
    }
  names.emplace(0xFFFFFFFF, "none");
  std::vector<ValueName> list;
  for (const auto& [index, name] : names)
    list.push_back({index, name});
  return list;
}

std::uint64_t all_ones(const WaveSignal& signal) {
  return ~std::uint64_t{0} >> (64 - signal.width);
}

// As GTKWave shows it.
std::string digits_of(std::uint64_t value, const WaveSignal& signal) {
  if (signal.values == WaveValues::decimal)
    return std::to_string(value);
  std::ostringstream text;
  text << std::hex << std::uppercase << std::setfill('0')
       << std::setw(static_cast<int>((signal.width + 3) / 4)) << value;
  return text.str();
}

std::string filter_text(const WaveSignal& signal) {
  std::vector<ValueName> names = names_of(signal.values);
  if (names.empty())
    names.push_back({all_ones(signal), "none"});
  std::string text;
  for (const ValueName& name : names)
    text += digits_of(name.value, signal) + " " + name.name + "\n";
  return text;
}

// A comment begins with #, within a line too: the exceptions go without.
std::string mapping_text(const WaveSignal& signal) {
  std::ostringstream text;
  text << "Name = " << surfer_format_of(signal) << "\nBits = " << signal.width << "\n";
  for (const ValueName& name : names_of(signal.values)) {
    std::string plain = name.name;
    plain.erase(std::remove(plain.begin(), plain.end(), '#'), plain.end());
    text << "0x" << std::hex << name.value << std::dec << " " << plain << "\n";
  }
  return text.str();
}

std::string text_of_file(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& text) {
  if (text_of_file(path) == text)
    return;
  OutputFile file(path.string());
  file.write(text);
  file.publish();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw std::runtime_error(folder.string() + ": cannot be made: " + error.message());
}

} // namespace

std::vector<ValueName> names_of(WaveValues values) {
  switch (values) {
  case WaveValues::hexadecimal:
  case WaveValues::decimal:
  case WaveValues::bit:
  case WaveValues::text:
    break;
  case WaveValues::phase:
    return names_of_enum<Phase>();
  case WaveValues::operation:
    return names_of_enum<Operation>();
  case WaveValues::outcome:
    return names_of_enum<WaveOutcome>();
  case WaveValues::cause:
    return names_of_enum<Cause>();
  case WaveValues::mode:
    return names_of_enum<Mode>();
  case WaveValues::shadow:
    return names_of_enum<Shadow>();
  case WaveValues::vector:
    return names_of_enum<Vector>();
  case WaveValues::cost:
    return names_of_enum<MsrCost>();
  case WaveValues::msr:
    return names_of_msrs();
  }
  return {};
}

std::string filter_of(const WaveSignal& signal) {
  if (!names_of(signal.values).empty())
    return std::string(name_of(signal.values));
  if (!signal.may_be_absent)
    return {};
  return (signal.values == WaveValues::decimal ? "none_decimal_" : "none_") +
         std::to_string(signal.width);
}

std::string surfer_format_of(const WaveSignal& signal) {
  switch (signal.values) {
  case WaveValues::hexadecimal:
    return "Hexadecimal";
  case WaveValues::decimal:
    return "Unsigned";
  case WaveValues::bit:
    return "Bit";
  case WaveValues::text:
    return "ASCII";
  case WaveValues::phase:
  case WaveValues::operation:
  case WaveValues::outcome:
  case WaveValues::cause:
  case WaveValues::mode:
  case WaveValues::shadow:
  case WaveValues::vector:
  case WaveValues::cost:
  case WaveValues::msr:
    break;
  }
  return "icebp_" + std::string(name_of(signal.values));
}

void write_filters(const fs::path& folder) {
  make_folder(folder);
  for (const WaveSignal& signal : wave_signals())
    if (const std::string name = filter_of(signal); !name.empty())
      write(folder / (name + ".txt"), filter_text(signal));
}

void write_mappings(const fs::path& folder) {
  make_folder(folder);
  for (const WaveSignal& signal : wave_signals())
    if (!names_of(signal.values).empty())
      write(folder / (surfer_format_of(signal) + ".txt"), mapping_text(signal));
}

} // namespace icebp
