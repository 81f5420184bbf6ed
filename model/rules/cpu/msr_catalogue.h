#pragma once

#include <icebp/model/rules/cpu/msr_row.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <array>

namespace icebp {
inline namespace v0_1 {

// The catalogue has a sheet for each subject, with what its registers do beside their rows. A
// vendor has at most one row for an index.
extern const std::array<const Table<MsrRow>*, 17> msr_catalogue;

extern const Table<MsrRow> apic_msrs;
extern const Table<MsrRow> cet_and_fred_msrs;
extern const Table<MsrRow> debug_msrs;
extern const Table<MsrRow> efer_and_system_calls_msrs;
extern const Table<MsrRow> extended_state_msrs;
extern const Table<MsrRow> hwcr_and_smm_msrs;
extern const Table<MsrRow> last_branches_msrs;
extern const Table<MsrRow> mca_msrs;
extern const Table<MsrRow> mtrr_and_pat_msrs;
extern const Table<MsrRow> perfmon_msrs;
extern const Table<MsrRow> processor_msrs;
extern const Table<MsrRow> speculation_msrs;
extern const Table<MsrRow> svm_msrs;
extern const Table<MsrRow> trace_msrs;
extern const Table<MsrRow> tsc_msrs;
extern const Table<MsrRow> user_mode_msrs;
extern const Table<MsrRow> vmx_msrs;

} // namespace v0_1
} // namespace icebp
