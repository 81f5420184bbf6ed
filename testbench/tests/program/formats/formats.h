#pragma once
// The three formats that the program reads, each by its reader and by its JSON schema.

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace icebp::test {

using nlohmann::json;

enum class Format { vector, scenario, profile };

// What is wrong with `text`: empty if nothing is.
std::string refusal_by_reader(Format format, const std::string& text);
std::string refusal_by_schema(Format format, const std::string& text);

const json& schema_of(Format format);

// A place in a text where an object stands, and the schema of that object.
struct Place {
  Format format;
  std::string_view schema; // JSON pointer into the format's schema
  const char* document;    // has the object
  std::string_view object; // JSON pointer into `document`

  const json& object_schema() const {
    return schema_of(format).at(json::json_pointer(std::string(schema)));
  }
  // The document with a key of the object set.
  std::string with(const std::string& key, const json& value) const;
};

// At least one of each object with keys of its own; several where keys go by each other.
extern const std::vector<Place> places;

std::ostream& operator<<(std::ostream& out, const Place& place);

} // namespace icebp::test
