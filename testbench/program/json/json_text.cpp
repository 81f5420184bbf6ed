#include <icebp/testbench/program/json/json_events.h>
#include <icebp/testbench/program/json/json_text.h>

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace icebp {
namespace {

using nlohmann::json;

// Refuses a key that an object has already. (A callback of the parser could do it in one pass, but
// makes the parser's time grow with the square of a list's length.)
class DuplicateKeys final : public json::json_sax_t {
public:
  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_object() override { return open_.pop_back(), true; }
  bool end_array() override { return open_.pop_back(), true; }
  bool key(string_t& name) override {
    open_.back().name = name;
    if (!open_.back().seen.insert(name).second)
      throw InputError(place(), "given twice", "once");
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    throw syntax_error(error.what(), Place::line_and_column);
  }

private:
  struct Open {
    bool is_list = false;
    std::size_t next = 0; // position in a list
    std::string name;     // of the entry that is being read
    std::set<std::string> seen;
  };

  // One more value in a list, if it is in a list.
  bool count() {
    if (!open_.empty() && open_.back().is_list)
      open_.back().name = std::to_string(open_.back().next++);
    return true;
  }

  bool open(bool is_list) {
    count();
    open_.emplace_back().is_list = is_list;
    return true;
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
  json::sax_parse(text.begin(), text.end(), &duplicate_keys);
  return json::parse(text.begin(), text.end());
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
