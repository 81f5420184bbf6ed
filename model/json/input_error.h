#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace icebp {
inline namespace v0_1 {

// What is wrong with an input, where, and what would be legal, as one line such as
// "/steps/3/cpl: 5 is not a privilege level; 0 to 3". The caller puts the file's name in front.
class InputError : public std::runtime_error {
public:
  // `place` is a JSON pointer, "line 3, column 7" of a text that is no JSON, or empty: the whole
  // input. `legal` may be empty.
  InputError(std::string place, const std::string& problem, const std::string& legal)
      : runtime_error((place.empty() ? "" : place + ": ") + problem +
                      (legal.empty() ? "" : "; " + legal)),
        place_(std::move(place)) {}

  const std::string& place() const { return place_; }
  // What stands behind the place.
  std::string message() const { return what() + place_.size(); }

private:
  std::string place_;
};

// A JSON pointer with one more name.
std::string pointer_to(std::string_view place, std::string_view name);

// The lines, from 1, where the entries of a list of the text's outermost object begin. Throws
// InputError if the text is no JSON.
std::vector<std::size_t> lines_of_entries(std::string_view text, std::string_view list);

// `error` in the JSON file `path`, whose text is `text`: the file's name stands in front, and
// beside a JSON pointer the line; a step is counted from 1, as everywhere.
InputError error_in_file(const std::string& path, std::string_view text, const InputError& error);

} // namespace v0_1
} // namespace icebp
