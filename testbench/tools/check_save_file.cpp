// Checks a GTKWave save file against the VCD that it shows:
//   check_save_file SAVE_FILE VCD [--list]
// Every signal exists with its width; every translate filter exists, has keys as the signal is
// shown, hexadecimal as wide as it or decimal, and names every value of a byte or less that occurs.
// Text is shown as ASCII. --list prints the signals instead.
// A filter's path is meant from the path behind [savefile], as in GTKWave.

#include <icebp/testbench/program/scenario/vcd_reader.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using icebp::Vcd;

constexpr unsigned long flag_hexadecimal = 0x2;
constexpr unsigned long flag_decimal = 0x4;
constexpr unsigned long flag_ascii = 0x800;
constexpr unsigned long flag_translated_by_file = 0x2000;

struct Shown {
  std::string text;   // as in the save file
  std::string path;   // without the range of bits
  unsigned width = 1; // by the range of bits
  unsigned long flags = 0;
  std::string filter; // file, or empty
};

std::ifstream open(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error(path + ": cannot be read");
  return file;
}

Shown shown_of(const std::string& text, unsigned long flags, const std::string& filter) {
  Shown shown{text, text, 1, flags, filter};
  if (const auto bracket = text.find('['); bracket != std::string::npos) {
    shown.path = text.substr(0, bracket);
    shown.width = static_cast<unsigned>(std::stoul(text.substr(bracket + 1))) + 1;
  }
  return shown;
}

// Where `filter` is, of a save file that is at `place` and was at `written_at`.
std::string moved(const fs::path& filter, const fs::path& written_at, const fs::path& place) {
  return (place.parent_path() / filter.lexically_relative(written_at.parent_path())).string();
}

std::vector<Shown> read_save_file(const std::string& path) {
  std::vector<Shown> shown;
  std::string written_at = path;
  unsigned long flags = 0;
  std::string filter;
  std::ifstream file = open(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("[savefile] \"", 0) == 0)
      written_at = line.substr(12, line.size() - 13);
    if (line.empty() || line.front() == '[' || line.front() == '*' || line.front() == '-')
      continue;
    if (line.front() == '@') {
      flags = std::stoul(line.substr(1), nullptr, 16);
    } else if (line.front() == '^') {
      filter = moved(line.substr(line.find(' ') + 1), written_at, path);
    } else {
      if (line.front() == '+') // an alias
        line.erase(0, line.find("} ") + 2);
      shown.push_back(shown_of(line, flags, filter));
      filter.clear();
    }
  }
  return shown;
}

std::set<std::string> read_filter_keys(const std::string& path) {
  std::set<std::string> keys;
  std::ifstream file = open(path);
  for (std::string line; std::getline(file, line);) {
    std::string key = line.substr(0, line.find(' '));
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    keys.insert(key);
  }
  return keys;
}

class Checker {
public:
  explicit Checker(const Vcd& vcd) : vcd_(vcd) {
    for (const auto& change : vcd.changes)
      values_[change.signal].insert(change.value);
  }

  void check(const Shown& shown) {
    const auto width = vcd_.widths.find(shown.path);
    if (width == vcd_.widths.end())
      return complain(shown, "is not in the VCD");
    if (width->second != shown.width)
      return complain(shown, "has " + std::to_string(width->second) + " bits in the VCD");
    if (((shown.flags & flag_ascii) != 0) != (shown.width > 64))
      return complain(shown, "is text if it has more than 64 bits, and only then");
    const bool translated = (shown.flags & flag_translated_by_file) != 0;
    if (translated == shown.filter.empty())
      return complain(shown, "a filter needs both a line ^1 and the flag 2000");
    if (translated)
      check_filter(shown);
  }

  bool failed() const { return failed_; }

private:
  void check_filter(const Shown& shown) {
    const bool is_decimal = (shown.flags & flag_decimal) != 0;
    if (is_decimal == ((shown.flags & flag_hexadecimal) != 0))
      return complain(shown, "has a filter, and is neither hexadecimal nor decimal");
    const std::set<std::string> keys = read_filter_keys(shown.filter);
    const std::size_t digits = (shown.width + 3) / 4;
    for (const std::string& key : keys)
      if (!is_decimal && key.size() != digits)
        complain(shown, "the key " + key + " of " + shown.filter + " is not as wide as the signal");
    if (shown.width > 8) // absence, or MSRs: an index may be that of none
      return;
    for (const std::string& value : values_[shown.path])
      if (keys.count(value) == 0)
        complain(shown, "has the value " + value + ", which " + shown.filter + " does not name");
  }

  void complain(const Shown& shown, const std::string& problem) {
    std::cerr << shown.text << ": " << problem << "\n";
    failed_ = true;
  }

  const Vcd& vcd_;
  std::map<std::string, std::set<std::string>> values_;
  bool failed_ = false;
};

int run(const std::string& save_file, const std::string& vcd_file, bool list) {
  const std::vector<Shown> all = read_save_file(save_file);
  if (all.empty())
    throw std::runtime_error(save_file + ": shows no signal");
  if (list) {
    for (const Shown& shown : all)
      std::cout << shown.text << "\n";
    return 0;
  }
  std::ifstream file = open(vcd_file);
  const Vcd vcd = icebp::read_vcd(file);
  Checker checker(vcd);
  for (const Shown& shown : all)
    checker.check(shown);
  return checker.failed() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  const bool list = argc == 4 && std::string(argv[3]) == "--list";
  if (argc != 3 && !list) {
    std::cerr << "usage: check_save_file SAVE_FILE VCD [--list]\n";
    return 2;
  }
  try {
    return run(argv[1], argv[2], list);
  } catch (const std::exception& error) {
    std::cerr << "check_save_file: " << error.what() << "\n";
    return 2;
  }
}
