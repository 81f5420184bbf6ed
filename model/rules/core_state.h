#pragma once

#include <icebp/model/rules/outcome.h>
#include <icebp/model/rules/request.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {

// Registers that rules name. Every other MSR has a slot behind these, given by the MSR table.
enum class MsrSlot : std::uint16_t { debugctl, efer, first_unnamed };

inline constexpr std::size_t msr_slot_count = 64;

// Where an exception goes.
enum class Destination : std::uint8_t {
  handler,  // through the IDT
  firmware, // ICE, probe mode or SMM; #DB only
  vmx_exit, // to the hypervisor; DR6, DR7.GD and CR2 stay as they are
  svm_exit, // to the hypervisor; a #DB is delivered first, CR2 stays as it is
};

// An exception that was raised and not yet delivered; its payload has not reached its register.
struct PendingException {
  Vector vector = Vector::none; // none: nothing is pending
  bool from_int1 = false;
  Destination destination = Destination::handler;
  std::uint64_t payload = 0; // of #DB, format as in payload.h; of #PF the address

  constexpr bool is_valid() const { return vector != Vector::none; }
};

// The instruction that brought debug firmware in; what `resume` acts on.
struct Redirected {
  bool valid = false;
  Cause cause = Cause::none;
  Request request;
};

// Everything of the debug unit, the MSR block and exceptions that is saved, restored and compared.
struct CoreState {
  std::array<std::uint64_t, 8> dr{}; // by number; DR4 and DR5 are aliases and hold nothing
  PendingException pending;
  std::uint64_t cr2 = 0; // written by the delivery of a #PF
  Redirected redirected;
  std::array<std::uint64_t, msr_slot_count> msr{};

  std::uint64_t& operator[](MsrSlot slot) { return msr[static_cast<std::size_t>(slot)]; }
  std::uint64_t operator[](MsrSlot slot) const { return msr[static_cast<std::size_t>(slot)]; }
};

} // namespace icebp
