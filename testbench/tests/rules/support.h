#pragma once
// What the tests of the rules share: profiles, requests, and the comparison of outcomes and states.

#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/pushed_image.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

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
inline Request with_tf(Request request) {
  request.context.tf = true;
  return request;
}
inline Request with_rf(Request request, bool rf = true) {
  request.context.rf = rf;
  return request;
}
inline Request into_firmware(Request request) {
  request.context.redirect_db = true;
  return request;
}

inline Request in_guest(Request request, const VmxControls& vmx) {
  request.context.guest = &vmx;
  return request;
}
inline Request in_guest(Request request, const SvmControls& svm) {
  request.context.guest = &svm;
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

// What an access that retired costs is for tests of its own; others cost nothing.
inline testing::AssertionResult same(const Outcome& actual, const Outcome& expected) {
  if (actual.kind != OutcomeKind::retired && (actual.serializing || actual.cost != MsrCost::none))
    return testing::AssertionFailure() << describe(actual) << " has a cost";
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
inline testing::AssertionResult is_db(const Outcome& actual, OutcomeKind kind, Cause cause,
                                      u64 payload, bool redirected = false) {
  Outcome expected;
  expected.kind = kind;
  expected.cause = cause;
  expected.vector = Vector::db;
  expected.data = payload;
  expected.redirected = redirected;
  return same(actual, expected);
}
inline testing::AssertionResult is_trap(const Outcome& actual, Cause cause, u64 payload) {
  return is_db(actual, OutcomeKind::trap, cause, payload);
}
inline testing::AssertionResult is_code_breakpoint(const Outcome& actual, u64 payload) {
  return is_db(actual, OutcomeKind::fault, Cause::instruction_breakpoint, payload);
}
// General detect: a fault with payload BD.
inline testing::AssertionResult is_gd_db(const Outcome& actual, bool redirected = false) {
  return is_db(actual, OutcomeKind::fault, Cause::general_detect, 0x2000, redirected);
}
// INT1: a trap without a payload bit.
inline testing::AssertionResult is_int1_db(const Outcome& actual, bool redirected = false) {
  return is_db(actual, OutcomeKind::trap, Cause::int1, 0, redirected);
}

inline std::string describe(const DebugTraps& traps) {
  std::string text = hex(traps.payload);
  for (const auto& cause : name_table<Cause>)
    if (contains(traps.causes, cause.value))
      text += " " + std::string(cause.name);
  return text;
}

inline testing::AssertionResult same(const DebugTraps& actual, const DebugTraps& expected) {
  if (actual.payload == expected.payload && actual.causes == expected.causes)
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "are " << describe(actual) << ", not " << describe(expected);
}

inline testing::AssertionResult same(const Boundary& actual, const Boundary& expected) {
  if (actual.shadow != expected.shadow)
    return testing::AssertionFailure()
           << "the shadow is " << actual.shadow << ", not " << expected.shadow;
  if (actual.single_step != expected.single_step)
    return testing::AssertionFailure() << "single step is " << actual.single_step;
  if (actual.block_iterations != expected.block_iterations ||
      actual.late_iterations != expected.late_iterations)
    return testing::AssertionFailure()
           << "iterations are " << unsigned{actual.block_iterations} << " and "
           << unsigned{actual.late_iterations} << ", not " << unsigned{expected.block_iterations}
           << " and " << unsigned{expected.late_iterations};
  const struct {
    const char* name;
    DebugTraps Boundary::*traps;
  } places[] = {{"raised", &Boundary::raised}, {"held", &Boundary::held}, {"due", &Boundary::due}};
  for (const auto& place : places)
    if (testing::AssertionResult result = same(actual.*place.traps, expected.*place.traps); !result)
      return result << ", those " << place.name;
  return testing::AssertionSuccess();
}

// Every part of the state; says which differs.
inline testing::AssertionResult same(const CoreState& actual, const CoreState& expected) {
  for (unsigned n = 0; n < actual.dr.size(); ++n)
    if (actual.dr[n] != expected.dr[n])
      return testing::AssertionFailure()
             << "DR" << n << " is " << hex(actual.dr[n]) << ", not " << hex(expected.dr[n]);
  for (unsigned n = 0; n < actual.msr.size(); ++n)
    if (actual.msr[n] != expected.msr[n])
      return testing::AssertionFailure() << "MSR slot " << n << " is " << hex(actual.msr[n])
                                         << ", not " << hex(expected.msr[n]);
  if (!(actual.pending == expected.pending))
    return testing::AssertionFailure() << "the pending exception differs";
  if (actual.cr2 != expected.cr2)
    return testing::AssertionFailure()
           << "CR2 is " << hex(actual.cr2) << ", not " << hex(expected.cr2);
  if (actual.identity.apic_id != expected.identity.apic_id ||
      actual.identity.bsp != expected.identity.bsp)
    return testing::AssertionFailure() << "the identity differs";
  if (!(actual.redirected == expected.redirected))
    return testing::AssertionFailure() << "an instruction held by firmware differs";
  return same(actual.boundary, expected.boundary);
}

inline u64 read_msr(const CpuModel& cpu, CoreState& state, std::uint32_t index) {
  return execute(cpu, state, rdmsr_of(index)).outcome.value();
}

// ---- A core to which the life of instructions is put, one operation at a time

enum : unsigned { on_execution = 0, on_write = 1, on_io = 2, on_access = 3 }; // R/W of DR7

class Core {
public:
  explicit Core(const CpuProfile& profile) : cpu(profile), state(power_up(cpu)) {}
  explicit Core(Vendor vendor) : Core(profile_of(vendor)) {}

  CpuModel cpu;
  CoreState state;
  CoreContext context; // of every request
  bool rf = false;     // in the image that the last request pushed

  void arm(unsigned n, unsigned rw, u64 address, unsigned len = 0) { // enabled by Gn
    state.dr[n] = address;
    state.dr[7] |= bit(2 * n + 1) | u64{rw} << (16 + 4 * n) | u64{len} << (18 + 4 * n);
  }

  Outcome put(Request request) {
    request.context = context;
    const Outcome outcome = execute(cpu, state, request).outcome;
    rf = pushed_rf(cpu.authority, request, outcome);
    return outcome;
  }
  Outcome fetch(u64 address, EventSet events = 0) {
    Request request = request_at(Operation::fetch, address);
    request.events = events;
    return put(request);
  }
  Outcome read(u64 address, std::uint32_t size = 1) {
    return put(request_at(Operation::data_read, address, size));
  }
  Outcome write(u64 address, std::uint32_t size = 1) {
    return put(request_at(Operation::data_write, address, size));
  }
  Outcome io(u64 port, std::uint32_t size = 1) {
    return put(request_at(Operation::io_access, port, size));
  }
  Outcome end(u64 next, Ending ending = Ending::plain, EventSet events = 0) {
    Request request = request_at(Operation::end_of_instruction, next);
    request.ending = ending;
    request.events = events;
    return put(request);
  }
  Outcome iterate(u64 address, bool fast_string = false, EventSet events = 0) {
    Request request = request_at(Operation::end_of_iteration, address);
    request.fast_string = fast_string;
    request.events = events;
    return put(request);
  }
  // An instruction of two bytes without an access.
  Outcome run(u64 address, Ending ending = Ending::plain) {
    const Outcome before = fetch(address);
    return before.vector == Vector::none ? end(address + 2, ending) : before;
  }
};

} // namespace icebp::test
