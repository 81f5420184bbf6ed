#pragma once

#include <icebp/model/debug_core.h>
#include <icebp/tlm/probe_map.h>

#include <systemc>
#include <tlm>

#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// The probe port of a core: a base-protocol socket through which a debug probe (ICE, JTAG), a
// monitor or a debugger sees and changes the core, outside CPL and general detect. Optional: a
// platform that wants one makes it beside the core. probe_map.h has the registers and the answer to
// each attribute.
//
// Every access acts at the moment of its call and takes no time: `b_transport` leaves the delay as
// it is, but for the `resume` of a loosely timed core, which adds its cycles; `nb_transport_fw`
// completes at BEGIN_REQ. What reads the time, as the TSC, is read `delay` ahead. An access is
// whole or not at all, except in `transport_dbg`. Reads have no side effect.
//
// A write changes the state at once, while an operation is in flight too. That operation was
// decided where `check` began: its outcome and what it reads stay. Where `retire` begins it writes
// its register over the probe's value; where `deliver` begins its payload is merged into DR6, and
// DR7.GD cleared, as the probe left them. The edge itself has no order: who is called last wins.
//
// Values are put right as the register holds them: fixed bits of DR6 and DR7 stay, an MSR takes the
// bits that a WRMSR can write, addresses in MSRs are made canonical. Nothing else of a WRMSR is
// asked, and what it does besides does not happen. Of traps, bits stay that a trap of the CPU has;
// their cause becomes `held_trap`.
class ProbeTarget : public sc_core::sc_module,
                    public ::tlm::tlm_fw_transport_if<>,
                    private DebugCore::Issuer {
public:
  // Any number of initiators may be bound to it, none too. A socket of another bus width is bound
  // to this object.
  using Socket = ::tlm::tlm_target_socket<64, ::tlm::tlm_base_protocol_types, 0,
                                          sc_core::SC_ZERO_OR_MORE_BOUND>;
  Socket socket{"socket"};

  ProbeTarget(const sc_core::sc_module_name& name, DebugCore& core);

  // The simulator looks at this between two instructions, and waits for the event while it is true.
  bool is_halt_requested() const { return halt_requested_; }
  const sc_core::sc_event& halt_changed() const { return halt_changed_; }

  // How the probe ended the instruction that debug firmware held. The event is notified when it is
  // over; empty before the first is, and while one is in flight.
  struct Resumption {
    ResumeVerb verb;
    Outcome outcome;
  };
  const std::optional<Resumption>& resumption() const { return resumption_; }
  const sc_core::sc_event& resumed() const { return resumed_; }

  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  ::tlm::tlm_sync_enum nb_transport_fw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload) override;

private:
  using Payload = ::tlm::tlm_generic_payload;
  using Status = ::tlm::tlm_response_status;
  struct Slice; // the part of an access that one register has

  enum class By : std::uint8_t { transport, debugger };

  Status access(const Payload& payload, sc_core::sc_time& delay);
  Slice slice_of(const Payload& payload, unsigned from, bool uses_byte_enables) const;
  Status check(const Slice& slice, bool is_write, By by) const;
  bool is_writable(const Slice& slice, By by) const;
  bool takes(const ProbeRow& row, std::uint64_t value) const;
  // Returns the bytes of the slice.
  unsigned carry_out(const Slice& slice, bool is_write, sc_core::sc_time& delay);

  std::uint64_t read(const Slice& slice, const sc_core::sc_time& ahead) const;
  std::uint64_t read_cpu() const;
  std::uint64_t read_status() const;
  void write(const Slice& slice, std::uint64_t value, sc_core::sc_time& delay);
  void write_shadow(Shadow shadow);
  void write_traps(DebugTraps Boundary::*traps, std::uint64_t payload);
  void write_msr(std::uint32_t index, std::uint64_t value, const sc_core::sc_time& ahead);

  void halt(bool requested);
  Request resume_by(std::uint64_t verb) const;
  void resume(const Request& request, sc_core::sc_time& delay);
  void take_outcome(const Outcome& outcome) override; // of a resume

  DebugCore& core_;
  bool halt_requested_ = false;
  std::uint64_t resume_value_ = 0;
  ResumeVerb verb_{}; // of the last resume
  std::optional<Resumption> resumption_;
  sc_core::sc_event halt_changed_{"halt_changed"};
  sc_core::sc_event resumed_{"resumed"};
};

} // namespace v0_1
} // namespace icebp
