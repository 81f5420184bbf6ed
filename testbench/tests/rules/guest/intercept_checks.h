#pragma once
// Hypervisors that intercept one thing each, and exits compared with what is expected of them.

#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace icebp::test::intercept {

inline const CpuModel& intel_cpu() { return model_of(Vendor::intel); }
inline const CpuModel& amd_cpu() { return model_of(Vendor::amd); }

inline constexpr unsigned db = 1, ud = 6, gp = 13, pf = 14;

// ---- Hypervisors --------------------------------------------------------------------------------

inline VmxControls vmx_mov_dr_exiting() {
  VmxControls vmx;
  vmx.mov_dr_exiting = true;
  return vmx;
}
inline VmxControls vmx_exception(unsigned vector) {
  VmxControls vmx;
  vmx.exceptions = static_cast<std::uint32_t>(bit(vector));
  return vmx;
}
inline SvmControls svm_dr(u64 reads, u64 writes) {
  SvmControls svm;
  svm.dr_read = static_cast<std::uint16_t>(reads);
  svm.dr_write = static_cast<std::uint16_t>(writes);
  return svm;
}
inline SvmControls svm_exception(unsigned vector) {
  SvmControls svm;
  svm.exceptions = static_cast<std::uint32_t>(bit(vector));
  return svm;
}
inline SvmControls svm_icebp() {
  SvmControls svm;
  svm.icebp = true;
  return svm;
}

// ---- Comparisons --------------------------------------------------------------------------------

inline testing::AssertionResult is_exit(const Outcome& actual, Cause cause) {
  if (actual.kind == OutcomeKind::exit && actual.cause == cause && !actual.redirected)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "is " << describe(actual);
}

template <typename T>
std::string text(const std::optional<T>& value) {
  return value ? hex(*value) : "none";
}

inline constexpr std::nullopt_t none = std::nullopt;

inline testing::AssertionResult is_vmx_exit(const Outcome& outcome, Cause cause,
                                            std::uint32_t reason, std::optional<u64> qualification,
                                            std::optional<std::uint32_t> interruption_info,
                                            std::optional<std::uint32_t> error_code) {
  if (const testing::AssertionResult exits = is_exit(outcome, cause); !exits)
    return exits;
  const VmxExit exit = vmx_exit_of(outcome);
  if (exit.reason == reason && exit.qualification == qualification &&
      exit.interruption_info == interruption_info && exit.error_code == error_code)
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "reason " << exit.reason << ", qualification " << text(exit.qualification)
         << ", interruption information " << text(exit.interruption_info) << ", error code "
         << text(exit.error_code);
}

inline testing::AssertionResult is_svm_exit(const Outcome& outcome, Cause cause, std::uint32_t code,
                                            std::optional<u64> info1,
                                            std::optional<u64> info2 = none) {
  if (const testing::AssertionResult exits = is_exit(outcome, cause); !exits)
    return exits;
  const SvmExit exit = svm_exit_of(outcome);
  if (exit.code == code && exit.info1 == info1 && exit.info2 == info2)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "code " << hex(exit.code) << ", EXITINFO1 "
                                     << text(exit.info1) << ", EXITINFO2 " << text(exit.info2);
}

// Nothing fails but what `request` brings along; DR7 may have GD.
inline Outcome run(const CpuModel& cpu, const Request& request, bool general_detect = false) {
  CoreState state = prepared_dr(general_detect);
  return execute(cpu, state, request).outcome;
}

} // namespace icebp::test::intercept
