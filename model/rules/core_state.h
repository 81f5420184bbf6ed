#pragma once

#include <icebp/model/rules/request.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace icebp {

// Registers that rules name. Every other MSR has a slot behind these, given by the MSR table.
enum class MsrSlot : std::uint16_t { debugctl, efer, first_unnamed };

inline constexpr std::size_t msr_slot_count = 64;

// Where a #DB goes.
enum class DbDestination : std::uint8_t {
  handler,  // through the IDT
  firmware, // ICE, probe mode or SMM
  vmx_exit, // to the hypervisor, DR6 and DR7.GD untouched
  svm_exit, // to the hypervisor, after delivery
};

// A #DB that was raised and not yet delivered.
struct PendingDb {
  bool valid = false;
  bool from_int1 = false;
  DbDestination destination = DbDestination::handler;
  std::uint64_t payload = 0;
};

// The instruction that brought debug firmware in; what `resume` acts on.
struct Redirected {
  bool valid = false;
  Cause cause = Cause::none;
  Request request;
};

// Everything of the debug unit and the MSR block that is saved, restored and compared.
struct CoreState {
  std::array<std::uint64_t, 8> dr{}; // by number; DR4 and DR5 are aliases and hold nothing
  PendingDb pending;
  Redirected redirected;
  std::array<std::uint64_t, msr_slot_count> msr{};

  std::uint64_t& operator[](MsrSlot slot) { return msr[static_cast<std::size_t>(slot)]; }
  std::uint64_t operator[](MsrSlot slot) const { return msr[static_cast<std::size_t>(slot)]; }
};

} // namespace icebp
