// `icebp check` against a loop of nlohmann::json::parse and dump on the same lines, on one core.
//   check_bench [lines] [rounds]

#include <icebp/testbench/program/vectors/check.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

namespace {

constexpr std::size_t line_length = 200;

constexpr const char* templates[] = {
    R"("code":"0f 23 f8","cpl":3,"dr7":"0x2400","gpr":{"rax":"0x100000400"},"expect":{"outcome":"fault","vector":1,"cause":"general_detect","payload":"0x2000","dr7":"0x400"})",
    R"("code":"0f 32","gpr":{"rcx":"0xc0000082"},"msr":{"0xc0000082":"0xffffffff81000000"},"expect":{"outcome":"retired","gpr":{"rax":"0x81000000","rdx":"0xffffffff"}})",
    R"("profile":"amd-zen1","code":"0f 30","gpr":{"rcx":"0xc0000082","rax":"0x0","rdx":"0x8000"},"expect":{"outcome":"fault","vector":13,"cause":"msr_non_canonical"})",
    R"("code":"f1","mode":"v86","dr":["0x1000","0x0","0x0","0x0"],"dr6":"0xffff0ff0","expect":{"outcome":"trap","vector":1,"cause":"int1","rip":"0x1001"})",
};

std::vector<std::string> make_lines(std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    std::string line = "{\"id\":" + std::to_string(i) + ',' + templates[i % std::size(templates)];
    if (line.size() + 1 < line_length)
      line.append(line_length - 1 - line.size(), ' ');
    lines.push_back(line + '}');
  }
  return lines;
}

template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Takes the output of both and keeps none of it.
class Nowhere final : public std::streambuf {
  std::streamsize xsputn(const char*, std::streamsize size) override { return size; }
  int overflow(int c) override { return c; }
};

int check_all(const std::string& file) {
  std::istringstream in(file);
  Nowhere nowhere;
  std::ostream out(&nowhere);
  std::ostringstream err;
  icebp::Profiles profiles;
  return icebp::check({{"-"}, nullptr, ""}, profiles, in, out, err);
}

void parse_and_dump_all(const std::string& file) {
  std::istringstream in(file);
  Nowhere nowhere;
  std::ostream out(&nowhere);
  std::string line;
  while (std::getline(in, line))
    out << nlohmann::json::parse(line).dump() << '\n';
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
  std::string file;
  for (const std::string& line : make_lines(count))
    file += line + '\n';

  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  int status = 0;
  for (int round = 0; round < rounds; ++round) {
    ours.push_back(seconds([&] { status |= check_all(file); }));
    theirs.push_back(seconds([&] { parse_and_dump_all(file); }));
    ratios.push_back(theirs.back() / ours.back());
  }
  const auto lines = static_cast<double>(count);
  std::printf("%zu lines of %zu bytes, median of %d rounds\n", count, file.size() / count, rounds);
  std::printf("check           %9.0f lines/s\n", lines / median(ours));
  std::printf("parse and dump  %9.0f lines/s\n", lines / median(theirs));
  std::printf("ratio           %9.2f\n", median(ratios));
  return status;
}
