#pragma once
// What an object or a list of the format may hold, as tables, and the reader that goes by them.

#include <icebp/model/json/json_reader.h>
#include <icebp/model/json/scalar.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace icebp {
inline namespace v0_1 {

class JsonEvents;
struct Level;

// Where the values of an object or a list go: a reference that is asked for with its own type.
class Target {
public:
  Target() = default;
  // Implicit: a table's function returns the object.
  template <typename T, typename = std::enable_if_t<!std::is_same_v<T, Target>>>
  Target(T& object) : object_(&object), type_(&type_mark<T>) {}

  template <typename T>
  T& as() const {
    assert(type_ == &type_mark<T>);
    return *static_cast<T*>(object_);
  }

private:
  template <typename T>
  static inline const char type_mark = 0;

  void* object_ = nullptr;
  [[maybe_unused]] const char* type_ = nullptr; // of assertions
};

// An entry of an object or a list. What it may be is set.
struct Key {
  std::string_view name;
  // A scalar, or an object or a list that `inside` does not have; fails if it is not legal.
  void (*take)(JsonEvents&, const Scalar&) = nullptr;
  const Level* inside = nullptr;           // an object or a list
  Target (*target)(JsonEvents&) = nullptr; // of `inside`; null: the same as around it
};

// A kind of object or of list.
struct Level {
  bool is_list;
  std::string_view what; // "a list of MSR indices"
  const char* legal;     // an example for messages: "[\"0x1d9\"]"
  // The entry of that name; fails if there is none. `entry` is its number, below 64, by which it is
  // found to be given twice, or `counts_itself`; in a list it comes in as the position.
  const Key& (*find)(JsonEvents&, std::string_view name, std::size_t& entry);
  // Checks the whole at its end; `seen` has a bit for each entry, and is the length of a list.
  void (*close)(JsonEvents&, std::uint64_t seen) = nullptr;
};

inline constexpr std::size_t counts_itself = 64;

// Takes the events of a JSON text; keys must stay where they are until the last event. Throws
// InputError on whatever the tables do not have.
class JsonEvents {
public:
  // `target` is that of `root`; `context` is what the tables need to know beside the text.
  JsonEvents(const Level& root, Target target, Target context)
      : root_{{}, nullptr, &root}, context_(context) {
    frame_->key = &root_;
    frame_->target = target;
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

  // The rest is for the tables: where values go,
  template <typename T>
  T& target() const {
    return frame_->target.template as<T>();
  }
  template <typename T>
  T& outer() const { // of the object or list around
    return frame_[-1].target.template as<T>();
  }
  template <typename T>
  T& context() const {
    return context_.as<T>();
  }
  std::size_t entry() const { return frame_->entry; } // the number that `find` gave

  // and a scalar as a value of some kind; each fails if it is not.
  std::uint64_t value64(const Scalar& scalar);
  template <typename T>
  T value_of_width(const Scalar& scalar) {
    return static_cast<T>(value_of_width(std::numeric_limits<T>::digits, scalar));
  }
  std::uint64_t value_from(std::uint64_t least, std::uint64_t most, const Scalar& scalar);
  std::uint64_t integer_up_to(std::uint64_t most, const Scalar& scalar, const char* what);
  bool truth(const Scalar& scalar);
  template <typename E>
  E named(const Scalar& scalar, const char* what);
  std::string_view text_of(const Scalar& scalar, const char* what, const char* legal);

  // Throws InputError: a scalar is not the object or list that is being read.
  [[noreturn]] void refuse(const Scalar& scalar) const;
  // Throws InputError at the entry that is being read, or at another one beside it.
  [[noreturn]] void fail(const std::string& problem, const std::string& legal) const;
  [[noreturn]] void fail_at(std::string_view name, const std::string& problem,
                            const std::string& legal) const;
  // The same for an entry whose name is none of the legal ones.
  [[noreturn]] void fail_unknown(std::string_view name, const std::string& problem,
                                 const std::string& legal) const;
  // The same for an entry inside the one that is being read.
  [[noreturn]] void fail_inside(std::string_view name, const std::string& problem,
                                const std::string& legal) const;

private:
  // An object or a list that is open; the first frame is the text itself.
  struct Frame {
    const Level* level;
    const Key* key; // of the entry that is being read
    Target target;
    std::uint64_t seen;
    std::size_t entry;
    std::size_t next;      // position of the next entry of a list
    std::string_view name; // of the entry of an object, as it was given
  };
  static constexpr std::size_t deepest = 8; // what the tables have, and the text itself

  std::uint64_t value_of_width(int bits, const Scalar& scalar);
  void enter(std::string_view name);
  const Key& current();
  void scalar(const Scalar& scalar);
  void open(bool is_list);
  static std::string name_of_entry(const Frame& frame);
  std::string place(std::size_t depth) const;

  Key root_;
  Target context_;
  std::size_t depth_ = 0;
  std::array<Frame, deepest> frames_;
  Frame* frame_ = frames_.data(); // whose entries are being read, or which is being closed
};

// Reads a whole text by the tables. `buffer` as in JsonReader.
void read_json(std::string_view text, std::string& buffer, JsonReader::Place place,
               const Level& root, Target target, Target context);

template <typename E>
E JsonEvents::named(const Scalar& scalar, const char* what) {
  if (scalar.kind == Scalar::Kind::text)
    if (const std::optional<E> value = value_of<E>(scalar.text))
      return *value;
  const std::string legal = names_of<E>();
  fail(with_guess(describe(scalar) + " is not " + what, scalar.text, legal), legal);
}

// The first letters decide most comparisons without a call.
inline bool is_named(const Key& key, std::string_view name) {
  return !name.empty() && key.name.front() == name.front() && key.name == name;
}

template <const auto& keys>
const Key& find_key(JsonEvents& in, std::string_view name, std::size_t& entry) {
  for (entry = 0; entry < std::size(keys); ++entry)
    if (is_named(keys[entry], name))
      return keys[entry];
  in.fail_unknown(name, "unknown key", names_in(keys));
}

// A list of 1 to `most` entries.
template <const auto& key, std::size_t most>
const Key& find_in_list(JsonEvents& in, std::string_view, std::size_t& entry) {
  if (entry == most)
    in.fail("one entry too many", "1 to " + std::to_string(most));
  return key;
}

template <std::size_t most>
void close_list(JsonEvents& in, std::uint64_t length) {
  if (length == 0)
    in.fail("0 entries", "1 to " + std::to_string(most));
}

// Names the JSON schema of the text, for editors; not read.
inline constexpr Key schema_key{"$schema", [](JsonEvents& in, const Scalar& scalar) {
                                  in.text_of(scalar, "a schema", "a string, its path or address");
                                }};

} // namespace v0_1
} // namespace icebp
