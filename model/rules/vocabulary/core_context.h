#pragma once

#include <icebp/model/rules/vocabulary/guest_controls.h>
#include <icebp/model/rules/vocabulary/name_table.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

class PlatformMsrs;

enum class Mode : std::uint8_t { real, v86, protected_mode, compatibility, long_mode };
template <>
inline constexpr auto name_table<Mode> = names_in_order<Mode>("real", "v86", "protected", "compat",
                                                              "long");

// The core is in an RTM region from the end of the outermost XBEGIN on, its own end included
// (kvm-unit-tests vmx_tests.c), until XEND has ended or the region is aborted.
struct RtmRegion {
  std::uint64_t xbegin = 0;   // address of that XBEGIN
  std::uint64_t fallback = 0; // where an abort goes on
};

// The core tells this with each request: the machine state outside the debug unit and MSR block
// that their rules look at.
struct CoreContext {
  Mode mode = Mode::long_mode;
  std::uint8_t cpl = 0;     // 0 to 3; 0 in real mode, 3 in V86 mode
  bool cr0_pg = true;       // CR0.PG
  bool cr4_de = false;      // CR4.DE
  bool tf = false;          // RFLAGS.TF
  bool rf = false;          // RFLAGS.RF
  bool redirect_db = false; // #DB goes to debug firmware (ICE, probe mode, SMM), not to the IDT
  const GuestControls* guest =
      nullptr;                      // not null: runs a guest; must live until the request is over
  PlatformMsrs* platform = nullptr; // of the MSRs that the profile leaves to it; must live so too
  const RtmRegion* rtm = nullptr;   // not null: in an RTM region; must live so too

  // Operands of MOV DR and of the immediate MSR forms have 64 bits.
  constexpr bool is_64_bit() const { return mode == Mode::long_mode; }

  // Null if the core runs no guest of that hypervisor.
  constexpr const VmxControls* vmx() const {
    return guest && guest->hypervisor == Hypervisor::vmx ? static_cast<const VmxControls*>(guest)
                                                         : nullptr;
  }
  constexpr const SvmControls* svm() const {
    return guest && guest->hypervisor == Hypervisor::svm ? static_cast<const SvmControls*>(guest)
                                                         : nullptr;
  }

  // The privilege level goes with the mode.
  constexpr bool is_consistent() const {
    constexpr std::uint32_t legal_cpls = 0b1111'1111'1111'1000'0001; // real mode to the right
    return cpl <= 3 && mode <= Mode::long_mode &&
           (legal_cpls >> (4 * static_cast<unsigned>(mode) + cpl) & 1) != 0;
  }
};

} // namespace v0_1
} // namespace icebp
