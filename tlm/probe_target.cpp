#include <icebp/model/report_ids.h>
#include <icebp/model/report_text.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/tlm/probe_target.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace icebp {
inline namespace v0_1 {

using Payload = ::tlm::tlm_generic_payload;
using Status = ::tlm::tlm_response_status;

// Bytes are in the order of the host, as those of the words of a data array (IEEE 1666-2011 14.18).
struct ProbeTarget::Slice {
  const ProbeRow* row = nullptr; // nullptr: there is no register
  std::uint32_t msr = 0;         // index, of `ProbeRegister::msr`
  unsigned first = 0;            // byte of the register
  unsigned count = 0;
  unsigned char* data = nullptr;
  std::array<bool, 8> enabled{}; // by byte of the register

  unsigned enabled_bytes() const {
    return static_cast<unsigned>(std::count(enabled.begin(), enabled.end(), true));
  }
  // Gives `value` with the enabled bytes of the data in their places.
  std::uint64_t put_into(std::uint64_t value) const {
    unsigned char bytes[8];
    std::memcpy(bytes, &value, sizeof bytes);
    for (unsigned n = 0; n < sizeof bytes; ++n)
      if (enabled[n])
        bytes[n] = data[n - first];
    std::memcpy(&value, bytes, sizeof bytes);
    return value;
  }
  void take_from(std::uint64_t value) const {
    unsigned char bytes[8];
    std::memcpy(bytes, &value, sizeof bytes);
    for (unsigned n = 0; n < sizeof bytes; ++n)
      if (enabled[n])
        data[n - first] = bytes[n];
  }
};

namespace {

constexpr std::uint64_t none_yet = 0xFFFFFFFF;

bool has_legal_byte_enables(const Payload& payload) {
  const unsigned char* enables = payload.get_byte_enable_ptr();
  const auto is_legal = [](unsigned char it) {
    return it == TLM_BYTE_DISABLED || it == TLM_BYTE_ENABLED;
  };
  const unsigned length = std::min(payload.get_byte_enable_length(), payload.get_data_length());
  return !enables || (length != 0 && std::all_of(enables, enables + length, is_legal));
}

// The attributes that do not depend on the registers.
Status check_attributes(const Payload& payload) {
  if (payload.get_data_length() == 0 || payload.get_streaming_width() < payload.get_data_length())
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  if (!payload.get_data_ptr())
    return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  return has_legal_byte_enables(payload) ? ::tlm::TLM_OK_RESPONSE
                                         : ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
}

bool moves_data(const Payload& payload) { return payload.is_read() || payload.is_write(); }

template <typename Field, typename T>
constexpr std::uint64_t as(T value) {
  return Field::set(0, static_cast<std::uint64_t>(value));
}

// Gives what `msr` holds after a probe wrote `value` over `old_value`.
std::uint64_t legalised(const ResolvedMsr& msr, std::uint64_t old_value, std::uint64_t value) {
  const unsigned unused = 64 - msr.canonical_bits;
  const auto address =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
  const std::uint64_t flags = ~(~std::uint64_t{0} >> msr.flags);
  const std::uint64_t legal = (value & flags) | (address & ~flags);
  return (legal & msr.writable) | (old_value & ~msr.writable);
}

// The bits of traps that the CPU can meet; general detect is a fault.
constexpr std::uint64_t payload_of_traps(const CpuProfile& profile) {
  return payload::all &
         ~(payload::general_detect | (profile.has(Feature::rtm) ? 0 : payload::rtm_abort) |
           (profile.has(Feature::bus_lock_detect) ? 0 : payload::bus_lock));
}

std::uint64_t image_of(const PendingException& pending) {
  return as<probe::vector>(pending.vector) | as<probe::from_int1>(pending.from_int1) |
         as<probe::destination>(pending.destination);
}

std::uint64_t image_of(const Redirected& redirected) {
  return as<probe::is_valid>(redirected.valid) | as<probe::operation>(redirected.operation) |
         as<probe::cause>(redirected.cause) | as<probe::mode>(redirected.mode) |
         as<probe::dr>(redirected.dr);
}

std::uint64_t image_of(const Outcome& outcome) {
  return as<probe::vector>(outcome.vector) | as<probe::kind>(outcome.kind) |
         as<probe::cause>(outcome.cause);
}

} // namespace

ProbeTarget::ProbeTarget(const sc_core::sc_module_name& name, DebugCore& core)
    : sc_module(name), core_(core) {
  socket.bind(*this);
}

// ---- Transport ----------------------------------------------------------------------------------

void ProbeTarget::b_transport(Payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);
  payload.set_response_status(access(payload, delay));
}

::tlm::tlm_sync_enum ProbeTarget::nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase,
                                                  sc_core::sc_time& delay) {
  if (phase == ::tlm::BEGIN_REQ) {
    b_transport(payload, delay);
    return ::tlm::TLM_COMPLETED;
  }
  if (phase == ::tlm::UNINITIALIZED_PHASE || phase == ::tlm::END_REQ ||
      phase == ::tlm::BEGIN_RESP || phase == ::tlm::END_RESP)
    SC_REPORT_ERROR(report::probe_phase_refused,
                    report::text_of(*this, "every access is over at its BEGIN_REQ").c_str());
  return ::tlm::TLM_ACCEPTED; // a phase that a protocol adds is ignored (IEEE 1666-2011 15.2.5)
}

bool ProbeTarget::get_direct_mem_ptr(Payload&, ::tlm::tlm_dmi& dmi) {
  dmi.init(); // every address
  dmi.allow_read_write();
  return false;
}

unsigned ProbeTarget::transport_dbg(Payload& payload) {
  const bool is_full = payload.get_gp_option() == ::tlm::TLM_FULL_PAYLOAD;
  Status status =
      is_full && moves_data(payload) ? check_attributes(payload) : ::tlm::TLM_OK_RESPONSE;
  unsigned done = 0;
  if (moves_data(payload) && payload.get_data_ptr())
    while (status == ::tlm::TLM_OK_RESPONSE && done < payload.get_data_length()) {
      const Slice slice = slice_of(payload, done, is_full);
      status = check(slice, payload.is_write(), By::debugger);
      sc_core::sc_time now;
      if (status == ::tlm::TLM_OK_RESPONSE)
        done += carry_out(slice, payload.is_write(), now);
    }
  if (is_full) {
    payload.set_gp_option(::tlm::TLM_FULL_PAYLOAD_ACCEPTED);
    payload.set_response_status(status);
  }
  return done;
}

// ---- Accesses -----------------------------------------------------------------------------------

Status ProbeTarget::access(const Payload& payload, sc_core::sc_time& delay) {
  if (!moves_data(payload))
    return ::tlm::TLM_OK_RESPONSE;
  if (const Status status = check_attributes(payload); status != ::tlm::TLM_OK_RESPONSE)
    return status;
  const unsigned length = payload.get_data_length();
  for (unsigned done = 0; done < length;) {
    const Slice slice = slice_of(payload, done, true);
    const Status status = check(slice, payload.is_write(), By::transport);
    if (status != ::tlm::TLM_OK_RESPONSE)
      return status;
    done += slice.count;
  }
  for (unsigned done = 0; done < length;)
    done += carry_out(slice_of(payload, done, true), payload.is_write(), delay);
  return ::tlm::TLM_OK_RESPONSE;
}

ProbeTarget::Slice ProbeTarget::slice_of(const Payload& payload, unsigned from,
                                         bool uses_byte_enables) const {
  const std::uint64_t address = payload.get_address() + from;
  Slice slice;
  slice.row = find_probe_row(address);
  if (slice.row && slice.row->is == ProbeRegister::msr) {
    slice.msr = static_cast<std::uint32_t>((address - probe::msr_region) / 8);
    if (core_.cpu().msrs.find(slice.msr).on_platform)
      slice.row = nullptr;
  }
  slice.first = address % 8;
  slice.count = std::min(8 - slice.first, payload.get_data_length() - from);
  slice.data = payload.get_data_ptr() + from;
  const unsigned char* enables = uses_byte_enables ? payload.get_byte_enable_ptr() : nullptr;
  for (unsigned n = 0; n < slice.count; ++n)
    slice.enabled[slice.first + n] =
        !enables || enables[(from + n) % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED;
  return slice;
}

Status ProbeTarget::check(const Slice& slice, bool is_write, By by) const {
  if (!slice.row)
    return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (!is_write || slice.enabled_bytes() == 0)
    return ::tlm::TLM_OK_RESPONSE;
  if (!is_writable(slice, by))
    return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (slice.row->access == ProbeAccess::command && slice.enabled_bytes() != 8)
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  return takes(*slice.row, slice.put_into(read(slice, sc_core::SC_ZERO_TIME)))
             ? ::tlm::TLM_OK_RESPONSE
             : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

bool ProbeTarget::is_writable(const Slice& slice, By by) const {
  if (slice.row->is == ProbeRegister::msr)
    return core_.cpu().msrs.find(slice.msr).accepts_writes;
  switch (slice.row->access) {
  case ProbeAccess::read_only:
    return false;
  case ProbeAccess::read_write:
    return true;
  case ProbeAccess::command:
    break;
  }
  return by == By::transport;
}

bool ProbeTarget::takes(const ProbeRow& row, std::uint64_t value) const {
  const bool is_of_the_port =
      row.is == ProbeRegister::halt || row.is == ProbeRegister::resume_value;
  if (value > ~std::uint64_t{0} >> (64 - row.width) || (core_.in_reset() && !is_of_the_port))
    return false;
  if (row.is == ProbeRegister::shadow)
    return value < name_table<Shadow>.size();
  return row.is != ProbeRegister::resume ||
         (core_.idle() && is_well_formed(core_.state(), resume_by(value)));
}

unsigned ProbeTarget::carry_out(const Slice& slice, bool is_write, sc_core::sc_time& delay) {
  if (!is_write)
    slice.take_from(read(slice, delay));
  else if (slice.enabled_bytes() != 0)
    write(slice, slice.put_into(read(slice, delay)), delay);
  return slice.count;
}

// ---- Registers ----------------------------------------------------------------------------------

std::uint64_t ProbeTarget::read(const Slice& slice, const sc_core::sc_time& ahead) const {
  const CoreState& state = core_.state();
  const Boundary& boundary = state.boundary;
  switch (slice.row->is) {
  case ProbeRegister::map:
    return probe::map_value;
  case ProbeRegister::cpu:
    return read_cpu();
  case ProbeRegister::identity:
    return as<probe::apic_id>(state.identity.apic_id) | as<probe::bsp>(state.identity.bsp);
  case ProbeRegister::status:
    return read_status();
  case ProbeRegister::dr0:
    return state.dr[0];
  case ProbeRegister::dr1:
    return state.dr[1];
  case ProbeRegister::dr2:
    return state.dr[2];
  case ProbeRegister::dr3:
    return state.dr[3];
  case ProbeRegister::dr6:
    return state.dr[6];
  case ProbeRegister::dr7:
    return state.dr[7];
  case ProbeRegister::cr2:
    return state.cr2;
  case ProbeRegister::pending:
    return image_of(state.pending);
  case ProbeRegister::pending_payload:
    return state.pending.payload;
  case ProbeRegister::shadow:
    return static_cast<std::uint64_t>(boundary.shadow);
  case ProbeRegister::instruction:
    return as<probe::single_step>(boundary.single_step) |
           as<probe::block_iterations>(boundary.block_iterations) |
           as<probe::late_iterations>(boundary.late_iterations);
  case ProbeRegister::raised:
    return boundary.raised.payload;
  case ProbeRegister::raised_causes:
    return boundary.raised.causes;
  case ProbeRegister::held:
    return boundary.held.payload;
  case ProbeRegister::held_causes:
    return boundary.held.causes;
  case ProbeRegister::due:
    return boundary.due.payload;
  case ProbeRegister::due_causes:
    return boundary.due.causes;
  case ProbeRegister::redirected:
    return image_of(state.redirected);
  case ProbeRegister::redirected_value:
    return state.redirected.value;
  case ProbeRegister::resume_value:
    return resume_value_;
  case ProbeRegister::resume_outcome:
    return resumption_ ? image_of(resumption_->outcome) : none_yet;
  case ProbeRegister::resume_result:
    return resumption_ ? resumption_->outcome.value() : 0;
  case ProbeRegister::halt:
    return halt_requested_ ? 1 : 0;
  case ProbeRegister::resume:
  case ProbeRegister::reset:
    return 0;
  case ProbeRegister::msr:
    break;
  }
  return core_.peek(slice.msr, ahead).value_or(0);
}

std::uint64_t ProbeTarget::read_cpu() const {
  const CpuProfile& profile = core_.cpu().profile;
  return as<probe::vendor>(profile.vendor) | as<probe::linear_bits>(profile.linear_address_bits()) |
         as<probe::physical_bits>(profile.physical_address_bits);
}

std::uint64_t ProbeTarget::read_status() const {
  const CoreState& state = core_.state();
  return as<probe::phase>(core_.phase()) | as<probe::idle>(core_.idle()) |
         as<probe::is_pending>(state.pending.is_valid()) |
         as<probe::is_held>(state.redirected.valid) | as<probe::is_halted>(halt_requested_) |
         as<probe::timed>(core_.timing() == Timing::timed) | as<probe::in_reset>(core_.in_reset());
}

void ProbeTarget::write(const Slice& slice, std::uint64_t value, sc_core::sc_time& delay) {
  switch (slice.row->is) {
  case ProbeRegister::dr0:
    core_.poke_dr(0, value);
    return;
  case ProbeRegister::dr1:
    core_.poke_dr(1, value);
    return;
  case ProbeRegister::dr2:
    core_.poke_dr(2, value);
    return;
  case ProbeRegister::dr3:
    core_.poke_dr(3, value);
    return;
  case ProbeRegister::dr6:
    core_.poke_dr(6, value);
    return;
  case ProbeRegister::dr7:
    core_.poke_dr(7, value);
    return;
  case ProbeRegister::shadow:
    return write_shadow(static_cast<Shadow>(value));
  case ProbeRegister::raised:
    return write_traps(&Boundary::raised, value);
  case ProbeRegister::held:
    return write_traps(&Boundary::held, value);
  case ProbeRegister::due:
    return write_traps(&Boundary::due, value);
  case ProbeRegister::resume_value:
    resume_value_ = value;
    return;
  case ProbeRegister::resume:
    return resume(resume_by(value), delay);
  case ProbeRegister::halt:
    return halt(value != 0);
  case ProbeRegister::reset:
    if (value != 0)
      core_.reset();
    return;
  case ProbeRegister::msr:
    return write_msr(slice.msr, value, delay);
  case ProbeRegister::map:
  case ProbeRegister::cpu:
  case ProbeRegister::identity:
  case ProbeRegister::status:
  case ProbeRegister::cr2:
  case ProbeRegister::pending:
  case ProbeRegister::pending_payload:
  case ProbeRegister::instruction:
  case ProbeRegister::raised_causes:
  case ProbeRegister::held_causes:
  case ProbeRegister::due_causes:
  case ProbeRegister::redirected:
  case ProbeRegister::redirected_value:
  case ProbeRegister::resume_outcome:
  case ProbeRegister::resume_result:
    return;
  }
}

void ProbeTarget::write_shadow(Shadow shadow) {
  Boundary boundary = core_.state().boundary;
  boundary.shadow = shadow;
  core_.poke_boundary(boundary);
}

void ProbeTarget::write_traps(DebugTraps Boundary::*traps, std::uint64_t payload) {
  payload &= payload_of_traps(core_.cpu().profile);
  Boundary boundary = core_.state().boundary;
  boundary.*traps = {payload, only_if(payload != 0, Cause::held_trap)};
  core_.poke_boundary(boundary);
}

void ProbeTarget::write_msr(std::uint32_t index, std::uint64_t value,
                            const sc_core::sc_time& ahead) {
  const ResolvedMsr& msr = core_.cpu().msrs.find(index);
  core_.poke(index, legalised(msr, core_.peek(index, ahead).value_or(0), value), ahead);
}

// ---- Commands -----------------------------------------------------------------------------------

void ProbeTarget::halt(bool requested) {
  if (requested != halt_requested_)
    halt_changed_.notify(sc_core::SC_ZERO_TIME);
  halt_requested_ = requested;
}

Request ProbeTarget::resume_by(std::uint64_t verb) const {
  Request request;
  request.operation = Operation::resume;
  request.verb = static_cast<ResumeVerb>(verb);
  request.value = resume_value_;
  return request;
}

void ProbeTarget::resume(const Request& request, sc_core::sc_time& delay) {
  resumption_.reset();
  verb_ = request.verb;
  if (core_.timing() == Timing::timed)
    return core_.issue(request, this);
  const Execution execution = core_.execute(request, delay);
  delay += core_.clock().cycles(execution.cycles, delay);
  take_outcome(execution.outcome);
}

void ProbeTarget::take_outcome(const Outcome& outcome) {
  resumption_ = Resumption{verb_, outcome};
  resumed_.notify(sc_core::SC_ZERO_TIME);
}

} // namespace v0_1
} // namespace icebp
