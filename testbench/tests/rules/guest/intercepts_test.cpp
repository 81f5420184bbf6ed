// Intercepted instructions.

#include <icebp/testbench/tests/rules/guest/intercept_checks.h>

namespace icebp::test {
namespace {

using namespace intercept;

// ---- MOV-DR exiting: docs/debug-unit.md 7.1
// ----------------------------------------------------------

TEST(VmxMovDr, Qualification) { // 2:0 register, 4 direction (1: from DR), 11:8 GPR
  const VmxControls vmx = vmx_mov_dr_exiting();
  for (unsigned dr = 0; dr < 8; ++dr)
    for (unsigned gpr = 0; gpr < 16; ++gpr) {
      SCOPED_TRACE("DR" + std::to_string(dr) + " GPR " + std::to_string(gpr));
      Request from = in_guest(read_dr(dr), vmx);
      Request to = in_guest(write_dr(dr, every_bit), vmx);
      from.gpr = to.gpr = static_cast<std::uint8_t>(gpr);
      EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), from), Cause::intercept, 29, dr + 0x10 + gpr * 0x100,
                              none, none));
      EXPECT_TRUE(
          is_vmx_exit(run(intel_cpu(), to), Cause::intercept, 29, dr + gpr * 0x100, none, none));
    }
}

TEST(VmxMovDr, Worked_qualifications) {
  const VmxControls vmx = vmx_mov_dr_exiting();
  Request from_dr7_to_r15 = in_guest(read_dr(7), vmx);
  from_dr7_to_r15.gpr = 15;
  EXPECT_EQ(vmx_exit_of(run(intel_cpu(), from_dr7_to_r15)).qualification, 0xF17u);
  Request to_dr6_from_rbx = in_guest(write_dr(6, 0), vmx);
  to_dr6_from_rbx.gpr = 3;
  EXPECT_EQ(vmx_exit_of(run(intel_cpu(), to_dr6_from_rbx)).qualification, 0x306u);
}

TEST(VmxMovDr, Changes_nothing) {
  const VmxControls vmx = vmx_mov_dr_exiting();
  for (const Request& request : {write_dr(0, 1), write_dr(6, 0), write_dr(7, 0), read_dr(7)}) {
    CoreState state = prepared_dr(true);
    execute(intel_cpu(), state, in_guest(request, vmx));
    EXPECT_TRUE(same(state, prepared_dr(true)));
  }
}

TEST(MovDrVectors, P13_exiting_beats_gd_de_and_cpl) {
  const VmxControls vmx = vmx_mov_dr_exiting();
  const Request request = in_guest(at_cpl(with_de(read_dr(4)), 3), vmx);
  EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), request, true), Cause::intercept, 29, 0x14, none, none));
}

TEST(MovDrVectors, P14_rex_r_beats_exiting) {
  const VmxControls vmx = vmx_mov_dr_exiting();
  for (const Cause encoding : {Cause::rex_r, Cause::lock_prefix})
    EXPECT_TRUE(is_ud(run(intel_cpu(), in_guest(with_fault(read_dr(0), encoding), vmx)), encoding));
}

TEST(VmxMovDr, Beats_every_check_but_the_encoding) { // 10.1, row 2 against rows 3 to 6
  const VmxControls vmx = vmx_mov_dr_exiting();
  for (const Request& request : {with_de(read_dr(5)), at_cpl(read_dr(0), 1), write_dr(6, bit(63)),
                                 in_mode(read_dr(0), Mode::v86, 3)})
    for (const bool general_detect : {false, true})
      EXPECT_TRUE(
          is_exit(run(intel_cpu(), in_guest(request, vmx), general_detect), Cause::intercept));
  EXPECT_TRUE(
      is_gp0(run(intel_cpu(), in_guest(with_fault(read_dr(0), Cause::instruction_too_long), vmx)),
             Cause::instruction_too_long));
}

TEST(VmxMovDr, Without_the_control_the_guest_has_its_registers) {
  VmxControls vmx; // INT1, exceptions and MSRs are other controls
  vmx.exceptions = 0;
  EXPECT_TRUE(is_retired(run(intel_cpu(), in_guest(read_dr(0), vmx)), 0x0123456789ABCDEF));
  EXPECT_TRUE(is_gd_db(run(intel_cpu(), in_guest(read_dr(0), vmx), true)));
}

// ---- SVM DR intercepts: 7.2 ---------------------------------------------------------------------

TEST(SvmMovDr, Exit_codes_by_raw_number) { // 20h + n, 30h + n; EXITINFO1: the GPR
  for (unsigned dr = 0; dr < 8; ++dr)
    for (unsigned gpr = 0; gpr < 16; ++gpr) {
      SCOPED_TRACE("DR" + std::to_string(dr) + " GPR " + std::to_string(gpr));
      const SvmControls reads = svm_dr(bit(dr), 0);
      const SvmControls writes = svm_dr(0, bit(dr));
      Request from = in_guest(read_dr(dr), reads);
      Request to = in_guest(write_dr(dr, 0), writes);
      from.gpr = to.gpr = static_cast<std::uint8_t>(gpr);
      EXPECT_TRUE(is_svm_exit(run(amd_cpu(), from), Cause::intercept, 0x20 + dr, gpr));
      EXPECT_TRUE(is_svm_exit(run(amd_cpu(), to), Cause::intercept, 0x30 + dr, gpr));
    }
}

TEST(SvmMovDr, Only_the_register_and_direction_of_the_bit) { // DR4 and DR5 have their own bits
  for (unsigned dr = 0; dr < 8; ++dr)
    for (unsigned n = 0; n < 16; ++n) {
      SCOPED_TRACE("DR" + std::to_string(dr) + " bit " + std::to_string(n));
      const SvmControls reads = svm_dr(bit(n), 0);
      const SvmControls writes = svm_dr(0, bit(n));
      const auto exits = [](const Request& request) {
        return run(amd_cpu(), request).kind == OutcomeKind::exit;
      };
      EXPECT_EQ(exits(in_guest(read_dr(dr), reads)), dr == n);
      EXPECT_EQ(exits(in_guest(write_dr(dr, 0), writes)), dr == n);
      EXPECT_FALSE(exits(in_guest(read_dr(dr), writes)));
      EXPECT_FALSE(exits(in_guest(write_dr(dr, 0), reads)));
    }
}

TEST(SvmMovDr, Changes_nothing) {
  const SvmControls svm = svm_dr(0xFF, 0xFF);
  for (const Request& request : {write_dr(0, 1), write_dr(6, 0), write_dr(7, 0), read_dr(7)}) {
    CoreState state = prepared_dr(false);
    execute(amd_cpu(), state, in_guest(request, svm));
    EXPECT_TRUE(same(state, prepared_dr(false)));
  }
}

TEST(MovDrVectors, P15_gd_beats_the_svm_intercept) {
  const SvmControls svm = svm_dr(0, bit(7));
  EXPECT_TRUE(is_gd_db(run(amd_cpu(), in_guest(write_dr(7, 0), svm), true)));
}

TEST(MovDrVectors, P16_cpl_beats_the_svm_intercept) {
  const SvmControls svm = svm_dr(0, bit(7));
  EXPECT_TRUE(is_gp0(run(amd_cpu(), in_guest(at_cpl(write_dr(7, 0), 3), svm)), Cause::cpl));
}

TEST(SvmMovDr, Comes_after_all_exceptions) { // 10.1, row 7
  const SvmControls svm = svm_dr(0xFF, 0xFF);
  EXPECT_TRUE(is_ud(run(amd_cpu(), in_guest(with_fault(read_dr(0), Cause::lock_prefix), svm)),
                    Cause::lock_prefix));
  EXPECT_TRUE(
      is_ud(run(amd_cpu(), in_guest(with_fault(read_dr(0), Cause::rex_r), svm)), Cause::rex_r));
  EXPECT_TRUE(is_ud(run(amd_cpu(), in_guest(with_de(read_dr(4)), svm)), Cause::dr45_with_de));
  EXPECT_TRUE(is_gp0(run(amd_cpu(), in_guest(in_mode(read_dr(0), Mode::v86, 3), svm)), Cause::cpl));
  EXPECT_TRUE(
      is_gp0(run(amd_cpu(), in_guest(write_dr(6, bit(32)), svm)), Cause::reserved_upper_half));
}

// ---- RDMSR and WRMSR: docs/msr-block.md 1.1 row 6
// ----------------------------------------------------

constexpr std::uint32_t lstar = 0xC0000082;

TEST(VmxMsr, Without_bitmaps_every_access_exits) {
  const VmxControls vmx;
  for (const std::uint32_t index : {0x174u, lstar, 0x12345u}) {
    EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(rdmsr_of(index), vmx)), Cause::intercept, 31,
                            none, none, none));
    EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(wrmsr_of(index, every_bit), vmx)),
                            Cause::intercept, 32, none, none, none));
  }
}

TEST(VmxMsr, By_the_bitmaps) {
  VmxMsrBitmaps bitmaps;
  bitmaps.set(lstar, true, true);
  VmxControls vmx;
  vmx.msr_bitmaps = &bitmaps;
  EXPECT_TRUE(is_retired(run(intel_cpu(), in_guest(rdmsr_of(lstar), vmx))));
  EXPECT_TRUE(is_exit(run(intel_cpu(), in_guest(wrmsr_of(lstar, 0), vmx)), Cause::intercept));
  EXPECT_TRUE(is_retired(run(intel_cpu(), in_guest(wrmsr_of(0xC0000083, 0), vmx))));
  EXPECT_TRUE(is_exit(run(intel_cpu(), in_guest(rdmsr_of(0xC0010015), vmx)), Cause::intercept));
  EXPECT_TRUE(is_gp0(run(intel_cpu(), in_guest(rdmsr_of(0x12), vmx)), Cause::msr_unknown));
}

TEST(SvmMsr, Without_msr_prot_nothing_exits) {
  const SvmControls svm;
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(rdmsr_of(lstar), svm))));
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(wrmsr_of(lstar, 0), svm))));
  EXPECT_TRUE(is_gp0(run(amd_cpu(), in_guest(rdmsr_of(0x12345), svm)), Cause::msr_unknown));
}

TEST(SvmMsr, By_the_permission_map) { // EXITINFO1: 0 RDMSR, 1 WRMSR
  SvmMsrPermissions map;
  map.set(lstar, false, true);
  map.set(0x174, true, true);
  SvmControls svm;
  svm.msr_permissions = &map;
  EXPECT_TRUE(
      is_svm_exit(run(amd_cpu(), in_guest(rdmsr_of(lstar), svm)), Cause::intercept, 0x7C, 0));
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(wrmsr_of(lstar, 0), svm))));
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(rdmsr_of(0x174), svm))));
  EXPECT_TRUE(
      is_svm_exit(run(amd_cpu(), in_guest(wrmsr_of(0x174, 0), svm)), Cause::intercept, 0x7C, 1));
  EXPECT_TRUE(is_exit(run(amd_cpu(), in_guest(rdmsr_of(0x12345), svm)), Cause::intercept));
}

TEST(SvmMsr, Sev_status_is_never_intercepted) { // APM vol. 2 15.34.10
  const CpuModel zen5(*find_cpu_profile("amd-zen5"));
  SvmMsrPermissions map;
  map.set(0xC0010131, false, true);
  map.set(0xC0010131, true, true);
  map.set(0xC0010130, false, true);
  SvmControls svm;
  svm.msr_permissions = &map;
  EXPECT_TRUE(is_retired(run(zen5, in_guest(rdmsr_of(0xC0010131), svm)), 0));
  EXPECT_TRUE(is_gp0(run(zen5, in_guest(wrmsr_of(0xC0010131, 0), svm)), Cause::msr_read_only));
  EXPECT_TRUE(
      is_svm_exit(run(zen5, in_guest(rdmsr_of(0xC0010130), svm)), Cause::intercept, 0x7C, 0));
}

// After #UD and CPL, before anything that the register has to say.
TEST(MsrIntercept, Place_among_the_checks) {
  const VmxControls vmx; // every access exits
  SvmMsrPermissions map;
  SvmControls svm; // those outside the map exit
  svm.msr_permissions = &map;
  const CpuModel no_msr(without(intel(), Feature::msr));
  for (const Request& unknown : {rdmsr_of(0x12345), wrmsr_of(0x12345, every_bit)}) {
    for (const auto& [cpu, request] :
         {std::pair{&intel_cpu(), in_guest(unknown, vmx)}, {&amd_cpu(), in_guest(unknown, svm)}}) {
      EXPECT_TRUE(is_exit(run(*cpu, request), Cause::intercept));
      EXPECT_TRUE(is_gp0(run(*cpu, at_cpl(request, 3)), Cause::cpl));
      EXPECT_TRUE(is_gp0(run(*cpu, in_mode(request, Mode::v86, 3)), Cause::cpl));
      EXPECT_TRUE(is_ud(run(*cpu, with_fault(request, Cause::lock_prefix)), Cause::lock_prefix));
      EXPECT_TRUE(is_gp0(run(*cpu, with_fault(request, Cause::instruction_too_long)),
                         Cause::instruction_too_long));
    }
    EXPECT_TRUE(is_ud(run(no_msr, in_guest(unknown, vmx)), Cause::feature_absent));
  }
  for (const Request& illegal : {wrmsr_of(0x277, 2), wrmsr_of(0x1D9, bit(63)),
                                 wrmsr_of(lstar, bit(63)), wrmsr_of(0xC0000080, 0x10000)})
    EXPECT_TRUE(is_exit(run(intel_cpu(), in_guest(illegal, vmx)), Cause::intercept));
}

TEST(MsrIntercept, Changes_nothing) {
  const VmxControls vmx;
  CoreState state = power_up(intel_cpu());
  const CoreState before = state;
  execute(intel_cpu(), state, in_guest(wrmsr_of(lstar, 0x1000), vmx));
  EXPECT_TRUE(same(state, before));
}

// A guest whose access is not intercepted meets the same checks as nobody's guest.
TEST(MsrIntercept, A_guest_without_intercepts_is_checked_as_usual) {
  const VmxMsrBitmaps bitmaps;
  VmxControls vmx;
  vmx.msr_bitmaps = &bitmaps;
  const SvmControls svm;
  for (const std::uint32_t index : {0x174u, 0x1D9u, 0x277u, 0xC0000080u, lstar, 0xC0000103u})
    for (const u64 value : {u64{0}, u64{2}, bit(6), bit(32), bit(63), every_bit}) {
      SCOPED_TRACE(hex(index) + " := " + hex(value));
      const Request request = wrmsr_of(index, value);
      EXPECT_TRUE(same(run(intel_cpu(), in_guest(request, vmx)), run(intel_cpu(), request)));
      EXPECT_TRUE(same(run(amd_cpu(), in_guest(request, svm)), run(amd_cpu(), request)));
    }
  for (const Vendor vendor : {Vendor::intel, Vendor::amd}) {
    CoreState state = power_up(model_of(vendor));
    const Request read =
        vendor == Vendor::intel ? in_guest(rdmsr_of(0x277), vmx) : in_guest(rdmsr_of(0x277), svm);
    EXPECT_TRUE(is_retired(execute(model_of(vendor), state, read).outcome, 0x0007040600070406));
  }
}

// ---- INT1: 5.4 ----------------------------------------------------------------------------------

TEST(SvmIcebp, Comes_before_the_exception) {
  SvmControls both = svm_icebp();
  both.exceptions = static_cast<std::uint32_t>(bit(db));
  for (const SvmControls& svm : {svm_icebp(), both})
    for (const Level& level : every_level()) {
      const Request request = in_mode(int1_instruction(), level.mode, level.cpl);
      CoreState state = prepared_dr(true);
      EXPECT_TRUE(is_svm_exit(execute(amd_cpu(), state, in_guest(request, svm)).outcome,
                              Cause::intercept, 0x88, none));
      EXPECT_TRUE(same(state, prepared_dr(true))); // no #DB: nothing merged, GD stays
    }
}

TEST(SvmIcebp, Comes_after_the_encoding) {
  const SvmControls svm = svm_icebp();
  for (const Cause encoding : {Cause::lock_prefix, Cause::instruction_too_long})
    EXPECT_EQ(run(amd_cpu(), in_guest(with_fault(int1_instruction(), encoding), svm)).cause,
              encoding);
}

TEST(SvmIcebp, Is_an_intercept_of_int1_alone) {
  const SvmControls svm = svm_icebp();
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(write_dr(0, 0), svm))));
  EXPECT_TRUE(is_gd_db(run(amd_cpu(), in_guest(read_dr(0), svm), true)));
  SvmControls others = svm_dr(0xFFFF, 0xFFFF);
  EXPECT_TRUE(is_int1_db(run(amd_cpu(), in_guest(int1_instruction(), others))));
}

TEST(VmxInt1, Exits_by_the_exception_bitmap) { // type 5, privileged software exception
  const VmxControls vmx = vmx_exception(db);
  CoreState state = prepared_dr(true);
  EXPECT_TRUE(is_vmx_exit(execute(intel_cpu(), state, in_guest(int1_instruction(), vmx)).outcome,
                          Cause::int1, 0, 0, 0x80000501, none));
  EXPECT_TRUE(same(state, prepared_dr(true)));
}

// Firmware that held the INT1 has #GP(0) delivered: a hardware exception again, type 3.
TEST(VmxInt1, A_gp_that_firmware_injects_is_a_hardware_exception) {
  CoreState state = power_up(intel_cpu());
  execute(intel_cpu(), state, into_firmware(int1_instruction()));
  const VmxControls vmx = vmx_exception(gp);
  const Request inject = in_guest(resume_with(ResumeVerb::inject_gp), vmx);
  EXPECT_TRUE(is_vmx_exit(execute(intel_cpu(), state, inject).outcome, Cause::int1, 0, none,
                          0x80000B0D, 0));
}

TEST(VmxInt1, No_other_control_intercepts_it) {
  VmxControls vmx = vmx_mov_dr_exiting();
  vmx.exceptions = ~static_cast<std::uint32_t>(bit(db));
  EXPECT_TRUE(is_int1_db(run(intel_cpu(), in_guest(int1_instruction(), vmx))));
}

} // namespace
} // namespace icebp::test
