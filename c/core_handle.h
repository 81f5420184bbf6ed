#pragma once
// What a handle of the C interface stands for: a core that answers at once.

#include <icebp/model/checkpoint.h>
#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/execute.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace icebp {

// The hypervisor's pages, of which requests of the C interface have the bytes.
struct GuestPages {
  VmxMsrBitmaps vmx;
  SvmMsrPermissions svm;
};

// Writes as much of `text` into `to` as its `size` bytes hold with a 0 at the end.
inline void copy_text(std::string_view text, char* to, std::size_t size) {
  if (!to || size == 0)
    return;
  to[text.copy(to, size - 1)] = '\0';
}

} // namespace icebp

// Every function may throw; the C interface catches.
struct icebp_core {
  virtual ~icebp_core() = default;

  virtual const icebp::CpuModel& cpu() const = 0;
  virtual const icebp::CoreState& state() const = 0;
  virtual const icebp::WatchFilter& watch() const = 0;
  // Gives why the core takes no call as it is; nullptr if it does.
  virtual const char* what_is_in_the_way() const = 0;
  // Precondition: `is_well_formed(state(), request)`.
  virtual icebp::Execution execute(const icebp::Request& request) = 0;
  // False of both: RESET is active, or there is no such register.
  virtual bool poke_dr(unsigned dr, std::uint64_t value) = 0;
  virtual bool poke_msr(std::uint32_t msr, std::uint64_t value, std::uint64_t now) = 0;
  virtual std::optional<std::uint64_t> peek_msr(std::uint32_t msr, std::uint64_t now) const = 0;
  virtual void restore(const icebp::CoreState& state) = 0;
  // Gives the time of TSC ticks `told` by the caller, or the core's own.
  virtual icebp::CoreTime time(std::uint64_t told) const = 0;

  std::string problem;
  std::unique_ptr<icebp::GuestPages> pages; // made by the first request that needs them
};
