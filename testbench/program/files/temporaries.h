#pragma once

#include <string>

namespace icebp {

// Makes the folder `path`, in one that exists. Throws std::runtime_error.
void make_folder(const std::string& path);

// Lets Ctrl-C, SIGTERM, SIGHUP and a closed pipe remove the temporary files before they end the
// program.
void remove_temporaries_at_signals();

// A file that is there for a while: removed by the destructor, and at a signal. A folder is removed
// if nothing is in it then.
class Temporary {
public:
  // Takes `path` over. Throws std::runtime_error, and removes it, if there are too many.
  explicit Temporary(std::string path);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::string& path() const { return path_; }

  // Renames it; then it is no temporary file any more. Returns errno, or 0.
  int rename_to(const std::string& name);

private:
  std::string path_;
  std::size_t place_; // in the list that the signal handler reads
};

} // namespace icebp
