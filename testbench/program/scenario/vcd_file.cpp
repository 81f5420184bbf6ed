#include <icebp/testbench/program/scenario/vcd_file.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace icebp {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("a pipe for the waves in " + what + ": " + std::strerror(errno) +
                           "; TMPDIR may name another folder");
}

// The name of a new pipe without the ".vcd" that SystemC puts behind it.
std::string make_pipe() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  for (int n = 0; n < 100; ++n) {
    const std::string name =
        (folder / ("icebp-" + std::to_string(getpid()) + '-' + std::to_string(n))).string();
    if (mkfifo((name + ".vcd").c_str(), 0600) == 0)
      return name;
    if (errno != EEXIST)
      break;
  }
  fail(folder.string());
}

} // namespace

VcdFile::VcdFile(OutputFile& output) : output_(output) {
  const std::string name = make_pipe();
  pipe_ = std::make_unique<Temporary>(name + ".vcd");
  reader_ = open(pipe_->path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  keeper_ = open(pipe_->path().c_str(), O_WRONLY | O_CLOEXEC);
  if (reader_ < 0 || keeper_ < 0 || fcntl(reader_, F_SETFL, 0) != 0)
    fail(pipe_->path());
  copier_ = std::thread(&VcdFile::copy, this);
  file_ = sc_core::sc_create_vcd_trace_file(name.c_str());
  file_->set_time_unit(1, sc_core::SC_PS);
}

VcdFile::~VcdFile() {
  close();
  for (const int descriptor : {reader_, keeper_})
    if (descriptor >= 0)
      ::close(descriptor);
}

void VcdFile::close() {
  if (file_ != nullptr)
    sc_core::sc_close_vcd_trace_file(std::exchange(file_, nullptr));
  if (keeper_ >= 0)
    ::close(std::exchange(keeper_, -1)); // the last writer
  if (copier_.joinable())
    copier_.join();
}

// Reads to the end also if the output takes no more, or the tracer would wait for ever.
void VcdFile::copy() noexcept {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(reader_, buffer.data(), buffer.size());
    if (got > 0)
      output_.write(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    else if (got == 0 || errno != EINTR)
      return;
  }
}

} // namespace icebp
