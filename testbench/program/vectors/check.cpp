#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/scalar.h>
#include <icebp/testbench/program/vectors/check.h>
#include <icebp/testbench/program/vectors/line_to_core.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <istream>
#include <ostream>

namespace icebp {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

// `icebp check` at work: what it counts and where it says it.
class Check {
public:
  Check(Profiles& profiles, const CpuProfile& default_profile, std::ostream& out, std::ostream& err)
      : profiles_(profiles), default_profile_(default_profile), out_(out), err_(err),
        reader_(profiles) {}

  void read(const std::string& file, std::istream& in) {
    std::size_t number = 0;
    errno = 0;
    while (std::getline(in, text_)) {
      ++number;
      if (!is_blank(text_))
        answer(file, number);
    }
    if (in.bad())
      cannot_read(file, errno != 0 ? std::strerror(errno) : "read error");
  }

  void cannot_read(const std::string& file, const std::string& why) {
    err_ << file << ": cannot be read: " << why << '\n';
    failed_ = true;
  }

  int finish() {
    if (!out_.flush()) {
      err_ << "the answers cannot be written\n";
      failed_ = true;
    }
    err_ << lines_ << " lines, " << matched_ << " matched, " << different_ << " different, "
         << without_expectation_ << " without expectation, " << in_error_ << " in error\n";
    if (failed_ || in_error_ != 0)
      return 2;
    return different_ != 0 ? 1 : 0;
  }

private:
  void answer(const std::string& file, std::size_t number) {
    ++lines_;
    answer_.clear();
    try {
      reader_.read(text_, line_);
      const CpuProfile& profile = line_.profile ? *line_.profile : default_profile_;
      const Answer answer = run_line(line_, profiles_.model_of(profile));
      append_json(answer_, answer);
      compare_to_expectation(file, number, answer);
    } catch (const InputError& error) {
      report(file, number, error);
    }
    answer_ += '\n';
    out_.write(answer_.data(), static_cast<std::streamsize>(answer_.size()));
  }

  void compare_to_expectation(const std::string& file, std::size_t number, const Answer& answer) {
    if (!line_.has_expectation) {
      ++without_expectation_;
      return;
    }
    const std::vector<Difference> differences = compare(line_.expect, answer);
    ++(differences.empty() ? matched_ : different_);
    for (const Difference& difference : differences)
      err_ << file << ':' << number << ": id " << line_.id << ": " << difference.key
           << ": expected " << difference.expected << ", got " << difference.got << '\n';
  }

  void report(const std::string& file, std::size_t number, const InputError& error) {
    ++in_error_;
    err_ << file << ':' << number << ": " << error.what() << '\n';
    answer_ = "{\"id\":" + (line_.id.empty() ? id_of(text_) : line_.id) + ",\"error\":";
    append_json_string(answer_, error.what());
    answer_ += '}';
  }

  Profiles& profiles_;
  const CpuProfile& default_profile_;
  std::ostream& out_;
  std::ostream& err_;
  VectorReader reader_;
  std::string text_;   // the line that is being read,
  VectorLine line_;    // as read,
  std::string answer_; // and its answer
  std::size_t lines_ = 0;
  std::size_t matched_ = 0;
  std::size_t different_ = 0;
  std::size_t without_expectation_ = 0;
  std::size_t in_error_ = 0;
  bool failed_ = false;
};

} // namespace

Answer run_line(const VectorLine& line, const std::shared_ptr<const CpuModel>& cpu) {
  const Core before = core_of(line, cpu);
  const Request request = instruction_of(line, before);
  Core after = before;
  UntimedCore port(*cpu, after.state);
  const Played played = play_instruction(port, after, request);
  Answer answer = make_answer(before, after, played, static_cast<std::uint32_t>(port.cycles()));
  answer.id = line.id;
  return answer;
}

int check(const std::vector<std::string>& files, Profiles& profiles,
          const CpuProfile& default_profile, std::istream& in, std::ostream& out,
          std::ostream& err) {
  Check check(profiles, default_profile, out, err);
  for (const std::string& file : files) {
    if (file == "-") {
      check.read(file, in);
      continue;
    }
    std::ifstream stream(file);
    if (stream)
      check.read(file, stream);
    else
      check.cannot_read(file, std::strerror(errno));
  }
  return check.finish();
}

} // namespace icebp
