#include <icebp/testbench/program/json_events.h>
#include <icebp/testbench/program/json_text.h>

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace icebp {
namespace {

using nlohmann::json;

// Follows the parser and refuses a key that an object has already.
class DuplicateKeys {
public:
  void operator()(json::parse_event_t event, const json& parsed) {
    using Event = json::parse_event_t;
    switch (event) {
    case Event::object_start:
    case Event::array_start:
      count();
      open_.emplace_back().is_list = event == Event::array_start;
      break;
    case Event::key:
      take(parsed.get_ref<const std::string&>());
      break;
    case Event::value:
      count();
      break;
    case Event::object_end:
    case Event::array_end:
      open_.pop_back();
      break;
    }
  }

private:
  struct Open {
    bool is_list = false;
    std::size_t next = 0; // position in a list
    std::string name;     // of the entry that is being read
    std::set<std::string> seen;
  };

  void count() {
    if (!open_.empty() && open_.back().is_list)
      open_.back().name = std::to_string(open_.back().next++);
  }

  void take(const std::string& key) {
    open_.back().name = key;
    if (!open_.back().seen.insert(key).second)
      throw InputError(place(), "given twice", "once");
  }

  std::string place() const {
    std::string place;
    for (const Open& open : open_)
      place = pointer_to(place, open.name);
    return place;
  }

  std::vector<Open> open_;
};

} // namespace

json read_json(std::string_view text) {
  DuplicateKeys duplicate_keys;
  try {
    return json::parse(text.begin(), text.end(),
                       [&](int, json::parse_event_t event, const json& parsed) {
                         duplicate_keys(event, parsed);
                         return true;
                       });
  } catch (const json::exception& error) {
    throw syntax_error(error.what(), Place::line_and_column);
  }
}

InputError syntax_error(std::string_view error, Place kind) {
  const auto drop = [&](std::string_view through) {
    const std::size_t found = error.find(through);
    const std::string_view head = error.substr(0, found == error.npos ? 0 : found);
    error.remove_prefix(found == error.npos ? 0 : found + through.size());
    return head;
  };
  drop("] ");
  constexpr std::string_view before_place = "parse error at ";
  std::string_view place;
  if (error.substr(0, before_place.size()) == before_place) {
    error.remove_prefix(before_place.size());
    if (kind == Place::column)
      drop(", ");
    place = drop(": ");
  }
  return InputError(std::string(place), std::string(error), "");
}

} // namespace icebp
