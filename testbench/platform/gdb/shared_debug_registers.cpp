#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/platform/gdb/shared_debug_registers.h>

#include <algorithm>

namespace icebp::vp {
namespace {

constexpr std::uint32_t msr_debugctl = 0x1D9;
constexpr std::array<MsrSlot, 4> address_masks{MsrSlot::dr0_addr_mask, MsrSlot::dr1_addr_mask,
                                               MsrSlot::dr2_addr_mask, MsrSlot::dr3_addr_mask};
constexpr std::uint64_t own_bits = dr7::gd::mask | dr7::le::mask; // LE: a task switch clears it

unsigned rw_of(HardwareBreakpoint::Kind kind) {
  switch (kind) {
  case HardwareBreakpoint::Kind::execution:
    return dr7::rw_execution;
  case HardwareBreakpoint::Kind::write:
    return dr7::rw_write;
  case HardwareBreakpoint::Kind::read:
  case HardwareBreakpoint::Kind::access:
    break;
  }
  return dr7::rw_read_write;
}

// Every bit of DR7 that is breakpoint `n`'s.
constexpr std::uint64_t bits_of(unsigned n) {
  return std::uint64_t{3} << (2 * n) | std::uint64_t{0xF} << (16 + 4 * n);
}

std::uint64_t dr7_of(unsigned n, unsigned rw, unsigned length) {
  const auto* const len = std::find(std::begin(dr7::lengths), std::end(dr7::lengths),
                                    static_cast<std::uint8_t>(length));
  const auto code = static_cast<std::uint64_t>(len - std::begin(dr7::lengths));
  return dr7::g0::mask << (2 * n) | (std::uint64_t{rw} | code << 2) << (16 + 4 * n);
}

CauseSet causes_of(std::uint64_t payload) {
  return only_if((payload & dr6::b::mask) != 0, Cause::data_breakpoint) |
         only_if((payload & dr6::bs::mask) != 0, Cause::single_step) |
         only_if((payload & dr6::bt::mask) != 0, Cause::task_switch) |
         only_if((payload & dr6::bld::mask) != 0, Cause::bus_lock);
}

} // namespace

void SharedDebugRegisters::connect() {
  core_.cpu().on_redirected = [this](Cpu&, const Delivery& delivery) { redirected_ = delivery; };
}

// --- who has which register

unsigned SharedDebugRegisters::widest() const {
  return core_.debug.cpu().profile.has(Feature::lm) ? 8 : 4;
}

std::vector<SharedDebugRegisters::Piece>
SharedDebugRegisters::pieces_of(const std::vector<HardwareBreakpoint>& breakpoints,
                                unsigned widest) {
  std::vector<Piece> pieces;
  for (const HardwareBreakpoint& breakpoint : breakpoints) {
    std::uint64_t left =
        breakpoint.kind == HardwareBreakpoint::Kind::execution ? 1 : breakpoint.length;
    for (std::uint64_t at = breakpoint.address; left != 0 && pieces.size() <= 4;) {
      unsigned length = widest;
      while (at % length != 0 || length > left)
        length /= 2;
      pieces.push_back({breakpoint, at, length});
      at += length;
      left -= length;
    }
  }
  return pieces;
}

// From the last down: guests begin with the first. A register with an address mask is the guest's.
std::vector<unsigned> SharedDebugRegisters::free_registers() const {
  std::vector<unsigned> free;
  for (unsigned n = 4; n-- != 0;)
    if (!dr7::is_enabled(guest(7), n) && core_.debug.state()[address_masks[n]] == 0)
      free.push_back(n);
  return free;
}

bool SharedDebugRegisters::has_room_for(const std::vector<HardwareBreakpoint>& breakpoints) const {
  return pieces_of(breakpoints, widest()).size() <= free_registers().size();
}

void SharedDebugRegisters::assign() {
  owner_.fill(nullptr);
  std::vector<unsigned> registers = free_registers();
  for (unsigned n = 4; n-- != 0;)
    if (std::find(registers.begin(), registers.end(), n) == registers.end())
      registers.push_back(n);
  for (std::size_t n = 0; n < pieces_.size(); ++n)
    owner_[registers[n]] = &pieces_[n];
}

std::vector<unsigned> SharedDebugRegisters::displaced() const {
  std::vector<unsigned> numbers;
  for (unsigned n = 0; n < 4; ++n)
    if (owner_[n] != nullptr && dr7::is_enabled(guest_[7], n))
      numbers.push_back(n);
  return numbers;
}

void SharedDebugRegisters::set(const std::vector<HardwareBreakpoint>& breakpoints) {
  if (pieces_.empty())
    capture();
  else
    release();
  pieces_ = pieces_of(breakpoints, widest());
  if (pieces_.empty())
    owner_.fill(nullptr);
  else
    arm();
}

std::uint64_t SharedDebugRegisters::guest(unsigned dr) const {
  return pieces_.empty() ? core_.debug.state().dr[dr] : guest_[dr];
}

// The core puts the value right.
void SharedDebugRegisters::set_guest(unsigned dr, std::uint64_t value) {
  as_guest([&] { core_.debug.poke_dr(dr, value); });
  core_.cpu().rearm();
}

// --- whose values the core has

void SharedDebugRegisters::poke(const std::array<std::uint64_t, 8>& dr) {
  for (const unsigned n : {0U, 1U, 2U, 3U, 6U, 7U})
    core_.debug.poke_dr(n, dr[n]);
  core_.cpu().rearm();
}

void SharedDebugRegisters::capture() { guest_ = core_.debug.state().dr; }

void SharedDebugRegisters::arm() {
  assign();
  std::array<std::uint64_t, 8> dr = guest_;
  dr[7] |= own_bits;
  for (unsigned n = 0; n < 4; ++n)
    if (const Piece* piece = owner_[n]) {
      dr[n] = piece->address;
      dr[7] = (dr[7] & ~bits_of(n)) | dr7_of(n, rw_of(piece->of.kind), piece->length);
    }
  poke(dr);
  armed_dr7_ = core_.debug.state().dr[7];
  core_.cpu().redirect_db(true);
}

void SharedDebugRegisters::release() {
  poke(guest_);
  core_.cpu().redirect_db(false);
}

void SharedDebugRegisters::as_guest(const std::function<void()>& action) {
  if (pieces_.empty())
    return action();
  release();
  action();
  capture();
  arm();
}

// --- around an instruction

void SharedDebugRegisters::note() {
  const CoreState& state = core_.debug.state();
  if (state.dr[7] != armed_dr7_)
    follow_other_changes();
  before_ = {state.boundary, state[MsrSlot::debugctl], core_.cpu().flag(flag::rf)};
}

// INIT and RESET set every debug register, a task switch clears the local enables.
void SharedDebugRegisters::follow_other_changes() {
  if ((core_.debug.state().dr[7] & dr7::gd::mask) == 0)
    capture();
  else
    follow_task_switch();
  arm();
}

void SharedDebugRegisters::follow_task_switch() {
  if ((armed_dr7_ & ~core_.debug.state().dr[7] & dr7::local) != 0)
    guest_[7] &= ~dr7::local;
}

// A trap of INT1 comes before its end.
std::optional<HardwareBreakpoint> SharedDebugRegisters::take_redirected() {
  const Delivery delivery = *redirected_;
  redirected_.reset();
  follow_task_switch();
  const bool is_end =
      takes_no_time(delivery.request.operation) && delivery.outcome.kind == OutcomeKind::trap;
  end_redirection(is_end ? ResumeVerb::skip : ResumeVerb::reexecute);
  return is_end ? take_trap(delivery) : take_instruction(delivery);
}

// What the delivery to the firmware did is undone.
void SharedDebugRegisters::end_redirection(ResumeVerb verb) {
  Request request;
  request.operation = Operation::resume;
  request.verb = verb;
  request.context = core_.cpu().context();
  core_.cpu().debug().put(request);
  core_.cpu().debug().poke(msr_debugctl, before_.debugctl);
  arm();
}

// A breakpoint on the instruction; or MOV DR, INT1 or a breakpoint of the guest, which is executed
// again as without a debugger.
std::optional<HardwareBreakpoint> SharedDebugRegisters::take_instruction(const Delivery& delivery) {
  Cpu& cpu = core_.cpu();
  cpu.set_flag(flag::rf, before_.rf);
  const HardwareBreakpoint* mine = delivery.outcome.cause == Cause::instruction_breakpoint
                                       ? met(delivery.outcome.data, true)
                                       : nullptr;
  Boundary boundary = before_.boundary;
  if (mine == nullptr) {
    mine = take_mine(boundary.held);
    core_.debug.poke_boundary(boundary);
    const std::optional<HardwareBreakpoint> held =
        mine != nullptr ? std::make_optional(*mine) : std::nullopt;
    as_guest([&] { run_instruction(cpu.debug(), cpu); });
    return held;
  }
  core_.debug.poke_boundary(boundary);
  return *mine;
}

// What the guest would have got: delivered to it now, or, where the debugger stops first, due at
// this boundary.
std::optional<HardwareBreakpoint> SharedDebugRegisters::take_trap(const Delivery& delivery) {
  Cpu& cpu = core_.cpu();
  Boundary boundary = core_.debug.state().boundary;
  boundary.due = {delivery.outcome.data, only(delivery.outcome.cause)};
  if (const HardwareBreakpoint* mine = take_mine(boundary.due)) {
    const HardwareBreakpoint hit = *mine;
    core_.debug.poke_boundary(boundary);
    return hit;
  }
  if (boundary.due.any()) {
    core_.debug.poke_boundary(boundary);
    as_guest([&] {
      Life life(cpu.debug(), cpu);
      Request again = delivery.request;
      again.ending = Ending::plain;
      life.put(again);
    });
  }
  return std::nullopt;
}

// Leaves the guest's part of `traps`; what was taken out of them, or null.
const HardwareBreakpoint* SharedDebugRegisters::take_mine(DebugTraps& traps) const {
  const HardwareBreakpoint* mine = met(traps.payload, false);
  std::uint64_t own = 0, enabled = 0;
  for (unsigned n = 0; n < 4; ++n) {
    own |= owner_[n] != nullptr ? std::uint64_t{1} << n : 0;
    enabled |= dr7::is_enabled(guest_[7], n) ? std::uint64_t{1} << n : 0;
  }
  const std::uint64_t guests = traps.payload & ~own;
  if (traps.payload == guests)
    return nullptr;
  traps = (guests & (enabled | ~dr6::b::mask)) != 0 ? DebugTraps{guests, causes_of(guests)}
                                                    : DebugTraps{};
  return mine;
}

const HardwareBreakpoint* SharedDebugRegisters::met(std::uint64_t payload, bool execution) const {
  for (unsigned n = 0; n < 4; ++n)
    if (owner_[n] != nullptr && (payload >> n & 1) != 0 &&
        (owner_[n]->of.kind == HardwareBreakpoint::Kind::execution) == execution)
      return &owner_[n]->of;
  return nullptr;
}

} // namespace icebp::vp
