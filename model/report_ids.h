#pragma once
// The message types of every SC_REPORT of the library. They are stable: a platform passes them to
// sc_report_handler::set_actions.

namespace icebp {
inline namespace v0_1 {
namespace report {

inline constexpr char clock_period[] = "/icebp/core_clock/period";
inline constexpr char clock_refused[] = "/icebp/debug_core/clock";
inline constexpr char clock_rounded[] = "/icebp/core_clock/rounded";
inline constexpr char cycle_table[] = "/icebp/debug_core/cycle_table";
inline constexpr char issue_refused[] = "/icebp/debug_core/issue";
inline constexpr char malformed_payload[] = "/icebp/debug_core_target/malformed";
inline constexpr char malformed_profile[] = "/icebp/cpu_model/malformed_profile";
inline constexpr char no_cpu_model[] = "/icebp/debug_core/no_cpu_model";
inline constexpr char no_extension[] = "/icebp/debug_core_target/no_extension";
inline constexpr char package_mismatch[] = "/icebp/msr_package/mismatch";
inline constexpr char phase_refused[] = "/icebp/debug_core_target/phase";
inline constexpr char probe_phase_refused[] = "/icebp/probe_target/phase";
inline constexpr char profile_file[] = "/icebp/cpu_model/profile_file";
inline constexpr char response_refused[] = "/icebp/instruction_initiator/response";
inline constexpr char restore_refused[] = "/icebp/debug_core/restore";
inline constexpr char save_refused[] = "/icebp/debug_core/save";
inline constexpr char second_caller[] = "/icebp/instruction_initiator/second_caller";
inline constexpr char timing_refused[] = "/icebp/debug_core/timing";
inline constexpr char trace_refused[] = "/icebp/debug_core/trace";
inline constexpr char trace_without_phases[] = "/icebp/debug_core/trace_without_phases";
inline constexpr char unknown_profile[] = "/icebp/cpu_model/unknown_profile";

} // namespace report
} // namespace v0_1
} // namespace icebp
