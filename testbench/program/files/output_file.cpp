#include <icebp/testbench/program/files/output_file.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace icebp {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40; // as Linux follows

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw std::runtime_error(path + ": cannot be written: " + std::strerror(error) +
                           "; name a file in a folder that exists and can be written");
}

// What stands at the end of the links, or would.
fs::path resolved(fs::path path) {
  std::error_code error;
  for (int links = 0; links < most_links && fs::is_symlink(fs::symlink_status(path, error));
       ++links)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

// Renaming over it would put a file in its place.
bool is_written_straight(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // /dev/fd/N and /proc/self/fd/N may be a regular file, which somebody else has opened.
  const std::string folder = *path.begin() == "/" && std::next(path.begin()) != path.end()
                                 ? std::next(path.begin())->string()
                                 : "";
  return folder == "dev" || folder == "proc" ||
         (fs::exists(status) && !fs::is_regular_file(status));
}

mode_t mode_of(const std::string& target) {
  struct stat there = {};
  if (stat(target.c_str(), &there) == 0)
    return there.st_mode & 0777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Opens a new file in the folder of `target`; its name goes to `path`.
int open_beside(const std::string& target, std::string& path) {
  if (access(target.c_str(), F_OK) == 0 && access(target.c_str(), W_OK) != 0)
    return -1;
  path = (fs::path(target).parent_path() / ".icebp-XXXXXX").string();
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor >= 0)
    fchmod(descriptor, mode_of(target));
  return descriptor;
}

} // namespace

bool is_standard_output(std::string_view path) {
  return path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1";
}

OutputFile::OutputFile(std::string path, const std::vector<std::string>& inputs)
    : path_(std::move(path)), target_(resolved(path_).string()) {
  if (is_standard_output(path_)) {
    descriptor_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (descriptor_ < 0)
      throw std::runtime_error(std::string("standard output: ") + std::strerror(errno));
    return;
  }
  std::error_code unknown; // then opening it tells what is wrong
  if (fs::is_directory(path_, unknown))
    throw std::runtime_error(path_ + ": is a folder; name a file");
  for (const std::string& input : inputs)
    if (fs::equivalent(path_, input, unknown))
      throw std::runtime_error(path_ + ": is an input of the same run; name another file");
  if (is_written_straight(path_)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    std::string name;
    descriptor_ = open_beside(target_, name);
    if (descriptor_ >= 0)
      temporary_.emplace(name);
  }
  if (descriptor_ < 0)
    cannot_write(path_, errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0)
    close(descriptor_);
}

int OutputFile::write(std::string_view text) noexcept {
  while (!text.empty() && error_ == 0) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      error_ = errno;
  }
  return error_;
}

void OutputFile::publish() {
  if (close(std::exchange(descriptor_, -1)) != 0 && error_ == 0)
    error_ = errno;
  if (error_ == 0 && temporary_)
    error_ = temporary_->rename_to(target_);
  if (error_ != 0)
    throw std::runtime_error(path_ + ": cannot be written: " + std::strerror(error_));
}

} // namespace icebp
