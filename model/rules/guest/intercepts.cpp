#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/registers/dr6.h>

namespace icebp {
inline namespace v0_1 {
namespace {

// VM exits have these basic reasons (SDM vol. 3 appendix C).
constexpr std::uint16_t vmx_exception = 0;
constexpr std::uint16_t vmx_mov_dr = 29;
constexpr std::uint16_t vmx_rdmsr = 31;
constexpr std::uint16_t vmx_wrmsr = 32;     // WRMSRNS too
constexpr std::uint16_t vmx_rdmsrlist = 78; // Xen vmx.h
constexpr std::uint16_t vmx_wrmsrlist = 79;
constexpr std::uint16_t vmx_urdmsr = 80;
constexpr std::uint16_t vmx_uwrmsr = 81;
constexpr std::uint16_t vmx_rdmsr_imm = 84; // Linux uapi vmx.h
constexpr std::uint16_t vmx_wrmsrns_imm = 85;

// #VMEXITs have these codes (APM vol. 2 appendix C).
constexpr std::uint16_t svm_read_dr0 = 0x20;
constexpr std::uint16_t svm_write_dr0 = 0x30;
constexpr std::uint16_t svm_exception_0 = 0x40;
constexpr std::uint16_t svm_msr = 0x7C;
constexpr std::uint16_t svm_icebp = 0x88;

bool intercepts(const VmxControls& vmx, const Request& request) {
  if (request.is_mov_dr())
    return vmx.mov_dr_exiting;
  if (accesses_msr(request.operation))
    return !vmx.msr_bitmaps ||
           vmx.msr_bitmaps->exits(request.msr, writes_register(request.operation));
  return false;
}

// Whatever the map says, its accesses do not exit. (APM vol. 2 15.34.10)
constexpr std::uint32_t sev_status = 0xC0010131;

bool intercepts(const SvmControls& svm, const Request& request) {
  if (request.is_mov_dr())
    return ((writes_register(request.operation) ? svm.dr_write : svm.dr_read) >> request.dr & 1) !=
           0;
  if (accesses_msr(request.operation))
    return request.msr != sev_status && svm.msr_permissions &&
           svm.msr_permissions->exits(request.msr, writes_register(request.operation));
  return svm.icebp; // INT1
}

Outcome instruction_exit_with(unsigned code, std::uint64_t data) {
  Outcome outcome;
  outcome.kind = OutcomeKind::exit;
  outcome.cause = Cause::intercept;
  outcome.code = static_cast<std::uint16_t>(code);
  outcome.data = data;
  return outcome;
}

Outcome vmx_instruction_exit(const Request& request) {
  constexpr std::uint64_t direction_from_dr = 1 << 4;
  if (has_immediate_index(request.operation))
    return instruction_exit_with(
        writes_register(request.operation) ? vmx_wrmsrns_imm : vmx_rdmsr_imm, request.msr);
  if (is_msr_list_entry(request.operation))
    return instruction_exit_with(writes_register(request.operation) ? vmx_wrmsrlist : vmx_rdmsrlist,
                                 request.msr);
  if (is_user_msr(request.operation))
    return instruction_exit_with(writes_register(request.operation) ? vmx_uwrmsr : vmx_urdmsr,
                                 request.msr);
  if (accesses_msr(request.operation))
    return instruction_exit_with(writes_register(request.operation) ? vmx_wrmsr : vmx_rdmsr, 0);
  return instruction_exit_with(vmx_mov_dr,
                               std::uint64_t{request.dr} | std::uint64_t{request.gpr} << 8 |
                                   (writes_register(request.operation) ? 0 : direction_from_dr));
}

Outcome svm_instruction_exit(const Request& request) {
  if (request.operation == Operation::int1)
    return instruction_exit_with(svm_icebp, 0);
  if (accesses_msr(request.operation))
    return instruction_exit_with(svm_msr, writes_register(request.operation) ? 1 : 0);
  return instruction_exit_with((writes_register(request.operation) ? svm_write_dr0 : svm_read_dr0) +
                                   request.dr,
                               request.gpr);
}

} // namespace

bool is_intercepted(const Request& request) {
  const CoreContext& context = request.context;
  if (const VmxControls* vmx = context.vmx())
    return intercepts(*vmx, request);
  const SvmControls* svm = context.svm();
  return svm && intercepts(*svm, request);
}

Outcome instruction_exit(const Request& request) {
  return request.context.vmx() ? vmx_instruction_exit(request) : svm_instruction_exit(request);
}

Outcome through_exception_intercepts(const CoreContext& context, const Outcome& outcome) {
  if (outcome.vector == Vector::none)
    return outcome;
  const auto vector = static_cast<std::uint32_t>(outcome.vector);
  if ((context.guest->exceptions >> vector & 1) == 0)
    return outcome;
  Outcome exit = outcome;
  exit.kind = OutcomeKind::exit;
  exit.redirected = false;
  return exit;
}

VmxExit vmx_exit_of(const Outcome& outcome) {
  // The interruption information holds vector, type, "error code valid" and "valid" (SDM vol. 3
  // table 24-15).
  constexpr std::uint32_t hardware_exception = 3 << 8;
  constexpr std::uint32_t privileged_software_exception = 5 << 8;
  constexpr std::uint32_t error_code_valid = 1 << 11;
  constexpr std::uint32_t valid = 1U << 31;

  VmxExit exit{};
  if (outcome.vector == Vector::none) {
    exit.reason = outcome.code;
    if (outcome.code != vmx_rdmsr && outcome.code != vmx_wrmsr)
      exit.qualification = outcome.data;
    return exit;
  }
  exit.reason = vmx_exception;
  exit.error_code = outcome.error_code();
  if (outcome.vector == Vector::db)
    exit.qualification = outcome.data & ~dr6::bt::mask; // SDM vol. 3 table 27-1
  if (outcome.vector == Vector::pf)
    exit.qualification = outcome.data;
  const bool int1 = outcome.cause == Cause::int1 && outcome.vector == Vector::db;
  exit.interruption_info = static_cast<std::uint32_t>(outcome.vector) | valid |
                           (int1 ? privileged_software_exception : hardware_exception) |
                           (exit.error_code ? error_code_valid : 0);
  return exit;
}

SvmExit svm_exit_of(const Outcome& outcome) {
  SvmExit exit{};
  if (outcome.vector == Vector::none) {
    exit.code = outcome.code;
    if (outcome.code != svm_icebp)
      exit.info1 = outcome.data;
    return exit;
  }
  exit.code = svm_exception_0 + static_cast<std::uint32_t>(outcome.vector);
  exit.info1 = outcome.error_code();
  if (outcome.vector == Vector::pf)
    exit.info2 = outcome.data;
  return exit;
}

} // namespace v0_1
} // namespace icebp
