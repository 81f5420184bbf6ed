#include <icebp/model/rules/cpu/msr_catalogue.h>

namespace icebp {
inline namespace v0_1 {

const std::array<const Table<MsrRow>*, 17> msr_catalogue{&processor_msrs,
                                                         &tsc_msrs,
                                                         &efer_and_system_calls_msrs,
                                                         &apic_msrs,
                                                         &mtrr_and_pat_msrs,
                                                         &mca_msrs,
                                                         &svm_msrs,
                                                         &hwcr_and_smm_msrs,
                                                         &debug_msrs,
                                                         &last_branches_msrs,
                                                         &trace_msrs,
                                                         &vmx_msrs,
                                                         &speculation_msrs,
                                                         &user_mode_msrs,
                                                         &perfmon_msrs,
                                                         &extended_state_msrs,
                                                         &cet_and_fred_msrs};

} // namespace v0_1
} // namespace icebp
