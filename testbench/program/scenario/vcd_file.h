#pragma once

#include <systemc>

#include <string>

namespace icebp {

// A VCD file that appears under its name only when it is whole: written under a temporary name in
// the same folder, renamed by `publish`, removed if that is never called.
class VcdFile {
public:
  // Throws std::runtime_error if the folder cannot take the file, or `path` is a folder.
  explicit VcdFile(std::string path);
  ~VcdFile();
  VcdFile(const VcdFile&) = delete;
  VcdFile& operator=(const VcdFile&) = delete;

  sc_core::sc_trace_file* trace_file() const { return file_; }
  const std::string& path() const { return path_; }

  // After simulation. Throws std::runtime_error if the file cannot be put in place.
  void publish();

private:
  void close();

  std::string path_;
  std::string temporary_;
  sc_core::sc_trace_file* file_ = nullptr;
};

} // namespace icebp
