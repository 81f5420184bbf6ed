#pragma once
// The rest of the core, as far as the instructions of this model look at it or change it.

#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/vocabulary/core_context.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/guest_controls.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>
#include <icebp/testbench/program/core/memory.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace icebp {

enum class Gpr : std::uint8_t {
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
};
template <>
inline constexpr auto name_table<Gpr> = names_in_order<Gpr>("rax", "rcx", "rdx", "rbx", "rsp",
                                                            "rbp", "rsi", "rdi", "r8", "r9", "r10",
                                                            "r11", "r12", "r13", "r14", "r15");

inline constexpr std::uint64_t rflags_tf = 0x100;
inline constexpr std::uint64_t rflags_rf = 0x10000;
inline constexpr std::uint64_t rflags_vm = 0x20000;

// An RTM region that is open, and what its abort takes back.
struct OpenRegion {
  RtmRegion region;
  std::array<std::uint64_t, 16> gpr;
  std::uint64_t rflags;
};

// Registers outside the debug unit and the MSR block. EFER is an MSR and lives in CoreState.
struct Machine {
  Mode mode = Mode::long_mode;
  std::uint8_t cpl = 0;
  bool redirect_db = false;
  std::uint64_t rip = 0x1000;
  std::uint64_t rflags = 0x2;
  std::uint64_t cr0 = 0;
  std::uint64_t cr4 = 0;
  std::array<std::uint64_t, 16> gpr{};
  // Of the hypervisor whose guest this is, with the bitmaps that they point to; or null.
  std::shared_ptr<const VmxControls> vmx;
  std::shared_ptr<const SvmControls> svm;
  std::shared_ptr<const OpenRegion> rtm; // or null

  std::uint64_t& operator[](Gpr reg) { return gpr[static_cast<std::size_t>(reg)]; }
  std::uint64_t operator[](Gpr reg) const { return gpr[static_cast<std::size_t>(reg)]; }
};

// An operation and what it came to.
struct Played {
  Request request;
  Outcome outcome;
  // Of the instruction; if `outcome` is the trap at its end, it retired before.
  MsrCost cost;
  bool serializing;

  Played() : Played(Request{}, Outcome{}) {}
  Played(const Request& played, const Outcome& came_to)
      : request(played), outcome(came_to), cost(came_to.cost), serializing(came_to.serializing) {}
};

// A whole core between two instructions.
struct Core {
  std::shared_ptr<const CpuModel> cpu;
  Machine machine;
  CoreState state;
  Memory memory;
  std::uint64_t now = 0; // TSC ticks since power-up

  Core() = default;
  explicit Core(std::shared_ptr<const CpuModel> of_cpu)
      : cpu(std::move(of_cpu)), state(cpu->at_power_up) {}
};

// A core at power-up, then brought into `mode`: CPL, CR0, CR4 and EFER as docs/vectors.md has them.
Core make_core(std::shared_ptr<const CpuModel> cpu, Mode mode, const CoreIdentity& identity = {});

// Brings a core into `mode` as `make_core` does; RFLAGS keeps its other bits than VM.
void enter_mode(Core& core, Mode mode);

// Opens `region` in front of the instruction at RIP.
void open_region(Machine& machine, const RtmRegion& region);

// Takes the open region back; RIP becomes `rip`, and EAX what `outcome` says.
void abort_region(Machine& machine, std::uint64_t rip, const Outcome& outcome);

// What `machine` tells the debug unit and the MSR block, as long as it keeps its hypervisor and its
// RTM region.
CoreContext context_of(const Machine& machine);

// The decoded instruction with its register operands: the MSR index, and EDX:EAX or the source.
Request request_of(const Machine& machine, const Decoded& decoded);

// The #PF of a supervisor's access to what is not present (SDM vol. 3 4.7).
Request page_fault_of(const Core& core, std::uint64_t address, bool write);

// Registers and RIP after `request`, which retired.
void complete(Machine& machine, const Request& request, const Outcome& outcome);

} // namespace icebp
