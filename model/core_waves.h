#pragma once

#include <icebp/model/rules/cpu/phase_plan.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <systemc>

#include <array>
#include <cstdint>
#include <string>

namespace icebp {

// Hierarchical names of the scopes that signals go to.
struct WaveScopes {
  std::string core;
  std::string debug_unit;
  std::string msr_block;
  std::string exception_unit;
};

// The signals of one core in a trace file. A value that is not there at the moment reads all ones:
// vector FFh, MSR index, error code, payload and exit code FFFFFFFFh, address and exit information
// FFFFFFFFFFFFFFFFh.
class CoreWaves {
public:
  CoreWaves(sc_core::sc_trace_file* file, const WaveScopes& scopes);
  CoreWaves(const CoreWaves&) = delete;
  CoreWaves& operator=(const CoreWaves&) = delete;

  // Takes the values of this moment; called wherever the phase changes.
  void sample(Phase phase, const Request& request, const Outcome& outcome, const CoreState& state);

  // An access met a breakpoint.
  void count_match();

private:
  void sample_core(Phase phase, const Request& request, const Outcome& outcome);
  void sample_debug_unit(Phase phase, const Request& request, const Outcome& outcome,
                         const CoreState& state);
  void sample_msr_block(Phase phase, const Request& request, const Outcome& outcome,
                        const CoreState& state);
  void sample_exception_unit(Phase phase, const Request& request, const Outcome& outcome,
                             const CoreState& state);

  struct {
    std::uint8_t phase, operation, cause, mode, cpl;
    bool serializing;      // what retires
    std::uint32_t retired; // operations retired so far
  } core_{};
  struct {
    std::array<std::uint64_t, 4> dr;
    std::uint32_t dr6, dr7;
    std::array<bool, 4> b;
    bool bd, bs, bt, bld, rtm, gd;
    std::uint8_t enables; // DR7.G3, L3 down to G0, L0
    std::uint64_t data;   // what a MOV DR moves
    std::uint8_t shadow;
    bool single_step;                // TF as the instruction began
    std::uint32_t raised, held, due; // payloads of traps: this instruction's, over MOV SS, at once
    std::uint32_t matches;           // accesses that met a breakpoint so far
  } debug_unit_{};
  struct {
    std::uint32_t index;
    std::uint64_t data; // what an access moves
    std::uint8_t cost;
    std::uint64_t last_branch_from, last_branch_to;
    std::uint8_t lbr_tos;
  } msr_block_{};
  struct {
    std::uint8_t vector;
    std::uint32_t error_code;
    std::uint32_t payload;    // of a #DB that waits for delivery
    std::uint64_t address;    // the payload of a #PF that waits for delivery
    bool pending, redirected; // an exception waits for delivery; it goes to firmware
    std::uint64_t cr2;
    std::uint32_t delivered; // exceptions delivered so far
    std::uint32_t exit_code; // VM-exit reason or #VMEXIT code
    std::uint64_t exit_info; // its qualification, or EXITINFO1
    std::uint32_t exits;     // exits so far
  } exception_unit_{};
};

} // namespace icebp
