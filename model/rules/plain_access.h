#pragma once
// What nearly every MOV DR, RDMSR and WRMSR comes to, inline: outside a guest and an RTM region, at
// CPL 0, no check fails, no time is read, and nothing follows from a write but that a register
// holds it. Each function carries out the whole of such an access, its core cycles included. False:
// the access is none of these, nothing has changed, and `execute` tells what it comes to.

#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/registers/dr7.h>

#include <cstdint>

namespace icebp {
inline namespace v0_1 {
namespace plain_access {

// No check that comes before the register fails, and `is_well_formed`: at CPL 0 every mode but
// virtual-8086 is consistent. `more`: not 0 if something else stands in the way.
inline bool is_unhindered(const Request& request, std::uint64_t more = 0) {
  const CoreContext& context = request.context;
  const std::uint64_t hindrances = request.encoding_faults | more |
                                   reinterpret_cast<std::uintptr_t>(context.guest) |
                                   reinterpret_cast<std::uintptr_t>(context.rtm);
  return hindrances == 0 && (request.dr & 0xF8) == 0 && (request.gpr & 0xF0) == 0 &&
         context.cpl == 0 &&
         (context.mode == Mode::long_mode ||
          (context.mode < Mode::long_mode && context.mode != Mode::v86));
}

inline bool may_move_dr(const CoreState& state, const Request& request) {
  return is_unhindered(request, state.dr[7] & dr7::gd::mask) &&
         (request.dr < 4 || may_move_dr4_7(request));
}

inline bool mov_from_dr(const CpuModel& cpu, const CoreState& state, const Request& request,
                        Outcome& outcome, std::uint32_t& cycles) {
  if (!may_move_dr(state, request))
    return false;
  outcome = retired(read_dr(state, request));
  cycles = cpu.retired_cycles.mov_from_dr[request.dr];
  return true;
}

inline bool mov_to_dr(const CpuModel& cpu, CoreState& state, const Request& request,
                      Outcome& outcome, std::uint32_t& cycles) {
  if (!may_move_dr(state, request))
    return false;
  commit_mov_to_dr(cpu.profile, state, request);
  outcome = retired_serializing();
  cycles = cpu.retired_cycles.mov_to_dr[request.dr];
  return true;
}

inline bool rdmsr(const CpuModel& cpu, const CoreState& state, const Request& request,
                  Outcome& outcome, std::uint32_t& cycles) {
  const ResolvedMsr& msr = cpu.msrs.find_candidate(request.msr);
  if (msr.index != request.msr || !msr.reads_plainly || !is_unhindered(request))
    return false;
  outcome = msr.when_read;
  outcome.data = state.msr[msr.slot];
  cycles = cpu.retired_cycles.msr[static_cast<unsigned>(msr.when_read.cost)];
  return true;
}

inline bool wrmsr(const CpuModel& cpu, CoreState& state, const Request& request, Outcome& outcome,
                  std::uint32_t& cycles) {
  const ResolvedMsr& msr = cpu.msrs.find_candidate(request.msr);
  if (msr.index != request.msr || !msr.stores_plainly ||
      !is_unhindered(request, request.value & msr.gp) ||
      !is_canonical(request.value, msr.canonical_bits))
    return false;
  std::uint64_t& stored = state.msr[msr.slot];
  stored = (request.value & msr.writable) | (stored & ~msr.writable);
  outcome = msr.when_written;
  cycles = cpu.retired_cycles.msr[static_cast<unsigned>(msr.when_written.cost)];
  return true;
}

// Any of the four.
__attribute__((always_inline)) inline bool execute(const CpuModel& cpu, CoreState& state,
                                                   const Request& request, Outcome& outcome,
                                                   std::uint32_t& cycles) {
  if (request.operation == Operation::wrmsr)
    return wrmsr(cpu, state, request, outcome, cycles);
  if (request.operation == Operation::rdmsr)
    return rdmsr(cpu, state, request, outcome, cycles);
  if (request.operation == Operation::mov_to_dr)
    return mov_to_dr(cpu, state, request, outcome, cycles);
  if (request.operation == Operation::mov_from_dr)
    return mov_from_dr(cpu, state, request, outcome, cycles);
  return false;
}

} // namespace plain_access
} // namespace v0_1
} // namespace icebp
