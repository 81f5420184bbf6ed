#pragma once
// What an object or a list of the format may hold, as tables, and the reader that goes by them.

#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/testbench/program/json/scalar.h>
#include <icebp/testbench/program/vectors/vector_line.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace icebp {

class JsonEvents;
struct Level;

// An entry of an object or a list: what it may be is set.
struct Key {
  std::string_view name;
  void (*take)(JsonEvents&, const Scalar&) = nullptr; // a scalar; beside `inside` null only
  const Level* inside = nullptr;                      // an object or a list
  MaskedValue& (*masked)(JsonEvents&) = nullptr;      // an expected value, {"value", "mask"} too
};

// A kind of object or of list.
struct Level {
  bool is_list;
  std::string_view what; // "a list of four values"
  // The entry of that name; fails if there is none. `entry` is its number, below 64; in a list it
  // comes in as the position.
  const Key& (*find)(JsonEvents&, std::string_view name, std::size_t& entry);
  // Checks the whole at its end; `seen` has a bit for each entry, and is the length of a list.
  void (*close)(JsonEvents&, std::uint64_t seen) = nullptr;
};

extern const Level line_level;    // a vector line
extern const Level machine_level; // the same with no key required
extern const Level expect_level;

// Takes the events of a JSON text; keys must stay where they are until the last event. Throws
// InputError on whatever the tables do not have.
class JsonEvents {
public:
  // `keys` and `at` as in vector_reader.h; `line` may be null if `root` does not use it.
  JsonEvents(const Level& root, VectorLine* line, Expectation& expect, std::string_view at = {},
             const ObjectKeys* keys = nullptr)
      : root_{{}, nullptr, &root}, line_(line), expect_(expect), at_(at), keys_(keys) {
    frames_[0].key = &root_;
  }
  JsonEvents(const JsonEvents&) = delete;
  JsonEvents& operator=(const JsonEvents&) = delete;

  void null() { scalar(Scalar::null()); }
  void boolean(bool value) { scalar(Scalar::boolean(value)); }
  void integer(std::uint64_t value) { scalar(Scalar::integer(value)); }
  void other_number(std::string_view digits) { scalar(Scalar::other_number(digits)); }
  void text(std::string_view value) { scalar(Scalar::string(value)); }
  void start_object() { open(false); }
  void start_list() { open(true); }
  void key(std::string_view name) { enter(name); }
  void end();

  // The rest is for the tables: where values go, and
  VectorLine& line() { return *line_; }
  Expectation& expect() { return expect_; }
  MaskedValue& masked() { return *masked_; }
  const ObjectKeys* keys() const { return depth_ == 1 ? keys_ : nullptr; }
  std::size_t entry() const { return frames_[depth_].entry; } // the number that `find` gave

  // a scalar as a value of some kind; each fails if it is not.
  std::uint64_t value64(const Scalar& scalar);
  template <typename T>
  T value_of_width(const Scalar& scalar) {
    return static_cast<T>(value_of_width(std::numeric_limits<T>::digits, scalar));
  }
  std::uint64_t integer_up_to(std::uint64_t most, const Scalar& scalar, const char* what);
  bool truth(const Scalar& scalar);
  template <typename E>
  E named(const Scalar& scalar, const char* what);

  // Throws InputError at the entry that is being read, or at another one beside it.
  [[noreturn]] void fail(const std::string& problem, const std::string& legal) const;
  [[noreturn]] void fail_at(std::string_view name, const std::string& problem,
                            const std::string& legal) const;
  // The same for an entry inside the one that is being read.
  [[noreturn]] void fail_inside(std::string_view name, const std::string& problem,
                                const std::string& legal) const;

private:
  // An object or a list that is open; the first frame is the text itself.
  struct Frame {
    const Level* level = nullptr;
    const Key* key = nullptr; // of the entry that is being read
    std::uint64_t seen = 0;
    std::size_t entry = 0;
    std::size_t next = 0;  // position of the next entry of a list
    std::string_view name; // of the entry of an object, as it was given
  };
  static constexpr std::size_t deepest = 6;

  std::uint64_t value_of_width(int bits, const Scalar& scalar);
  void enter(std::string_view name);
  const Key& current();
  void scalar(const Scalar& scalar);
  void open(bool is_list);
  [[noreturn]] void refuse_kind(const Scalar& scalar, const Key& key) const;
  static std::string name_of_entry(const Frame& frame);
  std::string place(std::size_t depth) const;

  Key root_;
  std::array<Frame, deepest> frames_;
  std::size_t depth_ = 0;
  VectorLine* line_;
  Expectation& expect_;
  MaskedValue* masked_ = nullptr;
  std::string_view at_;
  const ObjectKeys* keys_;
};

// "a, b, c": every name of an enumeration.
template <typename E>
std::string names_of() {
  std::string names;
  for (const auto& entry : name_table<E>)
    names.append(names.empty() ? "" : ", ").append(entry.name);
  return names;
}

template <typename E>
E JsonEvents::named(const Scalar& scalar, const char* what) {
  if (scalar.kind == Scalar::Kind::text)
    if (const std::optional<E> value = value_of<E>(scalar.text))
      return *value;
  fail(describe(scalar) + " is not " + what, names_of<E>());
}

// A JSON pointer with one more name.
std::string pointer_to(std::string_view place, std::string_view name);

} // namespace icebp
