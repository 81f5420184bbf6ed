#pragma once

#include <string>

namespace icebp {
inline namespace v0_1 {

// All of a file. Throws InputError, with `legal` to say what to do, if it cannot be read.
std::string read_text_file(const std::string& path, const char* legal);

} // namespace v0_1
} // namespace icebp
