#pragma once
// A hypervisor intercepts instructions, and exceptions on their way to the guest.

#include <icebp/model/rules/vocabulary/check.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// True if MOV DR, RDMSR or WRMSR, or INT1 is intercepted as an instruction. The
// instruction knows where this check stands among the others.
bool is_intercepted(const Request& request);

// Gives the exit of an intercepted instruction, with cause `intercept`. MOV DR is told by the DR
// number as encoded (SDM vol. 3 table 27-4); SVM has the exit codes 20h + n, 30h + n, 7Ch, 88h (APM
// vol. 2 appendix C).
Outcome instruction_exit(const Request& request);

// These two are columns of the lists of checks (check.h).
inline bool intercepts_instruction(const CpuModel&, const CoreState&, const Request& request) {
  return request.context.guest && is_intercepted(request);
}
inline Outcome exit_on_instruction(const Request& request, Cause) {
  return instruction_exit(request);
}

// Gives the exception of `outcome`, or the exit in its place if the exception bitmap (VMX) or the
// exception intercepts (SVM) have its vector. The cause stays that of the exception. Precondition:
// `context.guest`.
Outcome through_exception_intercepts(const CoreContext& context, const Outcome& outcome);

// Holds an exit as the hypervisor reads it; a field that is not valid is empty.
struct VmxExit {
  std::uint32_t reason = 0;
  std::optional<std::uint64_t> qualification;
  std::optional<std::uint32_t> interruption_info;
  std::optional<std::uint32_t> error_code;
};
struct SvmExit {
  std::uint32_t code = 0;
  std::optional<std::uint64_t> info1;
  std::optional<std::uint64_t> info2;
};

// Precondition: `outcome.kind` is exit, of a request with VMX or SVM controls.
VmxExit vmx_exit_of(const Outcome& outcome);
SvmExit svm_exit_of(const Outcome& outcome);

} // namespace v0_1
} // namespace icebp
