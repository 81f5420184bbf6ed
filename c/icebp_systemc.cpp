#include <icebp/c/core_handle.h>
#include <icebp/c/icebp_systemc.h>
#include <icebp/model/debug_core.h>

#include <systemc>

#include <string>
#include <vector>

namespace {

using namespace icebp;

struct SystemCHandle final : icebp_core {
  explicit SystemCHandle(DebugCore& core) : core_(core) {}

  const CpuModel& cpu() const override { return core_.cpu(); }
  const CoreState& state() const override { return core_.state(); }
  const WatchFilter& watch() const override { return core_.watch(); }
  const char* what_is_in_the_way() const override {
    return core_.timing() == Timing::loosely_timed ? nullptr : "the core is timed";
  }
  Execution execute(const Request& request) override { return core_.execute(request); }
  bool poke_dr(unsigned dr, std::uint64_t value) override { return core_.poke_dr(dr, value); }
  bool poke_msr(std::uint32_t msr, std::uint64_t value, std::uint64_t) override {
    return core_.poke(msr, value);
  }
  std::optional<std::uint64_t> peek_msr(std::uint32_t msr, std::uint64_t) const override {
    return core_.peek(msr);
  }
  void restore(const CoreState& state) override { core_.restore(state); }
  CoreTime time(std::uint64_t) const override { return core_.time(); }

private:
  DebugCore& core_;
};

// Appends the names of the loosely timed cores among `objects` and below.
void list_cores(const std::vector<sc_core::sc_object*>& objects, std::string& names) {
  for (sc_core::sc_object* object : objects) {
    const auto* core = dynamic_cast<const DebugCore*>(object);
    if (core && core->timing() == Timing::loosely_timed)
      names += (names.empty() ? "" : ", ") + std::string(core->name());
    list_cores(object->get_child_objects(), names);
  }
}

std::string no_core(const char* name) {
  std::string names;
  list_cores(sc_core::sc_get_top_level_objects(), names);
  return '"' + std::string(name) + "\" is no loosely timed core; " +
         (names.empty() ? "there is none" : names);
}

} // namespace

extern "C" icebp_status icebp_core_find(const char* name, icebp_core** core, char* message,
                                        size_t message_size) {
  copy_text("", message, message_size);
  if (!core)
    return ICEBP_NULL;
  *core = nullptr;
  if (!name)
    return ICEBP_NULL;
  try {
    auto* found = dynamic_cast<DebugCore*>(sc_core::sc_find_object(name));
    if (found && found->timing() == Timing::loosely_timed) {
      *core = new SystemCHandle(*found);
      return ICEBP_OK;
    }
    copy_text(no_core(name), message, message_size);
    return ICEBP_NO_CORE;
  } catch (...) {
    return ICEBP_FAILED;
  }
}
