#pragma once
// Reads vector lines. Strict: an unknown or duplicate key, a wrong type and a value that does not
// fit are InputErrors.

#include <icebp/model/profiles/profiles.h>
#include <icebp/testbench/program/vectors/vector_line.h>

#include <string>
#include <string_view>

namespace icebp {

class VectorReader {
public:
  // `profiles` are those that lines name.
  explicit VectorReader(Profiles& profiles) : profiles_(profiles) {}

  // Reads one line of JSON over `line`. Throws InputError; `line` then holds what came before.
  void read(std::string_view text, VectorLine& line);

private:
  Profiles& profiles_;
  std::string buffer_;
};

// The id of a line that cannot be read, as JSON text: null if it has none.
std::string id_of(std::string_view text);

} // namespace icebp
