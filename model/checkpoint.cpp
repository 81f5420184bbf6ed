#include <icebp/model/checkpoint.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/registers/payload.h>

#include <array>
#include <charconv>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <stdexcept>
#include <vector>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr unsigned version = 3;

std::string hex(std::uint64_t value) {
  std::array<char, 18> text{'0', 'x'};
  return {text.data(), std::to_chars(text.data() + 2, text.data() + text.size(), value, 16).ptr};
}

// --- out

class Writer {
public:
  Writer() : json_(buffer_) { json_.StartObject(); }

  void key(std::string_view name) { json_.Key(name.data(), static_cast<unsigned>(name.size())); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    string(value);
  }
  void value(std::string_view name, std::uint64_t value) { text(name, hex(value)); }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    json_.Uint64(value);
  }
  void truth(std::string_view name, bool value) {
    key(name);
    json_.Bool(value);
  }
  void begin(std::string_view name) {
    key(name);
    json_.StartObject();
  }
  void end() { json_.EndObject(); }
  void traps(std::string_view name, const DebugTraps& traps) {
    begin(name);
    value("payload", traps.payload);
    key("causes");
    json_.StartArray();
    for (const auto& cause : name_table<Cause>)
      if (contains(traps.causes, cause.value))
        string(cause.name);
    json_.EndArray();
    end();
  }
  std::string take() {
    end();
    return buffer_.GetString();
  }

private:
  void string(std::string_view value) {
    json_.String(value.data(), static_cast<unsigned>(value.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> json_;
};

// --- in; what is wrong is thrown within this file only

[[noreturn]] void refuse(const std::string& place, const std::string& problem) {
  throw std::invalid_argument(place + ": " + problem);
}

// An object whose every key is asked for, once.
class Reader {
public:
  Reader(const rapidjson::Value& object, std::string place)
      : object_(object), place_(std::move(place)) {
    if (!object.IsObject())
      refuse(place_, "not an object");
    for (auto key = object.MemberBegin(); key != object.MemberEnd(); ++key)
      for (auto other = object.MemberBegin(); other != key; ++other)
        if (other->name == key->name)
          refuse(place_ + '/' + key->name.GetString(), "given twice");
  }

  const rapidjson::Value& at(std::string_view name) {
    const auto found = object_.FindMember(
        rapidjson::Value(rapidjson::StringRef(name.data(), static_cast<unsigned>(name.size()))));
    if (found == object_.MemberEnd())
      refuse(place(name), "missing");
    asked_.emplace_back(name);
    return found->value;
  }
  Reader object(std::string_view name) { return {at(name), place(name)}; }

  std::string_view text(std::string_view name) {
    const rapidjson::Value& value = at(name);
    if (!value.IsString())
      refuse(place(name), "not a string");
    return {value.GetString(), value.GetStringLength()};
  }
  bool truth(std::string_view name) {
    const rapidjson::Value& value = at(name);
    if (!value.IsBool())
      refuse(place(name), "not true or false");
    return value.GetBool();
  }
  std::uint64_t number(std::string_view name, std::uint64_t most) {
    const rapidjson::Value& value = at(name);
    if (!value.IsUint64() || value.GetUint64() > most)
      refuse(place(name), "not a number from 0 to " + std::to_string(most));
    return value.GetUint64();
  }
  std::uint64_t value(std::string_view name) { return parse(text(name), place(name)); }
  template <typename E>
  E named(std::string_view name) {
    const auto found = value_of<E>(text(name));
    if (!found)
      refuse(place(name), "unknown: " + std::string(text(name)));
    return *found;
  }
  DebugTraps traps(std::string_view name) {
    Reader object = this->object(name);
    DebugTraps traps;
    traps.payload = object.value("payload");
    const rapidjson::Value& causes = object.at("causes");
    if (!causes.IsArray())
      refuse(place(name) + "/causes", "not a list");
    for (const rapidjson::Value& cause : causes.GetArray()) {
      const auto found = cause.IsString() ? value_of<Cause>(cause.GetString()) : std::nullopt;
      if (!found)
        refuse(place(name) + "/causes", "not a cause");
      traps.causes |= only(*found);
    }
    object.finish();
    return traps;
  }

  // Refuses a key that nobody asked for.
  void finish() const {
    for (auto key = object_.MemberBegin(); key != object_.MemberEnd(); ++key) {
      bool known = false;
      for (const std::string& name : asked_)
        known |= name == key->name.GetString();
      if (!known)
        refuse(place_ + '/' + key->name.GetString(), "unknown");
    }
  }

  std::string place(std::string_view name) const { return (place_ + '/').append(name); }
  const rapidjson::Value& json() const { return object_; }

  static std::uint64_t parse(std::string_view text, const std::string& place) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const bool prefixed = text.substr(0, 2) == "0x";
    const auto read = std::from_chars(text.data() + (prefixed ? 2 : 0), end, value, 16);
    if (!prefixed || read.ec != std::errc() || read.ptr != end)
      refuse(place, "not 0x and hex digits of 64 bits");
    return value;
  }

private:
  const rapidjson::Value& object_;
  std::string place_;
  std::vector<std::string> asked_;
};

void require(Reader& reader, std::string_view name, std::string_view wanted) {
  const std::string_view got = reader.text(name);
  if (got != wanted)
    refuse(reader.place(name),
           "the state is of " + std::string(got) + ", the core is " + std::string(wanted));
}

void load_msrs(Reader msrs, const CpuModel& cpu, std::uint64_t now, CoreState& state) {
  std::size_t read = 0;
  for (const ResolvedMsr& msr : cpu.msrs)
    if (!msr.on_platform) {
      poke_msr(cpu, state, msr.index, msrs.value(hex(msr.index)), now);
      ++read;
    }
  for (auto key = msrs.json().MemberBegin(); read != msrs.json().MemberCount(); ++key) {
    if (key == msrs.json().MemberEnd())
      break;
    const std::uint64_t index =
        Reader::parse(key->name.GetString(), msrs.place(key->name.GetString()));
    if (index > 0xFFFFFFFF || !cpu.msrs.find(static_cast<std::uint32_t>(index)).present ||
        hex(index) != key->name.GetString())
      refuse(msrs.place(key->name.GetString()), "not an MSR of " + std::string(cpu.profile.name));
  }
}

CoreState read_state(Reader root, const CpuModel& cpu, const CoreTime& now) {
  if (root.number("icebp_state", ~std::uint64_t{0}) != version)
    refuse(root.place("icebp_state"), "not version " + std::to_string(version));
  require(root, "profile", cpu.profile.name);
  require(root, "authority", cpu.authority.name);
  require(root, "clock_hertz", now.hertz);
  require(root, "tsc_hertz", now.tsc_hertz);
  CoreState state = cpu.at_power_up;
  state.identity.apic_id = static_cast<std::uint32_t>(root.number("apic_id", 0xFFFFFFFF));
  state.identity.bsp = root.truth("bsp");
  for (const unsigned dr : {0U, 1U, 2U, 3U, 6U, 7U})
    state.dr[dr] = root.value("dr" + std::to_string(dr));
  state.cr2 = root.value("cr2");
  state.last_branch_at = now.cycles - root.value("since_last_branch");
  load_msrs(root.object("msr"), cpu, now.tsc_ticks, state);

  Reader boundary = root.object("boundary");
  state.boundary.shadow = boundary.named<Shadow>("shadow");
  state.boundary.single_step = boundary.truth("single_step");
  state.boundary.block_iterations =
      static_cast<std::uint8_t>(boundary.number("block_iterations", 0xFF));
  state.boundary.late_iterations =
      static_cast<std::uint8_t>(boundary.number("late_iterations", 0xFF));
  state.boundary.raised = boundary.traps("raised");
  state.boundary.held = boundary.traps("held");
  state.boundary.due = boundary.traps("due");
  boundary.finish();

  Reader pending = root.object("pending");
  state.pending.vector = pending.named<Vector>("vector");
  state.pending.from_int1 = pending.truth("from_int1");
  state.pending.destination = pending.named<Destination>("destination");
  state.pending.payload = pending.value("payload");
  pending.finish();

  Reader redirected = root.object("redirected");
  state.redirected.valid = redirected.truth("valid");
  state.redirected.cause = redirected.named<Cause>("cause");
  state.redirected.operation = redirected.named<Operation>("operation");
  state.redirected.mode = redirected.named<Mode>("mode");
  state.redirected.dr = static_cast<std::uint8_t>(redirected.number("dr", 7));
  state.redirected.value = redirected.value("value");
  redirected.finish();
  root.finish();
  return state;
}

} // namespace

std::string save_state(const CpuModel& cpu, const CoreState& state, const CoreTime& now) {
  Writer out;
  out.number("icebp_state", version);
  out.text("profile", cpu.profile.name);
  out.text("authority", cpu.authority.name);
  out.text("clock_hertz", now.hertz);
  out.text("tsc_hertz", now.tsc_hertz);
  out.number("apic_id", state.identity.apic_id);
  out.truth("bsp", state.identity.bsp);
  for (const unsigned dr : {0U, 1U, 2U, 3U, 6U, 7U})
    out.value("dr" + std::to_string(dr), state.dr[dr]);
  out.value("cr2", state.cr2);
  out.value("since_last_branch", now.cycles - state.last_branch_at);
  out.begin("msr");
  for (const ResolvedMsr& msr : cpu.msrs)
    if (const auto value = peek_msr(cpu, state, msr.index, now.tsc_ticks))
      out.value(hex(msr.index), *value);
  out.end();

  out.begin("boundary");
  out.text("shadow", name_of(state.boundary.shadow));
  out.truth("single_step", state.boundary.single_step);
  out.number("block_iterations", state.boundary.block_iterations);
  out.number("late_iterations", state.boundary.late_iterations);
  out.traps("raised", state.boundary.raised);
  out.traps("held", state.boundary.held);
  out.traps("due", state.boundary.due);
  out.end();

  out.begin("pending");
  out.text("vector", name_of(state.pending.vector));
  out.truth("from_int1", state.pending.from_int1);
  out.text("destination", name_of(state.pending.destination));
  out.value("payload", state.pending.payload);
  out.end();

  out.begin("redirected");
  out.truth("valid", state.redirected.valid);
  out.text("cause", name_of(state.redirected.cause));
  out.text("operation", name_of(state.redirected.operation));
  out.text("mode", name_of(state.redirected.mode));
  out.number("dr", state.redirected.dr);
  out.value("value", state.redirected.value);
  out.end();
  return out.take();
}

std::optional<std::string> load_state(const CpuModel& cpu, std::string_view text,
                                      const CoreTime& now, CoreState& state) {
  rapidjson::Document document;
  constexpr auto flags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  document.Parse<flags>(text.data(), text.size());
  if (document.HasParseError())
    return "byte " + std::to_string(document.GetErrorOffset()) + ": " +
           rapidjson::GetParseError_En(document.GetParseError());
  try {
    const CoreState loaded = read_state({document, {}}, cpu, now);
    if (const char* problem = what_is_malformed(loaded))
      return problem;
    state = legalised(cpu, loaded);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return std::nullopt;
}

const char* what_is_malformed(const CoreState& state) {
  constexpr std::uint64_t of_traps = payload::all & ~payload::general_detect;
  for (const DebugTraps* traps :
       {&state.boundary.raised, &state.boundary.held, &state.boundary.due})
    if ((traps->payload & ~of_traps) != 0 || (traps->payload != 0 && !traps->any()))
      return "traps at the boundary have bits that no trap has, or no cause";
  if (name_of(state.boundary.shadow) == "?" || name_of(state.pending.vector) == "?" ||
      name_of(state.pending.destination) == "?" || name_of(state.redirected.operation) == "?" ||
      name_of(state.redirected.mode) == "?" || name_of(state.redirected.cause) == "?")
    return "a value is outside its enumeration";
  if (state.pending.is_valid())
    return "an exception is on its way: save a core between two operations";
  if (state.redirected.valid && state.redirected.operation == Operation::none)
    return "debug firmware holds no instruction";
  return nullptr;
}

CoreState legalised(const CpuModel& cpu, const CoreState& state) {
  CoreState legal = state;
  legal.dr[4] = legal.dr[5] = 0;
  for (const unsigned dr : {6U, 7U})
    poke_dr(cpu.profile, legal, dr, legal.dr[dr]);
  return legal;
}

} // namespace v0_1
} // namespace icebp
