#include <icebp/model/json/input_error.h>
#include <icebp/model/json/scalar.h>
#include <icebp/testbench/program/files/junit_report.h>
#include <icebp/testbench/program/files/output_file.h>
#include <icebp/testbench/program/vectors/check.h>
#include <icebp/testbench/program/vectors/line_to_core.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>

namespace icebp {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

struct Magic {
  std::string_view bytes;
  const char* what;
};
constexpr Magic magics[] = {
    {"\x1f\x8b", "compressed; gzip -dc FILE | icebp check -"},
    {"\xfd"
     "7zXZ",
     "compressed; xz -dc FILE | icebp check -"},
    {"\x28\xb5\x2f\xfd", "compressed; zstd -dc FILE | icebp check -"},
    {"BZh", "compressed; bzip2 -dc FILE | icebp check -"},
};

// Why no line of a file can be a vector if its first is `text`; null: no reason.
const char* what_it_is(const std::string& text) {
  for (const Magic& magic : magics)
    if (text.compare(0, magic.bytes.size(), magic.bytes) == 0)
      return magic.what;
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (text.find_last_not_of(" \t\r") == first && (text[first] == '{' || text[first] == '['))
    return "one JSON text on many lines, not an object a line; icebp run plays scenarios";
  return nullptr;
}

// A line of a binary file.
bool is_no_text(const std::string& text) {
  const bool is_object = text.find('{') == text.find_first_not_of(" \t\r");
  return !is_object && std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r';
  });
}

// `icebp check` at work: what it counts and where it says it.
class CheckRun {
public:
  CheckRun(const CheckOptions& options, Profiles& profiles, std::ostream& out, std::ostream& err)
      : profiles_(profiles),
        default_profile_(options.profile != nullptr ? *options.profile
                                                    : profiles.named("intel-skylake")),
        profile_is_given_(options.profile != nullptr), out_(out), err_(err), reader_(profiles) {
    if (!options.junit.empty())
      junit_file_.emplace(options.junit, options.files);
  }

  void read(const std::string& file, std::istream& in) {
    std::size_t number = 0;
    const std::size_t lines_before = lines_;
    bool refused = false;
    junit_.emplace(file);
    errno = 0;
    while (!refused && std::getline(in, text_)) {
      ++number;
      if (is_blank(text_))
        continue;
      const char* reason = lines_ == lines_before ? what_it_is(text_) : nullptr;
      if (reason == nullptr && is_no_text(text_))
        reason = "no text from here on; vectors are a JSON object a line";
      refused = reason != nullptr;
      if (refused)
        refuse(file + ':' + std::to_string(number), std::string("is ") + reason);
      else
        answer(file, number);
    }
    if (in.bad())
      cannot_read(file, errno != 0 ? std::strerror(errno) : "read error");
    else if (!refused && lines_ == lines_before)
      refuse_whole(file, "has no vector; a JSON object a line");
    suites_ += junit_->xml();
  }

  void cannot_read(const std::string& file, const std::string& why) {
    refuse_whole(file,
                 "cannot be read: " + why + "; name a file of vectors, or - for standard input");
  }

  int finish() {
    if (junit_file_) {
      junit_file_->write(junit_xml(suites_));
      junit_file_->publish();
    }
    if (!out_.flush()) {
      err_ << "icebp: the answers cannot be written\n";
      failed_ = true;
    }
    if (profile_is_given_ && lines_ != 0 && !default_profile_is_used_ && in_error_ == 0)
      err_ << "icebp: --profile has no effect: every line names its own\n";
    err_ << lines_ << " lines, " << matched_ << " matched, " << different_ << " different, "
         << without_expectation_ << " without expectation, " << in_error_ << " in error\n";
    if (failed_ || in_error_ != 0)
      return 2;
    return different_ != 0 ? 1 : 0;
  }

private:
  // A file, or what is left of it.
  // A message of no line begins with the program's name, as those of the other verbs do.
  void refuse_whole(const std::string& file, const std::string& why) {
    err_ << "icebp: ";
    refuse(file, why);
  }

  void refuse(const std::string& place, const std::string& why) {
    err_ << place << ": " << why << '\n';
    failed_ = true;
    if (junit_)
      junit_->in_error(place, why);
  }

  void answer(const std::string& file, std::size_t number) {
    ++lines_;
    answer_.clear();
    try {
      reader_.read(text_, line_);
      const CpuProfile& profile = line_.profile ? *line_.profile : default_profile_;
      default_profile_is_used_ |= line_.profile == nullptr;
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
      if (junit_file_)
        junit_->skipped(case_of(number));
      return;
    }
    const std::vector<Difference> differences = compare(line_.expect, answer);
    ++(differences.empty() ? matched_ : different_);
    std::string all;
    for (const Difference& difference : differences)
      all += file + ':' + std::to_string(number) + ": id " + line_.id + ": " + difference.key +
             ": expected " + difference.expected + ", got " + difference.got + '\n';
    err_ << all;
    if (!junit_file_)
      return;
    if (differences.empty())
      junit_->passed(case_of(number));
    else
      junit_->failed(case_of(number), all.substr(0, all.size() - 1));
  }

  std::string case_of(std::size_t number) const {
    return "line " + std::to_string(number) + (line_.id.empty() ? "" : ": id " + line_.id);
  }

  void report(const std::string& file, std::size_t number, const InputError& error) {
    ++in_error_;
    err_ << file << ':' << number << ": " << error.what() << '\n';
    if (junit_file_)
      junit_->in_error(case_of(number), error.what());
    answer_ = "{\"id\":" + (line_.id.empty() ? id_of(text_) : line_.id) + ",\"error\":";
    append_json_string(answer_, error.what());
    answer_ += '}';
  }

  Profiles& profiles_;
  const CpuProfile& default_profile_;
  bool profile_is_given_;
  bool default_profile_is_used_ = false;
  std::ostream& out_;
  std::ostream& err_;
  std::optional<OutputFile> junit_file_;
  std::optional<JunitSuite> junit_; // of the file that is being read
  std::string suites_;
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
  Answer answer(before);
  UntimedCore port(*cpu, answer.after.state);
  const Played played = play_instruction(port, answer.after, request);
  complete(answer, before, played, static_cast<std::uint32_t>(port.cycles()));
  answer.id = line.id;
  return answer;
}

int check(const CheckOptions& options, Profiles& profiles, std::istream& in, std::ostream& out,
          std::ostream& err) {
  CheckRun check(options, profiles, out, err);
  for (const std::string& file : options.files) {
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
