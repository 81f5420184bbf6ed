#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/json_reader.h>

#include <vector>

namespace icebp {
namespace {

// The names of a JSON pointer, as they are written there.
std::vector<std::string_view> names_of_pointer(std::string_view pointer) {
  std::vector<std::string_view> names;
  while (!pointer.empty()) {
    pointer.remove_prefix(1); // the slash
    names.push_back(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(names.back().size());
  }
  return names;
}

// Finds the line where the entry of a JSON pointer begins. If the text does not have the entry, it
// is the line of the innermost object or list around it; if a key is given twice, that of the last.
class LineOfPlace {
public:
  LineOfPlace(std::string_view pointer, const JsonReader& reader)
      : names_(names_of_pointer(pointer)), reader_(reader) {}

  std::size_t line() const { return line_; }

  void null() { next_of_list(); }
  void boolean(bool) { next_of_list(); }
  void integer(std::uint64_t) { next_of_list(); }
  void other_number(std::string_view) { next_of_list(); }
  void text(std::string_view) { next_of_list(); }
  void start_object() { open(false); }
  void start_list() { open(true); }
  void key(std::string_view name) { begin_entry(pointer_to({}, name).substr(1)); }
  void end() { open_.pop_back(); }

private:
  struct Open {
    bool is_list;
    std::size_t next; // position in a list
  };

  void open(bool is_list) {
    next_of_list();
    if (open_.size() == JsonReader::deepest)
      throw InputError({}, "too deep", {});
    open_.push_back({is_list, 0});
  }

  void next_of_list() {
    if (!open_.empty() && open_.back().is_list)
      begin_entry(std::to_string(open_.back().next++));
  }

  void begin_entry(std::string_view name) {
    const std::size_t depth = open_.size() - 1;
    if (matched_ > depth)
      matched_ = depth;
    if (matched_ < depth || depth == names_.size() || names_[depth] != name)
      return;
    matched_ = depth + 1;
    if (matched_ < deepest_)
      return;
    deepest_ = matched_;
    line_ = reader_.line();
  }

  std::vector<std::string_view> names_;
  const JsonReader& reader_;
  std::vector<Open> open_;
  std::size_t matched_ = 0; // names that the entry being read and those around it have
  std::size_t deepest_ = 0;
  std::size_t line_ = 1;
};

std::size_t line_of(std::string_view text, std::string_view pointer) {
  std::string buffer;
  JsonReader reader(text, buffer);
  LineOfPlace place(pointer, reader);
  try {
    reader.read(place);
  } catch (const InputError&) { // the place is before it
  }
  return place.line();
}

} // namespace

std::string pointer_to(std::string_view place, std::string_view name) {
  std::string pointer(place);
  pointer += '/';
  for (const char c : name)
    if (c == '~' || c == '/')
      pointer += c == '~' ? "~0" : "~1";
    else
      pointer += c;
  return pointer;
}

InputError error_in_file(const std::string& path, std::string_view text, const InputError& error) {
  std::string line;
  if (error.place().substr(0, 1) == "/")
    line = "line " + std::to_string(line_of(text, error.place())) + ", ";
  return InputError(path, line + error.what(), {});
}

} // namespace icebp
