#include <icebp/testbench/program/scenario/child.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace icebp {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return false;
    if (written > 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_all(int descriptor) {
  std::string bytes;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got > 0)
      bytes.append(buffer.data(), static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      return bytes;
  }
}

bool flush(std::ostream& text, std::ostream* answers) {
  return text.flush().good() && (answers == nullptr || answers->flush().good());
}

// Ends the process without the destructors, which are the parent's business. True: with a result.
bool tell_result(const std::function<PlayedScenario()>& play, std::ostream& text,
                 std::ostream* answers, int descriptor) try {
  const PlayedScenario played = play();
  if (!flush(text, answers))
    throw std::runtime_error("the output cannot be written");
  const std::string_view totals(reinterpret_cast<const char*>(&played.totals),
                                sizeof played.totals);
  return write_all(descriptor, totals) && write_all(descriptor, played.junit);
} catch (const std::exception& error) {
  flush(text, answers);
  std::cerr << "icebp: " << error.what() << std::endl;
  return false;
}

} // namespace

PlayedScenario play_in_child(const std::function<PlayedScenario()>& play, std::ostream& text,
                             std::ostream* answers) {
  std::array<int, 2> pipe_ends;
  flush(text, answers); // or both processes would print it
  if (pipe(pipe_ends.data()) != 0)
    fail("a pipe");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0)
    fail("another process");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
      _exit(2);
    close(pipe_ends[0]);
    _exit(tell_result(play, text, answers, pipe_ends[1]) ? 0 : 2);
  }
  close(pipe_ends[1]);
  const std::string result = read_all(pipe_ends[0]);
  close(pipe_ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  PlayedScenario played;
  if (status != 0 || result.size() < sizeof played.totals)
    throw std::runtime_error("a scenario was not played to its end");
  std::memcpy(&played.totals, result.data(), sizeof played.totals);
  played.junit = result.substr(sizeof played.totals);
  return played;
}

} // namespace icebp
