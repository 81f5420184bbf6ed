// Checks a GTKWave save file against the VCD that it shows:
//   check_save_file SAVE_FILE VCD [--list]
// Every signal exists with its width; every translate filter exists, is applied to a signal shown
// in hexadecimal, has keys of that signal's width, and names every value that occurs (but for a
// filter of one line, which names "no value"). --list prints the signals instead.
// Paths of filters are relative to the working folder, as in GTKWave.

#include <icebp/testbench/tools/vcd_reader.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using icebp::Vcd;

constexpr unsigned long flag_hexadecimal = 0x2;
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

std::vector<Shown> read_save_file(const std::string& path) {
  std::vector<Shown> shown;
  unsigned long flags = 0;
  std::string filter;
  std::ifstream file = open(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '[' || line.front() == '*' || line.front() == '-')
      continue;
    if (line.front() == '@') {
      flags = std::stoul(line.substr(1), nullptr, 16);
    } else if (line.front() == '^') {
      filter = line.substr(line.find(' ') + 1);
    } else {
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
    const bool translated = (shown.flags & flag_translated_by_file) != 0;
    if (translated == shown.filter.empty())
      return complain(shown, "a filter needs both a line ^1 and the flag 2000");
    if (translated)
      check_filter(shown);
  }

  bool failed() const { return failed_; }

private:
  void check_filter(const Shown& shown) {
    if ((shown.flags & flag_hexadecimal) == 0)
      return complain(shown, "has a filter, whose keys are hexadecimal, and another radix");
    const std::set<std::string> keys = read_filter_keys(shown.filter);
    const std::size_t digits = (shown.width + 3) / 4;
    for (const std::string& key : keys)
      if (key.size() != digits)
        complain(shown, "the key " + key + " of " + shown.filter + " is not as wide as the signal");
    if (keys.size() == 1)
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
