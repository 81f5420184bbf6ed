#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/msr_checks.h>
#include <icebp/model/rules/msr/user_msr.h>
#include <icebp/model/rules/registers/apic_base.h>
#include <icebp/model/rules/registers/canonical.h>

namespace icebp {
inline namespace v0_1 {
namespace {

template <Feature feature>
bool lacks(const CpuModel& cpu, const CoreState&, const Request&) {
  return !cpu.profile.has(feature);
}

// --- the register; one that the platform keeps has no check of the model but its mode

bool is_platforms(const CpuModel& cpu, const Request& request) {
  return cpu.profile.leaves_to_platform(request.msr);
}

bool is_unknown(const CpuModel& cpu, const CoreState&, const Request& request) {
  return !cpu.msrs.find(request.msr).present && !is_platforms(cpu, request);
}

bool is_out_of_reach(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  return msr.does->is_reachable && !msr.does->is_reachable(state, msr.number);
}

// Of a register that is there and the model's.
template <bool (*fails)(const CpuModel&, const CoreState&, const ResolvedMsr&, const Request&)>
bool of_register(const CpuModel& cpu, const CoreState& state, const Request& request) {
  const ResolvedMsr& msr = cpu.msrs.find(request.msr);
  return msr.present && !is_platforms(cpu, request) && fails(cpu, state, msr, request);
}

bool is_write_only(const CpuModel&, const CoreState&, const ResolvedMsr& msr, const Request&) {
  return !msr.readable;
}
bool is_read_only(const CpuModel&, const CoreState&, const ResolvedMsr& msr, const Request&) {
  return !msr.accepts_writes;
}
bool is_locked(const CpuModel&, const CoreState& state, const ResolvedMsr& msr, const Request&) {
  return msr.does->is_locked && msr.does->is_locked(state, state.msr[msr.slot]);
}
// Of IA32_APIC_BASE: what no mask of its own tells, as another register locks one bit of it.
bool leaves_locked_x2apic_mode(const CpuModel& cpu, const CoreState& state, const ResolvedMsr& msr,
                               const Request& request) {
  using xapic_disable_status::legacy_xapic_disabled;
  const ResolvedMsr& status = cpu.msrs.find(xapic_disable_status::index);
  return request.msr == apic_base::index && status.present && status.in_catalogue &&
         legacy_xapic_disabled::get(state.msr[status.slot]) != 0 &&
         apic_base::extd::get(state.msr[msr.slot] & ~request.value) != 0;
}
bool is_of_smm(const CpuModel&, const CoreState&, const ResolvedMsr& msr, const Request&) {
  return msr.smm_only;
}
bool sets_reserved_bits(const CpuModel&, const CoreState&, const ResolvedMsr& msr,
                        const Request& request) {
  return (request.value & msr.gp) != 0;
}
bool is_not_canonical(const CpuModel&, const CoreState&, const ResolvedMsr& msr,
                      const Request& request) {
  // Flags are judged as the bit below them.
  const std::uint64_t address = request.value << msr.flags;
  return !is_canonical(static_cast<std::uint64_t>(static_cast<std::int64_t>(address) >> msr.flags),
                       msr.canonical_bits);
}
bool is_illegal(const CpuModel& cpu, const CoreState& state, const ResolvedMsr& msr,
                const Request& request) {
  return msr.does->is_legal && !msr.does->is_legal({cpu.profile, state, request.context.cr0_pg,
                                                    state.msr[msr.slot], request.value});
}

// --- the parts of the lists

constexpr Check without_msrs{Cause::feature_absent, lacks<Feature::msr>, raise_ud,
                             "SDM vol. 2 RDMSR; APM vol. 3 RDMSR", Grade::doc};
constexpr Check not_cpl_0{Cause::cpl, is_not_cpl_0, raise_gp, "SDM vol. 2 RDMSR", Grade::doc};
constexpr Check intercepted{Cause::intercept, intercepts_instruction, exit_on_instruction,
                            "Bochs msr.cc RDMSR", Grade::sw};
constexpr Check not_64_bit{Cause::not_in_mode, is_not_64_bit, raise_ud, "Bochs opcode map",
                           Grade::sw};

constexpr std::array instruction{without_msrs, not_cpl_0, intercepted};
constexpr std::array instruction_at_any_cpl{without_msrs, intercepted};

constexpr Check unknown{Cause::msr_unknown, is_unknown, raise_gp, "SDM vol. 2 RDMSR", Grade::doc};
constexpr Check out_of_reach{Cause::not_in_mode, is_out_of_reach, raise_gp, "SDM vol. 3 10.12.1.2",
                             Grade::doc};

constexpr std::array of_read{
    unknown,
    out_of_reach,
    Check{Cause::msr_write_only, of_register<is_write_only>, raise_gp, "kvm-unit-tests msr.c",
          Grade::hw},
};

constexpr std::array of_write{
    unknown,
    out_of_reach,
    Check{Cause::msr_read_only, of_register<is_read_only>, raise_gp, "VirtualBox CPU database",
          Grade::hw},
    Check{Cause::msr_locked, of_register<is_locked>, raise_gp, "SDM vol. 4; KVM vmx.c", Grade::doc},
    Check{Cause::msr_locked, of_register<leaves_locked_x2apic_mode>, raise_gp,
          "Linux commit b8d1d163604b", Grade::sw},
    Check{Cause::not_in_mode, of_register<is_of_smm>, raise_gp, "VirtualBox CPU database",
          Grade::hw},
    Check{Cause::msr_reserved_bits, of_register<sets_reserved_bits>, raise_gp, "SDM vol. 2 WRMSR",
          Grade::doc},
    Check{Cause::msr_non_canonical, of_register<is_not_canonical>, raise_gp, "SDM vol. 2 WRMSR",
          Grade::doc},
    Check{Cause::msr_value, of_register<is_illegal>, raise_gp, "SDM vol. 2 WRMSR", Grade::doc},
};

constexpr std::array of_wrmsrns{
    Check{Cause::feature_absent, lacks<Feature::wrmsrns>, raise_ud, "Bochs opcode map", Grade::sw}};
constexpr std::array of_immediate{
    Check{Cause::feature_absent, lacks<Feature::msr_imm>, raise_ud, "Bochs opcode map", Grade::sw},
    not_64_bit,
};
constexpr std::array of_user_msr{
    Check{Cause::feature_absent, lacks<Feature::user_msr>, raise_ud, "Bochs msr.cc URDMSR",
          Grade::sw},
    not_64_bit,
    Check{Cause::not_in_mode, user_msrs_are_disabled, raise_ud, "Bochs msr.cc URDMSR", Grade::sw},
    Check{Cause::user_msr_bitmap, is_beyond_user_msr_bitmap, raise_gp, "Bochs msr.cc URDMSR",
          Grade::sw},
    Check{Cause::user_msr_bitmap, user_msr_bitmap_forbids, raise_gp, "Bochs msr.cc URDMSR",
          Grade::sw},
};
constexpr std::array of_entry{Check{Cause::list_entry, has_encoding_fault<Cause::list_entry>,
                                    raise_gp, "Bochs msr.cc RDMSRLIST", Grade::sw}};

bool is_misaligned(const CpuModel&, const CoreState&, const Request& request) {
  return request.value % 8 != 0;
}
constexpr std::array of_list{
    Check{Cause::feature_absent, lacks<Feature::msrlist>, raise_ud, "Bochs msr.cc RDMSRLIST",
          Grade::sw},
    not_64_bit,
    not_cpl_0,
    Check{Cause::list_alignment, is_misaligned, raise_gp, "Bochs msr.cc RDMSRLIST", Grade::sw},
};

// --- the lists

constexpr auto rdmsr_checks = joined(encoding_checks, instruction, of_read);
constexpr auto wrmsr_checks = joined(encoding_checks, instruction, of_write);
constexpr auto wrmsrns_checks = joined(encoding_checks, of_wrmsrns, instruction, of_write);
constexpr auto rdmsr_imm_checks = joined(encoding_checks, of_immediate, instruction, of_read);
constexpr auto wrmsrns_imm_checks = joined(encoding_checks, of_immediate, instruction, of_write);
constexpr auto list_checks = joined(encoding_checks, of_list);
constexpr auto rdmsrlist_entry_checks = joined(of_entry, encoding_checks, instruction, of_read);
constexpr auto wrmsrlist_entry_checks = joined(of_entry, encoding_checks, instruction, of_write);
constexpr auto urdmsr_checks =
    joined(encoding_checks, of_user_msr, instruction_at_any_cpl, of_read);
constexpr auto uwrmsr_checks =
    joined(encoding_checks, of_user_msr, instruction_at_any_cpl, of_write);

} // namespace

Checks msr_checks(Operation operation) {
  switch (operation) {
  case Operation::rdmsr:
    return view_of(rdmsr_checks);
  case Operation::wrmsr:
    return view_of(wrmsr_checks);
  case Operation::wrmsrns:
    return view_of(wrmsrns_checks);
  case Operation::rdmsr_imm:
    return view_of(rdmsr_imm_checks);
  case Operation::wrmsrns_imm:
    return view_of(wrmsrns_imm_checks);
  case Operation::rdmsrlist:
  case Operation::wrmsrlist:
    return view_of(list_checks);
  case Operation::rdmsrlist_entry:
    return view_of(rdmsrlist_entry_checks);
  case Operation::wrmsrlist_entry:
    return view_of(wrmsrlist_entry_checks);
  case Operation::urdmsr:
    return view_of(urdmsr_checks);
  case Operation::uwrmsr:
    return view_of(uwrmsr_checks);
  case Operation::none:
  case Operation::mov_from_dr:
  case Operation::mov_to_dr:
  case Operation::int1:
  case Operation::page_fault:
  case Operation::resume:
  case Operation::reset:
  case Operation::init:
  case Operation::fetch:
  case Operation::data_read:
  case Operation::data_write:
  case Operation::io_access:
  case Operation::end_of_iteration:
  case Operation::end_of_instruction:
  case Operation::fault:
  case Operation::task_switch:
  case Operation::bus_lock:
  case Operation::rtm_abort:
  case Operation::branch:
  case Operation::pmi:
    break;
  }
  return {nullptr, 0};
}

} // namespace v0_1
} // namespace icebp
