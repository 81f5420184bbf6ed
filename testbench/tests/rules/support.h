#pragma once
// What the tests of the rules share: profiles, requests, and the comparison of outcomes and states.

#include <icebp/model/rules/core_state.h>
#include <icebp/model/rules/cpu_profile.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/outcome.h>
#include <icebp/model/rules/request.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <ios>
#include <sstream>
#include <string>
#include <vector>

namespace icebp::test {

using u64 = std::uint64_t;

inline constexpr u64 every_bit = ~u64{0};
constexpr u64 bit(unsigned n) { return u64{1} << n; }

inline const CpuProfile& intel() { return *find_cpu_profile("intel-skylake"); }
inline const CpuProfile& amd() { return *find_cpu_profile("amd-zen1"); }
inline const CpuProfile& profile_of(Vendor vendor) {
  return vendor == Vendor::intel ? intel() : amd();
}

inline CpuProfile with(CpuProfile profile, Feature feature) {
  profile.features = profile.features.with(feature);
  return profile;
}
inline CpuProfile without(CpuProfile profile, Feature feature) {
  profile.features = profile.features.without(feature);
  return profile;
}
inline CpuProfile with_if(bool condition, const CpuProfile& profile, Feature feature) {
  return condition ? with(profile, feature) : without(profile, feature);
}

// The two vendors' machines, built once.
inline const CpuModel& model_of(Vendor vendor) {
  static const CpuModel intel_model(intel());
  static const CpuModel amd_model(amd());
  return vendor == Vendor::intel ? intel_model : amd_model;
}

inline Request read_dr(unsigned dr) {
  Request request;
  request.operation = Operation::mov_from_dr;
  request.dr = static_cast<std::uint8_t>(dr);
  request.length = 3;
  return request;
}
inline Request write_dr(unsigned dr, u64 value) {
  Request request = read_dr(dr);
  request.operation = Operation::mov_to_dr;
  request.value = value;
  return request;
}
inline Request rdmsr_of(std::uint32_t index) {
  Request request;
  request.operation = Operation::rdmsr;
  request.msr = index;
  request.length = 2;
  return request;
}
inline Request wrmsr_of(std::uint32_t index, u64 value) {
  Request request = rdmsr_of(index);
  request.operation = Operation::wrmsr;
  request.value = value;
  return request;
}
inline Request int1_instruction() {
  Request request;
  request.operation = Operation::int1;
  request.length = 1;
  return request;
}
inline Request resume_with(ResumeVerb verb, u64 value = 0) {
  Request request;
  request.operation = Operation::resume;
  request.verb = verb;
  request.value = value;
  return request;
}
inline Request of_operation(Operation operation) {
  Request request;
  request.operation = operation;
  return request;
}

inline Request in_mode(Request request, Mode mode, unsigned cpl) {
  request.context.mode = mode;
  request.context.cpl = static_cast<std::uint8_t>(cpl);
  return request;
}
inline Request at_cpl(const Request& request, unsigned cpl) {
  return in_mode(request, Mode::long_mode, cpl);
}
inline Request with_fault(Request request, Cause encoding_fault) {
  request.encoding_faults |= only(encoding_fault);
  return request;
}
inline Request with_de(Request request) {
  request.context.cr4_de = true;
  return request;
}
inline Request with_paging(Request request, bool paging) {
  request.context.cr0_pg = paging;
  return request;
}
inline Request into_firmware(Request request) {
  request.context.redirect_db = true;
  return request;
}

inline Request in_guest(Request request, const VmxControls& vmx) {
  request.context.vmx = &vmx;
  return request;
}
inline Request in_guest(Request request, const SvmControls& svm) {
  request.context.svm = &svm;
  return request;
}

// Every debug register has a value of its own; DR7 may have GD.
inline CoreState prepared_dr(bool general_detect) {
  CoreState state;
  state.dr = {0x0123456789ABCDEF,
              0xFEDCBA9876543210,
              0x00000000DEADBEEF,
              0xAAAAAAAA55555555,
              0,
              0,
              0xFFFF4FF3,
              general_detect ? 0x2455u : 0x455u};
  return state;
}

// A legal pair of mode and privilege level.
struct Level {
  Mode mode;
  unsigned cpl;
};
inline const std::vector<Level>& every_level() {
  static const std::vector<Level> levels{
      {Mode::real, 0},           {Mode::v86, 3},
      {Mode::protected_mode, 0}, {Mode::protected_mode, 1},
      {Mode::protected_mode, 2}, {Mode::protected_mode, 3},
      {Mode::compatibility, 0},  {Mode::compatibility, 1},
      {Mode::compatibility, 2},  {Mode::compatibility, 3},
      {Mode::long_mode, 0},      {Mode::long_mode, 1},
      {Mode::long_mode, 2},      {Mode::long_mode, 3},
  };
  return levels;
}

inline std::string vendor_name(const testing::TestParamInfo<Vendor>& test) {
  return std::string(name_of(test.param));
}

inline std::string hex(u64 value) {
  std::ostringstream out;
  out << "0x" << std::hex << std::uppercase << value;
  return out.str();
}

inline std::string describe(const Outcome& outcome) {
  std::ostringstream out;
  out << outcome.kind << ' ' << outcome.vector << " cause " << outcome.cause;
  if (outcome.error_code())
    out << " error code " << *outcome.error_code();
  if (outcome.payload())
    out << " payload " << hex(*outcome.payload());
  out << " value " << hex(outcome.value()) << (outcome.redirected ? " redirected" : "");
  if (outcome.kind == OutcomeKind::exit)
    out << " code " << outcome.code << " data " << hex(outcome.data);
  return out.str();
}

inline testing::AssertionResult same(const Outcome& actual, const Outcome& expected) {
  if (actual.kind == expected.kind && actual.cause == expected.cause &&
      actual.vector == expected.vector && actual.redirected == expected.redirected &&
      actual.code == expected.code && actual.data == expected.data)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "is " << describe(actual) << ", not " << describe(expected);
}

// Expected outcomes, written out here and not with the functions of outcome.h.
inline testing::AssertionResult is_retired(const Outcome& actual, u64 value = 0) {
  Outcome expected;
  expected.kind = OutcomeKind::retired;
  expected.cause = Cause::none;
  expected.vector = Vector::none;
  expected.data = value;
  return same(actual, expected);
}
inline testing::AssertionResult is_ud(const Outcome& actual, Cause cause) {
  Outcome expected;
  expected.kind = OutcomeKind::fault;
  expected.cause = cause;
  expected.vector = Vector::ud;
  return same(actual, expected);
}
inline testing::AssertionResult is_gp0(const Outcome& actual, Cause cause) {
  Outcome expected;
  expected.kind = OutcomeKind::fault;
  expected.cause = cause;
  expected.vector = Vector::gp;
  return same(actual, expected);
}
// General detect: a fault with payload BD.
inline testing::AssertionResult is_gd_db(const Outcome& actual, bool redirected = false) {
  Outcome expected;
  expected.kind = OutcomeKind::fault;
  expected.cause = Cause::general_detect;
  expected.vector = Vector::db;
  expected.data = 0x2000;
  expected.redirected = redirected;
  return same(actual, expected);
}
// INT1: a trap without a payload bit.
inline testing::AssertionResult is_int1_db(const Outcome& actual, bool redirected = false) {
  Outcome expected;
  expected.kind = OutcomeKind::trap;
  expected.cause = Cause::int1;
  expected.vector = Vector::db;
  expected.redirected = redirected;
  return same(actual, expected);
}

// Debug registers, CR2, MSRs and what is pending. (A redirected instruction is compared by its
// tests.)
inline testing::AssertionResult same(const CoreState& actual, const CoreState& expected) {
  for (unsigned n = 0; n < actual.dr.size(); ++n)
    if (actual.dr[n] != expected.dr[n])
      return testing::AssertionFailure()
             << "DR" << n << " is " << hex(actual.dr[n]) << ", not " << hex(expected.dr[n]);
  for (unsigned n = 0; n < actual.msr.size(); ++n)
    if (actual.msr[n] != expected.msr[n])
      return testing::AssertionFailure() << "MSR slot " << n << " is " << hex(actual.msr[n])
                                         << ", not " << hex(expected.msr[n]);
  if (actual.pending.vector != expected.pending.vector ||
      actual.pending.from_int1 != expected.pending.from_int1 ||
      actual.pending.destination != expected.pending.destination ||
      actual.pending.payload != expected.pending.payload)
    return testing::AssertionFailure() << "the pending exception differs";
  if (actual.cr2 != expected.cr2)
    return testing::AssertionFailure()
           << "CR2 is " << hex(actual.cr2) << ", not " << hex(expected.cr2);
  if (actual.redirected.valid != expected.redirected.valid)
    return testing::AssertionFailure() << "an instruction held by firmware differs";
  return testing::AssertionSuccess();
}

inline u64 read_msr(const CpuModel& cpu, CoreState& state, std::uint32_t index) {
  return execute(cpu, state, rdmsr_of(index)).outcome.value();
}

} // namespace icebp::test
