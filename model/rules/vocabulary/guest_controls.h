#pragma once
// These controls tell what a hypervisor has set up for the guest that the core runs, in the
// formats of the hardware.

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {
inline namespace v0_1 {

// The VMX MSR bitmaps are a page of 4 KiB: read low, read high, write low, write high (SDM vol. 3
// 24.6.9).
class VmxMsrBitmaps {
public:
  void set(std::uint32_t msr, bool write, bool exits);
  // True if the access exits; always so outside 0-1FFFh and C0000000h-C0001FFFh.
  bool exits(std::uint32_t msr, bool write) const;

private:
  std::array<std::uint8_t, 0x1000> page_{};
};

// The SVM MSR permission map has two bits an MSR, for reads and for writes, of three ranges of 8192
// MSRs from 0, C0000000h and C0010000h (APM vol. 2 15.11).
class SvmMsrPermissions {
public:
  void set(std::uint32_t msr, bool write, bool exits);
  // True if the access exits; always so outside the three ranges.
  bool exits(std::uint32_t msr, bool write) const;

private:
  std::array<std::uint8_t, 0x1800> map_{};
};

enum class Hypervisor : std::uint8_t { vmx, svm };

// The part that VmxControls and SvmControls have in common.
struct GuestControls {
  Hypervisor hypervisor;
  std::uint32_t exceptions = 0; // intercepted ones, by vector; VMX calls it the exception bitmap
};

// A core has these controls while it is in VMX non-root operation.
struct VmxControls : GuestControls {
  VmxControls() : GuestControls{Hypervisor::vmx} {}
  bool mov_dr_exiting = false;                // primary processor-based control, bit 23
  const VmxMsrBitmaps* msr_bitmaps = nullptr; // null: every RDMSR and WRMSR exits
};

// A core has these controls while it runs an SVM guest.
struct SvmControls : GuestControls {
  SvmControls() : GuestControls{Hypervisor::svm} {}
  std::uint16_t dr_read = 0;                          // by raw DR number
  std::uint16_t dr_write = 0;                         // by raw DR number
  bool icebp = false;                                 // INT1
  const SvmMsrPermissions* msr_permissions = nullptr; // null: MSR_PROT is 0, nothing exits
};

} // namespace v0_1
} // namespace icebp
