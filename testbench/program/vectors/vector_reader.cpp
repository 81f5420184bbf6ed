#include <icebp/model/json/json_reader.h>
#include <icebp/testbench/program/vectors/key_lookup.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

namespace icebp {
namespace {

// Keeps the last id of a line's object, whatever else is in the line.
class Id {
public:
  const std::string& text() const { return text_; }

  void null() { scalar(Scalar::null()); }
  void boolean(bool value) { scalar(Scalar::boolean(value)); }
  void integer(std::uint64_t value) { scalar(Scalar::integer(value)); }
  void other_number(std::string_view digits) { scalar(Scalar::other_number(digits)); }
  void text(std::string_view value) { scalar(Scalar::string(value)); }
  void start_object() {
    scalar(Scalar::object());
    if (++depth_ > JsonReader::deepest)
      throw InputError({}, "too deep", {});
  }
  void start_list() { start_object(); }
  void key(std::string_view name) { is_id_ = depth_ == 1 && name == "id"; }
  void end() { --depth_; }

private:
  void scalar(const Scalar& scalar) {
    if (is_id_)
      text_ = id_text(scalar);
    is_id_ = false;
  }

  std::string text_;
  bool is_id_ = false;
  std::size_t depth_ = 0;
};

} // namespace

void VectorReader::read(std::string_view text, VectorLine& line) {
  line.clear();
  read_json(text, buffer_, JsonReader::Place::column, line_level, line, profiles_);
}

std::string id_of(std::string_view text) try {
  Id id;
  std::string buffer;
  JsonReader(text, buffer).read(id);
  return id.text().empty() ? "null" : id.text();
} catch (const InputError&) {
  return "null";
}

} // namespace icebp
