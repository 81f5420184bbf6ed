#include <icebp/model/json/input_error.h>
#include <icebp/model/json/json_reader.h>

#include <algorithm>
#include <cstddef>

namespace icebp {
inline namespace v0_1 {
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

// Where the entries of a list of the outermost object begin.
class OffsetsOfEntries {
public:
  OffsetsOfEntries(std::string_view list, const JsonReader& reader)
      : list_(list), reader_(reader) {}

  const std::vector<std::size_t>& offsets() const { return offsets_; }

  void null() { begin_entry(); }
  void boolean(bool) { begin_entry(); }
  void integer(std::uint64_t) { begin_entry(); }
  void other_number(std::string_view) { begin_entry(); }
  void text(std::string_view) { begin_entry(); }
  void start_object() { open(); }
  void start_list() { open(); }
  void key(std::string_view name) { inside_ = depth_ == 1 ? name == list_ : inside_; }
  void end() { --depth_; }

private:
  void begin_entry() {
    if (inside_ && depth_ == 2)
      offsets_.push_back(reader_.offset());
  }
  void open() {
    begin_entry();
    ++depth_;
  }

  std::string_view list_;
  const JsonReader& reader_;
  std::size_t depth_ = 0;
  bool inside_ = false;
  std::vector<std::size_t> offsets_;
};

} // namespace

std::vector<std::size_t> lines_of_entries(std::string_view text, std::string_view list) {
  std::string buffer;
  JsonReader reader(text, buffer);
  OffsetsOfEntries entries(list, reader);
  reader.read(entries);
  std::vector<std::size_t> lines;
  std::size_t line = 1;
  std::size_t counted = 0;
  for (const std::size_t offset : entries.offsets()) {
    const std::string_view passed = reader.text().substr(counted, offset - counted);
    line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    counted = offset;
    lines.push_back(line);
  }
  return lines;
}

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

// "/steps/3/cpl" as the timeline counts: "step 4, /cpl".
std::string place_for_readers(const std::string& pointer) {
  constexpr std::string_view steps = "/steps/";
  if (pointer.compare(0, steps.size(), steps) != 0)
    return pointer;
  const std::size_t end = std::min(pointer.find('/', steps.size()), pointer.size());
  const std::string number = pointer.substr(steps.size(), end - steps.size());
  return "step " + std::to_string(std::stoul(number) + 1) +
         (end == pointer.size() ? "" : ", " + pointer.substr(end));
}

InputError error_in_file(const std::string& path, std::string_view text, const InputError& error) {
  if (error.place().substr(0, 1) != "/")
    return InputError(path, error.what(), {});
  return InputError(path,
                    "line " + std::to_string(line_of(text, error.place())) + ", " +
                        place_for_readers(error.place()) + error.message(),
                    {});
}

} // namespace v0_1
} // namespace icebp
