#include <icebp/model/rules/msr/msr_behaviour.h>
#include <icebp/model/rules/registers/apic_base.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/registers/efer.h>

namespace icebp {
namespace {

constexpr bool is_set(std::uint64_t value, unsigned bit) { return (value >> bit & 1) != 0; }

namespace feature_control {
constexpr unsigned lock = 0, lmce_on = 20;
}
namespace debug_interface {
constexpr unsigned lock = 30;
}
namespace rtit_ctl {
constexpr unsigned trace_en = 0;
}
namespace misc_enable { // Intel's; 0 on AMD
constexpr unsigned xd_disable = 34;
}
namespace hwcr {
constexpr unsigned smm_lock = 0, mc_status_wr_en = 18;
}
namespace vm_cr {
constexpr unsigned lock = 3, svmdis = 4;
}

// ---- Memory types

using TypeSet = unsigned; // a bit each
constexpr TypeSet mtrr_types = 1u << 0 | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 6;
constexpr TypeSet pat_types = mtrr_types | 1u << 7;

constexpr bool is_memory_type(TypeSet types, std::uint64_t byte) {
  return byte <= 7 && is_set(types, static_cast<unsigned>(byte));
}

constexpr bool is_memory_type_in_each_byte(TypeSet types, std::uint64_t value) {
  for (unsigned byte = 0; byte < 8; ++byte)
    if (!is_memory_type(types, value >> (8 * byte) & 0xFF))
      return false;
  return true;
}

// ---- EFER and VM_CR

bool is_legal_efer(const Quirks& quirks, bool paging, const CoreState& state, std::uint64_t value) {
  const std::uint64_t flipped = state[MsrSlot::efer] ^ value;
  if (paging && (flipped & efer::lme::mask) != 0)
    return false;
  if (efer::nxe::get(value) != 0 && is_set(state[MsrSlot::misc_enable], misc_enable::xd_disable))
    return false;
  if (efer::svme::get(value) != 0 && is_set(state[MsrSlot::vm_cr], vm_cr::svmdis))
    return false;
  return !(quirks.efer_lma_flip_faults && (flipped & efer::lma::mask) != 0);
}

bool is_legal_vm_cr(const CoreState& state, std::uint64_t value) {
  const bool locked = is_set(state[MsrSlot::vm_cr], vm_cr::lock);
  return locked || !is_set(value, vm_cr::svmdis) || efer::svme::get(state[MsrSlot::efer]) == 0;
}

// ---- Others

// MCi_CTL takes all zeros or all ones; bits 0 and 10 may be missing. (KVM set_msr_mce,
// kvm-unit-tests msr.c)
constexpr bool is_legal_mci_ctl(std::uint64_t value) {
  return value == 0 || (value | 1u << 0 | 1u << 10) == ~std::uint64_t{0};
}

// SUPPRESS and TRACKER = WAIT_FOR_ENDBRANCH exclude each other.
constexpr bool is_legal_cet(std::uint64_t value) {
  return !(is_set(value, 10) && is_set(value, 11));
}

// While it traces, and goes on tracing, nothing may change (A. Hunter, lkml 2024-10-10).
constexpr bool is_legal_rtit_ctl(std::uint64_t old_value, std::uint64_t value) {
  const bool goes_on = is_set(old_value, rtit_ctl::trace_en) && is_set(value, rtit_ctl::trace_en);
  return !goes_on || value == old_value;
}

// As CPUID.1Ch:EAX[7:0] lists them where all its bits are set.
constexpr bool is_legal_lbr_depth(std::uint64_t value) {
  return value % 8 == 0 && value != 0 && value <= 64;
}

constexpr std::uint64_t counter_mask = ~std::uint64_t{0} >> 16;

constexpr std::uint64_t sign_extended32(std::uint64_t value) {
  return static_cast<std::uint64_t>(static_cast<std::int32_t>(value)) & counter_mask;
}

constexpr std::uint64_t kept_of_vm_cr(std::uint64_t old_value) {
  return is_set(old_value, vm_cr::lock) ? 1u << vm_cr::lock | 1u << vm_cr::svmdis : 0;
}

} // namespace

bool is_reachable(const CoreState& state, const ResolvedMsr& msr) {
  switch (msr.needs) {
  case MsrNeeds::x2apic_mode:
    return apic_base::is_x2apic(state[MsrSlot::apic_base]);
  case MsrNeeds::lmce_on:
    return is_set(state[MsrSlot::feature_control], feature_control::lmce_on);
  case MsrNeeds::nothing:
    break;
  }
  return true;
}

bool is_locked(const CoreState& state, const ResolvedMsr& msr) {
  switch (msr.lock) {
  case MsrLock::own_bit_0:
    return is_set(state.msr[msr.slot], feature_control::lock);
  case MsrLock::own_bit_30:
    return is_set(state.msr[msr.slot], debug_interface::lock);
  case MsrLock::hwcr_smm_lock:
    return is_set(state[MsrSlot::hwcr], hwcr::smm_lock);
  case MsrLock::trace_en:
    return is_set(state[MsrSlot::rtit_ctl], rtit_ctl::trace_en);
  case MsrLock::none:
    break;
  }
  return false;
}

bool is_canonical_value(const ResolvedMsr& msr, std::uint64_t value) {
  if (msr.canonical == MsrCanonical::ler_from) // bit 63 is free: judged as bit 62
    value = (value & ~std::uint64_t{0} >> 1) | (value & std::uint64_t{1} << 62) << 1;
  return is_canonical(value, msr.canonical_bits);
}

bool is_legal_value(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                    const Request& request) {
  const std::uint64_t value = request.value;
  const std::uint64_t old_value = state.msr[msr.slot];
  switch (msr.rule) {
  case MsrValueRule::pat:
    return is_memory_type_in_each_byte(pat_types, value);
  case MsrValueRule::mtrr_fixed:
    return is_memory_type_in_each_byte(mtrr_types, value);
  case MsrValueRule::mtrr_type:
    return is_memory_type(mtrr_types, value & 0xFF);
  case MsrValueRule::efer:
    return is_legal_efer(profile.quirks, request.context.cr0_pg, state, value);
  case MsrValueRule::apic_base:
    return apic_base::is_legal_move(old_value, value);
  case MsrValueRule::cet:
    return is_legal_cet(value);
  case MsrValueRule::mci_ctl:
    return is_legal_mci_ctl(value);
  case MsrValueRule::mci_status:
    return value == 0 || is_set(state[MsrSlot::hwcr], hwcr::mc_status_wr_en);
  case MsrValueRule::vm_cr:
    return is_legal_vm_cr(state, value);
  case MsrValueRule::rtit_ctl:
    return is_legal_rtit_ctl(old_value, value);
  case MsrValueRule::lbr_depth:
    return is_legal_lbr_depth(value);
  case MsrValueRule::any:
    break;
  }
  return true;
}

void complete_write(CoreState& state, const ResolvedMsr& msr, std::uint64_t old_value,
                    std::uint64_t now) {
  std::uint64_t& value = state.msr[msr.slot];
  switch (msr.on_write) {
  case MsrOnWrite::sign_extend32:
    value = sign_extended32(value);
    break;
  case MsrOnWrite::tsc:
    value = stored_of(msr, value, now);
    state[MsrSlot::tsc_adjust] += value - old_value;
    break;
  case MsrOnWrite::tsc_adjust:
    state[MsrSlot::tsc] += value - old_value;
    break;
  case MsrOnWrite::hwcr:
    value |= old_value & 1u << hwcr::smm_lock;
    break;
  case MsrOnWrite::vm_cr: {
    const std::uint64_t kept = kept_of_vm_cr(old_value);
    value = (value & ~kept) | (old_value & kept);
    break;
  }
  case MsrOnWrite::store:
  case MsrOnWrite::clear:
  case MsrOnWrite::pulse:
    break;
  }
}

} // namespace icebp
