#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/vocabulary/core_state.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <gtest/gtest.h>

#include <sstream>
#include <utility>
#include <vector>

namespace icebp {
namespace {

template <typename E>
void expect_names(const std::vector<std::pair<E, std::string_view>>& names) {
  EXPECT_EQ(name_table<E>.size(), names.size());
  for (const auto& [value, name] : names) {
    EXPECT_EQ(name_of(value), name);
    EXPECT_EQ(value_of<E>(name), value);
    std::ostringstream out;
    out << value;
    EXPECT_EQ(out.str(), name);
  }
}

TEST(Names, Cause) {
  expect_names<Cause>({
      {Cause::none, "none"},
      {Cause::instruction_too_long, "instruction_too_long"},
      {Cause::lock_prefix, "lock_prefix"},
      {Cause::rex_r, "rex_r"},
      {Cause::not_in_mode, "not_in_mode"},
      {Cause::feature_absent, "feature_absent"},
      {Cause::intercept, "intercept"},
      {Cause::dr45_with_de, "dr45_with_de"},
      {Cause::cpl, "cpl"},
      {Cause::general_detect, "general_detect"},
      {Cause::reserved_upper_half, "reserved_upper_half"},
      {Cause::msr_unknown, "msr_unknown"},
      {Cause::msr_read_only, "msr_read_only"},
      {Cause::msr_write_only, "msr_write_only"},
      {Cause::msr_locked, "msr_locked"},
      {Cause::msr_reserved_bits, "msr_reserved_bits"},
      {Cause::msr_non_canonical, "msr_non_canonical"},
      {Cause::msr_value, "msr_value"},
      {Cause::list_alignment, "list_alignment"},
      {Cause::list_entry, "list_entry"},
      {Cause::user_msr_bitmap, "user_msr_bitmap"},
      {Cause::page_fault, "page_fault"},
      {Cause::instruction_breakpoint, "instruction_breakpoint"},
      {Cause::int1, "int1"},
      {Cause::held_trap, "held_trap"},
      {Cause::data_breakpoint, "data_breakpoint"},
      {Cause::io_breakpoint, "io_breakpoint"},
      {Cause::single_step, "single_step"},
      {Cause::branch_step, "branch_step"},
      {Cause::task_switch, "task_switch"},
      {Cause::bus_lock, "bus_lock"},
      {Cause::rtm_abort, "rtm_abort"},
  });
}

TEST(Names, Vocabulary_of_vectors_md) {
  expect_names<Mode>({{Mode::real, "real"},
                      {Mode::v86, "v86"},
                      {Mode::protected_mode, "protected"},
                      {Mode::compatibility, "compat"},
                      {Mode::long_mode, "long"}});
  expect_names<OutcomeKind>({{OutcomeKind::retired, "retired"},
                             {OutcomeKind::fault, "fault"},
                             {OutcomeKind::trap, "trap"},
                             {OutcomeKind::exit, "exit"},
                             {OutcomeKind::cancelled, "cancelled"}});
}

TEST(Names, Vectors_have_their_numbers) {
  expect_names<Vector>({{Vector::db, "#DB"},
                        {Vector::ud, "#UD"},
                        {Vector::gp, "#GP"},
                        {Vector::pf, "#PF"},
                        {Vector::none, "none"}});
  EXPECT_EQ(static_cast<int>(Vector::db), 1);
  EXPECT_EQ(static_cast<int>(Vector::ud), 6);
  EXPECT_EQ(static_cast<int>(Vector::gp), 13);
  EXPECT_EQ(static_cast<int>(Vector::pf), 14);
}

TEST(Names, Operations_and_verbs) {
  expect_names<Operation>({{Operation::none, "none"},
                           {Operation::mov_from_dr, "mov_from_dr"},
                           {Operation::mov_to_dr, "mov_to_dr"},
                           {Operation::rdmsr, "rdmsr"},
                           {Operation::wrmsr, "wrmsr"},
                           {Operation::int1, "int1"},
                           {Operation::page_fault, "page_fault"},
                           {Operation::resume, "resume"},
                           {Operation::reset, "reset"},
                           {Operation::init, "init"},
                           {Operation::rdmsr_imm, "rdmsr_imm"},
                           {Operation::wrmsrns, "wrmsrns"},
                           {Operation::wrmsrns_imm, "wrmsrns_imm"},
                           {Operation::rdmsrlist, "rdmsrlist"},
                           {Operation::wrmsrlist, "wrmsrlist"},
                           {Operation::rdmsrlist_entry, "rdmsrlist_entry"},
                           {Operation::wrmsrlist_entry, "wrmsrlist_entry"},
                           {Operation::urdmsr, "urdmsr"},
                           {Operation::uwrmsr, "uwrmsr"},
                           {Operation::fetch, "fetch"},
                           {Operation::data_read, "data_read"},
                           {Operation::data_write, "data_write"},
                           {Operation::io_access, "io_access"},
                           {Operation::end_of_iteration, "end_of_iteration"},
                           {Operation::end_of_instruction, "end_of_instruction"},
                           {Operation::fault, "fault"},
                           {Operation::task_switch, "task_switch"},
                           {Operation::bus_lock, "bus_lock"},
                           {Operation::rtm_abort, "rtm_abort"},
                           {Operation::branch, "branch"},
                           {Operation::pmi, "pmi"}});
  expect_names<ResumeVerb>({{ResumeVerb::reexecute, "reexecute"},
                            {ResumeVerb::skip, "skip"},
                            {ResumeVerb::complete, "complete"},
                            {ResumeVerb::inject_gp, "inject_gp"}});
}

TEST(Names, Endings_and_shadows) {
  expect_names<Ending>({{Ending::plain, "plain"},
                        {Ending::taken_branch, "taken_branch"},
                        {Ending::sti, "sti"},
                        {Ending::mov_ss, "mov_ss"},
                        {Ending::interrupt_entry, "interrupt_entry"},
                        {Ending::syscall, "syscall"}});
  expect_names<Shadow>({{Shadow::none, "none"}, {Shadow::sti, "sti"}, {Shadow::mov_ss, "mov_ss"}});
}

TEST(Names, Vendors_and_features) {
  expect_names<Vendor>({{Vendor::intel, "intel"}, {Vendor::amd, "amd"}});
  expect_names<Feature>({{Feature::msr, "msr"},
                         {Feature::sep, "sep"},
                         {Feature::pat, "pat"},
                         {Feature::ds, "ds"},
                         {Feature::pdcm, "pdcm"},
                         {Feature::rtm, "rtm"},
                         {Feature::la57, "la57"},
                         {Feature::bus_lock_detect, "bus_lock_detect"},
                         {Feature::syscall, "syscall"},
                         {Feature::nx, "nx"},
                         {Feature::rdtscp, "rdtscp"},
                         {Feature::lm, "lm"},
                         {Feature::dbext, "dbext"},
                         {Feature::apic, "apic"},
                         {Feature::mtrr, "mtrr"},
                         {Feature::mca, "mca"},
                         {Feature::x2apic, "x2apic"},
                         {Feature::aperfmperf, "aperfmperf"},
                         {Feature::tsc_adjust, "tsc_adjust"},
                         {Feature::xsaves, "xsaves"},
                         {Feature::shstk, "shstk"},
                         {Feature::ibt, "ibt"},
                         {Feature::fred, "fred"},
                         {Feature::wrmsrns, "wrmsrns"},
                         {Feature::msr_imm, "msr_imm"},
                         {Feature::perfmon_v2, "perfmon_v2"},
                         {Feature::mcg_ctl, "mcg_ctl"},
                         {Feature::ibrs, "ibrs"},
                         {Feature::stibp, "stibp"},
                         {Feature::ssbd, "ssbd"},
                         {Feature::psfd, "psfd"},
                         {Feature::vmx, "vmx"},
                         {Feature::sgx, "sgx"},
                         {Feature::lmce, "lmce"},
                         {Feature::cmci, "cmci"},
                         {Feature::smrr, "smrr"},
                         {Feature::platform_info, "platform_info"},
                         {Feature::lbr_stack, "lbr_stack"},
                         {Feature::perfmon, "perfmon"},
                         {Feature::core_capabilities, "core_capabilities"},
                         {Feature::arch_capabilities, "arch_capabilities"},
                         {Feature::flush_l1d, "flush_l1d"},
                         {Feature::tsx_ctrl, "tsx_ctrl"},
                         {Feature::srbds_ctrl, "srbds_ctrl"},
                         {Feature::waitpkg, "waitpkg"},
                         {Feature::xfd, "xfd"},
                         {Feature::intel_pt, "intel_pt"},
                         {Feature::tsc_deadline, "tsc_deadline"},
                         {Feature::pks, "pks"},
                         {Feature::uintr, "uintr"},
                         {Feature::user_msr, "user_msr"},
                         {Feature::msrlist, "msrlist"},
                         {Feature::mpx, "mpx"},
                         {Feature::enqcmd, "enqcmd"},
                         {Feature::arch_lbr, "arch_lbr"},
                         {Feature::doitm, "doitm"},
                         {Feature::sdbg, "sdbg"},
                         {Feature::vmx_secondary, "vmx_secondary"},
                         {Feature::ept_vpid, "ept_vpid"},
                         {Feature::vmx_true_ctls, "vmx_true_ctls"},
                         {Feature::vmfunc, "vmfunc"},
                         {Feature::vmx_tertiary, "vmx_tertiary"},
                         {Feature::vmx_exit_ctls2, "vmx_exit_ctls2"},
                         {Feature::lbr_stack_core2, "lbr_stack_core2"},
                         {Feature::lbr_stack_core_duo, "lbr_stack_core_duo"},
                         {Feature::lbr_info, "lbr_info"},
                         {Feature::full_width_pmc, "full_width_pmc"},
                         {Feature::pebs_baseline, "pebs_baseline"},
                         {Feature::perfmon_v4, "perfmon_v4"},
                         {Feature::xapic_disable, "xapic_disable"},
                         {Feature::svm, "svm"},
                         {Feature::osvw, "osvw"},
                         {Feature::ibs, "ibs"},
                         {Feature::lbr_v2, "lbr_v2"},
                         {Feature::ibpb, "ibpb"},
                         {Feature::sbpb, "sbpb"},
                         {Feature::avic, "avic"},
                         {Feature::virt_ssbd, "virt_ssbd"},
                         {Feature::fs_gs_base_ns, "fs_gs_base_ns"},
                         {Feature::perfctr_core, "perfctr_core"},
                         {Feature::no_lmsle, "no_lmsle"},
                         {Feature::sev, "sev"},
                         {Feature::auto_ibrs, "auto_ibrs"},
                         {Feature::cpuid_user_disable, "cpuid_user_disable"},
                         {Feature::lbr_freeze, "lbr_freeze"}});
}

TEST(Names, Decode_status) {
  expect_names<DecodeStatus>({{DecodeStatus::ok, "ok"},
                              {DecodeStatus::truncated, "truncated"},
                              {DecodeStatus::trailing_bytes, "trailing bytes"},
                              {DecodeStatus::unknown_opcode, "unknown opcode"}});
}

TEST(NameTable, Outside_the_table) {
  EXPECT_EQ(name_of(static_cast<Mode>(200)), "?");
  EXPECT_EQ(name_of(static_cast<Vector>(2)), "?");
  EXPECT_EQ(value_of<Mode>("Long"), std::nullopt);
  EXPECT_EQ(value_of<Mode>(""), std::nullopt);
}

static_assert(has_name_table<Cause>);
static_assert(!has_name_table<std::uint8_t>);

} // namespace
} // namespace icebp
