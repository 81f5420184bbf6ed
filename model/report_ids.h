#pragma once
// The message types of every SC_REPORT of the library. They are stable: a platform passes them to
// sc_report_handler::set_actions.

namespace icebp::report {

inline constexpr char clock_period[] = "/icebp/core_clock/period";
inline constexpr char cycle_table[] = "/icebp/debug_core/cycle_table";
inline constexpr char issue_refused[] = "/icebp/debug_core/issue";
inline constexpr char package_mismatch[] = "/icebp/msr_package/mismatch";
inline constexpr char restore_refused[] = "/icebp/debug_core/restore";
inline constexpr char trace_refused[] = "/icebp/debug_core/trace";

} // namespace icebp::report
