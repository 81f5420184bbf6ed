#pragma once

#include <icebp/testbench/program/json/input_error.h>

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace icebp {

// A whole JSON text. Throws InputError if it is no JSON or an object has a key twice.
nlohmann::json read_json(std::string_view text);

// A place in a text; the column alone in a text of one line.
enum class Place { line_and_column, column };

// What `error`, a message of nlohmann::json's parser, says.
InputError syntax_error(std::string_view error, Place kind);

} // namespace icebp
