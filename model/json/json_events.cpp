#include <icebp/model/json/input_error.h>
#include <icebp/model/json/json_events.h>

namespace icebp {
inline namespace v0_1 {
void JsonEvents::enter(std::string_view name) {
  Frame& frame = *frame_;
  const Key& key = frame.level->find(*this, name, frame.entry);
  if (frame.entry != counts_itself) {
    const std::uint64_t bit = std::uint64_t{1} << frame.entry;
    if ((frame.seen & bit) != 0)
      fail_at(name, "given twice", "once");
    frame.seen |= bit;
  }
  frame.key = &key;
  frame.name = name;
}

// The entry that a value belongs to; a list's entries have no `key` event.
const Key& JsonEvents::current() {
  Frame& frame = *frame_;
  if (depth_ != 0 && frame.level->is_list) {
    frame.entry = frame.next++;
    frame.key = &frame.level->find(*this, {}, frame.entry);
  }
  return *frame.key;
}

void JsonEvents::scalar(const Scalar& scalar) {
  const Key& key = current();
  if (!key.take)
    refuse(scalar);
  key.take(*this, scalar);
}

void JsonEvents::open(bool is_list) {
  const Key& key = current();
  const Level* level = key.inside;
  const Scalar start = is_list ? Scalar::list() : Scalar::object();
  if (!level || level->is_list != is_list) {
    if (key.take)
      key.take(*this, start);
    refuse(start);
  }
  const Target target = key.target ? key.target(*this) : frame_->target;
  assert(depth_ + 1 < deepest);
  frame_ = &frames_[++depth_];
  frame_->level = level;
  frame_->target = target;
  frame_->seen = 0;
  frame_->next = 0;
}

void JsonEvents::end() {
  --depth_;
  if (const Level& level = *frame_->level; level.close)
    level.close(*this, level.is_list ? frame_->next : frame_->seen);
  frame_ = &frames_[depth_];
}

void JsonEvents::refuse(const Scalar& scalar) const {
  assert(frame_->key->inside);
  const Level& level = *frame_->key->inside;
  fail(describe(scalar) + " is not " + std::string(level.what), level.legal);
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

std::uint64_t JsonEvents::value_from(std::uint64_t least, std::uint64_t most,
                                     const Scalar& scalar) {
  const std::uint64_t value = value64(scalar);
  if (value >= least && value <= most)
    return value;
  fail(describe(scalar) + " is not in range",
       std::to_string(least) + " to " + std::to_string(most));
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

std::string_view JsonEvents::text_of(const Scalar& scalar, const char* what, const char* legal) {
  if (scalar.kind == Scalar::Kind::text)
    return scalar.text;
  fail(describe(scalar) + " is not " + what, legal);
}

std::string JsonEvents::name_of_entry(const Frame& frame) {
  return frame.level->is_list ? std::to_string(frame.entry) : std::string(frame.name);
}

std::string JsonEvents::place(std::size_t depth) const {
  std::string place;
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

void JsonEvents::fail_unknown(std::string_view name, const std::string& problem,
                              const std::string& legal) const {
  fail_at(name, with_guess(problem, name, legal), legal);
}

void JsonEvents::fail_inside(std::string_view name, const std::string& problem,
                             const std::string& legal) const {
  throw InputError(pointer_to(place(depth_), name), problem, legal);
}

void read_json(std::string_view text, std::string& buffer, JsonReader::Place place,
               const Level& root, Target target, Target context) {
  JsonEvents events(root, target, context);
  JsonReader(text, buffer, place).read(events);
}

} // namespace v0_1
} // namespace icebp
