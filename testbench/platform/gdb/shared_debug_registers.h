#pragma once

#include <icebp/testbench/platform/machine/cpu_core.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace icebp::vp {

// What a debugger wants to stop at, by the core's debug registers. Addresses are linear.
struct HardwareBreakpoint {
  enum class Kind : std::uint8_t { execution, write, read, access }; // x86 has no `read`: `access`
  Kind kind = Kind::execution;
  std::uint64_t address = 0;
  std::uint64_t length = 1; // bytes, of a watchpoint

  bool operator==(const HardwareBreakpoint& other) const {
    return kind == other.kind && address == other.address && length == other.length;
  }
};

// The debug registers of a core, shared by a debugger and the guest. While the debugger has
// breakpoints, every #DB is redirected to debug firmware, which this is, and DR7.GD is set: the
// guest's MOV DR, its breakpoints, steps and INT1 come here too, and are carried out on the guest's
// own values, where the guest's #DB goes to the guest's handler. The guest keeps the numbers of its
// breakpoints; the debugger has those that the guest has not enabled. Where they do not do, as the
// guest enables more later, the debugger's stay and some of the guest's do not hit.
class SharedDebugRegisters {
public:
  explicit SharedDebugRegisters(CpuCore& core) : core_(core) {}

  // Before simulation starts, once the core has its CPU.
  void connect();

  // In place of those before. Precondition: `has_room_for`.
  void set(const std::vector<HardwareBreakpoint>& breakpoints);
  // Aligned pieces of 1, 2, 4 or 8 bytes take a debug register each.
  bool has_room_for(const std::vector<HardwareBreakpoint>& breakpoints) const;

  // Debug register 0 to 3, 6 or 7 as the guest sees it.
  std::uint64_t guest(unsigned dr) const;
  void set_guest(unsigned dr, std::uint64_t value);
  // Breakpoints of the guest that do not hit, as the debugger has their registers; by number.
  std::vector<unsigned> displaced() const;

  // The core calls these around each instruction. What an instruction met of the debugger's; of the
  // guest's nothing is told.
  void before_instruction() {
    if (!pieces_.empty())
      note();
  }
  std::optional<HardwareBreakpoint> after_instruction() {
    return redirected_ ? take_redirected() : std::nullopt;
  }

private:
  struct Piece {
    HardwareBreakpoint of;
    std::uint64_t address;
    unsigned length;
  };

  static std::vector<Piece> pieces_of(const std::vector<HardwareBreakpoint>& breakpoints,
                                      unsigned widest);
  unsigned widest() const;
  std::vector<unsigned> free_registers() const;
  void note();
  void follow_other_changes();
  void follow_task_switch();
  void assign();
  void arm();
  void release();
  void capture();
  void poke(const std::array<std::uint64_t, 8>& dr);
  std::optional<HardwareBreakpoint> take_redirected();
  std::optional<HardwareBreakpoint> take_instruction(const Delivery& delivery);
  std::optional<HardwareBreakpoint> take_trap(const Delivery& delivery);
  const HardwareBreakpoint* take_mine(DebugTraps& traps) const;
  const HardwareBreakpoint* met(std::uint64_t payload, bool execution) const;
  void end_redirection(ResumeVerb verb);
  void as_guest(const std::function<void()>& action);

  // What a redirected #DB changes besides DR6 and DR7.
  struct Before {
    Boundary boundary;
    std::uint64_t debugctl = 0;
    bool rf = false;
  };

  CpuCore& core_;
  std::vector<Piece> pieces_;
  std::array<const Piece*, 4> owner_{};  // by register; null: the guest's
  std::array<std::uint64_t, 8> guest_{}; // while there are pieces
  std::uint64_t armed_dr7_ = 0;
  Before before_;
  std::optional<Delivery> redirected_;
};

} // namespace icebp::vp
