#pragma once

#include <icebp/model/rules/vocabulary/cause.h>

#include <array>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// The order in which the checks of MOV DR win, the strongest first: every one of them.
using FaultLadder = std::array<Cause, 8>;

// Of the checks that fail, the one that wins; `none` if no check of the ladder fails.
constexpr Cause first_failing(const FaultLadder& ladder, CauseSet failing) {
  for (const Cause check : ladder)
    if (contains(failing, check))
      return check;
  return Cause::none;
}

// Points on which authorities disagree about one and the same CPU. (Points on which CPUs differ:
// Quirks of a profile.) The defaults are those of hardware.
struct AuthorityQuirks {
  // A #DB other than an RTM abort sets DR6.RTM back to 1 (SDM vol. 3 17.2.3); else it stays 0
  // (Xen).
  bool other_db_sets_rtm = true;
  // A general-detect #DB sets RF in the pushed image as other faults do (manuals); else RF is kept
  // (KVM x86.c).
  bool gd_sets_rf = false;
  // A fault discards traps held over MOV SS (Linux selftests mov_ss_trap.c, UNVERIFIED); else they
  // are due behind it.
  bool fault_drops_held_traps = true;
  // INIT keeps IA32_APIC_BASE (SDM vol. 3 10.12.5); else it is reset (Bochs init.cc).
  bool init_keeps_apic_base = true;
};

// An authority is whose word counts on what a CPU does: measured hardware, its vendor, or a program
// that imitates it.
struct Authority {
  std::string_view name;
  FaultLadder mov_dr_ladder;
  AuthorityQuirks quirks;
  std::string_view evidence;
};

// The authorities (cpu/authorities.cpp). The first two are those of profiles, by vendor.
extern const Authority intel_hardware;
extern const Authority amd_hardware;
extern const Authority intel_manuals;

} // namespace v0_1
} // namespace icebp
