#include <icebp/testbench/program/files/temporaries.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace icebp {
namespace {

// What a signal handler may read and call is all that there is: no heap, no locks.
struct Place {
  std::atomic<bool> taken{false};
  std::atomic<const char*> path{nullptr};
};
std::array<Place, 8> places;

void remove_file_or_empty_folder(const char* path) {
  if (unlink(path) != 0)
    rmdir(path);
}

void remove_temporaries_and_end(int signal) {
  for (std::size_t n = places.size(); n-- > 0;) // a folder behind what is in it
    if (const char* path = places[n].path)
      remove_file_or_empty_folder(path);
  std::raise(signal); // its default action, once this handler returns
}

} // namespace

void remove_temporaries_at_signals() {
  struct sigaction action = {};
  action.sa_handler = remove_temporaries_and_end;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    struct sigaction now = {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler == SIG_DFL) // nohup and others ignore some on purpose
      sigaction(signal, &action, nullptr);
  }
}

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0777) != 0)
    throw std::runtime_error(path + ": the folder cannot be made: " + std::strerror(errno) +
                             "; name one in a folder that exists and can be written");
}

Temporary::Temporary(std::string path) : path_(std::move(path)), place_(0) {
  while (place_ < places.size() && places[place_].taken.exchange(true))
    ++place_;
  if (place_ == places.size()) {
    remove_file_or_empty_folder(path_.c_str());
    throw std::runtime_error("too many files are written at once");
  }
  places[place_].path = path_.c_str();
}

Temporary::~Temporary() {
  if (places[place_].path != nullptr)
    remove_file_or_empty_folder(path_.c_str());
  places[place_].path = nullptr;
  places[place_].taken = false;
}

int Temporary::rename_to(const std::string& name) {
  if (std::rename(path_.c_str(), name.c_str()) != 0)
    return errno;
  places[place_].path = nullptr;
  return 0;
}

} // namespace icebp
