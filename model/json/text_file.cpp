#include <icebp/model/json/input_error.h>
#include <icebp/model/json/text_file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace icebp {
inline namespace v0_1 {

std::string read_text_file(const std::string& path, const char* legal) {
  std::error_code unknown; // then opening it tells what is wrong
  if (std::filesystem::is_directory(path, unknown))
    throw InputError(path, "is a folder", legal);
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw InputError(path, std::string("cannot be read: ") + std::strerror(errno), legal);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace v0_1
} // namespace icebp
