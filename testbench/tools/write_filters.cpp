// Writes GTKWave's translate filters from the model's tables of names:
//   write_filters FOLDER
// A filter maps a value, in hexadecimal as wide as its signal, to a text.

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/model/rules/vocabulary/cause.h>
#include <icebp/model/rules/vocabulary/core_context.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/testbench/program/profiles/msr_name.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace icebp;

class Filter {
public:
  Filter(const std::filesystem::path& folder, const std::string& name, int hex_digits)
      : path_(folder / (name + ".txt")), file_(path_), digits_(hex_digits) {}

  void add(std::uint64_t value, std::string_view name) {
    file_ << std::hex << std::uppercase << std::setfill('0') << std::setw(digits_) << value << ' '
          << name << '\n';
  }

  void close() {
    file_.close();
    if (!file_)
      throw std::runtime_error(path_.string() + ": cannot be written; name a folder that exists");
  }

private:
  std::filesystem::path path_;
  std::ofstream file_;
  int digits_;
};

template <typename E>
void write(const std::filesystem::path& folder, const std::string& name, int hex_digits) {
  Filter filter(folder, name, hex_digits);
  for (const auto& entry : name_table<E>)
    filter.add(static_cast<std::uint64_t>(entry.value), entry.name);
  filter.close();
}

void write_msr_names(const std::filesystem::path& folder) {
  std::map<std::uint32_t, std::string> names; // vendors may name a register differently
  for (const char* profile : {"intel-max", "amd-max"})
    for (const ResolvedMsr& msr : MsrTable(*find_cpu_profile(profile))) {
      std::string& name = names[msr.index];
      const std::string here = full_name(msr);
      if (name != here)
        name += (name.empty() ? "" : "|") + here;
    }
  Filter filter(folder, "msr", 8);
  for (const auto& [index, name] : names)
    filter.add(index, name);
  filter.add(0xFFFFFFFF, "none");
  filter.close();
}

void write_none(const std::filesystem::path& folder, const std::string& name, int hex_digits) {
  Filter filter(folder, name, hex_digits);
  filter.add(~std::uint64_t{0} >> (64 - 4 * hex_digits), "none");
  filter.close();
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_filters FOLDER\n";
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1];
    write<Phase>(folder, "phase", 1);
    write<Operation>(folder, "operation", 2);
    write<Shadow>(folder, "shadow", 1);
    write<Mode>(folder, "mode", 1);
    write<Cause>(folder, "cause", 2);
    write<MsrCost>(folder, "cost", 1);
    write<Vector>(folder, "vector", 2);
    write_msr_names(folder);
    write_none(folder, "none_32", 8);
    write_none(folder, "none_64", 16);
  } catch (const std::exception& error) {
    std::cerr << "write_filters: " << error.what() << "\n";
    return 2;
  }
  return 0;
}
