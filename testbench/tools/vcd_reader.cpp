#include <icebp/testbench/tools/vcd_reader.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace icebp {
namespace {

struct Signal {
  std::string path;
  unsigned width;
};

std::string hex_of(const std::string& bits, unsigned width) {
  // VCD leaves out leading zeros.
  std::string padded(width > bits.size() ? width - bits.size() : 0, '0');
  padded += bits;
  padded.insert(0, (4 - padded.size() % 4) % 4, '0');
  std::string hex;
  for (std::size_t at = 0; at < padded.size(); at += 4) {
    const std::string digit = padded.substr(at, 4);
    const auto unknown = digit.find_first_not_of("01");
    hex += unknown != std::string::npos ? digit[unknown]
                                        : "0123456789abcdef"[std::stoul(digit, nullptr, 2)];
  }
  return hex;
}

class Reader {
public:
  explicit Reader(std::istream& in) : in_(in) {}

  Vcd read() {
    std::string word;
    while (in_ >> word)
      read(word);
    std::stable_sort(vcd_.changes.begin(), vcd_.changes.end());
    return std::move(vcd_);
  }

private:
  void read(const std::string& word) {
    if (word == "$scope")
      scopes_.push_back(section().at(1));
    else if (word == "$upscope")
      section(), scopes_.pop_back();
    else if (word == "$var")
      read_signal(section());
    else if (word == "$dumpvars" || word == "$end")
      return;
    else if (word.front() == '$')
      section();
    else if (word.front() == '#')
      time_ = std::stoull(word.substr(1));
    else
      read_change(word);
  }

  // The words up to $end.
  std::vector<std::string> section() {
    std::vector<std::string> words;
    for (std::string word; in_ >> word && word != "$end";)
      words.push_back(word);
    return words;
  }

  void read_signal(const std::vector<std::string>& words) {
    std::string path;
    for (const std::string& scope : scopes_)
      path += scope + ".";
    path += words.at(3);
    const auto width = static_cast<unsigned>(std::stoul(words.at(1)));
    signals_[words.at(2)] = Signal{path, width};
    if (!vcd_.widths.emplace(path, width).second)
      throw std::runtime_error("two signals have the name " + path);
  }

  void read_change(const std::string& word) {
    std::string bits = word.substr(0, 1);
    std::string code = word.substr(1);
    if (bits == "b") {
      bits = code;
      in_ >> code;
    }
    const auto signal = signals_.find(code);
    if (signal == signals_.end())
      throw std::runtime_error("not a change of a known signal: " + word);
    vcd_.changes.push_back({time_, signal->second.path, hex_of(bits, signal->second.width)});
  }

  std::istream& in_;
  Vcd vcd_;
  std::vector<std::string> scopes_;
  std::map<std::string, Signal> signals_;
  std::uint64_t time_ = 0;
};

} // namespace

Vcd read_vcd(std::istream& in) { return Reader(in).read(); }

} // namespace icebp
