#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/json/json_events.h>

namespace icebp {
namespace {

constexpr std::size_t value_entry = 0;

void take_value(JsonEvents& in, const Scalar& scalar) { in.masked().value = in.value64(scalar); }
void take_mask(JsonEvents& in, const Scalar& scalar) { in.masked().mask = in.value64(scalar); }

const Key& find_masked(JsonEvents& in, std::string_view name, std::size_t& entry) {
  static constexpr Key keys[] = {{"value", take_value}, {"mask", take_mask}};
  for (entry = 0; entry < std::size(keys); ++entry)
    if (keys[entry].name == name)
      return keys[entry];
  in.fail_at(name, "unknown key", "value, mask");
}

void close_masked(JsonEvents& in, std::uint64_t seen) {
  if ((seen >> value_entry & 1) == 0)
    in.fail_inside("value", "missing", "the expected value");
}

constexpr Level masked_level{false, "an expected value", find_masked, close_masked};

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

void JsonEvents::enter(std::string_view name) {
  Frame& frame = frames_[depth_];
  const Key& key = frame.level->find(*this, name, frame.entry);
  const std::uint64_t bit = std::uint64_t{1} << frame.entry;
  if ((frame.seen & bit) != 0)
    fail_at(name, "given twice", "once");
  frame.seen |= bit;
  frame.key = &key;
  frame.name = name;
}

// The entry that a value belongs to; a list's entries have no `key` event.
const Key& JsonEvents::current() {
  Frame& frame = frames_[depth_];
  if (depth_ != 0 && frame.level->is_list) {
    frame.entry = frame.next++;
    frame.key = &frame.level->find(*this, {}, frame.entry);
  }
  return *frame.key;
}

void JsonEvents::scalar(const Scalar& scalar) {
  const Key& key = current();
  if (key.take && (!key.inside || scalar.kind == Scalar::Kind::null))
    key.take(*this, scalar);
  else if (key.masked)
    key.masked(*this) = MaskedValue{value64(scalar)};
  else
    refuse_kind(scalar, key);
}

void JsonEvents::open(bool is_list) {
  const Key& key = current();
  const Level* level = key.inside;
  if (key.masked && !is_list) {
    masked_ = &key.masked(*this);
    *masked_ = MaskedValue{};
    level = &masked_level;
  }
  const Scalar start = is_list ? Scalar::list() : Scalar::object();
  if (!level)
    return key.take ? key.take(*this, start) : void(value64(start));
  if (level->is_list != is_list)
    refuse_kind(start, key);
  Frame& frame = frames_[++depth_];
  frame.level = level;
  frame.seen = 0;
  frame.next = 0;
}

void JsonEvents::refuse_kind(const Scalar& scalar, const Key& key) const {
  fail(describe(scalar) + " is not " + std::string(key.inside->what), key.take ? "null" : "");
}

void JsonEvents::end() {
  const Frame& frame = frames_[depth_--];
  if (frame.level->close)
    frame.level->close(*this, frame.level->is_list ? frame.next : frame.seen);
}

std::uint64_t JsonEvents::value64(const Scalar& scalar) {
  if (const std::optional<std::uint64_t> value = parse_value(scalar))
    return *value;
  fail(describe(scalar) + " is not a 64-bit value", legal_value);
}

std::uint64_t JsonEvents::value_of_width(int bits, const Scalar& scalar) {
  const std::uint64_t value = value64(scalar);
  if (value >> bits == 0)
    return value;
  std::string most = "at most ";
  append_hex(most, (std::uint64_t{1} << bits) - 1);
  fail(describe(scalar) + " has one of bits 63:" + std::to_string(bits) + " set", most);
}

std::uint64_t JsonEvents::integer_up_to(std::uint64_t most, const Scalar& scalar,
                                        const char* what) {
  if (scalar.kind == Scalar::Kind::integer && scalar.number <= most)
    return scalar.number;
  fail(describe(scalar) + " is not " + what, "0 to " + std::to_string(most));
}

bool JsonEvents::truth(const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::boolean)
    return scalar.number != 0;
  fail(describe(scalar) + " is not a truth value", "true, false");
}

std::string JsonEvents::name_of_entry(const Frame& frame) {
  return frame.level->is_list ? std::to_string(frame.entry) : std::string(frame.name);
}

std::string JsonEvents::place(std::size_t depth) const {
  std::string place(at_);
  for (std::size_t i = 1; i <= depth; ++i)
    place = pointer_to(place, name_of_entry(frames_[i]));
  return place;
}

void JsonEvents::fail(const std::string& problem, const std::string& legal) const {
  throw InputError(place(depth_), problem, legal);
}

void JsonEvents::fail_at(std::string_view name, const std::string& problem,
                         const std::string& legal) const {
  throw InputError(pointer_to(place(depth_ - 1), name), problem, legal);
}

void JsonEvents::fail_inside(std::string_view name, const std::string& problem,
                             const std::string& legal) const {
  throw InputError(pointer_to(place(depth_), name), problem, legal);
}

} // namespace icebp
