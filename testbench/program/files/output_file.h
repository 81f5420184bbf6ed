#pragma once

#include <icebp/testbench/program/files/temporaries.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {

// Whether `path` is "-" or another name of standard output.
bool is_standard_output(std::string_view path);

// A file of output that appears under its name only when it is whole. Where a regular file or
// nothing stands, a temporary file in the same folder is written, and `publish` renames it; links
// are followed. Devices, pipes and standard output are written straight into.
class OutputFile {
public:
  // Throws std::runtime_error with `path` in front if it cannot be written, is a folder, or one of
  // the `inputs`, which would be lost.
  explicit OutputFile(std::string path, const std::vector<std::string>& inputs = {});
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }
  // Whether other programs will find it under its name.
  bool is_regular() const { return temporary_.has_value(); }

  // Writes a part. Returns errno, or 0; then all of it is written.
  int write(std::string_view text) noexcept;

  // Puts the file in place. Throws std::runtime_error if it, or a part of it, could not be written.
  void publish();

private:
  std::string path_;
  std::string target_; // `path_` with links resolved
  std::optional<Temporary> temporary_;
  int descriptor_ = -1;
  int error_ = 0; // the first that a part met
};

} // namespace icebp
