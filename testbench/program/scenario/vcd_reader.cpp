#include <icebp/testbench/program/scenario/vcd_reader.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace icebp {
namespace {

class Reader {
public:
  Reader(std::istream& in, VcdVisitor& visitor) : in_(in), visitor_(visitor) {}

  void read() {
    std::string word;
    while (in_ >> word)
      read(word);
  }

private:
  void read(const std::string& word) {
    if (word == "$scope")
      scopes_.push_back(section(2)[1]);
    else if (word == "$upscope")
      section(), leave_scope();
    else if (word == "$var")
      read_signal(section(4));
    else if (word == "$dumpvars" || word == "$end")
      return;
    else if (word.front() == '$')
      section();
    else if (word.front() == '#')
      time_ = std::stoull(word.substr(1));
    else
      read_change(word);
  }

  void leave_scope() {
    if (scopes_.empty())
      throw std::runtime_error("more scopes end than begin");
    scopes_.pop_back();
  }

  // The words up to $end.
  std::vector<std::string> section(std::size_t least = 0) {
    std::vector<std::string> words;
    for (std::string word; in_ >> word && word != "$end";)
      words.push_back(word);
    if (words.size() < least)
      throw std::runtime_error("words are missing before $end");
    return words;
  }

  void read_signal(const std::vector<std::string>& words) {
    std::string path;
    for (const std::string& scope : scopes_)
      path += scope + ".";
    path += words[3];
    signals_.emplace(words[2],
                     declared_++); // another name of the same code is not told of changes
    visitor_.declare(path, static_cast<unsigned>(std::stoul(words[1])), words[2]);
  }

  void read_change(const std::string& word) {
    const bool is_vector = word.front() == 'b';
    const bool is_number_or_text = word.front() == 'r' || word.front() == 's';
    std::string code = word.substr(1);
    if (is_vector || is_number_or_text)
      in_ >> code;
    const auto signal = signals_.find(code);
    if (signal == signals_.end())
      throw std::runtime_error("not a change of a known signal: " + word);
    if (is_number_or_text) // it has no bits
      return;
    const std::string_view bits = word;
    visitor_.change(time_, signal->second, is_vector ? bits.substr(1) : bits.substr(0, 1));
  }

  std::istream& in_;
  VcdVisitor& visitor_;
  std::vector<std::string> scopes_;
  std::unordered_map<std::string, std::size_t> signals_; // by identifier code
  std::size_t declared_ = 0;
  std::uint64_t time_ = 0;
};

// VCD leaves out leading zeros.
std::string padded(std::string_view bits, std::size_t width) {
  return std::string(width > bits.size() ? width - bits.size() : 0, '0') + std::string(bits);
}

std::string hex_of(std::string_view bits, unsigned width) {
  const std::string all = padded(bits, (width + 3) / 4 * 4);
  std::string hex;
  for (std::size_t at = 0; at < all.size(); at += 4) {
    const std::string digit = all.substr(at, 4);
    const auto unknown = digit.find_first_not_of("01");
    hex += unknown != std::string::npos ? digit[unknown]
                                        : "0123456789abcdef"[std::stoul(digit, nullptr, 2)];
  }
  return hex;
}

std::string text_of(std::string_view bits, unsigned width) {
  const std::string all = padded(bits, width);
  std::string text = "\"";
  for (std::size_t at = 0; at < all.size(); at += 8)
    if (const auto character = std::stoul(all.substr(at, 8), nullptr, 2))
      text += static_cast<char>(character);
  return text + '"';
}

class Collector final : public VcdVisitor {
public:
  void declare(const std::string& path, unsigned width, const std::string&) override {
    if (!vcd.widths.emplace(path, width).second)
      throw std::runtime_error("two signals have the name " + path);
    paths_.push_back(path);
  }
  void change(std::uint64_t time, std::size_t signal, std::string_view bits) override {
    const std::string& path = paths_[signal];
    const unsigned width = vcd.widths.at(path);
    vcd.changes.push_back({time, path, width > 64 ? text_of(bits, width) : hex_of(bits, width)});
  }

  Vcd vcd;

private:
  std::vector<std::string> paths_;
};

} // namespace

void read_vcd(std::istream& in, VcdVisitor& visitor) { Reader(in, visitor).read(); }

Vcd read_vcd(std::istream& in) {
  Collector collector;
  read_vcd(in, collector);
  std::stable_sort(collector.vcd.changes.begin(), collector.vcd.changes.end());
  return std::move(collector.vcd);
}

} // namespace icebp
